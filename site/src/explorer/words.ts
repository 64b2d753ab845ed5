/** What the explorer says of modules, wrappings and values, in the reader's language. */
import { translate } from '@docusaurus/Translate'
import { codeName } from '../../../reference-impl/src/wire/errors.ts'
import { opName } from '../../../reference-impl/src/wire/opcodes.ts'
import { asciiOf, toHex } from './hex.ts'
import type { Around, Span } from './message.ts'

export function moduleName(module: string): string {
  switch (module) {
    case 'proto':
      return translate({ id: 'explorer.module.proto', message: 'Between client and server' })
    case 'data':
      return translate({ id: 'explorer.module.data', message: 'Parts of other records' })
    case 'txn':
      return translate({ id: 'explorer.module.txn', message: 'Transactions' })
    case 'persistence':
      return translate({ id: 'explorer.module.persistence', message: 'Logs and snapshots' })
    case 'quorum':
      return translate({ id: 'explorer.module.quorum', message: 'Between servers' })
    default:
      return module
  }
}

export function aroundName(around: Around): string {
  switch (around) {
    case 'none':
      return translate({ id: 'explorer.around.none', message: 'nothing' })
    case 'frame':
      return translate({ id: 'explorer.around.frame', message: 'the length of the frame' })
    case 'request':
      return translate({ id: 'explorer.around.request', message: 'length and RequestHeader' })
    case 'reply':
      return translate({ id: 'explorer.around.reply', message: 'length and ReplyHeader' })
  }
}

/** The value of a field as a person would say it. */
export function valueName({ path, type, value }: Span): string {
  if (value === undefined) return translate({ id: 'explorer.value.unknown', message: 'not to be read' })
  if (value === null) return translate({ id: 'explorer.value.null', message: 'null: the length is −1' })
  if (type.startsWith('vector')) {
    return translate({ id: 'explorer.value.count', message: 'elements: {count}' }, { count: Number(value) })
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return bufferName(value)
  if (typeof value === 'bigint') return value > 9n ? `${value} = 0x${value.toString(16)}` : String(value)
  if (typeof value === 'number' && meaning(path, value) !== null) return `${value} = ${meaning(path, value)}`
  return String(value)
}

function bufferName(value: Uint8Array): string {
  if (value.length === 0) {
    return translate({ id: 'explorer.value.empty', message: 'empty: the length is 0' })
  }
  return isText(value) ? JSON.stringify(String.fromCharCode(...value)) : toHex(value, ' ')
}

/** Could a person have typed these bytes? */
export function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every(byte => byte === 0x20 || asciiOf(byte) !== '·')
}

function meaning(path: string, value: number): string | null {
  const name = /^(RequestHeader|TxnHeader|MultiHeader|Txn)\.type$/.test(path)
    ? opName(value)
    : path.endsWith('.err')
      ? codeName(value)
      : String(value)
  return name === String(value) ? null : name
}
