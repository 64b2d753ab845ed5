/**
 * The verbs of the course tool. Each verb is a file of its own, made into a program and loaded when it is called:
 * `npm run hint` need not wait for a test runner, and a handout can lack the verbs that are for instructors.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { Complaint } from './complaint.ts'
import type { GradeOptions } from './grade.ts'
import { launch } from './launch.mjs'
import type { PackOptions } from './pack.ts'
import { root } from './paths.ts'
import type { RehearseOptions } from './rehearse.ts'

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv)
  } catch (error) {
    const complaint = complaintIn(error)
    if (complaint === null) throw error
    console.error(complaint)
    process.exitCode = 2
  }
}

/** What the person at the keyboard can mend; null when it is our own mistake. */
function complaintIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if (error.name === 'Complaint') return error.message
  const [, missing] = /^Cannot find package '(.+?)'/.exec(error.message) ?? []
  if (missing === undefined) return null
  return `The package ${missing} is not installed: the course has changed since. Run \`npm ci\`, then this command again.`
}

function program(): Command {
  const course = new Command('course')
    .description('The course tool. The usual way in is npm: `npm test 04`, `npm run hint 04`.')
    .showHelpAfterError()

  course
    .command('start')
    .description('serve the chapters, and watch the next unfinished lab')
    .action(async () => finish((await verb<typeof import('./start.ts')>('start')).start()))

  course
    .command('test')
    .argument('[labs...]', 'lab numbers; none: everything')
    .option('--all', 'tell every failure in full, not only the first few')
    .description('run the tests of a lab on your file, or every test there is')
    .action(async (labs: string[], options: { all?: boolean }) =>
      finish((await verb<typeof import('./run.ts')>('run')).run(labs, options)),
    )

  course
    .command('watch')
    .argument('[lab]', 'a lab number; none: your next unfinished lab')
    .description('run the tests of a lab again whenever you save')
    .action(async (lab?: string) => finish((await verb<typeof import('./watch.ts')>('watch')).watch(lab)))

  course
    .command('hint')
    .argument('<lab>', 'a lab number')
    .argument('[number]', '1, 2 or 3; none: one after the other, as you ask')
    .description('show a hint, the gentlest first')
    .action(async (lab: string, number?: string) =>
      finish((await verb<typeof import('./hint.ts')>('hint')).hint(lab, number)),
    )

  course
    .command('reset')
    .argument('<lab>', 'a lab number')
    .description('start a lab again from its stub; your file is kept as a backup')
    .action(async (lab: string) => finish((await verb<typeof import('./reset.ts')>('reset')).reset(lab)))

  course
    .command('progress')
    .description('show which labs are done')
    .action(async () => finish((await verb<typeof import('./progress.ts')>('progress')).progress()))

  course
    .command('stubs')
    .argument('[labs...]', 'lab numbers; none: every lab that has regions in the reference')
    .description('cut the stubs from the reference again')
    .action(async (labs: string[]) => finish((await verb<typeof import('./stubs.ts')>('stubs')).stubs(labs)))

  course
    .command('check')
    .argument('[labs...]', 'lab numbers; none: every lab that is made')
    .option('--mutants', 'list the mutants and the tests that kill them')
    .option('--mutation', 'also let a library mutate every line of the labs; it takes minutes')
    .description("check the course's own rules")
    .action(async (labs: string[], options: { mutants?: boolean; mutation?: boolean }) =>
      finish((await verb<typeof import('./check.ts')>('check')).check(labs, options)),
    )

  course
    .command('records')
    .description('generate the records from zookeeper.jute again')
    .action(async () => console.log((await verb<typeof import('./records.ts')>('records')).writeRecords()))

  course
    .command('pack')
    .argument('[folder]', 'a folder to make, outside this one')
    .option('--gradescope <zip>', "make Gradescope's autograder instead, with the hidden tests in it")
    .option('--labs <numbers>', 'with --gradescope: the labs of the assignment: 01,04')
    .description("make the students' handout")
    .action(async (folder: string | undefined, options: PackOptions) =>
      finish((await verb<typeof import('./pack.ts')>('pack')).pack(folder, options)),
    )

  course
    .command('grade')
    .argument('[what...]', 'submissions: folders or archives, or a folder of them')
    .option('--out <folder>', 'where the results go', 'grades')
    .option('--labs <numbers>', 'only these labs: 01,04')
    .option('--jobs <number>', 'how many at once; as many as the machine has cores when it is not said')
    .option('--time <seconds>', 'how long one test may take', '10')
    .option('--shard <piece>', 'only one piece of the class: 2/8; the others on other machines')
    .option('--merge', 'put gradings together: the folders named are those of their results')
    .option('--diff <folder>', 'what has changed since the grading in that folder')
    .option(
      '--policy <file>',
      'deadlines, late penalties, extensions and changed points, applied to what the tests gave',
    )
    .option(
      '--prepare',
      'only see that every lab can be graded here, so that the first submission need not wait',
    )
    .option('--mutants', "instead of submissions, grade the labs' mutants: each must lose points")
    .option(
      '--no-misconceptions',
      'do not look which of the known mistakes the submissions of a class resemble',
    )
    .option('--no-sandbox', 'run submissions unprotected; only if you trust every one of them')
    .option('--container', 'this is a container for one submission: do with less than bubblewrap if you must')
    .option('--gradescope <file>', "what is named is one submission: write only Gradescope's results, there")
    .description('grade submissions, each in a sandbox')
    .action(async (what: string[], options: GradeOptions) =>
      finish((await verb<typeof import('./grade.ts')>('grade')).grade(what, options)),
    )

  course
    .command('red-team')
    .description('attack the grader, with and without its sandbox, and write docs/red-team.md')
    .action(async () => finish((await verb<typeof import('./red-team.ts')>('red-team')).redTeam()))

  course
    .command('rehearse')
    .argument('[submissions]', 'how many', '200')
    .option('--labs <numbers>', 'only these labs: 01,04')
    .option('--seed <seed>', 'another class: the same seed makes the same one', '1')
    .option('--out <folder>', 'an empty folder that is kept afterwards')
    .description('grade a class that is made up, kill the grading twice on the way, and check every grade')
    .action(async (submissions: string, options: RehearseOptions) =>
      finish((await verb<typeof import('./rehearse.ts')>('rehearse')).rehearse(submissions, options)),
    )

  return course
}

/** Opens the program of a verb. Every verb answers with its exit code. */
async function verb<Module>(name: string): Promise<Module> {
  const file = path.join('course', `${name}.ts`)
  if (existsSync(path.join(root, file))) return launch(file)
  throw new Complaint(
    `\`${name}\` is for those who make and grade the course; this is the students' handout, which does not have it.`,
  )
}

async function finish(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code
}
