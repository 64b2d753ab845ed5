/** What a rule of the course found out. */
export interface Finding {
  /** In a few words, what holds when all is well. */
  rule: string
  /** Figures worth knowing. */
  note: string
  /** Empty when the rule holds. */
  broken: readonly string[]
  /** For those who ask for more. */
  details?: readonly string[]
}
