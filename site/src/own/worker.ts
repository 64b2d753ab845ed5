/** The inside of a worker that plays with a student's file: a choice comes in, and what came of it goes out. */

/** What a worker says: what came of it, or the error that ended it. */
export type Answer<Result> = { result: Result } | { error: { name: string; message: string } }

interface Inside {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
}

export function answerWith<Choice, Result>(play: (choice: Choice) => Promise<Result>): void {
  const inside = globalThis as unknown as Inside
  inside.onmessage = ({ data }) => {
    play(data as Choice).then(
      result => inside.postMessage({ result } satisfies Answer<Result>),
      ({ name, message }: Error) => inside.postMessage({ error: { name, message } } satisfies Answer<Result>),
    )
  }
}
