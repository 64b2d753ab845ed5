/** Something to look at in each record, so that no form opens empty, and what a record usually travels in. */
import { OpCode } from '../../../reference-impl/src/wire/opcodes.ts'
import type { FieldType } from '../../../reference-impl/src/wire/schema.ts'
import {
  type Around,
  blank,
  partsOf,
  type RecordValue,
  type Schema,
  type Shape,
  type Value,
  type Values,
} from './message.ts'

export function usualAround(schema: Schema, record: string): Around {
  if (record.startsWith('Connect')) return 'frame'
  if (record === 'WatcherEvent') return 'reply'
  if (schema.get(record)?.module !== 'proto' || record.endsWith('Header')) return 'none'
  if (operationOf(record) !== undefined) return 'request'
  return record.endsWith('Response') ? 'reply' : 'frame'
}

export function sampleValues(schema: Schema, shape: Shape): Values {
  return Object.fromEntries(partsOf(shape).map(part => [part, sampleRecord(schema, part, shape.record)]))
}

/** A record with sample values; `about` is the record that a header stands in front of. */
export function sampleRecord(schema: Schema, name: string, about = name): RecordValue {
  const { fields } = schema.get(name)!
  return Object.fromEntries(
    fields.map(({ name: field, type }) => [
      field,
      special(name, field, about) ?? sample(schema, field, type),
    ]),
  )
}

/** An element to add to a vector, or the first value of a field that was null. */
export function sample(schema: Schema, field: string, type: FieldType): Value {
  if (type.kind === 'record') return sampleRecord(schema, type.name)
  if (type.kind === 'vector') return [sample(schema, field, type.element)]
  const named = byField[field]
  if (type.name === 'ustring') return typeof named === 'string' ? named : '/hello'
  if (type.name === 'buffer') return new TextEncoder().encode('hello')
  if (type.name === 'long') return typeof named === 'bigint' ? named : blank(type)
  return typeof named === 'number' ? named : blank(type)
}

const session = 0x1000012_6861_0000n

/** Values by the name of a field, wherever it occurs. */
const byField: Record<string, string | number | bigint> = {
  scheme: 'world',
  id: 'anyone',
  perms: 31,
  timeOut: 10_000,
  sessionId: session,
  clientId: session,
  xid: 1,
  cxid: 1,
  zxid: 5n,
  czxid: 5n,
  mzxid: 7n,
  pzxid: 5n,
  ctime: 1_700_000_000_000n,
  mtime: 1_700_000_060_000n,
  time: 1_700_000_000_000n,
  version: 1,
  dataLength: 5,
  children: 'hello',
  authScheme: 'ip',
  user: '127.0.0.1',
  address: '127.0.0.1:3888',
  magic: 0x5a4b4c47,
  path: '/hello',
}

function special(record: string, field: string, about: string): Value {
  if (field === 'type' && record === 'RequestHeader') return operationOf(about)
  if (field === 'xid' && about === 'WatcherEvent') return -1
  if (field === 'zxid' && about === 'WatcherEvent') return -1n
  if (field === 'passwd') {
    return Uint8Array.from({ length: 16 }, (_, i) => (record === 'ConnectRequest' ? 0 : (i * 37 + 11) & 0xff))
  }
  if (field === 'sessionId' && record === 'ConnectRequest') return 0n
  return undefined
}

/** The operation that a request asks for: `CreateRequest` → 1. */
export function operationOf(record: string): number | undefined {
  if (record === 'CheckVersionRequest') return OpCode.check
  const name = record.replace(/(Request|Packet)$/, '')
  return (OpCode as Record<string, number>)[name.charAt(0).toLowerCase() + name.slice(1)]
}
