/** A line of the shell as its words: apart by spaces, held together by quotes, with `\` before what is meant as it stands. */
export function wordsOf(line: string): { words: string[] } | { error: string } {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (char === '\\' && quote !== "'") {
      const next = line[++at]
      if (next === undefined) return { error: 'there is nothing behind the \\ at the end' }
      word = (word ?? '') + next
    } else if (quote !== null) {
      if (char === quote) quote = null
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + char
    }
  }
  if (quote !== null) return { error: `a ${quote} is not closed` }
  if (word !== null) words.push(word)
  return { words }
}
