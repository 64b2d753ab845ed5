import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type Compression, compressedSnapshots } from '../../src/world/node/compressed-snapshots.ts'
import { nodeDisk } from '../../src/world/node/node-disk.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'compressed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const pieces = ['a first piece; '.repeat(100), 'a second one; '.repeat(100), 'end']
const whole = pieces.join('')

async function written(method: Compression) {
  const plain = nodeDisk(path.join(folder, method || 'none'))
  const disk = compressedSnapshots(plain, method)
  const append = promisify(disk.append)
  await promisify(disk.remove)('v/snapshot.2f')
  for (const piece of pieces) await append('v/snapshot.2f', bytes(piece))
  await promisify(disk.sync)('v/snapshot.2f')
  await append('v/log.1', bytes('a log'))
  return { plain, disk }
}

describe.each<[Compression, string]>([
  ['', 'snapshot.2f'],
  ['gz', 'snapshot.2f.gz'],
  ['snappy', 'snapshot.2f.snappy'],
])('snapshots compressed by %j', (method, name) => {
  test('have their names on the disk, and logs are as they were', async () => {
    const { plain, disk } = await written(method)
    expect(plain.list('v')).toEqual(['log.1', name])
    expect(disk.list('v')).toEqual(['log.1', 'snapshot.2f'])
    expect(Buffer.from(plain.read('v/log.1')!).toString()).toBe('a log')
  })

  test('read as they were written: here, by another process, and at their end', async () => {
    const { plain, disk } = await written(method)
    for (const reader of [disk, compressedSnapshots(plain, '')]) {
      const size = reader.size('v/snapshot.2f')!
      expect(size).toBe(whole.length)
      expect(Buffer.from(reader.read('v/snapshot.2f', size - 5, 5)!).toString()).toBe(whole.slice(-5))
      expect(Buffer.from(reader.read('v/snapshot.2f')!).toString()).toBe(whole)
    }
  })

  test('are gone when they are removed', async () => {
    const { plain, disk } = await written(method)
    await promisify(disk.remove)('v/snapshot.2f')
    expect(plain.list('v')).toEqual(['log.1'])
    expect([disk.size('v/snapshot.2f'), disk.read('v/snapshot.2f')]).toEqual([null, null])
  })
})

test.each(['gz', 'snappy'] as const)('a torn %s file reads as an empty one', async method => {
  await written(method)
  const file = path.join(folder, method, 'v', readdirSync(path.join(folder, method, 'v'))[1]!)
  writeFileSync(file, readFileSync(file).subarray(0, -2))
  const disk = compressedSnapshots(nodeDisk(path.join(folder, method)), '')
  expect([disk.size('v/snapshot.2f'), disk.read('v/snapshot.2f')]).toEqual([0, new Uint8Array(0)])
})

test('a gzip file in one part is read, and ours are in several that any reader takes together', async () => {
  const { plain, disk } = await written('gz')
  expect(gunzipSync(plain.read('v/snapshot.2f.gz')!).toString()).toBe(whole)
  writeFileSync(path.join(folder, 'gz', 'v', 'snapshot.30.gz'), gzipSync('one'))
  expect(Buffer.from(disk.read('v/snapshot.30')!).toString()).toBe('one')
})
