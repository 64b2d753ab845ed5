/**
 * What people hand in, in whatever wrapping: a folder, an archive, a git repository, a folder full of either. Of all that,
 * only the files at the labs' swap paths are read, into memory; nothing of an archive is ever unpacked onto this machine.
 */
import { execFile } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Parser } from 'tar'
import { fromBuffer, type ZipFile } from 'yauzl'
import { Complaint } from '../complaint.ts'
import { type Lab, labFolder } from '../manifest.ts'
import { atOnce } from './at-once.ts'
import type { Sources } from './bundles.ts'
import type { Moment } from './model.ts'
import { scratchFolder } from './scratch.ts'

export interface Submission {
  name: string
  /** The labs that it is about; all when it does not say. */
  labs?: readonly string[]
  /** The files of this lab's swaps; or what is wrong when there are none. */
  take(lab: Lab): Taken | { missing: string }
}

export interface Taken {
  sources: Sources
  /** When the newest of them was written, and who says so. All of these are the student's own word. */
  written?: Moment | null
}

/** No lab's file comes near this. */
const longestFile = 1 << 20
const longestArchive = 64 << 20
const mostEntries = 20_000
/** Folders that people's tools put round a submission: `alice/handout-1/labs/…`. */
const deepestWrapping = 4

const archives = /\.(zip|tar|tar\.gz|tgz)$/i

/** Whoever serves a class's repositories need not serve all of them at the same time. */
const clonesAtOnce = 4

