/** What one can choose, and how an address says it: `#frame=6&where=before&then=again`. */

/** What the program does when a call ends with CONNECTIONLOSS: nothing, the same again, or look for what it has marked. */
export const habits = ['once', 'again', 'look'] as const
export type Habit = (typeof habits)[number]

export const places = ['before', 'within', 'behind'] as const

/** `frame`: counted from 1; 0 cuts nothing. */
export interface Choice {
  frame: number
  where: (typeof places)[number]
  habit: Habit
}

/** The answer to the first job is lost. */
export const opening: Choice = { frame: 6, where: 'before', habit: 'once' }

export function toHash({ frame, where, habit }: Choice): string {
  return `#frame=${frame}&where=${where}&then=${habit}`
}

/** Null when the address says nothing that can be played. */
export function fromHash(hash: string): Choice | null {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const frame = parameters.get('frame') ?? ''
  const where = places.find(known => known === parameters.get('where'))
  const habit = habits.find(known => known === parameters.get('then'))
  if (!/^\d{1,2}$/.test(frame) || where === undefined || habit === undefined) return null
  return { frame: Number(frame), where, habit }
}
