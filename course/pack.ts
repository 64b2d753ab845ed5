/**
 * `npm run pack -- DIR`: makes the students' handout. It holds the labs, their chapters, the course tool and the
 * reference as built JavaScript; no solutions, no hidden tests. The same repository gives the same bytes.
 *
 * The reference must travel, for everything that a student has not written runs on it, and with it the labs' modules:
 * a lab is started from the reference whatever became of the one before. They travel minified, without comments and
 * without the names of what is inside. That keeps an honest student from reading the solution by accident; whoever
 * sets out to unpick it can, as with every program that one has. `leaks.ts` checks every file before it is written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Complaint } from './complaint.ts'
import { builtReference } from './pack/built.ts'
import { courseTool } from './pack/course-tool.ts'
import { packGradescope } from './pack/gradescope.ts'
import { type Handout, handoutFile } from './pack/handout.ts'
import { labFiles } from './pack/labs.ts'
import { findLeaks } from './pack/leaks.ts'
import { studentWorkflow } from './pack/workflow.ts'
import { root } from './paths.ts'

/** Names every file of a handout, so that a later one can take its place. */
const marker = '.handout.json'

export interface PackOptions {
  /** The zip to write for Gradescope, instead of a handout. */
  gradescope?: string
  labs?: string
}

export async function pack(
  folder: string | undefined,
  { gradescope, labs }: PackOptions = {},
): Promise<number> {
  if (gradescope !== undefined) return packGradescope(gradescope, labs)
  if (folder === undefined) throw new Complaint('Name a folder for the handout: npm run pack -- ../handout')
  return packHandout(folder)
}

async function packHandout(folder: string): Promise<number> {
  const target = path.resolve(folder)
  const older = olderHandout(target)
  const handout = await makeHandout()
  const leaks = findLeaks(handout)
  if (leaks.length > 0) {
    throw new Complaint(
      `The handout would give solutions away, so it is not written:\n${leaks.map(leak => `  ${leak}`).join('\n')}`,
    )
  }
  for (const file of older) if (!handout.has(file)) rmSync(path.join(target, file), { force: true })
  const names = [...handout.keys()].sort()
  for (const [file, contents] of [
    ...handout,
    [marker, `${JSON.stringify({ handout: 'zookeeper-from-scratch', files: names }, null, 2)}\n`] as const,
  ]) {
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true })
    writeFileSync(path.join(target, file), contents)
  }
  console.log(`${names.length} files in ${folder}. What a student does there first: npm ci && npm test`)
  return 0
}

/** The files of the handout that is there already; refuses a folder that holds anything else. */
function olderHandout(target: string): string[] {
  const [first = ''] = path.relative(root, target).split(path.sep)
  if (first !== '..' && first !== 'handout' && !path.isAbsolute(first)) {
    throw new Complaint(
      'The handout must not lie in the midst of the course: name a folder outside of it, or `handout`.',
    )
  }
  if (!existsSync(target) || readdirSync(target).length === 0) return []
  const file = path.join(target, marker)
  if (!existsSync(file)) {
    throw new Complaint(
      `${target} is not empty and holds no older handout. Name a new folder, or empty that one.`,
    )
  }
  const { files } = JSON.parse(readFileSync(file, 'utf8')) as { files: string[] }
  return files.filter(name => !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..'))
}

/** Every file of the handout by its path, with slashes. */
async function makeHandout(): Promise<Handout> {
  const handout: Handout = new Map()
  for (const { file, contents } of [
    ...handoutFile('course/pack/student-readme.md', 'README.md'),
    ...handoutFile('LICENSE'),
    ...handoutFile('LICENSE-TEXT.md'),
    ...handoutFile('tsconfig.json'),
    ...handoutFile('package-lock.json'),
    ...handoutFile('reference-impl/package.json'),
    { file: '.gitignore', contents: 'node_modules/\n.course/\n' },
    { file: 'package.json', contents: studentPackage() },
    studentWorkflow(),
    ...labFiles(),
    ...(await courseTool()),
    ...(await builtReference()),
  ]) {
    handout.set(file, contents)
  }
  return handout
}

/** The same packages, so that the lock holds; fewer verbs. */
function studentPackage(): string {
  const { scripts, ...rest } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const verbs = ['start', 'test', 'watch', 'hint', 'reset', 'progress']
  const kept = Object.fromEntries(Object.entries(scripts).filter(([name]) => verbs.includes(name)))
  return `${JSON.stringify({ ...rest, scripts: kept }, null, 2)}\n`
}
