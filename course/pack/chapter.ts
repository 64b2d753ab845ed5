/**
 * A chapter without the repository round it. On the site it quotes code by symbol; here the code is written out, from the
 * stub where it is the student's to write.
 */
import { readFileSync } from 'node:fs'
import { labFolder } from '../manifest.ts'
import { quote } from '../quote.ts'
import { secretLabOf } from './handout.ts'

const link = /\[([^\]]+)\]\(\.\.\/reference-impl\/src\/([\w/.-]+)\.ts(?:#([\w#.]+))?\)/g

export function chapterText(file: string): string {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(line => {
      const [whole, title, module, symbol] = new RegExp(`^${link.source}$`).exec(line) ?? []
      if (whole !== undefined && symbol !== undefined) return quoted(title!, module!, symbol)
      return line.replaceAll(link, (_, text: string, module: string) => `[${text}](../${placeOf(module)})`)
    })
    .join('\n')
}

function quoted(title: string, module: string, symbol: string): string {
  const file = sourceOf(module)
  return `${title}:\n\n\`\`\`ts\n${quote(file, symbol).code}\n\`\`\``
}

/** Where the code is in this repository that a student may read. */
function sourceOf(module: string): string {
  const lab = secretLabOf(module)
  return lab ? `labs/${labFolder(lab)}/src/${module}.ts` : `reference-impl/src/${module}.ts`
}

function placeOf(module: string): string {
  return secretLabOf(module) ? sourceOf(module) : `reference-impl/src/${module}.js`
}
