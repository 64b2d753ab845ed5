/**
 * Virtual time: what is due happens in order, and between two events nothing passes but a number. Everything that
 * happens is told to a trace, whose hash says whether two runs were the same run.
 */
import { Hash } from '../../lib/hash.ts'
import { Heap } from '../../lib/heap.ts'
import type { Millis, Timer } from '../world.ts'

interface Event {
  due: Millis
  /** 0: something arrives; 1: what was to wait until all that has arrived is handed out. */
  rank: 0 | 1
  order: number
  fire: (() => void) | null
}

export class Timeline {
  now: Millis = 0
  readonly #events = new Heap<Event>(
    (a, b) =>
      a.due < b.due || (a.due === b.due && (a.rank < b.rank || (a.rank === b.rank && a.order < b.order))),
  )
  #order = 0
  readonly #trace = new Hash()
  /** What happened, line by line; null unless somebody wants to read it. */
  readonly lines: string[] | null

  constructor({ keepLines = false }: { keepLines?: boolean } = {}) {
    this.lines = keepLines ? [] : null
  }

  after(delay: Millis, fire: () => void): Timer {
    return this.at(this.now + Math.max(0, delay), fire)
  }

  at(due: Millis, fire: () => void): Timer {
    return this.#add(due, 0, fire)
  }

  soon(fire: () => void): void {
    this.#add(this.now, 1, fire)
  }

  /** When the next event is due; null when none is left. */
  nextDue(): Millis | null {
    while (this.#events.peek()?.fire === null) this.#events.pop()
    return this.#events.peek()?.due ?? null
  }

  /** Lets the next event happen; false when none is left, or none until `until`. */
  step(until: Millis = Number.POSITIVE_INFINITY): boolean {
    const due = this.nextDue()
    if (due === null || due > until) return false
    this.now = due
    this.#events.pop()!.fire!()
    return true
  }

  tell(what: string): void {
    const line = `${this.now.toFixed(3)} ${what}`
    this.lines?.push(line)
    this.#trace.text(line)
  }

  /** As `tell`, and the bytes count too. */
  tellBytes(what: string, bytes: Uint8Array): void {
    this.tell(`${what} ${bytes.length} bytes`)
    this.#trace.bytes(bytes)
  }

  hash(): string {
    return this.#trace.hex()
  }

  #add(due: Millis, rank: 0 | 1, fire: () => void): Timer {
    const event: Event = { due, rank, order: this.#order++, fire }
    this.#events.push(event)
    return {
      cancel() {
        event.fire = null
      },
    }
  }
}

/** One life of a host: goes off once and for good, and from then on none of its callbacks is called. */
export interface Power {
  on: boolean
}
