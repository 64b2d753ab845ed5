/**
 * Java's properties format, in which `zoo.cfg` is written: `key=value`, `key: value` or `key value`, comments with
 * `#` or `!`, a backslash to go on in the next line or to escape a character.
 * Source: java.util.Properties.load.
 */

/** One setting as it stands in the file. */
export interface Property {
  key: string
  value: string
  /** Where it begins; counted from 1. 0: it is in no file. */
  line: number
  /** What stands before the key where it was written, if not a line's beginning: `-D`. */
  mark?: string
}

/** In the order of the file; a key that comes twice is there twice. */
export function parseProperties(text: string): Property[] {
  const lines = text.split(/\r\n|\r|\n/)
  const properties: Property[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let logical = lines[at]!.trimStart()
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue
    while (goesOn(logical)) logical = logical.slice(0, -1) + (lines[++at] ?? '').trimStart()
    const [, key, value] = /^((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)$/s.exec(logical)!
    properties.push({ key: withoutEscapes(key!), value: withoutEscapes(value!).trim(), line })
  }
  return properties
}

/** Does the line end in an odd number of backslashes, the last of which is not itself escaped? */
function goesOn(line: string): boolean {
  return /\\*$/.exec(line)![0].length % 2 === 1
}

const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function withoutEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
