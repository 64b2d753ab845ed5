export function zxid(epoch: number, counter: number): bigint {
  return BigInt((epoch << 32) | counter)
}
