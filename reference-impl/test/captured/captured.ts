/**
 * Conversations that real clients held with Apache's server, frame by frame, for tests that need honest bytes:
 * every split of them, every byte of them broken, every record in them read and written back.
 * `npm run capture` records them anew.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface Frame {
  from: 'client' | 'server'
  /** The whole frame, with the four bytes of its length in front. */
  bytes: Uint8Array
}

/** `zk-cli`, `kazoo`, `c-client`: the conversations that have been recorded. */
export function recordings(): string[] {
  return readdirSync(import.meta.dirname)
    .filter(name => name.endsWith('.txt'))
    .map(name => path.basename(name, '.txt'))
}

/** The frames of one connection, in the order in which they passed. */
export function captured(recording: string): Frame[] {
  const text = readFileSync(path.join(import.meta.dirname, `${recording}.txt`), 'utf8')
  return text.split('\n').flatMap(line => {
    const direction = line[0]
    if (direction !== '>' && direction !== '<') return []
    const bytes = Uint8Array.from(Buffer.from(line.slice(2), 'hex'))
    return [{ from: direction === '>' ? 'client' : 'server', bytes }]
  })
}

/** What one side sent, as the one stream of bytes that TCP makes of it. */
export function streamOf(frames: readonly Frame[], from: Frame['from']): Uint8Array {
  return Uint8Array.from(Buffer.concat(frames.filter(frame => frame.from === from).map(frame => frame.bytes)))
}

/** The text of a recording: a line a frame, after a few words on what it is. */
export function recordingText(about: string, frames: readonly Frame[]): string {
  const lines = frames.map(
    ({ from, bytes }) => `${from === 'client' ? '>' : '<'} ${Buffer.from(bytes).toString('hex')}`,
  )
  return `${[`# ${about}`, '# > from the client, < from the server; one frame a line, its length in front.', ...lines].join('\n')}\n`
}
