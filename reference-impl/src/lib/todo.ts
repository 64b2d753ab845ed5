/**
 * Thrown by the hole of a lab that nobody has filled yet. The runner and the grader tell it apart by its
 * name, never by its class: a student's process has its own copy.
 */
export class Todo extends Error {
  override readonly name = 'Todo'

  /** `what` reads like `'04 A: write an int'`: the lab, the part, the thing to do. */
  constructor(what: string) {
    super(`Lab ${what}`)
  }
}
