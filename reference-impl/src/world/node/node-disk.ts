/** The disk over node:fs. Each file has a queue, so that answers come in the order of the calls. */
import fs from 'node:fs'
import path from 'node:path'
import type { Disk, Done } from '../world.ts'

/** Ends the name of a file that `replace` has not put in place yet; after a crash such a file means nothing. */
const unfinished = '.unfinished'

/** How many files without work may stay open, so that a log need not be opened for every append. */
const idleOpenFiles = 8

export function nodeDisk(folder: string): Disk {
  const queues = new Map<string, FileQueue>()
  const inFolder = (name: string): string => path.join(folder, ...name.split('/'))

  function queue(name: string): FileQueue {
    const found = queues.get(name)
    if (found !== undefined) {
      // To the end of the map's order: the file used last is the last to be closed.
      queues.delete(name)
      queues.set(name, found)
      return found
    }
    for (const [idle, file] of queues) {
      if (queues.size < idleOpenFiles) break
      if (file.release()) queues.delete(idle)
    }
    const made = new FileQueue(inFolder(name))
    queues.set(name, made)
    return made
  }

  return {
    list(name) {
      return (
        orNull(() =>
          fs
            .readdirSync(inFolder(name))
            .filter(entry => !entry.endsWith(unfinished))
            .sort(),
        ) ?? []
      )
    },
    size(name) {
      return orNull(() => fs.statSync(inFolder(name)).size)
    },
    read(name, offset = 0, length, room) {
      return orNull(() => readSlice(inFolder(name), offset, length, room))
    },
    append(name, bytes, done) {
      queue(name).add({ type: 'append', bytes, done })
    },
    write(name, offset, bytes, done) {
      queue(name).add({ type: 'write', offset, bytes, done })
    },
    sync(name, done) {
      queue(name).add({ type: 'sync', done })
    },
    replace(name, bytes, done) {
      queue(name).add({ type: 'replace', bytes, done })
    },
    truncate(name, length, done) {
      queue(name).add({ type: 'truncate', length, done })
    },
    remove(name, done) {
      queue(name).add({ type: 'remove', done })
    },
  }
}

type Operation =
  | { type: 'append'; bytes: Uint8Array; done: Done }
  | Write
  | { type: 'sync'; done: Done }
  | { type: 'replace'; bytes: Uint8Array; done: Done }
  | { type: 'truncate'; length: number; done: Done }
  | { type: 'remove'; done: Done }

interface Write {
  type: 'write'
  offset: number
  bytes: Uint8Array
  done: Done
}

/** What is to be done to one file, one thing after the other; neighbours that can be done at once are. */
class FileQueue {
  readonly #path: string
  #waiting: Operation[] = []
  #working = false
  /** Open for writing, from the first append or write until `release`, `replace` or `remove`. */
  #descriptor: number | null = null
  /** Where an append goes. */
  #end = 0
  /** Writes that have happened and whose callers have not been told. */
  readonly #written: { done: Done; error: Error | undefined }[] = []
  /** The file is new: to be durable it needs its name in the folder synced, too. */
  #nameUnsynced = false

  constructor(file: string) {
    this.#path = file
  }

