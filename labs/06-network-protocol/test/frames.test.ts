import { describe, expect, test } from 'vitest'
import { fourLetterWord, frame, frameLength } from '#lab/wire/frames.ts'
import { ascii, bytesOf, hexOf, usualLimit } from './bytes.ts'
import { framesInOneMemory } from './readers.inside.ts'
import { expectFrames, expectMessages, given, story } from './streams.ts'

/** What kazoo sends first: a ConnectRequest for a new session of ten seconds, 45 bytes. */
const connect =
  '0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010 00000000000000000000000000000000 00'
/** What every client sends when it has nothing else to say: xid -2, type 11. */
const ping = '00000008 fffffffe 0000000b'

const payloadOf = (frameHex: string): string => frameHex.replaceAll(' ', '').slice(8)

describe('A. Put a payload into a frame', () => {
  test('a frame is the length of its payload in four bytes, and the payload', () => {
    const because = 'Big-endian, as all of ZooKeeper. (chapter 06, "Where does a message end?")'
    expect(hexOf(frame(bytesOf('cafe'))), story('frame', ['cafe'], because)).toBe('00000002cafe')
    const ping8 = 'fffffffe0000000b'
    expect(hexOf(frame(bytesOf(ping8))), story('frame', [ping8], because)).toBe(`00000008${ping8}`)
  })

  test('the length does not count its own four bytes', () => {
    const because = 'An empty payload has the length 0. (chapter 06, "Where does a message end?")'
    expect(hexOf(frame(new Uint8Array(0))), story('frame', ['an empty payload'], because)).toBe('00000000')
  })

  test('a payload of more than 255 bytes needs the second byte of the length', () => {
    const framed = frame(new Uint8Array(300).fill(7))
    expect(framed.length, 'frame of 300 bytes').toBe(304)
    expect(hexOf(framed.subarray(0, 6)), 'the first six bytes of a frame of 300 sevens').toBe('0000012c0707')
  })
})

describe('B. Read a length, and refuse the impossible ones', () => {
  const because = 'Four bytes, the highest first. (chapter 06, "Where does a message end?")'

  test('a length is read from the four bytes at the place asked for', () => {
    expect(frameLength(bytesOf('0000002d'), 0, usualLimit), story('frameLength', ['0000002d'], because)).toBe(
      45,
    )
    expect(frameLength(bytesOf('0001e240'), 0, usualLimit), story('frameLength', ['0001e240'], because)).toBe(
      123456,
    )
    const later = bytesOf('ffff 00000102 ffff')
    expect(
      frameLength(later, 2, usualLimit),
      story('frameLength at 2 of', ['ffff 00000102 ffff'], because),
    ).toBe(258)
  })

  test('a negative length is refused', () => {
    const told = story('frameLength', ['ffffffff'], 'No honest peer sends it. (chapter 06, "Trust nobody")')
    expect(
      given(() => frameLength(bytesOf('ffffffff'), 0, usualLimit)),
      told,
    ).toBe('refused')
  })

  test('a length above the limit is refused', () => {
    const told = story(
      'frameLength with a limit of 1000,',
      ['000003e9'],
      'To make room for it would let a stranger spend our memory. (chapter 06, "Trust nobody")',
    )
    expect(
      given(() => frameLength(bytesOf('000003e9'), 0, 1000)),
      told,
    ).toBe('refused')
    expect(
      given(() => frameLength(bytesOf('000003e7'), 0, 1000)),
      'frameLength 000003e7 (999), limit 1000',
    ).toBe(999)
  })
})

describe('C. Cut the stream into frames', () => {
  const section = '(chapter 06, "Chunks mean nothing")'

  test('a chunk that is one frame gives its payload', () => {
    expectFrames([connect], [payloadOf(connect)], `A chunk, a frame. ${section}`)
  })

  test('a chunk that holds several frames gives all their payloads, in order', () => {
    expectFrames(
      [`${connect} ${ping} 00000002cafe`],
      [payloadOf(connect), payloadOf(ping), 'cafe'],
      `TCP joins what was written apart. ${section}`,
    )
  })

  test('a frame that comes in two chunks is given when it is complete', () => {
    expectFrames(['00000008 fffffffe', '0000000b'], [payloadOf(ping)], `TCP cuts where it likes. ${section}`)
    expectFrames(['00000008 fffffffe'], [], `Half a frame is no frame. ${section}`)
  })

  test('a length may be cut in two as well', () => {
    expectFrames(
      ['0000', '0002cafe'],
      ['cafe'],
      `The four bytes of a length are bytes like all others. ${section}`,
    )
  })

  test('a stream gives the same frames when its bytes come one by one', () => {
    const bytes = [...bytesOf(`${connect} ${ping} ${ping}`)].map(byte => byte.toString(16).padStart(2, '0'))
    expectFrames(
      bytes,
      [payloadOf(connect), payloadOf(ping), payloadOf(ping)],
      `Chunks mean nothing. ${section}`,
    )
  })

  test('a frame without payload is a frame', () => {
    expectFrames(['00000000 00000001 2a'], ['', '2a'], `The length 0 is a length. ${section}`)
  })

  test('an impossible length is refused when its four bytes are here, after all that came before it', () => {
    const because = 'What came before a bad length was honest. (chapter 06, "Trust nobody")'
    expectFrames(['00000002cafe 7fffffff'], ['cafe', 'refused'], because)
    expectFrames(['00000002cafe 7fff', 'ffff'], ['cafe', 'refused'], because)
  })

  test('the caller may use the memory of a chunk again: what is unfinished has been copied', () => {
    const payloads = framesInOneMemory([bytesOf('00000008 fffe'), bytesOf('fefe 0000000b')])
    const because = 'Both chunks were in the same six bytes of memory. (chapter 06, "Who owns the bytes?")'
    expect(payloads, story('push', ['00000008 fffe', 'fefe 0000000b'], because)).toEqual(['fffefefe0000000b'])
  })
})

describe('D. Know a word when you see one', () => {
  const section = '(chapter 06, "Are you ok?")'

  test('four letters that are a known word are that word', () => {
    for (const word of ['ruok', 'srvr', 'mntr']) {
      expect(fourLetterWord(ascii(word)), story('fourLetterWord', [word], section)).toBe(word)
    }
  })

  test('a length is no word, and neither are four letters that nobody knows', () => {
    expect(fourLetterWord(bytesOf('0000002d')), story('fourLetterWord', ['0000002d'], section)).toBe(null)
    expect(fourLetterWord(ascii('abcd')), story('fourLetterWord', ['abcd'], section)).toBe(null)
  })

  test('a connection that opens with a word delivers it, and ignores what follows', () => {
    const ruok = hexOf(ascii('ruok'))
    const newline = '0a'
    expectMessages([ruok], ["'ruok'"], `A word needs no length. ${section}`)
    expectMessages(
      [`${ruok}${newline}`, newline],
      ["'ruok'"],
      `\`echo ruok | nc\` sends a newline, too. ${section}`,
    )
  })

  test('a connection that opens with a frame goes on with frames', () => {
    expectMessages(
      [connect, `${ping} ${ping}`],
      [payloadOf(connect), payloadOf(ping), payloadOf(ping)],
      `The first four bytes are a length like any other. ${section}`,
    )
  })

  test('a word may come in pieces, and so may the first length', () => {
    expectMessages([hexOf(ascii('ru')), hexOf(ascii('ok'))], ["'ruok'"], `Chunks mean nothing. ${section}`)
    expectMessages(['00', '000008 fffffffe 0000000b'], [payloadOf(ping)], `Chunks mean nothing. ${section}`)
  })
})
