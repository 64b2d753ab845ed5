/** The three stations of the loop, for any version of `zxid`: what tests say of it and what a client then prints. */
import { counterOf, epochOf, formatZxid } from '../../../reference-impl/src/wire/zxid.ts'

export type MakeZxid = (epoch: number, counter: number) => bigint

export type Check = 'parts' | 'epochs' | 'bits'

export interface Verdict {
  check: Check
  actual: string
  expected: string
  passed: boolean
}

export function judge(zxid: MakeZxid): Verdict[] {
  const made = zxid(1, 2)
  const [last, first] = [zxid(1, 0xffff_ffff), zxid(2, 0)]
  return [
    verdict('parts', `${epochOf(made)}, ${counterOf(made)}`, '1, 2'),
    verdict(
      'epochs',
      `${formatZxid(first)} ${first > last ? '>' : '≤'} ${formatZxid(last)}`,
      '0x200000000 > 0x1ffffffff',
    ),
    verdict('bits', formatZxid(zxid(0x7fff_ffff, 0xffff_ffff)), '0x7fffffffffffffff'),
  ]
}

/** What `stat` in zkCli.sh says of a node created in the first epoch and changed in the second. */
export function statLines(zxid: MakeZxid): string[] {
  return [`cZxid = ${formatZxid(zxid(1, 2))}`, `mZxid = ${formatZxid(zxid(2, 1))}`]
}

function verdict(check: Check, actual: string, expected: string): Verdict {
  return { check, actual, expected, passed: actual === expected }
}
