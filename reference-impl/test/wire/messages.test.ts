import { describe, expect, test } from 'vitest'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { type CreateRequest, readACL, readSetACLRequest } from '../../src/wire/records.ts'
import { bytesOf, codec, hexOf } from './codecs.ts'
import { apacheMessages, type Message } from './messages.ts'

/** Java's client writes each half of a surrogate pair by itself, which is not UTF-8 and cannot come back the same. */
const isCesu8 = (message: Message) => message.hex.includes('eda0bdedb880')

const messages = apacheMessages()

function read(message: Message): unknown[] {
  const input = juteReader(bytesOf(message.hex))
  const records = message.records.map(record => codec(record).read(input))
  expect(input.remaining(), `unread after ${message.records.join(', ')} in ${message.hex}`).toBe(0)
  return records
}

function write(names: readonly string[], records: readonly unknown[]): string {
  const out = juteWriter()
  for (const [i, name] of names.entries()) codec(name).write(out, records[i])
  return hexOf(out.bytes())
}

describe.each([...new Set(messages.map(message => message.section))])('%s', section => {
  test('is read to the last byte, and written again with the same bytes', () => {
    for (const message of messages) {
      if (message.section !== section) continue
      const records = read(message)
      if (!isCesu8(message)) expect(write(message.records, records)).toBe(message.hex)
    }
  })
})

test('the messages hold most records of the client protocol, the log, the snapshot and the ensemble', () => {
  expect(new Set(messages.flatMap(message => message.records)).size).toBeGreaterThan(50)
})

test('kazoo sends null for the empty id of the creator, and Apache takes it', () => {
  const creates = messages
    .filter(({ section, records }) => section.startsWith('kazoo') && records[1] === 'CreateRequest')
    .map(message => read(message)[1] as CreateRequest)
  const acl = creates.find(create => create.path === '/kacl')?.acl
  expect(acl).toEqual([{ perms: 31, id: { scheme: 'auth', id: null } }])
})

test('a string that is not UTF-8 reads with replacement characters, and what follows it is read right', () => {
  const cesu8 = messages.filter(message => isCesu8(message))
  expect(cesu8.length).toBeGreaterThan(0)
  const input = juteReader(bytesOf('00000011 00000005776f726c64 00000006eda0bdedb880 12345678'))
  const { perms, id } = readACL(input)
  expect([perms, id.scheme, input.int()]).toEqual([17, 'world', 0x12345678])
  expect(id.id).toMatch(/^\ufffd+$/)
})

test('a path that is null is refused, because no request means anything without one', () => {
  expect(() => readSetACLRequest(juteReader(bytesOf('ffffffff 00000000 00000000')))).toThrow(
    'MARSHALLINGERROR: SetACLRequest.path is null',
  )
})
