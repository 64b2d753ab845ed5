import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'stops at the first damage',
    'does what recovery does',
    edit('readLog', 'at = reading.end + 1', "return { items, end: { at, type: 'lost' } }"),
  ),
  mutant(
    'forgets the end mark of what is damaged',
    'thinks that an entry ends with its payload',
    edit('readLog', 'at = reading.end + 1', 'at = reading.end'),
  ),
  mutant(
    'passes over an impossible length',
    'trusts a number because it is there',
    edit(
      'readLog',
      "return { items, end: { at, type: 'lost' } }",
      "items.push({ type: 'damaged', at, next: reading.end + 1, what: reading.what })\n      at = reading.end + 1",
    ),
  ),
  mutant(
    'takes every zero for padding',
    'thinks that nothing can stand behind zeros',
    edit('endWithoutEntry', 'if (somethingAt === -1)', 'if (somethingAt !== 0)'),
  ),
  mutant(
    'takes every end for padding',
    'thinks that how a file ends does not matter',
    edit('endWithoutEntry', "somethingAt < frontLength ? 'cut short' : 'hole'", "'padding'"),
  ),
  mutant(
    'calls a hole cut short',
    'thinks that what is not whole was not written',
    edit('endWithoutEntry', "somethingAt < frontLength ? 'cut short' : 'hole'", "'cut short'"),
  ),
  mutant(
    'reports the end from the start of the file',
    'loses its place when it hands on a part',
    edit('readLog', 'endWithoutEntry(bytes.subarray(at))', 'endWithoutEntry(bytes)'),
  ),
  mutant(
    'expects a digest always',
    'has only seen logs since 3.6',
    edit(
      'itemOf',
      'input.remaining() > 0 ? readTxnDigest(input).treeDigest : null',
      'readTxnDigest(input).treeDigest',
    ),
  ),
  mutant(
    'breaks off at a transaction of no known kind',
    'thinks that a right checksum means right contents',
    edit('itemOf', "if ((error as Error).name !== 'KeeperError') throw error", 'if (at >= 0) throw error'),
  ),
  // B
  mutant(
    'claims a gap behind damage',
    'counts what it could not read as if it had not been there',
    edit('remarksOn', '      last = null\n', ''),
  ),
  mutant(
    'calls every copy misnamed',
    'thinks that null is a zxid like another',
    edit('remarksOn', 'named !== null && named !== zxid', 'named !== zxid'),
  ),
  mutant(
    'finds padding odd',
    'has never seen a log of a running server',
    edit('remarksOn', " && end.type !== 'padding'", ''),
  ),
  mutant(
    'takes going back for a gap',
    'thinks of order as of one thing',
    edit('orderOf', "'next' : 'backwards'", "'next' : 'gap'"),
  ),
  mutant(
    'forgets where it was',
    'compares each transaction with the first one',
    edit('remarksOn', '    last = zxid\n', '    last ??= zxid\n'),
  ),
  // C
  mutant(
    'leaves out what is damaged',
    'thinks that a tool should always do something',
    edit(
      'trimLog',
      "if (item.type === 'damaged') throw new StorageError(cannotTrim(item.at))",
      "if (item.type === 'damaged') continue",
    ),
  ),
  mutant(
    'asks for more than is wanted to be whole',
    'checks before it knows whether it needs to',
    edit('trimLog', '    if (zxid === until) return bytes.slice(0, length)\n', ''),
  ),
  mutant(
    'trims in front of the last that is wanted',
    'reads "until" as "before"',
    edit('trimLog', 'zxid > until', 'zxid >= until'),
  ),
  mutant(
    'gives a view away',
    'thinks that subarray copies',
    edit(
      'trimLog',
      'items.length === 0 ? logHead() : bytes.slice(0, length)',
      'items.length === 0 ? logHead() : bytes.subarray(0, length)',
    ),
  ),
  mutant(
    'trims over an impossible length',
    'takes it for a torn tail',
    edit('trimLog', "if (end.type === 'lost') throw new StorageError(cannotTrim(end.at))", ''),
  ),
  // D
  mutant(
    'shows nothing of what is damaged',
    'thinks that half an answer is none',
    edit(
      'readSnapshotContents',
      'contents.fault = error.message',
      'return { sessions: new Map(), nodes: [], fault: error.message }',
    ),
  ),
  mutant(
    'weighs by the beginning of the name',
    'takes /apple for a part of /app',
    edit(
      'weigh',
      "const branch = `/${names.slice(0, deep).join('/')}`",
      "const branch = `/${names.slice(0, deep).join('/').slice(0, 3)}`",
    ),
  ),
  mutant(
    'does not count what is deeper than it names',
    'thinks that depth is about what is seen',
    edit(
      'weigh',
      'for (let deep = 0; deep <= Math.min(depth, names.length); deep++) {',
      'for (let deep = 0; names.length <= depth && deep <= names.length; deep++) {',
    ),
  ),
]
