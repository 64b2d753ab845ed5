/** The same with a DataView: the two halves as two numbers of 32 bits, the whole as one of 64. */
export type Zxid = bigint

const view = new DataView(new ArrayBuffer(8))
const digits = '0123456789abcdef'

export function zxid(epoch: number, counter: number): Zxid {
  view.setInt32(0, epoch)
  view.setUint32(4, counter)
  return view.getBigInt64(0)
}

export function epochOf(zxid: Zxid): number {
  view.setBigInt64(0, zxid)
  return view.getInt32(0)
}

export function counterOf(zxid: Zxid): number {
  view.setBigInt64(0, zxid)
  return view.getUint32(4)
}

export function nextZxid(last: Zxid): Zxid {
  return endsEpoch(last) ? zxid(epochOf(last) + 1, 0) : zxid(epochOf(last), counterOf(last) + 1)
}

export function endsEpoch(zxid: Zxid): boolean {
  return counterOf(zxid) === 2 ** 32 - 1
}

export function startOfEpoch(epoch: number): Zxid {
  return BigInt(epoch) * 4_294_967_296n
}

export function formatZxid(zxid: Zxid): string {
  let rest = zxid < 0n ? zxid + 2n ** 64n : zxid
  let text = ''
  do {
    text = digits[Number(rest % 16n)] + text
    rest /= 16n
  } while (rest > 0n)
  return `0x${text}`
}

export function parseZxid(text: string): Zxid | null {
  const written = text.startsWith('0x') ? text.slice(2) : text
  if (written.length === 0 || written.length > 16) return null
  let value = 0n
  for (const letter of written.toLowerCase()) {
    const digit = digits.indexOf(letter)
    if (digit < 0) return null
    value = value * 16n + BigInt(digit)
  }
  return value >= 2n ** 63n ? value - 2n ** 64n : value
}
