/**
 * What a server tells its operator while it runs, one line a message, on stderr: for people in a terminal, as JSON for
 * programs that collect it. By hand, because a logging library would take longer to load than the server to start.
 */
export type Level = 'info' | 'warn' | 'error'
type Format = 'text' | 'json'

export type Log = (level: Level, message: string, fields?: Readonly<Record<string, string | number>>) => void

const levels: readonly Level[] = ['info', 'warn', 'error']
const formats: readonly Format[] = ['text', 'json']

/** Takes `--log-level=…` and `--log-format=…` out of the arguments. */
export function logOf(
  args: readonly string[],
  isTerminal: boolean,
  write: (line: string) => void,
): { log: Log; rest: string[] } | { error: string } {
  let level: Level = 'info'
  let format: Format = isTerminal ? 'text' : 'json'
  const rest: string[] = []
  for (const argument of args) {
    const [, what, value] = /^--log-(level|format)=(.*)$/.exec(argument) ?? []
    if (what === undefined) rest.push(argument)
    else if (what === 'level' && isOneOf(levels, value)) level = value
    else if (what === 'format' && isOneOf(formats, value)) format = value
    else return { error: `${argument}: must be one of ${(what === 'level' ? levels : formats).join(', ')}` }
  }
  const least = levels.indexOf(level)
  const log: Log = (of, message, fields = {}) => {
    if (levels.indexOf(of) < least) return
    const time = new Date().toISOString()
    // Whatever a stranger has made us say stays in one line. Tabs are ours: they part the fields of the audit log.
    const text = message.replaceAll(/[^\P{Cc}\t]+/gu, ' ')
    write(
      format === 'text'
        ? `${time} ${text}\n`
        : `${JSON.stringify({ time, level: of, message: text, ...fields })}\n`,
    )
  }
  return { log, rest }
}

function isOneOf<T extends string>(all: readonly T[], value: string | undefined): value is T {
  return all.includes(value as T)
}
