/**
 * Mutants: plausible wrong solutions of a lab, each with the misconception behind it. A lab's hidden tests must
 * catch every one of them; `course check` proves it, and a grade page may name the one that a submission resembles.
 */
export interface Mutant {
  name: string
  /** What somebody who writes this believes. */
  misconception: string
  edits: readonly Edit[]
}

/** In the declaration `symbol` (`frame`, or `Reader.ustring` for a method), the one place that reads `from` becomes `to`. */
export interface Edit {
  symbol: string
  from: string
  to: string
}

export function mutant(name: string, misconception: string, ...edits: Edit[]): Mutant {
  return { name, misconception, edits }
}

export function edit(symbol: string, from: string, to: string): Edit {
  return { symbol, from, to }
}
