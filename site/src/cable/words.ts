/** Everything that the cable's page says in words, in one place, to be translated. */
import { translate } from '@docusaurus/Translate'
import type { Choice, Habit } from './choice.ts'
import type { Message } from './messages.ts'
import type { Job } from './play.ts'

export function placeName(where: Choice['where']): string {
  switch (where) {
    case 'before':
      return translate({ id: 'cable.where.before', message: 'before it' })
    case 'within':
      return translate({ id: 'cable.where.within', message: 'in its middle' })
    case 'behind':
      return translate({ id: 'cable.where.behind', message: 'behind it' })
  }
}

export function habitName(habit: Habit): string {
  switch (habit) {
    case 'once':
      return translate({ id: 'cable.habit.once', message: 'leaves it at that' })
    case 'again':
      return translate({ id: 'cable.habit.again', message: 'asks again' })
    case 'look':
      return translate({ id: 'cable.habit.look', message: 'looks for its mark first' })
  }
}

export function messageName(message: Message): { name: string; text: string | null } {
  switch (message.type) {
    case 'connect':
      return { name: 'ConnectRequest', text: sessionName(message.sessionId) }
    case 'welcome':
      return { name: 'ConnectResponse', text: sessionName(message.sessionId) }
    case 'ping':
    case 'pong':
      return { name: 'ping', text: null }
    case 'request':
      return { name: `${message.xid} ${message.of}`, text: shortly(message.text) }
    case 'answer':
      return { name: `${message.xid}`, text: shortly(message.text) }
  }
}

/** With the first digits of the id in a mark, and not all thirty-two. */
export function shortly(text: string): string {
  return text.replace(/_c_([\da-f]{8})[\da-f-]{28}/g, '_c_$1…')
}

function sessionName(sessionId: bigint): string {
  if (sessionId === 0n) return translate({ id: 'cable.session.none', message: 'no session yet' })
  return translate(
    { id: 'cable.session', message: 'session {id}' },
    { id: `0x${BigInt.asUintN(64, sessionId).toString(16)}` },
  )
}

export function fateName(where: Choice['where'], way: 'out' | 'in'): string {
  if (where === 'behind') return translate({ id: 'cable.fate.last', message: 'the last that arrives' })
  return way === 'out'
    ? translate({ id: 'cable.fate.request', message: 'never reaches the server' })
    : translate({ id: 'cable.fate.answer', message: 'never reaches the program' })
}

export function timeName(millis: number): string {
  return translate({ id: 'cable.time', message: '{millis} ms' }, { millis: millis.toFixed(1) })
}

export type Outcome = 'right' | 'doubled' | 'there' | 'missing'

/** `there`, `missing`: the program does not know; the job is there, or is not. */
export function outcomeOf({ told, found }: Job): Outcome {
  if (found.length > 1) return 'doubled'
  if (told !== null) return 'right'
  return found.length === 1 ? 'there' : 'missing'
}

export function verdictOf(jobs: readonly Job[]): string {
  const outcomes = new Set(jobs.map(outcomeOf))
  if (outcomes.has('doubled'))
    return translate({
      id: 'cable.verdict.doubled',
      message:
        'Some jobs are there twice, and will be done twice. The program has been told of one of each, and believes that all is well.',
    })
  if (outcomes.has('there') && outcomes.has('missing'))
    return translate({
      id: 'cable.verdict.mixed',
      message:
        'The same CONNECTIONLOSS for a job that is there and for one that is not. From what it was told, the program cannot tell them apart.',
    })
  if (outcomes.has('there'))
    return translate({
      id: 'cable.verdict.there',
      message:
        'What the program must take for unknown has in truth been done. Asking again would do it twice.',
    })
  if (outcomes.has('missing'))
    return translate({
      id: 'cable.verdict.missing',
      message: 'What the program must take for unknown has not been done. Not asking again loses it.',
    })
  return translate({
    id: 'cable.verdict.right',
    message: 'Each job is there once, and the program knows it.',
  })
}
