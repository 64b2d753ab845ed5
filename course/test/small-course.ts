/** A course small enough to read, with the real course tool in it: what the tests of the tool work on. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../paths.ts'
import { type Copy, copyOf } from './copy.ts'

const reference = `/** Counts things. */
import { assert } from '../lib/assert.ts'

/** How often each word comes in a text. */
export function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  // #region lab 01: A. count the words
  for (const word of text.split(' ')) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  // #endregion
  return counts
}

/** The word that comes most often; the first of them when several do. */
export function commonest(text: string): string | null {
  // #region lab 01: B. find the commonest word
  let best: string | null = null
  let most = 0
  for (const [word, times] of count(text)) {
    if (times > most) {
      best = word
      most = times
    }
  }
  assert(best !== null || text.trim() === '', 'a text with words has a commonest one')
  return best
  // #endregion
}

/** How often each word came. */
export type Counts = ReturnType<typeof count>
`

const visible = `import { describe, expect, test } from 'vitest'
import { commonest, count } from '#lab/words/counter.ts'

describe('A. Count', () => {
  test('a word that comes twice counts two', () => {
    expect(count('to be or not to be').get('be')).toBe(2)
  })
  test('spaces are no words', () => {
    expect(count('  to  be  ').size, 'two words with many spaces round them (chapter 01, "Spaces")').toBe(2)
  }, 300)
})

describe('B. Compare', () => {
  test('the commonest word is found', () => {
    expect(commonest('be or not be')).toBe('be')
  })
})
`

const hidden = `import { describe, expect, test } from 'vitest'
import { commonest, count } from '#lab/words/counter.ts'

describe('A. Count', () => {
  test('a text without words has no counts', () => {
    expect(count('').size).toBe(0)
  })
  test('every word is counted, every time', () => {
    expect([...count('a b a c a')]).toEqual([['a', 3], ['b', 1], ['c', 1]])
  })
})

describe('B. Compare', () => {
  test('the first of equals wins', () => {
    expect(commonest('b a a b')).toBe('b')
  })
  test('a word is the commonest when it is alone', () => {
    expect(commonest('a')).toBe('a')
  })
  test('a text without words has no commonest word', () => {
    expect(commonest(' ')).toBeNull()
  }, 300)
})
`

const mutants = `import { edit, mutant } from '../../course/mutants.ts'

export default [
  mutant('counts spaces', 'thinks that split leaves words only', edit('count', "if (word !== '') ", '')),
  mutant('counts one too many', 'starts at one', edit('count', '?? 0', '?? 1')),
  mutant('counts once', 'thinks of a set', edit('count', '(counts.get(word) ?? 0) + 1', '1')),
  mutant('takes the last of equals', 'thinks the order does not matter', edit('commonest', '>', '>=')),
  mutant('takes the least', 'turns the comparison round', edit('commonest', 'times > most', 'times < most')),
  mutant('wants two', 'starts at one', edit('commonest', 'most = 0', 'most = 1')),
  mutant('never counts', 'forgets to store', edit('count', 'counts.set(word', 'void (word')),
  mutant('returns an empty word', 'forgets that there may be none', edit('commonest', 'string | null = null', "string | null = ''")),
  mutant('forgets the best', 'only remembers how many', edit('commonest', 'best = word', 'void word')),
  mutant('forgets how many', 'only remembers the best', edit('commonest', 'most = times', 'void times')),
]
`

const manifestLabs = `export const labs: readonly Lab[] = [
  { ...planned('00', 'warm-up', 'Warm up', 'words/shout'), status: 'made', solved: true, minutes: 5,
    parts: [{ id: 'A', title: 'Shout', points: 100 }] },
  { ...planned('01', 'counter', 'Counting words', 'words/counter'), status: 'made', minutes: 20, needs: ['00'],
    parts: [{ id: 'A', title: 'Count', points: 60 }, { id: 'B', title: 'Compare', points: 40 }] },
  planned('02', 'later', 'Later', 'words/later'),
]`

const hints =
  "# Hints\n\n## 1\n\nWhat is a word?\n\n## 2\n\nA map from word to number.\n\n## 3\n\n```ts\nif (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)\n```\n"

const labConfig = JSON.stringify({
  extends: '../../tsconfig.json',
  compilerOptions: {
    rootDirs: ['./src', '../../reference-impl/src'],
    paths: { '#lab/*': ['./src/*', '../../reference-impl/src/*'] },
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['src', 'test'],
})

const files: Record<string, string> = {
  'reference-impl/src/words/counter.ts': reference,
  'reference-impl/src/words/shout.ts': `/** Says it loud. */
export function shout(text: string): string {
  return text.toUpperCase().concat('!')
}
`,
  'labs/00-warm-up/README.md': '# Warm up\n',
  'labs/00-warm-up/hints.md': hints,
  'labs/00-warm-up/tsconfig.json': labConfig,
  'labs/00-warm-up/test/shout.test.ts':
    "import { describe, expect, test } from 'vitest'\nimport { shout } from '#lab/words/shout.ts'\n\ndescribe('A. Shout', () => {\n  test('a shout is loud', () => {\n    expect(shout('hey')).toBe('HEY!')\n  })\n})\n",
  'labs/01-counter/README.md': '# Counting words\n\nYou fill `count` and `commonest`.\n',
  'labs/01-counter/hints.md': hints,
  'labs/01-counter/tsconfig.json': labConfig,
  'labs/01-counter/test/counter.test.ts': visible,
  'solutions/00-warm-up/README.md': '# Warm up\n',
  'solutions/01-counter/README.md': '# Counting words\n',
  'solutions/01-counter/hidden/counter.test.ts': hidden,
  'solutions/01-counter/mutants.ts': mutants,
  'solutions/01-counter/alternative/words/counter.ts': `import { assert } from '../lib/assert.ts'

export const count = (text: string) => {
  const words = text.split(/ +/).filter(Boolean)
  return new Map(words.map(word => [word, words.filter(other => other === word).length]))
}

export const commonest = (text: string) => {
  const sorted = [...count(text)].sort(([, a], [, b]) => b - a)
  assert(sorted.length > 0 || text.trim() === '', 'a text with words has a commonest one')
  return sorted[0]?.[0] ?? null
}
`,
  'chapters/00-warm-up.md': '---\ntitle: Warm up\ndescription: Shouting\n---\n\nLoud.\n',
  'chapters/01-counter.md':
    '---\ntitle: Counting words\ndescription: Words\n---\n\nCount them.\n\n## Spaces\n\nThey are no words.\n\n[words/counter.ts: Counts](../reference-impl/src/words/counter.ts#Counts)\n',
}

export interface SmallCourse extends Copy {
  /** Puts the reference's solution into the student's file of lab 01, changed as asked. */
  solve(change?: (source: string) => string): void
}

export const studentFile = 'labs/01-counter/src/words/counter.ts'

export function smallCourse(): SmallCourse {
  const tool = readdirSync(path.join(root, 'course'))
    .filter(name => name !== 'test')
    .map(name => `course/${name}`)
  const course = copyOf('package.json', 'tsconfig.json', 'reference-impl/src/lib/assert.ts', todo, ...tool)
  course.write(
    'course/manifest.ts',
    course.read('course/manifest.ts').replace(/export const labs.*?^]/ms, () => manifestLabs),
  )
  for (const [file, text] of Object.entries(files)) course.write(file, text)
  return { ...course, solve: (change = source => source) => course.write(studentFile, change(reference)) }
}

const todo = 'reference-impl/src/lib/todo.ts'
