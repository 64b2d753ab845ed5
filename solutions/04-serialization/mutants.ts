import { edit, mutant } from '../../course/mutants.ts'

export default [
  mutant(
    'little-endian',
    'takes the byte order of the machine for that of the network',
    edit('Writer.int', 'setInt32(at, value)', 'setInt32(at, value, true)'),
    edit('Reader.int', 'getInt32(this.#take(4))', 'getInt32(this.#take(4), true)'),
  ),
  mutant(
    'wraps an int round',
    'expects DataView to complain about a number that is too large',
    edit('Writer.int', "if ((value | 0) !== value) throw doesNotFit(value, 'int')", ''),
  ),
  mutant(
    'wraps a long round',
    'thinks of a session id as an unsigned number',
    edit('Writer.long', "if (BigInt.asIntN(64, value) !== value) throw doesNotFit(value, 'long')", ''),
  ),
  mutant(
    'takes a long for unsigned',
    'picks getBigUint64 because ids are never negative',
    edit('Reader.long', 'getBigInt64', 'getBigUint64'),
  ),
  mutant(
    'claims before it checks',
    'forgets that an archive goes on after a refused value',
    edit(
      'Writer.long',
      "if (BigInt.asIntN(64, value) !== value) throw doesNotFit(value, 'long')\n    const at = this.#claim(8)",
      "const at = this.#claim(8)\n    if (BigInt.asIntN(64, value) !== value) throw doesNotFit(value, 'long')",
    ),
  ),
  mutant(
    'keeps the old view',
    'thinks a DataView follows the field, not the memory it was made for',
    edit('Writer.#claim', 'this.#view = new DataView(this.#room.buffer)', ''),
  ),
  mutant(
    'leaves the archive behind',
    'makes a larger room and forgets to move in',
    edit('Writer.#claim', 'this.#room.set(archive)', ''),
  ),
  mutant(
    'moves the whole room',
    'forgets that finished archives lie in front of this one',
    edit('Writer.#claim', 'this.#room.subarray(this.#start, at)', 'this.#room.subarray(0, at)'),
  ),
  mutant(
    'stays at the old start',
    'thinks an archive keeps its place in the new room',
    edit('Writer.#claim', 'this.#start = 0', ''),
  ),
  mutant(
    'grows by what is asked for',
    'sees that it works and not that it copies the archive for each value',
    edit(
      'Writer.#claim',
      'Math.max(2 * archive.length + count, Math.min(2 * this.#room.length, largestRoom))',
      'archive.length + count',
    ),
  ),
  mutant(
    'rewinds',
    'thinks an archive is gone when the next one begins',
    edit('Writer.reset', 'this.#start = this.#end', 'this.#end = this.#start'),
  ),
  mutant(
    'counts characters',
    'takes the length of a string for the length of its bytes',
    edit('Writer.ustring', 'setInt32(at, written)', 'setInt32(at, value.length)'),
  ),
  mutant(
    'claims a byte for each character',
    'tests with ASCII, and with room to spare',
    edit('Writer.ustring', '4 + 3 * value.length', '4 + value.length'),
  ),
  mutant(
    'keeps what a string did not need',
    'claims for the worst case and never gives back',
    edit('Writer.ustring', 'this.#end = at + 4 + written', ''),
  ),
  mutant(
    'sends an empty string as null',
    'asks `if (!value)`, as kazoo’s write_string does',
    edit('Writer.ustring', 'value === null', '!value'),
  ),
  mutant(
    'sends null as empty',
    'thinks nothing is nothing',
    edit('Writer.vector', 'count ?? -1', 'count ?? 0'),
  ),
  mutant(
    'views the whole ArrayBuffer',
    'forgets byteOffset, which is 0 in every small test',
    edit(
      'Reader.constructor',
      'new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)',
      'new DataView(bytes.buffer)',
    ),
  ),
  mutant(
    'lets DataView notice the end',
    'thinks any error will do for broken input',
    edit('Reader.#take', 'count > this.#bytes.length - start', 'false'),
  ),
  mutant(
    'refuses the last byte',
    'writes >= where > is meant',
    edit('Reader.#take', 'count > this.#bytes.length - start', 'count >= this.#bytes.length - start'),
  ),
  mutant(
    'takes any negative length for null',
    'thinks the sign alone says null',
    edit(
      'Reader.#length',
      'if (length < -1 || length > this.#maxBuffer)',
      'if (length < 0) return -1\n    if (length > this.#maxBuffer)',
    ),
  ),
  mutant(
    'knows no longest length',
    'thinks what is there may be read',
    edit('Reader.#length', 'length < -1 || length > this.#maxBuffer', 'length < -1'),
  ),
  mutant(
    'refuses the longest length',
    'writes >= where > is meant',
    edit('Reader.#length', 'length > this.#maxBuffer', 'length >= this.#maxBuffer'),
  ),
  mutant(
    'makes room before it looks',
    'allocates what a stranger announces',
    edit(
      'Reader.buffer',
      'const start = this.#take(length)',
      'const room = new Uint8Array(length)\n    const start = this.#take(length)',
    ),
    edit(
      'Reader.buffer',
      'return copied(this.#bytes.subarray(start, this.#at))',
      'room.set(this.#bytes.subarray(start, this.#at))\n    return room',
    ),
  ),
  mutant(
    'hands out the frame',
    'takes a view for a copy',
    edit(
      'Reader.buffer',
      'copied(this.#bytes.subarray(start, this.#at))',
      'this.#bytes.subarray(start, this.#at)',
    ),
  ),
  mutant(
    'believes a count',
    'thinks a vector is safe because its elements will be checked',
    edit('Reader.vector', 'count > this.remaining()', 'false'),
  ),
  mutant(
    'decodes byte by byte',
    'takes a byte for a character',
    edit(
      'Reader.ustring',
      'utf8Decoder.decode(this.#bytes.subarray(start, this.#at))',
      'String.fromCharCode(...this.#bytes.subarray(start, this.#at))',
    ),
  ),
  mutant(
    'loses a byte order mark',
    'uses a TextDecoder as it comes',
    edit('Reader.ustring', 'utf8Decoder.decode(', 'new TextDecoder().decode('),
  ),
  mutant(
    'chokes on broken UTF-8',
    'lets the decoder throw its own error',
    edit(
      'Reader.ustring',
      'utf8Decoder.decode(',
      "new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(",
    ),
  ),
]
