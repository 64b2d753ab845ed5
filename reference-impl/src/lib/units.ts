/**
 * Text from the units that it is made of. The engine's own ways are made for long texts; names and paths are short.
 */

/** The text whose units are the bytes from `from` to `to`; if it `isWide`, two bytes are a unit, the upper one first. */
export function textOfUnits(bytes: Uint8Array, from: number, to: number, isWide: boolean): string {
  const width = isWide ? 2 : 1
  let text = ''
  for (let at = from; at < to; at += width * mostUnits) {
    const length = Math.min((to - at) / width, mostUnits)
    const units = room[length] ?? roomFor(length)
    if (isWide) for (let i = 0; i < length; i++) units[i] = (bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!
    else for (let i = 0; i < length; i++) units[i] = bytes[at + i]!
    text += String.fromCharCode.apply(null, units)
  }
  return text
}

/** A call cannot take any number of units. */
const mostUnits = 256

/** For each length an array that is used again: a call takes it faster than bytes, and than a new one. */
const room: number[][] = []

function roomFor(length: number): number[] {
  const units = new Array<number>(length).fill(0)
  room[length] = units
  return units
}
