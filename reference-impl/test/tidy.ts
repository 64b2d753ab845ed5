/**
 * The rules of the house that a machine can see. Each is a function from sources to complaints, and a complaint says
 * where, what, and what to do instead.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../course/paths.ts'

/** From the roof to the ground: a floor uses what is below it and never what is above. */
export const floors = [
  'sim',
  'recipes',
  'client',
  'admin',
  'server',
  'pipeline',
  'zab',
  'election',
  'session',
  'storage',
  'state',
  'protocols',
  'wire',
  'world',
  'lib',
] as const
type Floor = (typeof floors)[number]

/** The worlds themselves. Programs and tests choose one; nothing else may know which it is. */
const worlds = ['world/node/', 'world/simulated/', 'world/browser/']

export interface Source {
  /** Relative to `reference-impl/src`, with `/`. */
  file: string
  text: string
}

export function referenceSources(): Source[] {
  const folder = path.join(root, 'reference-impl', 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => ({
      file: file.split(path.sep).join('/'),
      text: readFileSync(path.join(folder, file), 'utf8'),
    }))
}

// Imports

interface Import {
  specifier: string
  line: number
  /** The file it means, relative to `reference-impl/src`; null for a package. */
  target: string | null
}

function importsOf({ file, text }: Source): Import[] {
  const { withStrings } = scan(text)
  const pattern = /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g
  return [...withStrings.matchAll(pattern)].map(match => {
    const specifier = (match[1] ?? match[2])!
    const target = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : null
    return { specifier, target, line: lineAt(text, match.index) }
  })
}

export function wrongFloors(sources: readonly Source[]): string[] {
  return sources.flatMap(source => {
    const floor = floorOf(source.file)
    if (floor === null) return [`${source.file}: stands on no floor; the floors are ${floors.join(', ')}`]
    return importsOf(source).flatMap(({ specifier, target, line }) => {
      const wrong =
        target === null ? wrongPackage(source.file, specifier) : wrongTarget(source.file, floor, target)
      return wrong === null ? [] : [`${source.file}:${line}: imports ${specifier}; ${wrong}`]
    })
  })
}

function wrongPackage(file: string, specifier: string): string | null {
  if (file.startsWith('world/node/') && specifier.startsWith('node:')) return null
  if (specifier.startsWith('node:')) {
    return 'only world/node and the programs in bin touch the system: ask the World, or take a parameter'
  }
  if (libraries.some(library => specifier === library || specifier.startsWith(`${library}/`))) return null
  return 'the reference stands on itself and on few libraries: write it, or say in tidy.ts why a library is better'
}

/** What the course does not teach and others have written better; each runs in a browser too. */
const libraries = ['@noble/hashes', 'snappyjs']

function wrongTarget(file: string, floor: Floor, target: string): string | null {
  const below = floorOf(target)
  if (below === null) return 'which is outside the reference'
  if (!target.endsWith('.ts')) return 'say the file, with its .ts'
  const world = worlds.find(folder => target.startsWith(folder))
  if (world !== undefined && !file.startsWith(world) && floor !== 'sim') {
    return `a world is chosen by a program or a test: take a World from world/world.ts as a parameter`
  }
  if (floor === 'protocols' && below !== 'lib' && below !== 'protocols') {
    return 'protocols are for teaching and use lib alone'
  }
  if (floors.indexOf(below) < floors.indexOf(floor)) {
    return `${below} is above ${floor}: take what is needed as a parameter, or move it down (${floors.join(' > ')})`
  }
  return null
}

function floorOf(file: string): Floor | null {
  const folder = file.split('/')[0]
  return floors.find(floor => floor === folder) ?? null
}

/** Every ring of files that import each other, told once. */
export function cycles(sources: readonly Source[]): string[] {
  const targets = new Map(
    sources.map(source => [source.file, importsOf(source).flatMap(({ target }) => target ?? [])]),
  )
  const found: string[] = []
  const finished = new Set<string>()
  const trail: string[] = []
  function visit(file: string): void {
    const start = trail.indexOf(file)
    if (start >= 0) {
      found.push(`${[...trail.slice(start), file].join(' → ')}: move what they share to a file of its own`)
      return
    }
    if (finished.has(file)) return
    trail.push(file)
    for (const target of targets.get(file) ?? []) visit(target)
    trail.pop()
    finished.add(file)
  }
  for (const file of targets.keys()) visit(file)
  return found
}

// Words

interface Ban {
  word: RegExp
  /** Where it is allowed: floors, folders or files. */
  except: readonly string[]
  instead: string
}

/** Who lives in real time: the node world, and what stands on promises because its users do. */
const outside = ['world/node/', 'world/browser/']
const promising = [...outside, 'client/', 'recipes/', 'sim/']

