/**
 * Lists of names that somebody has asked for, by the row of their parent: when a folder has changed, all of its clients ask for
 * the same list. Whoever changes one drops it here. Not more are kept than fit into a few megabytes.
 */
export class KeptLists {
  readonly #lists = new Map<number, string[]>()
  /** The names in them, and one for each list. */
  #weight = 0

  get(row: number): string[] | undefined {
    return this.#lists.get(row)
  }

  keep(row: number, names: string[]): void {
    const weight = names.length + 1
    if (weight > mostWeight) return
    if (this.#weight + weight > mostWeight) {
      this.#lists.clear()
      this.#weight = 0
    }
    this.#lists.set(row, names)
    this.#weight += weight
  }

  drop(row: number): void {
    if (this.#weight === 0) return
    const names = this.#lists.get(row)
    if (names === undefined) return
    this.#lists.delete(row)
    this.#weight -= names.length + 1
  }
}

const mostWeight = 50_000
