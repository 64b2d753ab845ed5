/**
 * Starts a TypeScript program on any Node we support: bundles it once, keeps the bundle in the cache, and
 * bundles again only when one of its source files has changed. That costs a few milliseconds a start, where
 * transforming on the fly costs hundreds, and lets a bundle be made with a student's files swapped in.
 * The one file here in JavaScript: it runs before anything can be transformed.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = findRoot(import.meta.dirname)
const cache = path.join(root, 'node_modules', '.cache', 'course', 'programs')

/**
 * Bundles (if need be) and imports a program.
 * @param {string} entry the program's file, relative to the repository
 * @returns {Promise<any>} the program's module
 */
export async function launch(entry) {
  process.setSourceMapsEnabled(true)
  return import(pathToFileURL(await bundled(entry, entry.replace(/\W+/g, '-'))).href)
}

/**
 * The path of an up-to-date bundle of `entry`.
 * @param {string} entry relative to the repository
 * @param {string} name of the bundle in the cache: one for each set of plugins
 * @param {import('esbuild').Plugin[]} [plugins]
 * @returns {Promise<string>}
 */
export async function bundled(entry, name, plugins = []) {
  const file = path.join(cache, `${name}.mjs`)
  if (isFresh(file)) return file
  const { build } = await import('esbuild')
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'silent',
    plugins,
  })
  mkdirSync(cache, { recursive: true })
  for (const output of outputFiles) replace(output.path, output.contents)
  const inputs = Object.keys(metafile.inputs).map(input => [input, stamp(path.join(root, input))])
  replace(`${file}.inputs.json`, JSON.stringify(inputs))
  return file
}

/** Found by walking up: this module also runs from inside a bundle in the cache. @type {(from: string) => string} */
function findRoot(from) {
  return existsSync(path.join(from, 'course', 'cli.mjs')) ? from : findRoot(path.dirname(from))
}

/** Is every source file of the bundle as it was when the bundle was made? */
function isFresh(/** @type {string} */ file) {
  try {
    /** @type {[string, string][]} */
    const inputs = JSON.parse(readFileSync(`${file}.inputs.json`, 'utf8'))
    statSync(file)
    return inputs.every(([input, was]) => stamp(path.join(root, input)) === was)
  } catch {
    return false
  }
}

function stamp(/** @type {string} */ file) {
  const { mtimeMs, size } = statSync(file)
  return `${mtimeMs} ${size}`
}

/** Whole or not at all: several programs may start at once. */
function replace(/** @type {string} */ file, /** @type {string | Uint8Array} */ contents) {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, contents)
  for (let tries = 1; ; tries++) {
    try {
      renameSync(aside, file)
      return
    } catch (error) {
      // Windows lets nobody take the place of a file that another program is just reading.
      if (process.platform !== 'win32' || tries === 20) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    }
  }
}
