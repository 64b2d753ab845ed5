/**
 * Finds the row that has a path, by open addressing: two numbers for each row, and no object. Where the paths themselves
 * are, only the table knows, so it is asked.
 *
 * The rule: the index grows a part at a time, a 256th of it once it is large, so nobody waits for longer because there are
 * many rows.
 */
export interface PathIndex {
  /** The row with this path, which has this hash, as `isPathOf` tells; `noRow` when there is none. */
  find<T>(path: T, hash: number, isPathOf: (row: number, path: T) => boolean): number
  /** Takes in a row that is not there yet. */
  enter(row: number, hash: number): void
  /** Takes out a row that is there. */
  leave(row: number, hash: number): void
}

export const noRow = -1

export function pathIndex(): PathIndex {
  return new Parts()
}

class Parts implements PathIndex {
  #size = 0
  /** One part, and from `manyRows` on 256 of them, by the upper bits of the hash. */
  #parts: Part[] = [emptyPart(32)]

  find<T>(path: T, hash: number, isPathOf: (row: number, path: T) => boolean): number {
    const { slots } = this.#partOf(hash)
    const mask = slots.length - 2
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const row = slots[slot + 1]! - 1
      if (row === noRow || (slots[slot] === hash && isPathOf(row, path))) return row
    }
  }

  enter(row: number, hash: number): void {
    this.#size++
    if (this.#size >= manyRows && this.#parts.length === 1) this.#split()
    enter(this.#partOf(hash), row, hash)
  }

  leave(row: number, hash: number): void {
    this.#size--
    const part = this.#partOf(hash)
    const { slots } = part
    const mask = slots.length - 2
    let slot = (hash << 1) & mask
    while (slots[slot + 1] !== row + 1) slot = (slot + 2) & mask
    leave(part, slot)
  }

  #partOf(hash: number): Part {
    const parts = this.#parts
    return parts.length === 1 ? parts[0]! : parts[hash >>> partShift]!
  }

  #split(): void {
    const [whole] = this.#parts as [Part]
    const slots = (4 * manyRows) / partCount
    this.#parts = Array.from({ length: partCount }, () => emptyPart(slots))
    for (let slot = 0; slot < whole.slots.length; slot += 2) {
      const hash = whole.slots[slot]!
      if (whole.slots[slot + 1] !== 0) enter(this.#partOf(hash), whole.slots[slot + 1]! - 1, hash)
    }
  }
}

interface Part {
  /** For each row its hash, and its number and one more; where the hash wants it, or behind that. 0: nothing is here. */
  slots: Int32Array
  size: number
}

const partCount = 256
const partShift = 24
const manyRows = 1 << 14

function emptyPart(slots: number): Part {
  return { slots: new Int32Array(2 * slots), size: 0 }
}

/** A quarter of a part stays free, so that a search soon comes to an end. */
function enter(part: Part, row: number, hash: number): void {
  if (++part.size * 8 >= part.slots.length * 3) {
    const old = part.slots
    part.slots = new Int32Array(2 * old.length)
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) place(part.slots, old[slot + 1]! - 1, old[slot]!)
    }
  }
  place(part.slots, row, hash)
}

function place(slots: Int32Array, row: number, hash: number): void {
  const mask = slots.length - 2
  let slot = (hash << 1) & mask
  while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
  slots[slot] = hash
  slots[slot + 1] = row + 1
}

/** Takes a slot out, and moves up those behind it that would not be found over the gap. */
function leave(part: Part, slot: number): void {
  const { slots } = part
  part.size--
  const mask = slots.length - 2
  let gap = slot
  for (let next = (gap + 2) & mask; slots[next + 1] !== 0; next = (next + 2) & mask) {
    const wanted = (slots[next]! << 1) & mask
    // How far it stands from where it belongs, and from the gap.
    if (((next - wanted) & mask) < ((next - gap) & mask)) continue
    slots[gap] = slots[next]!
    slots[gap + 1] = slots[next + 1]!
    gap = next
  }
  slots[gap + 1] = 0
}
