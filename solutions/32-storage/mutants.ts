import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'puts the checksum into the high half',
    'takes the checksum for an int with something behind it',
    edit('putEntry', 'putInt(into, at, 0)', 'putInt(into, at + 4, 0)'),
    edit('putEntry', 'putInt(into, at + 4, adler32(payload))', 'putInt(into, at, adler32(payload))'),
  ),
  mutant(
    'leaves the high half of the checksum to chance',
    'thinks that memory is zeros',
    edit('putEntry', 'putInt(into, at, 0)', ''),
  ),
  mutant(
    'forgets the end mark',
    'thinks that the length says it all',
    edit('putEntry', 'into[end] = endMark', ''),
  ),
  mutant(
    'counts the end mark',
    'thinks that a length covers everything behind it',
    edit('putEntry', 'putInt(into, at + 8, payload.length)', 'putInt(into, at + 8, payload.length + 1)'),
  ),
  mutant(
    'claims room when it is too late',
    'waits until the file is full',
    edit('paddedLength', 'length + spare <= padded', 'length <= padded'),
  ),
  mutant(
    'claims one block at a time',
    'thinks that nobody writes more than a block at once',
    edit('paddedLength', 'padded + blocks * block', 'padded + block'),
  ),
  // B
  mutant(
    'takes a torn head for another file',
    'thinks that a file that is there has been written',
    edit('checkLogHead', 'if (bytes.subarray(wrong).every(byte => byte === 0)) return false', ''),
  ),
  mutant(
    'takes a torn entry for a damaged one',
    'refuses whatever is not as it should be, and does not start after a loss of power',
    edit('readEntry', "return { type: 'torn' }", "return { type: 'damaged', what: 'no end mark', end }"),
  ),
  mutant(
    'takes a damaged entry for a torn one',
    'thinks that a wrong checksum can only mean that the power went',
    edit(
      'readEntry',
      "return { type: 'damaged', what: 'the entry does not match its checksum', end }",
      "return { type: 'torn' }",
    ),
  ),
  mutant(
    'looks for the end mark behind the end',
    'forgets that the mark needs a byte too',
    edit('readEntry', 'end >= bytes.length', 'end > bytes.length'),
  ),
  mutant(
    'believes a negative length',
    'thinks that lengths are not negative',
    edit('readEntry', 'length < 0 || length > maxLength', 'length > maxLength'),
  ),
  mutant(
    'refuses the longest entry',
    'reads "at most" as "less than"',
    edit('readEntry', 'length > maxLength', 'length >= maxLength'),
  ),
  mutant(
    'reads from the start of the memory',
    'thinks that a Uint8Array begins where its buffer begins',
    edit('readEntry', 'new DataView(bytes.buffer, bytes.byteOffset)', 'new DataView(bytes.buffer)'),
  ),
  // C
  mutant(
    'reads only the files that begin after the snapshot',
    'thinks that a snapshot ends a log file',
    edit('logsAfter', 'first = i', 'first = i + 1'),
  ),
  mutant(
    'applies the last one again',
    'reads "after" as "from"',
    edit('isNext', 'zxid <= last', 'zxid < last'),
  ),
  mutant(
    'overlooks holes',
    'thinks that what comes later is next',
    edit('isNext', 'counterOf(zxid) <= 1 : zxid === expected', 'counterOf(zxid) <= 1 : zxid >= expected'),
  ),
  mutant(
    'finds a hole between epochs',
    'thinks of zxids as numbers that count up by one',
    edit(
      'isNext',
      'epochOf(zxid) === epochOf(last) ? nextZxid(last) : null',
      'nextZxid(last) as Zxid | null',
    ),
  ),
  mutant(
    'overlooks a hole at the start of an epoch',
    'thinks that in a new epoch anything goes',
    edit('isNext', 'counterOf(zxid) <= 1', 'true'),
  ),
  // D
  mutant(
    'writes what came after the start',
    'wants the snapshot to be as new as it can be',
    edit('snapshotWriter', 'if (node.czxid > source.zxid) continue', ''),
  ),
  mutant(
    'names the root',
    'writes / for the path /, which ends the list',
    edit('snapshotWriter', "path === '/' ? '' : path", 'path'),
  ),
  mutant(
    'seals a piece, not the file',
    'forgets the bytes of this very piece',
    edit('snapshotWriter', 'sum()\n    writeSeal', 'writeSeal'),
  ),
  mutant(
    'counts nodes only',
    'thinks that all nodes are small',
    edit('snapshotWriter', ' && out.bytes().length < limits.bytes', ''),
  ),
  // E
  mutant(
    'lets everybody in',
    'takes an unknown ACL for the default one',
    edit('readNodes', '?? unknownAcl', '?? openAcl'),
  ),
  mutant(
    'sums each part by itself',
    'thinks that a seal covers what follows the seal before it',
    edit('readSnapshot', 'subarray(summed, here), checksum)', 'subarray(summed, here))'),
  ),
  mutant(
    'wants a digest',
    'has only seen the files of servers since 3.6',
    edit(
      'readSnapshot',
      'if (input.remaining() > 0) {\n      const digest = readSnapshotDigest',
      'if (true) {\n      const digest = readSnapshotDigest',
    ),
  ),
  mutant(
    'reads over what follows',
    'stops when it has what it wants',
    edit(
      'readSnapshot',
      "if (input.remaining() > 0) throw new StorageError('something follows the end of the snapshot')",
      '',
    ),
  ),
  mutant(
    'looks at the last byte only',
    'thinks that the path says it all',
    edit('looksComplete', 'const end = [0, 0, 0, 1, 0x2f]', 'const end = [0x2f]'),
  ),
]
