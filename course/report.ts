/** What a student reads after a run: what holds, what does not and how it came about, what comes next. */
import pc from 'picocolors'
import { holesIn } from './holes.ts'
import { madeLabs } from './labs.ts'
import type { Lab } from './manifest.ts'
import { lastVerdict } from './memory.ts'
import type { Failure, TestOutcome } from './outcome.ts'
import { chapterFile, shown, studentFiles } from './paths.ts'
import type { Trial, Tried } from './trial.ts'
import type { TypeProblem } from './types.ts'

export interface ReportOptions {
  /** Every failure in full, not only the first few. */
  all?: boolean
  /** Where one reads a chapter; its file when it is not said. */
  chapter?: (lab: Lab) => string
  /** How one gets to the next lab; a command when it is not said. */
  onward?: string
}

const fewFailures = 5
const fewTypes = 3

export function report(trial: Trial, options: ReportOptions = {}): string {
  const { lab } = trial
  const title = `${pc.bold(`Lab ${lab.id} · ${lab.title}`)}  ${pc.dim(studentFiles(lab).map(shown).join(' '))}`
  if ('complaint' in trial) return [title, '', trial.complaint, ''].join('\n')
  const told = new Set(options.all ? trial.tests : trial.tests.filter(isFailure).slice(0, fewFailures))
  const untold = trial.tests.filter(test => isFailure(test) && !told.has(test)).length
  return [
    title,
    '',
    ...trial.troubles.flatMap(({ kind, file, failure }) => [
      pc.red(
        `✗ ${kind === 'load' && file !== null ? `${shown(file)} cannot run` : 'An error that nobody caught'}`,
      ),
      ...failureLines(failure).map(indented(4)),
      '',
    ]),
    ...groupBy(trial.tests, test => test.groups[0] ?? '')
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([part, tests]) => partLines(part, tests, told)),
    ...(untold > 0
      ? [pc.dim(`  ${untold} more fail as well: \`npm test ${lab.id} -- --all\` tells how.`), '']
      : []),
    ...typeLines(trial.types, options),
    summary(trial),
    ...nextSteps(trial, options),
    '',
  ].join('\n')
}

/** A lab in one line, for a run over all of them. */
export function reportLine(trial: Trial): string {
  const { lab } = trial
  const name = `${lab.id} ${lab.title}`.padEnd(44)
  if ('complaint' in trial) return `${pc.red('✗')} ${name} ${trial.complaint.split('\n')[0]}`
  const mark =
    trial.done && trial.types.length === 0 ? pc.green('✓') : isBegun(trial) ? pc.red('✗') : pc.dim('·')
  return `${mark} ${name} ${isBegun(trial) ? summary(trial) : pc.dim('not begun')}`
}

function partLines(part: string, tests: readonly TestOutcome[], told: ReadonlySet<TestOutcome>): string[] {
  const todos = groupBy(
    tests.filter(({ state }) => state === 'todo'),
    ({ todo }) => todo!,
  )
  const missed = tests.filter(({ state }) => state === 'missed').length
  return [
    ...(part === '' ? [] : [pc.bold(part)]),
    ...tests.flatMap(test => testLines(test, told.has(test))),
    ...todos.map(([todo, waiting]) => {
      const who = waiting.length === 1 ? '1 test waits for it' : `${waiting.length} tests wait for it`
      return `  ${pc.yellow('·')} not written yet: ${withoutLab(todo)} ${pc.dim(`(${who})`)}`
    }),
    ...(missed > 0 ? [pc.dim(`  - ${missed} more never ran: the run was stopped before`)] : []),
    '',
  ]
}

function testLines(test: TestOutcome, inFull: boolean): string[] {
  const name = [...test.groups.slice(1), test.name].join(' › ')
  const printed = inFull || test.state === 'passed' ? printedLines(test.printed) : []
  switch (test.state) {
    case 'passed':
      return [`  ${pc.green('✓')} ${name}`, ...printed]
    case 'skipped':
      return [`  ${pc.dim(`- ${name} (left out)`)}`]
    case 'todo':
    case 'missed':
      return []
    default:
      return [
        `  ${pc.red('✗')} ${name}`,
        ...(inFull && test.failure ? failureLines(test.failure).map(indented(6)) : []),
        ...printed,
      ]
  }
}

function printedLines(printed: readonly string[]): string[] {
  const lines = printed.join('').replace(/\n$/, '').split('\n')
  if (lines.length === 1 && lines[0] === '') return []
  const shownLines = lines.slice(0, 20)
  if (lines.length > shownLines.length)
    shownLines.push(`… and ${lines.length - shownLines.length} lines more`)
  return shownLines.map(line => pc.dim(`      │ ${line}`))
}

function failureLines(failure: Failure): string[] {
  return [
    ...messageOf(failure).split('\n'),
    ...diffLines(failure.diff),
    ...failure.places
      .slice(0, 3)
      .map(({ file, line, column }) => pc.dim(`at ${shown(file)}:${line}:${column}`)),
  ]
}

