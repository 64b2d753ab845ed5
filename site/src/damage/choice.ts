/** What is done to the log, and how an address says it: `#at=211&kind=flip`. */

/** One bit changes; the file ends; from there on nothing was written. */
export const kinds = ['flip', 'zeros', 'end'] as const
export type Kind = (typeof kinds)[number]

/** `at`: the byte where it happens; null: nowhere. */
export interface Choice {
  at: number | null
  kind: Kind
}

export const opening: Choice = { at: null, kind: 'flip' }

export function toHash({ at, kind }: Choice): string {
  return at === null ? `#kind=${kind}` : `#at=${at}&kind=${kind}`
}

/** Null when the address says nothing that can be done. */
export function fromHash(hash: string): Choice | null {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const kind = kinds.find(known => known === parameters.get('kind'))
  const at = parameters.get('at')
  if (kind === undefined || (at !== null && !/^\d{1,4}$/.test(at))) return null
  return { at: at === null ? null : Number(at), kind }
}
