import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'counts what was not written to its end',
    'takes a file for a snapshot because of its name',
    edit('oldestKept', 'snapshots.filter(({ isComplete }) => isComplete)', 'snapshots'),
  ),
  mutant(
    'keeps as few as it is told',
    'thinks that whoever asks knows best',
    edit('oldestKept', 'Math.max(keep, fewestKept)', 'keep'),
  ),
  mutant(
    'keeps one too few',
    'counts from the end and forgets that -1 is the last',
    edit('oldestKept', '-Math.max(keep, fewestKept)', '1 - Math.max(keep, fewestKept)'),
  ),
  mutant(
    'purges although there are too few',
    'thinks that logs before the oldest snapshot are of no use anyway',
    edit('oldestKept', '?.zxid ?? null', '?.zxid ?? complete[0]?.zxid ?? null'),
  ),
  mutant(
    'takes the oldest that should stay along',
    'reads "up to" as "including"',
    edit('uselessSnapshots', 'zxid < oldest', 'zxid <= oldest'),
  ),
  mutant(
    'compares zxids as numbers',
    'thinks that 53 bits are enough for everybody',
    edit('uselessSnapshots', 'zxid < oldest', 'Number(zxid) < Number(oldest)'),
  ),
  mutant(
    'sorts by name',
    'thinks that file names in hex sort like numbers',
    edit('foundSnapshots', ').map(file', ').sort((a, b) => (a.name < b.name ? -1 : 1)).map(file'),
  ),
  mutant(
    'reads each snapshot as a whole',
    'thinks of files of a few kilobytes',
    edit('foundSnapshots', 'disk.read(path, Math.max(0, (disk.size(path) ?? 0) - 5), 5)', 'disk.read(path)'),
  ),
  // B
  mutant(
    'removes every log that begins before the snapshot',
    'takes the number in the name of a log for its last transaction',
    edit('uselessLogs', 'next.zxid <= oldest', 'logs[at]!.zxid < oldest'),
  ),
  mutant(
    'keeps a log whose successor begins with the snapshot',
    'is careful in the wrong place',
    edit('uselessLogs', 'next.zxid <= oldest', 'next.zxid < oldest'),
  ),
  mutant(
    'removes the last log when it is old',
    'thinks that a log ends where the next snapshot begins',
    edit('uselessLogs', 'next !== undefined && next.zxid <= oldest', '(next?.zxid ?? 0n) <= oldest'),
  ),
  // C
  mutant(
    'cleans up every unfinished snapshot',
    'takes for rubbish what another is writing',
    edit(
      'purgePlan',
      'uselessSnapshots(snapshots, oldest)',
      'snapshots.filter(({ zxid, isComplete }) => zxid < oldest || !isComplete)',
    ),
  ),
  mutant(
    'keeps no log for the older of the snapshots that stay',
    'thinks of the newest snapshot only, because a start uses that one',
    edit('purgePlan', 'uselessLogs(logs, oldest)', 'uselessLogs(logs, snapshots.at(-1)!.zxid)'),
  ),
  // D
  mutant(
    'removes the logs first',
    'thinks that order does not matter, since all of it goes',
    edit(
      'purge',
      `    ...plan.snapshots.map(({ name }) => ({ disk: disks.snapshots, path: \`\${folder}/\${name}\` })),
    ...plan.logs.map(({ name }) => ({ disk: disks.logs, path: \`\${folder}/\${name}\` })),`,
      `    ...plan.logs.map(({ name }) => ({ disk: disks.logs, path: \`\${folder}/\${name}\` })),
    ...plan.snapshots.map(({ name }) => ({ disk: disks.snapshots, path: \`\${folder}/\${name}\` })),`,
    ),
  ),
  mutant(
    'passes over what cannot be removed',
    'thinks that one stubborn file should not hold up the rest',
    edit('purge', 'done({ removed, error })', 'steps.splice(removed.length, 1)\n        next()'),
  ),
  mutant(
    'does not tell what went wrong',
    'thinks that a purge is not important enough to fail',
    edit('purge', 'done({ removed, error })', 'done({ removed })'),
  ),
  mutant(
    'looks for logs where the snapshots are',
    'has never set dataLogDir',
    edit('purge', 'disk: disks.logs, path', 'disk: disks.snapshots, path'),
  ),
]
