/**
 * A disk on which snapshots are compressed, and nobody above needs to know: `snapshot.2f` is `snapshot.2f.gz` there, or
 * `snapshot.2f.snappy`. What is read may be of either kind or of none, whatever is written now.
 *
 * Each piece that is appended is compressed by itself, because the next one comes later: gzip files may hold several
 * parts, and the snappy format (that of Java's library, with a head and a length in front of each part) is made so. What
 * is torn or damaged reads as an empty file, which no reader takes for a whole one.
 * Source: Apache's SnapStream; snappy-java's SnappyOutputStream.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { compress as snappy, uncompress } from 'snappyjs'
import type { Disk, Done } from '../world.ts'

/** By the ends of the names. `''`: as it is. */
export type Compression = '' | 'gz' | 'snappy'

const suffixes = ['', '.gz', '.snappy'] as const

export function compressedSnapshots(disk: Disk, method: Compression): Disk {
  /** The snapshot that is being written, and what is known of those that were: their whole length and their end. */
  let begun: string | null = null
  const written = new Map<string, { length: number; end: Uint8Array }>()
  /** What was looked into last; let go once it has been read. */
  let looked: { file: string; content: Uint8Array } | null = null

  /** The file that has it; that of the method in use when there is none. */
  function fileOf(name: string): string {
    if (!isSnapshot.test(name)) return name
    const found = suffixes.find(suffix => disk.size(name + suffix) !== null)
    return name + (found ?? (method === '' ? '' : `.${method}`))
  }

  function contentOf(file: string): Uint8Array {
    if (looked?.file !== file) looked = { file, content: decompressed(file, disk.read(file)!) }
    return looked.content
  }

  function append(name: string, bytes: Uint8Array, done: Done): void {
    const file = `${name}.${method}`
    const isFirst = begun !== name
    begun = name
    const known = isFirst ? undefined : written.get(file)
    const end = bytes.length >= endLength ? bytes : Buffer.concat([known?.end ?? new Uint8Array(0), bytes])
    written.set(file, { length: (known?.length ?? 0) + bytes.length, end: end.slice(-endLength) })
    disk.append(file, method === 'gz' ? gzipSync(bytes, { level: 1 }) : snappyPart(bytes, isFirst), done)
  }

  return {
    ...disk,
    list: folder => [...new Set(disk.list(folder).map(name => name.replace(ofCompressed, '$1')))].sort(),
    size(name) {
      const file = fileOf(name)
      if (file === name || disk.size(file) === null) return disk.size(file)
      return written.get(file)?.length ?? contentOf(file).length
    },
    read(name, offset = 0, length, room) {
      const file = fileOf(name)
      if (file === name || disk.size(file) === null) return disk.read(file, offset, length, room)
      const known = written.get(file)
      if (known !== undefined && length !== undefined && offset >= known.length - known.end.length) {
        const from = offset - (known.length - known.end.length)
        return known.end.slice(from, from + length)
      }
      const content = contentOf(file)
      if (offset === 0 && length === undefined) looked = null
      return content.subarray(offset, length === undefined ? undefined : offset + length)
    },
    append(name, bytes, done) {
      if (method !== '' && isSnapshot.test(name)) append(name, bytes, done)
      else disk.append(name, bytes, done)
    },
    sync: (name, done) => disk.sync(fileOf(name), done),
    truncate: (name, length, done) => disk.truncate(fileOf(name), length, done),
    /** In every form that it has. */
    remove(name, done) {
      if (!isSnapshot.test(name)) return disk.remove(name, done)
      if (begun === name) begun = null
      let waiting = suffixes.length
      let failure: Error | undefined
      for (const suffix of suffixes) {
        written.delete(name + suffix)
        disk.remove(name + suffix, error => {
          failure ??= error
          if (--waiting === 0) done(failure)
        })
      }
    },
  }
}

const isSnapshot = /(^|\/)snapshot\.[0-9a-f]+$/
const ofCompressed = /^(snapshot\.[0-9a-f]+)\.(gz|snappy)$/
const endLength = 16

/** What a file of this name holds; empty when it is torn or damaged. */
export function decompressed(file: string, bytes: Uint8Array): Uint8Array {
  try {
    if (file.endsWith('.gz')) return gunzipSync(bytes)
    return file.endsWith('.snappy') ? unsnapped(bytes) : bytes
  } catch {
    return new Uint8Array(0)
  }
}

/** The mark of Java's snappy library, and twice the version of its format. */
const snappyHead = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1)

function snappyPart(bytes: Uint8Array, isFirst: boolean): Uint8Array {
  const part = snappy(bytes)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setInt32(0, part.length)
  return Buffer.concat(isFirst ? [snappyHead, length, part] : [length, part])
}

function unsnapped(bytes: Uint8Array): Uint8Array {
  if (!snappyHead.subarray(0, 8).every((byte, i) => bytes[i] === byte))
    throw new Error('not of Java’s snappy')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  for (let at = snappyHead.length; at < bytes.length; ) {
    const length = view.getInt32(at)
    const end = at + 4 + length
    if (length < 0 || end > bytes.length) throw new Error('cut short')
    parts.push(uncompress(bytes.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(parts)
}
