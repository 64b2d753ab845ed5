import { describe, expect, test } from 'vitest'
import { fromHash, kinds, opening, toHash } from '../src/damage/choice.ts'
import { damaged, judge, partsOf, writeLog } from '../src/damage/log.ts'

const log = await writeLog()
const all = log.entries.length
const each = Array.from({ length: log.bytes.length }, (_, at) => at)

/** How many entries end before this byte. */
const wholeBefore = (at: number): number => log.entries.filter(({ next }) => next <= at).length

describe('A log of five transactions', () => {
  test('is what a server has written: its parts cover every byte once, and all of it is read', () => {
    expect(log.entries.map(({ what }) => what)).toEqual([
      'createSession',
      'create2 /config',
      'setData /config',
      'create2 /owner',
      'closeSession',
    ])
    let end = 0
    for (const part of partsOf(log)) {
      expect(part.start).toBe(end)
      end = part.end
    }
    expect(end).toBe(log.bytes.length)
    expect(judge(log, log.bytes)).toEqual({
      applied: all,
      refusal: null,
      nodes: [{ path: '/config', data: 'v2' }],
      remarks: [],
    })
  })

  test('that ends at any byte, or holds nothing behind it, gives the entries that are whole', () => {
    for (const kind of ['end', 'zeros'] as const) {
      for (const at of each) {
        const { applied } = judge(log, damaged(log.bytes, { at, kind }))
        expect(applied, `${kind} at ${at}`).toBe(at < 16 ? 0 : wholeBefore(at))
      }
    }
  })

  test('of which any bit changes is refused, or taken for one that ends there if it was an end mark', () => {
    for (const { part, start, end } of partsOf(log)) {
      for (let at = start; at < end; at++) {
        const { applied, refusal } = judge(log, damaged(log.bytes, { at, kind: 'flip' }))
        if (part === 'mark') expect(applied).toBe(wholeBefore(at))
        else if (part === 'database') expect(applied).toBe(all)
        // A bit in the first of the room is the length of a next entry, and may be one that no entry has.
        else if (part === 'room') expect([all, null]).toContain(applied)
        else if (applied === null) expect(refusal).toMatch(/version-2\/log\.1, byte \d+: /)
        // A length that has changed may point at something that is no end mark.
        else expect([part, applied]).toEqual(['length', wholeBefore(at)])
      }
    }
  })

  test('is damaged by what the address says, and an address that says something else is none', () => {
    for (const kind of kinds) expect(fromHash(toHash({ at: 7, kind }))).toEqual({ at: 7, kind })
    expect(fromHash(toHash(opening))).toEqual(opening)
    for (const hash of ['', '#at=7', '#at=-1&kind=flip', '#at=7&kind=burn']) expect(fromHash(hash)).toBeNull()
  })
})
