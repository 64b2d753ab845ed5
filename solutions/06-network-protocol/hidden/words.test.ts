import { describe, expect, test } from 'vitest'
import { fourLetterWord } from '#lab/wire/frames.ts'
import { fourLetterWords } from '#lab/wire/words.ts'
import { ascii, bytesOf, hexOf } from '../../../labs/06-network-protocol/test/bytes.ts'
import { messagesIn } from '../../../labs/06-network-protocol/test/readers.inside.ts'
import { expectMessages, story } from '../../../labs/06-network-protocol/test/streams.ts'
import { cutAt, streams } from './recordings.ts'

const section = '(chapter 06, "Are you ok?")'
const wordHex = (word: string): string => hexOf(ascii(word))

describe('D. Know a word when you see one', () => {
  test('every word of the list is known', () => {
    for (const word of fourLetterWords) {
      expect(fourLetterWord(ascii(word)), story('fourLetterWord', [word], section)).toBe(word)
      expectMessages([wordHex(word)], [`'${word}'`], section)
    }
  })

  test('only as it is written: neither capitals, nor a part, nor another word', () => {
    for (const start of ['RUOK', 'Ruok', 'ruo', 'ru', '', 'ruin', 'ok\n\n', 'okru']) {
      expect(fourLetterWord(ascii(start)), story('fourLetterWord', [`'${start}'`], section)).toBe(null)
    }
    expect(fourLetterWord(bytesOf('f275ef6b')), 'the letters of ruok with the high bit set').toBe(null)
    expect(fourLetterWord(new Uint8Array(4)), 'four zeros').toBe(null)
  })

  test('only the first four bytes matter', () => {
    const told = story('fourLetterWord', ['ruok and a newline'], section)
    expect(fourLetterWord(ascii('ruok\n')), told).toBe('ruok')
    expect(
      fourLetterWord(ascii('mntr and whatever else')),
      story('fourLetterWord', ['mntr and …'], section),
    ).toBe('mntr')
  })

  test('a word is known however it is cut, and what follows it means nothing', () => {
    const bytes = ascii('srvr\r\nruok')
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const chunks = cutAt(bytes, [a, b])
        expect(
          messagesIn(chunks),
          story('push', chunks.map(hexOf), `One word a connection. ${section}`),
        ).toEqual(["'srvr'"])
      }
    }
  })

  test('four letters that nobody knows are taken for a length, which is far too long', () => {
    expectMessages([wordHex('abcd')], ['refused'], `0x61626364 is 1.6 GB. ${section}`)
    expectMessages([wordHex('ab'), wordHex('cd')], ['refused'], `0x61626364 is 1.6 GB. ${section}`)
  })

  test('a word is a word only where a connection begins', () => {
    const ping = '00000008 fffffffe 0000000b'
    expectMessages(
      [ping, wordHex('ruok')],
      ['fffffffe0000000b', 'refused'],
      `Later it is a length. ${section}`,
    )
    expectMessages(
      [`00000004 ${wordHex('ruok')}`, `00000004 ${wordHex('srvr')}`],
      [wordHex('ruok'), wordHex('srvr')],
      `In a payload it is data. ${section}`,
    )
  })

  test('a connection that opens with an impossible length is refused', () => {
    expectMessages(['ffffffff'], ['refused'], '(chapter 06, "Trust nobody")')
    expectMessages(['7f', 'ff', 'ff', 'ff'], ['refused'], '(chapter 06, "Trust nobody")')
  })

  test('a connection may open with an empty frame, whole or in pieces', () => {
    for (const chunks of [
      ['00000000'],
      ['00', '000000'],
      ['000000', '00'],
      ['00', '00', '00', '00', '00000001ff'],
    ]) {
      expectMessages(chunks, chunks.length === 5 ? ['', 'ff'] : [''], `Four zeros are a length. ${section}`)
    }
  })

  test('every split of the start of a recorded conversation gives its frames', () => {
    for (const { name, bytes, payloads } of streams.filter((_, i) => i % 2 === 0)) {
      for (let a = 0; a <= 60; a++) {
        for (const b of [a, a + 1, a + 2, 70]) {
          const chunks = cutAt(bytes, [a, b])
          expect(messagesIn(chunks), `${name}, cut at ${a} and ${b}. ${section}`).toEqual(payloads)
        }
      }
      expect(messagesIn(cutAt(bytes, [...bytes.keys()].slice(1))), `${name}, byte by byte`).toEqual(payloads)
    }
  })

  test('one connection that opened with a word does not make a word of the next', () => {
    expectMessages([wordHex('ruok')], ["'ruok'"], section)
    expectMessages(['00000002cafe'], ['cafe'], `Each connection has a reader of its own. ${section}`)
  })
})
