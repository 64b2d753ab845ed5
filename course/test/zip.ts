/** What is in a zip, modes included. */
import { buffer } from 'node:stream/consumers'
import { fromBuffer } from 'yauzl'

export interface ZipEntry {
  name: string
  mode: number
  contents: Buffer
}

export function readZip(bytes: Buffer): Promise<ZipEntry[]> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error)
      const entries: ZipEntry[] = []
      zip.on('error', reject)
      zip.on('end', () => resolve(entries))
      zip.on('entry', entry =>
        zip.openReadStream(entry, async (error, stream) => {
          if (error) return reject(error)
          const mode = (entry.externalFileAttributes >>> 16) & 0o777
          entries.push({ name: entry.fileName, mode, contents: await buffer(stream) })
          zip.readEntry()
        }),
      )
      zip.readEntry()
    })
  })
}
