/** The outline of DER, in which certificates and keys are written: a tag, a length, and what is in it. Source: X.690. */
export interface Element {
  tag: number
  /** Where the tag is. */
  at: number
  /** From where to where its inside is. */
  start: number
  end: number
}

/** The elements one after the other; null when they do not fill the place. */
export function elementsIn(bytes: Uint8Array, from: number, to: number): Element[] | null {
  const elements: Element[] = []
  for (let at = from; at < to; at = elements.at(-1)!.end) {
    const tag = bytes[at]!
    let length = bytes[at + 1] ?? 0
    let start = at + 2
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > 4) return null
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[start++] ?? 0)
    }
    const end = start + length
    if (end > to) return null
    elements.push({ tag, at, start, end })
  }
  return elements
}