  add(operation: Operation): void {
    if (operation.type === 'write' && !this.#working) {
      this.#write(operation)
      return
    }
    this.#waiting.push(operation)
    if (this.#working) return
    this.#working = true
    // A write is in the hands of the system already, so its sync can start now: who waits for it waits for the disk alone.
    if (operation.type === 'sync') this.#next()
    // Not at once: what the same turn appends can then be written at once.
    else setImmediate(() => this.#next())
  }

  /** Closes the file when nothing waits for it; says whether it did. */
  release(): boolean {
    if (this.#working || this.#nameUnsynced) return false
    this.#close()
    return true
  }

  /** To hand a few pages to the system takes less time than to send for a thread that does it. */
  #write({ offset, bytes, done }: Write): void {
    let error: Error | undefined
    try {
      const descriptor = this.#open()
      let written = 0
      while (written < bytes.length) {
        written += fs.writeSync(descriptor, bytes, written, bytes.length - written, offset + written)
      }
      this.#end = Math.max(this.#end, offset + bytes.length)
    } catch (failure) {
      error = failure as Error
    }
    this.#written.push({ done, error })
    if (this.#written.length === 1) setImmediate(() => this.#tellOfWrites())
  }

  #tellOfWrites(): void {
    for (const { done, error } of this.#written.splice(0)) {
      if (error === undefined) done()
      else done(error)
    }
  }

  #next(): void {
    while (this.#waiting[0]?.type === 'write') this.#write(this.#waiting.shift() as Write)
    const first = this.#waiting[0]
    if (first === undefined) {
      this.#working = false
      return
    }
    let count = 1
    if (first.type === 'append' || first.type === 'sync') {
      while (this.#waiting[count]?.type === first.type) count++
    }
    const batch = this.#waiting.splice(0, count)
    const done: Done = error => {
      this.#tellOfWrites()
      for (const operation of batch) {
        if (error === undefined) operation.done()
        else operation.done(error)
      }
      this.#next()
    }
    try {
      this.#start(first, batch, done)
    } catch (error) {
      setImmediate(done, error as Error)
    }
  }

  #start(operation: Exclude<Operation, Write>, batch: Operation[], done: Done): void {
    switch (operation.type) {
      case 'append': {
        const descriptor = this.#open()
        const parts = batch.map(append => (append as { bytes: Uint8Array }).bytes)
        const start = this.#end
        for (const part of parts) this.#end += part.length
        writeAll(descriptor, parts, start, done)
        return
      }
      case 'sync':
        fs.fdatasync(this.#open(), error => {
          if (error !== null) return done(error)
          try {
            this.#syncName()
          } catch (failure) {
            return done(failure as Error)
          }
          done()
        })
        return
      case 'replace':
        this.#close()
        this.#makeFolder()
        writeAside(`${this.#path}${unfinished}`, operation.bytes)
        fs.renameSync(`${this.#path}${unfinished}`, this.#path)
        this.#nameUnsynced = true
        this.#syncName()
        setImmediate(done)
        return
      case 'truncate': {
        this.#close()
        const descriptor = fs.openSync(this.#path, 'r+')
        try {
          fs.ftruncateSync(descriptor, operation.length)
          fs.fsyncSync(descriptor)
        } finally {
          fs.closeSync(descriptor)
        }
        this.#syncName()
        setImmediate(done)
        return
      }
      case 'remove':
        this.#close()
        fs.rmSync(this.#path, { force: true })
        if (fs.existsSync(path.dirname(this.#path))) syncFolder(path.dirname(this.#path))
        this.#nameUnsynced = false
        setImmediate(done)
    }
  }

  #open(): number {
    if (this.#descriptor === null) {
      this.#makeFolder()
      if (!fs.existsSync(this.#path)) this.#nameUnsynced = true
      this.#descriptor = fs.openSync(this.#path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o666)
      this.#end = fs.fstatSync(this.#descriptor).size
    }
    return this.#descriptor
  }

  #close(): void {
    if (this.#descriptor !== null) fs.closeSync(this.#descriptor)
    this.#descriptor = null
  }

  /** Makes the folders that are missing, and their names durable. */
  #makeFolder(): void {
    const folder = path.dirname(this.#path)
    const firstMade = fs.mkdirSync(folder, { recursive: true })
    if (firstMade === undefined) return
    for (let made = folder; made.length >= firstMade.length; made = path.dirname(made)) {
      syncFolder(path.dirname(made))
    }
  }

  #syncName(): void {
    if (this.#nameUnsynced) syncFolder(path.dirname(this.#path))
    this.#nameUnsynced = false
  }
}

/** Writes all of it, in order; the kernel may take less than it is given. */
function writeAll(descriptor: number, parts: Uint8Array[], offset: number, done: Done): void {
  fs.writev(descriptor, parts, offset, (error, written) => {
    if (error !== null) return done(error)
    const next = offset + written
    const rest = parts.slice()
    while (rest.length > 0 && written >= rest[0]!.length) written -= rest.shift()!.length
    if (rest.length === 0) return done()
    rest[0] = rest[0]!.subarray(written)
    writeAll(descriptor, rest, next, done)
  })
}

function writeAside(file: string, bytes: Uint8Array): void {
  const descriptor = fs.openSync(file, 'w')
  try {
    fs.writeFileSync(descriptor, bytes)
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Makes the names in a folder durable. Windows cannot, and does not need to. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function readSlice(file: string, offset: number, length?: number, room?: Uint8Array): Uint8Array {
  const descriptor = fs.openSync(file, 'r')
  try {
    const there = Math.max(0, fs.fstatSync(descriptor).size - offset)
    const wanted = Math.min(there, length ?? there)
    const bytes =
      room !== undefined && room.length >= wanted ? room.subarray(0, wanted) : new Uint8Array(wanted)
    let filled = 0
    while (filled < bytes.length) {
      // The system reads at most 2 GiB at a time.
      const count = fs.readSync(
        descriptor,
        bytes,
        filled,
        Math.min(bytes.length - filled, 1 << 30),
        offset + filled,
      )
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  } finally {
    fs.closeSync(descriptor)
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