/** Errors in our own words where the test runner's would mislead. */
function messageOf({ name, message }: Failure): string {
  const exit = /^process\.exit unexpectedly called with "(.*)"/.exec(message)
  if (exit) {
    const code = exit[1] === 'undefined' ? '' : exit[1]
    return `your code called process.exit(${code}): a module never ends the process that it runs in. Throw an Error instead.`
  }
  if (name === 'Thrown') {
    return `your code threw ${message}, which is no Error: throw an Error, so that one can see where it came from.`
  }
  const timeout = /^Test timed out in (\d+)ms/.exec(message)
  if (timeout) return `still waiting after ${Number(timeout[1]) / 1000} s, for something that never came.`
  return ['', 'AssertionError', 'Stuck', 'Died'].includes(name) ? message : `${name}: ${message}`
}

/** Only where it says more than the message: what differs by one line is in the message. */
function diffLines(diff: string | null): string[] {
  const lines = (diff ?? '').split('\n').filter(line => line.trim() !== '')
  const changes = lines.filter(line => /^[-+] (?!Expected|Received)/.test(line))
  if (changes.length <= 2 && lines.length <= 4) return []
  return lines
    .map(line =>
      line.replace(/^- Expected(?= {2}-|$)/, '- expected').replace(/^\+ Received(?= {2}\+|$)/, '+ came out'),
    )
    .map(line => (line.startsWith('-') ? pc.green(line) : line.startsWith('+') ? pc.red(line) : pc.dim(line)))
}

function typeLines(types: readonly TypeProblem[], { all }: ReportOptions): string[] {
  if (types.length === 0) return []
  const some = all ? types : types.slice(0, fewTypes)
  return [
    pc.bold('Types'),
    ...some.flatMap(({ file, line, column, message }) => [
      `  ${pc.red('✗')} ${shown(file)}:${line}:${column}`,
      ...message.split('\n').map(indented(6)),
    ]),
    ...(some.length < types.length ? [pc.dim(`  … and ${types.length - some.length} more`)] : []),
    '',
  ]
}

function summary({ tests, types, troubles, done }: Tried): string {
  const count = (state: TestOutcome['state']) => tests.filter(test => test.state === state).length
  const failed = tests.filter(isFailure).length
  const waiting = count('todo')
  const missed = count('missed')
  const parts = [
    `${count('passed')} of ${tests.length - count('skipped')} tests pass`,
    ...(failed > 0 ? [failed === 1 ? '1 fails' : `${failed} fail`] : []),
    ...(waiting > 0 ? [waiting === 1 ? '1 waits for code' : `${waiting} wait for code`] : []),
    ...(missed > 0 ? [`${missed} never ran`] : []),
    ...(troubles.length > 0 && failed === 0 ? ['something went wrong outside of them'] : []),
    ...(types.length > 0 ? [types.length === 1 ? '1 type error' : `${types.length} type errors`] : []),
  ]
  const text = parts.join(' · ')
  return pc.bold(
    done && types.length === 0 ? pc.green(text) : failed + troubles.length > 0 ? pc.red(text) : text,
  )
}

function nextSteps(trial: Tried, options: ReportOptions): string[] {
  const { chapter = lab => shown(chapterFile(lab)) } = options
  const { lab, tests, types, troubles, done } = trial
  if (done && types.length > 0) return ['Next: the tests pass; now make the types agree.']
  if (done) {
    const next = nextLab(lab)
    if (!next) return ['Next: this was the last unfinished lab.']
    const onward = options.onward ?? `npm run watch ${next.id}`
    return [`Next: lab ${next.id}, "${next.title}": read ${chapter(next)}, then ${onward}`]
  }
  const failing = tests.find(isFailure)
  const waiting = tests.find(({ state }) => state === 'todo')
  const step = troubles[0]
    ? 'mend what stops the run.'
    : failing
      ? `make this hold: ${failing.name}`
      : waiting
        ? `${withoutLab(waiting.todo!)}${placeOfTodo(lab, waiting.todo!)}`
        : 'look at what stopped the run.'
  return [`Next: ${step}`, pc.dim(`      npm run hint ${lab.id} · ${chapter(lab)}`)]
}

/** The first lab after this one, round the end, that has no verdict of being done. */
export function nextLab(lab: Lab): Lab | null {
  const at = madeLabs.indexOf(lab)
  const others = [...madeLabs.slice(at + 1), ...madeLabs.slice(0, at)]
  return others.find(other => !lastVerdict(other)?.done) ?? null
}

function placeOfTodo(lab: Lab, todo: string): string {
  for (const file of studentFiles(lab)) {
    const hole = holesIn(file).find(({ task }) => task === todo)
    if (hole) return `, at ${shown(file)}:${hole.line}`
  }
  return ''
}

/** `04 A: write an int` under the heading of lab 04. */
function withoutLab(todo: string): string {
  return todo.replace(/^\d\d /, '')
}

function isFailure({ state }: TestOutcome): boolean {
  return state === 'failed' || state === 'stuck'
}

function isBegun({ tests, troubles }: Tried): boolean {
  return troubles.length > 0 || tests.some(({ state }) => state !== 'todo')
}

function indented(by: number): (line: string) => string {
  return line => `${' '.repeat(by)}${line}`
}

/** In the order in which the keys first come. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item[]][] {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups]
}
