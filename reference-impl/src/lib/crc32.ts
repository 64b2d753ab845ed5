/**
 * CRC-32, the checksum of zip files and of ZooKeeper's tree digest. A table look-up a byte would do; eight tables take eight
 * bytes at a time and wait for memory that much less often.
 */

/** The checksum of nothing, from which `crc32` goes on; and what is to be made of the last one. */
export const crcStart = -1

/** Goes on from `before` with the bytes from `from` to `to`. Of the last one, `~crc >>> 0` is the checksum. */
export function crc32(bytes: Uint8Array, from: number, to: number, before: number): number {
  let crc = before
  let at = from
  for (; at + 8 <= to; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      table7[crc & 255]! ^
      table6[(crc >>> 8) & 255]! ^
      table5[(crc >>> 16) & 255]! ^
      table4[crc >>> 24]! ^
      table3[bytes[at + 4]!]! ^
      table2[bytes[at + 5]!]! ^
      table1[bytes[at + 6]!]! ^
      table0[bytes[at + 7]!]!
  }
  for (; at < to; at++) crc = table0[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8)
  return crc
}

/** The polynomial, its bits in the order in which they are sent. */
const polynomial = 0xedb88320

const table0 = new Int32Array(256).map((_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
  return crc
})
const table1 = afterOneMore(table0)
const table2 = afterOneMore(table1)
const table3 = afterOneMore(table2)
const table4 = afterOneMore(table3)
const table5 = afterOneMore(table4)
const table6 = afterOneMore(table5)
const table7 = afterOneMore(table6)

/** What a byte comes to when one byte of zeros more follows it. */
function afterOneMore(table: Int32Array): Int32Array {
  return table.map(crc => table0[crc & 255]! ^ (crc >>> 8))
}
