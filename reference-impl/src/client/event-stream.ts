/** Events that come whether or not somebody waits, for somebody who takes them one by one: `for await`. */
export interface EventStream<T> {
  /** Without effect once it has ended. */
  push(event: T): void
  /** What was pushed before is still delivered. With an error, the reader gets it after that. */
  end(error?: Error): void
  readonly events: AsyncIterableIterator<T>
}

/** `left` is called once: when the reader has gone, or has come to the end. */
export function eventStream<T>(left: () => void): EventStream<T> {
  const events: T[] = []
  let ended = false
  let hasLeft = false
  let failure: Error | undefined
  let wake: (() => void) | null = null

  function leave(): IteratorResult<T> {
    ended = true
    events.length = 0
    if (!hasLeft) left()
    hasLeft = true
    return { done: true, value: undefined }
  }

  return {
    push(event) {
      if (ended) return
      events.push(event)
      wake?.()
    },
    end(error) {
      if (ended) return
      ended = true
      failure = error
      wake?.()
    },
    events: {
      async next() {
        while (events.length === 0 && !ended) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
          wake = null
        }
        if (events.length > 0) return { done: false, value: events.shift()! }
        const error = failure
        failure = undefined
        leave()
        if (error !== undefined) throw error
        return { done: true, value: undefined }
      },
      return: () => Promise.resolve(leave()),
      [Symbol.asyncIterator]() {
        return this
      },
    },
  }
}
