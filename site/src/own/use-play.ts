/** Plays a choice: in the page, with the reference, or in a worker, with a file of whoever reads. */
import { useEffect, useState } from 'react'
import type { Answer } from './worker.ts'

export type Play<Result> =
  | { type: 'played'; result: Result }
  /** It threw something. `Todo`: a hole that is not filled. */
  | { type: 'failed'; name: string; message: string }
  /** There is nothing to run; the message says why. */
  | { type: 'refused'; message: string }
  /** Nobody serves files of one's own any more. */
  | { type: 'alone' }
  /** It did not come to an end in time. */
  | { type: 'endless' }

/** A play takes some milliseconds. */
const patience = 5000

/** Where the script of a play with a lab's file is; null: play it here. */
export type Script = string | null

/** What came of the choice, and again whenever the reader comes back from the editor; until it is known, what came of the one before. Null before the first. */
export function usePlay<Choice, Result>(
  choice: Choice,
  script: Script,
  playHere: (choice: Choice) => Promise<Result>,
): Play<Result> | null {
  const [play, setPlay] = useState<Play<Result> | null>(null)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (script === null) return
    const again = () => setTurn(last => last + 1)
    window.addEventListener('focus', again)
    return () => window.removeEventListener('focus', again)
  }, [script])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn plays, though it plays the same
  useEffect(() => {
    const over = new AbortController()
    const played =
      script === null
        ? playHere(choice).then((result): Play<Result> => ({ type: 'played', result }))
        : playThere<Choice, Result>(choice, script, over.signal)
    played.then(
      known => {
        if (!over.signal.aborted) setPlay(known)
      },
      (error: Error) => {
        if (!over.signal.aborted) setPlay({ type: 'failed', name: error.name, message: error.message })
      },
    )
    return () => over.abort()
  }, [choice, script, playHere, turn])
  return play
}

async function playThere<Choice, Result>(
  choice: Choice,
  script: string,
  signal: AbortSignal,
): Promise<Play<Result>> {
  const response = await fetch(script, { signal }).catch(() => null)
  if (response === null) return { type: 'alone' }
  const text = await response.text()
  if (!response.ok) return { type: 'refused', message: text }
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  const worker = new Worker(address)
  try {
    return await new Promise<Play<Result>>(resolve => {
      const timer = setTimeout(() => resolve({ type: 'endless' }), patience)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve({ type: 'endless' })
      })
      worker.onmessage = ({ data }: MessageEvent<Answer<Result>>) => {
        clearTimeout(timer)
        resolve('result' in data ? { type: 'played', ...data } : { type: 'failed', ...data.error })
      }
      worker.onerror = ({ message }) => {
        clearTimeout(timer)
        resolve({ type: 'failed', name: 'Error', message })
      }
      worker.postMessage(choice)
    })
  } finally {
    worker.terminate()
    URL.revokeObjectURL(address)
  }
}
