/** FNV-1a in two lanes of 32 bits: quick, the same everywhere, no match for somebody who wants to cheat. */
export class Hash {
  #a = 0x811c9dc5
  #b = 0x9747b28c

  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.#add(text.charCodeAt(i))
    return this
  }

  bytes(bytes: Uint8Array): this {
    for (let i = 0; i < bytes.length; i++) this.#add(bytes[i]!)
    return this
  }

  /** 32 bits of it, as a number that is not negative. */
  number(): number {
    return this.#a >>> 0
  }

  /** All of it: 16 hexadecimal digits. */
  hex(): string {
    return [this.#a, this.#b].map(lane => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #add(unit: number): void {
    this.#a = Math.imul(this.#a ^ unit, 0x01000193)
    // The second lane stirs, so that two texts that agree in the first do not also agree here.
    this.#b = Math.imul((this.#b ^ unit) + 0x9e3779b9, 0x85ebca6b)
    this.#b ^= this.#b >>> 13
  }
}
