import { type Edit, edit, mutant } from '../../course/mutants.ts'

/** Puts another way to cut a stream in front of ours: what is left over from the last chunk, joined with the next one. */
function leftover(cut: string): Edit[] {
  return [
    edit('frameReader', 'let headFilled = 0', 'let headFilled = 0\n  let bytes = new Uint8Array(0)'),
    edit('frameReader', 'let at = 0', `${cut}\n    let at = 0`),
  ]
}

const join = `
    const joined = new Uint8Array(bytes.length + chunk.length)
    joined.set(bytes)
    joined.set(chunk, bytes.length)
    bytes = joined`

export default [
  // A
  mutant(
    'counts the length of the length',
    'thinks that a length is the length of the whole frame',
    edit('frame', 'bytes[3] = payload.length', 'bytes[3] = payload.length + 4'),
  ),
  mutant(
    'writes the lowest byte first',
    'takes the order of bytes in an Intel processor for the order on the wire',
    edit('frame', 'bytes[0] = payload.length >>> 24', 'bytes[3] = payload.length >>> 24'),
    edit('frame', 'bytes[1] = payload.length >>> 16', 'bytes[2] = payload.length >>> 16'),
    edit('frame', 'bytes[2] = payload.length >>> 8', 'bytes[1] = payload.length >>> 8'),
    edit('frame', 'bytes[3] = payload.length\n', 'bytes[0] = payload.length\n'),
  ),
  mutant(
    'writes lengths of two bytes',
    'tries it with small payloads only',
    edit('frame', 'bytes[1] = payload.length >>> 16', 'bytes[1] = 0'),
  ),
  // B
  mutant(
    'refuses the limit itself',
    'reads "at most" as "less than"',
    edit('frameLength', 'length > maxLength', 'length >= maxLength'),
  ),
  mutant(
    'refuses an empty frame',
    'thinks that a frame without payload makes no sense',
    edit('frameLength', 'length < 0', 'length <= 0'),
  ),
  mutant(
    'believes a negative length',
    'thinks that a length cannot be negative, because lengths are not',
    edit('frameLength', 'length < 0 || length > maxLength', 'length > maxLength'),
  ),
  mutant(
    'believes any length',
    'leaves it to the caller to be careful',
    edit('frameLength', 'length < 0 || length > maxLength', 'length < 0'),
  ),
  mutant(
    'reads from the start of the memory instead of the array',
    'thinks that a Uint8Array begins where its buffer begins',
    edit(
      'frameLength',
      'const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!',
      'const length = new DataView(bytes.buffer).getInt32(at)',
    ),
  ),
  mutant(
    'throws an error of its own',
    'thinks that any exception says that the input is broken',
    edit('frameLength', "new KeeperError(\n      'MARSHALLINGERROR',", 'new RangeError('),
  ),
  // C
  mutant(
    'takes a chunk for a frame',
    'thinks that what was sent with one write arrives with one read',
    ...leftover('deliver(chunk.subarray(lengthBytes)); if (chunk) return'),
  ),
  mutant(
    'gives one frame a chunk',
    'cuts with an if where a while is needed: the second frame waits for the next chunk',
    ...leftover(`${join}
    if (bytes.length < 4) return
    const only = frameLength(bytes, 0, maxLength)
    if (bytes.length < 4 + only) return
    deliver(bytes.slice(4, 4 + only))
    bytes = bytes.slice(4 + only)
    if (bytes) return`),
  ),
  mutant(
    'forgets a length that is cut in two',
    'thinks that four bytes always come together',
    edit('frameReader', 'head[headFilled++] = chunk[at++]!', 'return'),
  ),
  mutant(
    'checks only lengths that come in one piece',
    'adds the check to the path that is tested most',
    edit('frameReader', 'frameLength(head, 0, maxLength)', 'frameLength(head, 0, 0x7fffffff)'),
  ),
  mutant(
    'makes an empty frame wait for the next byte',
    'asks for more than the length where as much is enough',
    edit('frameReader', 'chunk.length - at >= length)', 'chunk.length - at > length)'),
  ),
  mutant(
    'does not start again at the front',
    'resets the position only where the reader is made',
    edit('frameReader', '          filled = 0\n', ''),
  ),
  mutant(
    'forgets the partial frame',
    'starts each chunk with a clean slate',
    edit('frameReader', 'let at = 0', 'let at = 0\n    payload = null'),
  ),
  mutant(
    'keeps a view of the unfinished rest',
    'thinks that subarray copies, or that the chunk will stay as it is',
    ...leftover(`
    if (bytes.length > 0) {${join}
    } else bytes = chunk
    for (;;) {
      if (bytes.length < 4) return
      const length = frameLength(bytes, 0, maxLength)
      if (bytes.length < 4 + length) return
      deliver(bytes.subarray(4, 4 + length))
      bytes = bytes.subarray(4 + length)
    }`),
  ),
  mutant(
    'copies the rest after each frame',
    'uses slice where subarray would do, and pays for the square of the chunk',
    ...leftover(`${join}
    for (;;) {
      if (bytes.length < 4) return
      const length = frameLength(bytes, 0, maxLength)
      if (bytes.length < 4 + length) return
      deliver(bytes.slice(4, 4 + length))
      bytes = bytes.slice(4 + length)
    }`),
  ),
  mutant(
    'joins all that has come at each chunk',
    'grows a great frame by copying it, and pays for the square of its chunks',
    ...leftover(`${join}
    let start = 0
    while (bytes.length - start >= 4) {
      const length = frameLength(bytes, start, maxLength)
      if (bytes.length - start < 4 + length) break
      deliver(bytes.slice(start + 4, start + 4 + length))
      start += 4 + length
    }
    bytes = bytes.slice(start)
    if (bytes) return`),
  ),
  mutant(
    'refuses when the frame is complete',
    'checks the length where it is used, not where it is learnt: until then a liar is waited for',
    ...leftover(`${join}
    let start = 0
    while (bytes.length - start >= 4) {
      const length = new DataView(bytes.buffer).getInt32(start)
      if (bytes.length - start < 4 + length) break
      frameLength(bytes, start, maxLength)
      deliver(bytes.slice(start + 4, start + 4 + length))
      start += 4 + length
    }
    bytes = bytes.slice(start)
    if (bytes) return`),
  ),
  mutant(
    'gives nothing of a chunk that has a bad length in it',
    'cuts first and gives then: what the exception interrupts is lost',
    ...leftover(`${join}
    const cut: Uint8Array[] = []
    let start = 0
    while (bytes.length - start >= 4) {
      const length = frameLength(bytes, start, maxLength)
      if (bytes.length - start < 4 + length) break
      cut.push(bytes.slice(start + 4, start + 4 + length))
      start += 4 + length
    }
    bytes = bytes.slice(start)
    for (const payload of cut) deliver(payload)
    if (bytes) return`),
  ),
  // D
  mutant(
    'knows words in capitals, too',
    'is kind to people who shout',
    edit('fourLetterWord', 'lengthBytes))', 'lengthBytes)).toLowerCase()'),
  ),
  mutant(
    'takes any four letters for a word',
    'thinks that letters cannot be a length',
    edit(
      'fourLetterWord',
      'fourLetterWords.find(word => word === spelt) ?? null',
      '/^[a-z]{4}$/.test(spelt) ? (spelt as FourLetterWord) : null',
    ),
  ),
  mutant(
    'knows a word only when nothing follows it',
    'compares all that came instead of its first four bytes',
    edit('fourLetterWord', 'start.subarray(0, lengthBytes)', 'start'),
  ),
  mutant(
    'knows a word by its beginning',
    'is content with what has come so far',
    edit('fourLetterWord', 'word === spelt', "spelt !== '' && word.startsWith(spelt)"),
  ),
  mutant(
    'decides by the first chunk',
    'thinks that the first four bytes come together',
    edit(
      'clientReader',
      'if (startFilled < lengthBytes) return',
      'if (startFilled < lengthBytes) startFilled = lengthBytes',
    ),
  ),
  mutant(
    'loses the start of a length that is cut in two',
    'forgets that the bytes it looked at belong to the first frame',
    edit('clientReader', 'frames.push(start, ', 'if (startFilled > lengthBytes) frames.push(start, '),
  ),
  mutant(
    'reads frames after a word',
    'does not think of the newline that comes with it',
    edit(
      'clientReader',
      "        return\n      }\n      state = 'frames'",
      "      }\n      state = 'frames'",
    ),
  ),
  mutant(
    'looks for words all along',
    'thinks that a word may come at any time',
    edit(
      'clientReader',
      'let rest = chunk',
      "let rest = chunk\n    const again = fourLetterWord(chunk)\n    if (again !== null && state === 'frames') {\n      deliver({ type: 'word', word: again })\n      return\n    }",
    ),
  ),
]
