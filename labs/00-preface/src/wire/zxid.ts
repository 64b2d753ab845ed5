/**
 * A zxid names a transaction: the epoch of the leader that proposed it in the high 32 bits, a counter within
 * that epoch in the low 32. So comparing two zxids as numbers orders the whole history, and a new leader
 * outnumbers every older one. The only file that does arithmetic on zxids.
 */

/** A 64-bit number. A bigint, because a `number` is exact only up to 53 bits. Compare with `<`, `===` and `>`. */
export type Zxid = bigint

const counterBits = 32n
const counterMask = 0xffff_ffffn

export function zxid(epoch: number, counter: number): Zxid {
  return (BigInt(epoch) << counterBits) | BigInt(counter)
}

/** Whose reign: 0 on a server that has never been in an ensemble. */
export function epochOf(zxid: Zxid): number {
  return Number(zxid >> counterBits)
}

/** How far into the reign: 0 to 4,294,967,295. */
export function counterOf(zxid: Zxid): number {
  return Number(zxid & counterMask)
}

/** The name of the transaction that follows. A leader asks `endsEpoch` before: the counter must not spill over. */
export function nextZxid(zxid: Zxid): Zxid {
  return zxid + 1n
}

/** Has the counter no number left? Then a leader steps down, and the next one counts in a new epoch. */
export function endsEpoch(zxid: Zxid): boolean {
  return (zxid & counterMask) === counterMask
}

/** Where the leader of a new epoch starts, before its first transaction. */
export function startOfEpoch(epoch: number): Zxid {
  return zxid(epoch, 0)
}

/** As logs and tools print it: `0x100000002`. The 64 bits are shown unsigned: -1 is `0xffffffffffffffff`. */
export function formatZxid(zxid: Zxid): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`
}

/** Reads what people write (`0x100000002`) and what file names end in (`100000002`); null when it is neither. */
export function parseZxid(text: string): Zxid | null {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text)?.[1]
  return digits === undefined ? null : BigInt.asIntN(64, BigInt(`0x${digits}`))
}
