/** The red team's table, for people: `docs/red-team.md`. */
import path from 'node:path'
import { root } from '../paths.ts'
import { type Attack, attacksOn } from './attacks.ts'
import type { Mode, Raid } from './run.ts'

export const pageFile = path.join(root, 'docs', 'red-team.md')

/** For a look at what there is: these places are none. */
const attacks = attacksOn({ canary: '/canary', port: 1 })

export const differing = Object.values(attacks).flatMap(group =>
  Object.entries(group).flatMap(([name, { without }]) => (without === undefined ? [] : [name])),
)

export interface Expected {
  points: number
  /** Any of these. */
  reasons: readonly string[]
}

/** What an attack of this name should come to. */
export function expected(mode: Mode): Record<string, Expected> {
  return Object.fromEntries(
    Object.values(attacks).flatMap(group =>
      Object.entries(group).map(([name, attack]) => {
        const { points, reason, or } = mode === 'bubblewrap' ? attack : { ...attack, ...attack.without }
        return [name, { points, reasons: or === undefined ? [reason] : [reason, or] }]
      }),
    ),
  )
}

/** The harm that is known: before Node 25 its permissions leave the network open. */
export function expectedHarm(mode: Mode, node = process.version): string[] {
  const isOpen = mode !== 'bubblewrap' && Number.parseInt(node.slice(1), 10) < 25
  return isOpen ? ['a server was called'] : []
}

/** What went otherwise, a line each. */
export function surprises(mode: Mode, { outcomes, harm, node }: Raid): string[] {
  const wanted = expected(mode)
  const lines = Object.entries(outcomes).flatMap(([name, { points, reason, detail }]) => {
    const want = wanted[name]
    return want?.points === points && want.reasons.includes(reason)
      ? []
      : [
          `${name}: ${points} points, ${reason} (${detail}), not ${want?.points} points, ${want?.reasons.join(' or ')}`,
        ]
  })
  const known = expectedHarm(mode, node).join(', ')
  return harm.join(', ') === known
    ? lines
    : [...lines, `harm: ${harm.join(', ') || 'none'}, not ${known || 'none'}`]
}

export function page(): string {
  const names = Object.values(attacks).flatMap(group => Object.keys(group))
  return `---
title: The red team
description: What was tried against the grader, what stopped it, and what it earned
---

# The red team

${names.length} submissions, each with honest work in part A (60 of 100 points) and an attack in part B or beside it. None
may earn more than its honest part deserves. Part B has five tests of 8 points: four with inputs that stand in the test,
one of which wants \`be\` and one null, so that whoever always answers just that has it; and one whose inputs are made for
each submission.

\`npm test\` grades all of them in the sandbox and holds each to this table. \`npm run red-team\` does it in all three ways
and writes this page: in the sandbox (bubblewrap), in a container where bubblewrap does not work (\`--container\`: another
user and Node's permissions), and with nothing but Node's permissions (\`--no-sandbox\`). The last two run inside an outer
sandbox, so that they may be tried anywhere. The grader refuses both unless it is told otherwise.

${Object.entries(attacks)
  .map(([group, members]) => `## ${group}\n\n${tableOf(members)}`)
  .join('\n\n')}

## Archives

Archives are read in memory and never unpacked. Of zips and tars with names that lead outside, with absolute names, with
symbolic and hard links, and with a file that grows beyond all limits, nothing is written and nothing of this machine is
taken (\`course/test/red-team.test.ts\`).

## What was harmed

In the sandbox: nothing written, nobody called, no process left. In a container, and without a sandbox: nothing written and
no process left, but before Node 25 the network is open, and the attack that calls a server reaches it.

Without bubblewrap all rests on Node's permissions, which its makers call a seat belt: they hold code that knows nothing of
them, not code that was written to break out of Node. So \`--no-sandbox\` stays for submissions that you would run yourself.
`
}

function tableOf(members: Record<string, Attack>): string {
  const rows = Object.entries(members).map(([name, { tries, points, reason, or, stopped, without }]) => {
    const other = { points, reason, stopped, ...without }
    const grade = `${other.points}, ${other.reason}`
    const weaker =
      without === undefined
        ? 'the same'
        : `${grade === `${points}, ${reason}` ? '' : `${grade}: `}${other.stopped === stopped ? 'the same' : other.stopped}`
    const earned = `${points}, ${reason}${or === undefined ? '' : ` (or ${or})`}`
    return `| ${[`\`${name}\``, tries, earned, stopped, weaker].join(' | ')} |`
  })
  return [
    '| attack | tries | earns | what stops it | without bubblewrap |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
