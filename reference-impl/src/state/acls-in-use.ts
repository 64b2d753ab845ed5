/** The lists that the nodes of a table have, each one once and under a number: so a node has a number, and no list. */
import type { ACL } from '../wire/records.ts'

export class AclsInUse {
  readonly #lists: (readonly ACL[])[] = []
  /** How many nodes have each one. */
  readonly #counts: number[] = []
  readonly #numbers = new Map<readonly ACL[], number>()
  readonly #vacant: number[] = []

  at(number: number): readonly ACL[] {
    return this.#lists[number]!
  }

  /** The number of a list, which one more node has now. */
  take(acl: readonly ACL[]): number {
    const known = this.#numbers.get(acl)
    if (known !== undefined) {
      this.#counts[known]!++
      return known
    }
    const number = this.#vacant.pop() ?? this.#lists.length
    this.#lists[number] = acl
    this.#counts[number] = 1
    this.#numbers.set(acl, number)
    return number
  }

  giveBack(number: number): void {
    const left = this.#counts[number]! - 1
    this.#counts[number] = left
    if (left > 0) return
    this.#numbers.delete(this.#lists[number]!)
    this.#vacant.push(number)
  }
}
