/** What Apache's servers and clients really said, from the text file beside this one. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface Message {
  /** The heading that it stands under. */
  section: string
  /** `client` spoke to the server, `server` answered; `stored` was found on disk or between servers. */
  from: 'client' | 'server' | 'stored'
  /** The records that it holds, in their order: `RequestHeader`, `CreateRequest`. */
  records: string[]
  /** Without the frame's length. */
  hex: string
}

export function apacheMessages(): Message[] {
  const text = readFileSync(path.join(import.meta.dirname, 'apache-3.8.0.txt'), 'utf8')
  const messages: Message[] = []
  let section = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3)
    const [, mark, records, hex] = /^([<>=]) (\S+) (\S+)$/.exec(line) ?? []
    if (mark === undefined || records === undefined || hex === undefined) continue
    const from = mark === '>' ? 'client' : mark === '<' ? 'server' : 'stored'
    messages.push({ section, from, records: records.split('+'), hex })
  }
  return messages
}
