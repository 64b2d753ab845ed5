import { describe, expect, test } from 'vitest'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import {
  readConnectRequest,
  readCreateRequest,
  writeConnectRequest,
  writeCreateRequest,
} from '../../src/wire/records.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('records', () => {
  test('a create request is what Apache reads', () => {
    const wire = '000000022f61 0000000178 00000001 0000001f00000005776f726c6400000006616e796f6e65 00000000'
    const request = readCreateRequest(juteReader(bytes(wire)))
    expect(request.path).toBe('/a')
    const out = juteWriter()
    writeCreateRequest(out, request)
    expect(hex(out.bytes())).toBe(wire.replaceAll(' ', ''))
  })

  test('a connect request may end before its last field', () => {
    const wire = bytes(
      '00000000 0000000000000000 00002710 0000000000000000 00000010 00000000000000000000000000000000',
    )
    const request = readConnectRequest(juteReader(wire))
    expect(request.readOnly).toBe(undefined)
    const out = juteWriter()
    writeConnectRequest(out, request)
    expect(out.bytes()).toEqual(wire)
  })
})
