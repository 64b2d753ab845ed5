export function zxid(epoch: number, counter: number): bigint {
  return BigInt(epoch * 2 ** 32 + counter)
}