/** What git clones from somewhere else. */
const repositories = /^(https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/

/** The submissions that `what` names; sorted, each name once. For Gradescope a folder is one, whatever lies in it. */
export async function submissionsIn(
  what: readonly string[],
  labs: readonly Lab[],
  { gradescope, onFetched }: { gradescope?: string; onFetched?: (done: number, total: number) => void } = {},
): Promise<Submission[]> {
  if (what.length === 0)
    throw new Complaint('Name what to grade: npm run grade -- submissions/ --out grades/')
  const wanted = wantedNames(labs)
  const found: Submission[] = []
  const passedOver: string[] = []
  const urls = what.filter(each => repositories.test(each))
  let fetched = 0
  const clones = await atOnce(urls, clonesAtOnce, async url => {
    const clone = await submission(url, () => filesInRepository(url, wanted))
    onFetched?.(++fetched, urls.length)
    return clone
  })
  for (const each of what) {
    if (repositories.test(each)) {
      found.push(clones.shift()!)
      continue
    }
    const stat = lstatSync(each, { throwIfNoEntry: false })
    if (!stat) throw new Complaint(`There is no '${each}' to grade.`)
    if (stat.isFile() && !archives.test(each)) {
      throw new Complaint(`'${each}' is neither a folder nor a .zip, .tar, .tar.gz or .tgz.`)
    }
    const isOne = gradescope !== undefined || stat.isFile() || isSubmission(each, labs)
    const paths = isOne
      ? [each]
      : readdirSync(each)
          .sort()
          .map(name => path.join(each, name))
    for (const one of paths) {
      const kind = lstatSync(one)
      if (kind.isDirectory()) found.push(await submission(one, () => filesInFolder(one, wanted)))
      else if (kind.isFile() && archives.test(one))
        found.push(await submission(one, () => filesInArchive(one, wanted)))
      else if (!path.basename(one).startsWith('.')) passedOver.push(path.basename(one))
    }
  }
  if (passedOver.length > 0)
    console.error(`Passed over, for it is neither a folder nor an archive: ${listed(passedOver)}`)
  if (found.length === 0) {
    throw new Complaint(`Nothing to grade in ${what.join(', ')}: neither folders nor archives.`)
  }
  return distinct(found)
}

/** The first few of them. */
export function listed(names: readonly string[]): string {
  return `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
}

/** Names of two submissions may be the same when several places are graded at once. */
function distinct(found: Submission[]): Submission[] {
  const count = new Map<string, number>()
  return found.map(one => {
    const times = (count.get(one.name) ?? 0) + 1
    count.set(one.name, times)
    return times === 1 ? one : { ...one, name: `${one.name} (${times})` }
  })
}

/** A folder is one submission when a lab's file is in it, at any of the places where we look for one. */
function isSubmission(folder: string, labs: readonly Lab[]): boolean {
  const names = readdirSync(folder)
  return (
    names.includes('labs') ||
    labs.some(
      lab =>
        names.includes(labFolder(lab)) ||
        lab.swaps.some(swap => names.includes(`${path.posix.basename(swap)}.ts`)),
    )
  )
}

async function submission(place: string, read: () => Promise<Files>): Promise<Submission> {
  const name = path.basename(place.replace(/\.git\/?$/, '')).replace(archives, '')
  let files: Files
  try {
    files = await read()
  } catch (error) {
    const missing = `${path.basename(place)} cannot be opened: ${(error as Error).message}`
    return { name, take: () => ({ missing }) }
  }
  return { name, take: lab => take(lab, files) }
}

interface File {
  text: string
  written: Moment | null
}

/** Paths with slashes, and what is in them. Only files whose last name a lab wants. */
type Files = Map<string, File>

function take(lab: Lab, files: Files): Taken | { missing: string } {
  const sources = new Map<string, string>()
  let written: Moment | null = null
  for (const swap of lab.swaps) {
    const file = find(lab, swap, files)
    if ('missing' in file) return file
    sources.set(swap, file.text)
    if (file.written && (written === null || file.written.at > written.at)) written = file.written
  }
  return { sources, written }
}

function moment(at: Date, by: string): Moment | null {
  return Number.isNaN(at.getTime()) ? null : { at: at.toISOString().replace(/\.\d+Z$/, 'Z'), by }
}

/**
 * At its own place if possible; or where somebody who sends only the lab's folder, or only its files, would have it; or, as
 * web forms take it, the one file alone.
 */
function find(lab: Lab, swap: string, files: Files): File | { missing: string } {
  const places = [
    `labs/${labFolder(lab)}/src/${swap}.ts`,
    `${labFolder(lab)}/src/${swap}.ts`,
    `src/${swap}.ts`,
    `${swap}.ts`,
  ]
  for (const place of places) {
    const found = [...files.keys()].filter(
      file => (file === place || file.endsWith(`/${place}`)) && depth(file) - depth(place) <= deepestWrapping,
    )
    const [first, second] = found.sort((a, b) => depth(a) - depth(b))
    if (first === undefined) continue
    if (second !== undefined && depth(second) === depth(first)) {
      return { missing: `which is it: ${first} or ${second}?` }
    }
    return files.get(first)!
  }
  const name = path.posix.basename(`${swap}.ts`)
  const alone = files.get(name)
  if (alone !== undefined) return alone
  const stray = [...files.keys()].find(file => path.posix.basename(file) === name)
  return {
    missing:
      stray === undefined ? `there is no ${places[0]}` : `there is no ${places[0]}, but there is ${stray}`,
  }
}

const depth = (file: string): number => file.split('/').length

function wantedNames(labs: readonly Lab[]): ReadonlySet<string> {
  return new Set(labs.flatMap(lab => lab.swaps.map(swap => path.posix.basename(`${swap}.ts`))))
}

/** Symbolic links are not followed: they would show what is on this machine. */
async function filesInFolder(folder: string, wanted: ReadonlySet<string>): Promise<Files> {
  const files: Files = new Map()
  let entries = 0
  const walk = (at: string, deep: number) => {
    for (const entry of readdirSync(path.join(folder, at), { withFileTypes: true })) {
      if (++entries > mostEntries) throw new Error(`more than ${mostEntries} files`)
      const name = path.posix.join(at, entry.name)
      if (entry.isDirectory() && entry.name !== 'node_modules' && deep < 12) walk(name, deep + 1)
      else if (entry.isFile() && wanted.has(entry.name)) {
        const file = path.join(folder, name)
        const { size, mtime } = lstatSync(file)
        if (size > longestFile) continue
        files.set(name, { text: readFileSync(file, 'utf8'), written: moment(mtime, "the file's own time") })
      }
    }
  }
  walk('', 0)
  return files
}

/**
 * Its newest state, cloned without its links and without asking anybody for a password. The history comes along, without
 * its files: it says when each file was last changed.
 */
async function filesInRepository(url: string, wanted: ReadonlySet<string>): Promise<Files> {
  const folder = scratchFolder()
  const argv = [
    '-c',
    'core.symlinks=false',
    'clone',
    '--quiet',
    '--filter=blob:none',
    '--single-branch',
    '--no-tags',
    '--',
    url,
    folder,
  ]
  try {
    const git = (argv: string[], timeout: number) =>
      promisify(execFile)('git', argv, {
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1' },
        timeout,
      })
    await git(argv, 120_000)
    const files = await filesInFolder(folder, wanted)
    for (const [name, file] of files) {
      const last = ['-C', folder, 'log', '-1', '--format=%cI %h', '--', name]
      const [at, commit] = (await git(last, 20_000)).stdout.trim().split(' ')
      file.written = moment(new Date(at!), `commit ${commit}`)
    }
    return files
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1)
    throw said ? new Error(said) : error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function filesInArchive(file: string, wanted: ReadonlySet<string>): Promise<Files> {
  if (lstatSync(file).size > longestArchive) throw new Error(`larger than ${longestArchive >> 20} MB`)
  const bytes = readFileSync(file)
  const files = await (/\.zip$/i.test(file) ? filesInZip(bytes, wanted) : filesInTar(bytes, wanted))
  return new Map(
    [...files].filter(([name]) => isInside(name)).map(([name, text]) => [path.posix.normalize(name), text]),
  )
}

/** A name that leads out of the archive is somebody's attack or mistake; either way it is not a lab's file. */
function isInside(name: string): boolean {
  return !name.startsWith('/') && !/^[a-z]:/i.test(name) && !name.split(/[\\/]/).includes('..')
}

const isWanted = (name: string, wanted: ReadonlySet<string>) =>
  wanted.has(path.posix.basename(name)) && !name.includes('node_modules/') && !name.includes('__MACOSX/')

const inArchive = "the file's time in the archive"

function filesInZip(bytes: Buffer, wanted: ReadonlySet<string>): Promise<Files> {
  return new Promise((resolve, reject) => {
    const files: Files = new Map()
    let entries = 0
    fromBuffer(bytes, { lazyEntries: true, strictFileNames: false }, (error, zip) => {
      if (error) return reject(error)
      zip.on('error', reject)
      zip.on('end', () => resolve(files))
      zip.on('entry', entry => {
        const isLink = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
        if (++entries > mostEntries) return reject(new Error(`more than ${mostEntries} files`))
        if (isLink || !isWanted(entry.fileName, wanted) || entry.uncompressedSize > longestFile)
          return zip.readEntry()
        text(zip, entry).then(text => {
          files.set(entry.fileName, { text, written: moment(entry.getLastModDate(), inArchive) })
          zip.readEntry()
        }, reject)
      })
      zip.readEntry()
    })
  })
}

function text(zip: ZipFile, entry: Parameters<ZipFile['openReadStream']>[0]): Promise<string> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error)
      collect(stream).then(resolve, reject)
    })
  })
}

function filesInTar(bytes: Buffer, wanted: ReadonlySet<string>): Promise<Files> {
  return new Promise((resolve, reject) => {
    const files: Files = new Map()
    const reading: Promise<void>[] = []
    let entries = 0
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        if (++entries > mostEntries) return parser.abort(new Error(`more than ${mostEntries} files`))
        if (entry.type !== 'File' || !isWanted(entry.path, wanted) || entry.size > longestFile) {
          entry.resume()
          return
        }
        const place = entry.path
        reading.push(
          collect(entry).then(text => {
            files.set(place, { text, written: moment(entry.mtime ?? new Date(Number.NaN), inArchive) })
          }),
        )
      },
    })
    parser.on('error', reject)
    parser.on('end', () => Promise.all(reading).then(() => resolve(files), reject))
    parser.end(bytes)
  })
}

function collect(
  stream: { on(event: 'data', take: (chunk: Buffer) => void): unknown } & NodeJS.EventEmitter,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= longestFile) chunks.push(Buffer.from(chunk))
    })
    stream.on('error', reject)
    stream.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}