const bans: readonly Ban[] = [
  {
    word: /\bDate\.now\b|\bnew Date\(\)|\bperformance\./g,
    except: [...outside, 'client/', 'recipes/'],
    instead: "the `now` or `wall` of the last tick; in a world's own code, its clock",
  },
  {
    word: /\bMath\.random\b/g,
    except: [],
    instead: 'the Random of the World, or dice from a seed (lib/prng.ts)',
  },
  {
    word: /\bset(?:Timeout|Interval)\b/g,
    except: promising,
    instead: 'a deadline that every tick is compared with; in a driver, Clock.after',
  },
  {
    word: /\b(?:setImmediate|queueMicrotask|nextTick)\b/g,
    except: promising,
    instead: 'an effect; in a driver, Clock.soon',
  },
  {
    word: /\b(?:await|async|Promise)\b/g,
    except: promising,
    instead: 'an effect, and the input that answers it',
  },
  { word: /\bprocess\./g, except: outside, instead: 'a parameter, which a program in bin fills' },
  {
    word: /\bconsole\./g,
    except: [],
    instead: 'an effect, or a `report` callback that a program in bin writes down',
  },
  {
    word: /\bBuffer\b/g,
    except: ['world/node/'],
    instead: 'Uint8Array, which a page of the site has as well',
  },
  {
    word: /\binstanceof\b/g,
    except: [],
    instead: "`code`, `name` or a `type` field: across a swap the class is another file's copy",
  },
  { word: /\bexport \*/g, except: [], instead: 'import the file you mean' },
  {
    word: /(?:<<|>>)\s*32n|\b0xffffffffn/gi,
    except: ['wire/zxid.ts'],
    instead: 'the functions of wire/zxid.ts: zxid arithmetic has one home',
  },
]

export function bannedWords(sources: readonly Source[]): string[] {
  return sources.flatMap(({ file, text }) => {
    const { code } = scan(text)
    return bans
      .filter(({ except }) => !except.some(place => file.startsWith(place)))
      .flatMap(({ word, instead }) =>
        [...code.matchAll(word)].map(
          match => `${file}:${lineAt(text, match.index)}: ${match[0]} is banned here. Use ${instead}.`,
        ),
      )
  })
}

/**
 * Code without what only looks like code: comments are blanked in both texts, the inside of strings, templates and
 * regular expressions in `code`. Every character keeps its place.
 */
export function scan(text: string): { code: string; withStrings: string } {
  // A slash begins a regular expression only where a value may begin.
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:[!&|?{};]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  const isComment = (part: string): boolean => part.startsWith('//') || part.startsWith('/*')
  return {
    code: text.replace(pattern, part => (part.startsWith('`') ? blankTemplate(part) : blank(part))),
    withStrings: text.replace(pattern, part => (isComment(part) ? blank(part) : part)),
  }
}

/** What stands in `${…}` is code. */
function blankTemplate(template: string): string {
  return template.replace(/(\$\{[^}]*\})|[^\n]/g, (char, hole?: string) => hole ?? char.replace(/./, ' '))
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

// The repository

/** Tests that run alone, or not at all, hide what they do not run. */
export function focusedTests(tests: readonly Source[]): string[] {
  return tests.flatMap(({ file, text }) =>
    [...scan(text).code.matchAll(/\b(?:test|it|describe)\.(?:only|todo|fails)\b/g)].map(
      match => `${file}:${lineAt(text, match.index)}: ${match[0]} hides other tests; take it out`,
    ),
  )
}

/** What is exported and then never named again, not even beside it. */
export function deadExports(sources: readonly Source[], users: readonly Source[]): string[] {
  const seen = new Map<string, number>()
  for (const { text } of users) {
    for (const [name] of scan(text).code.matchAll(/[\w$]+/g)) seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  return sources.flatMap(({ file, text }) =>
    [...text.matchAll(/^export (?:function|const|class|interface|type) ([\w$]+)/gm)]
      .filter(([, name]) => (seen.get(name!) ?? 0) <= 1)
      .map(({ 1: name, index }) => `${file}:${lineAt(text, index)}: nobody uses ${name}; take it out`),
  )
}

/** All code of the repository but what is a copy of other code: stubs, and solutions in another style. */
export function repositorySources(): Source[] {
  return git('ls-files', '*.ts', '*.tsx', '*.mts')
    .filter(file => !/^labs\/[^/]+\/src\/|\/alternative\//.test(file) && existsSync(path.join(root, file)))
    .map(file => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))
}

/** Files that would be missing in everybody else's clone. */
export function untracked(): string[] {
  return git(
    'ls-files',
    '--others',
    '--exclude-standard',
    'reference-impl',
    'course',
    'solutions',
    'chapters',
  ).map(file => `${file}: is not tracked: git add it, ignore it or delete it`)
}

export function badNames(sources: readonly Source[]): string[] {
  return sources
    .filter(({ file }) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(file))
    .map(({ file }) => `${file}: names of files are in kebab-case, like data-tree.ts`)
}

/** Lines of an answer of git; none where there is no git, as in an unpacked archive. */
function git(...command: string[]): string[] {
  try {
    const answer = execFileSync('git', command, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return answer.split('\n').filter(line => line !== '')
  } catch {
    return []
  }
}
