/**
 * Looks for solutions in a handout: lines and runs of tokens of the labs' holes, and lines of anything that lies in
 * `solutions/`. What a student may see anyway (stubs, visible tests, the rest of the reference) does not count.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { labFolder } from '../manifest.ts'
import { referenceSource, root, solutionRoot } from '../paths.ts'
import { syntaxTree } from '../quote.ts'
import { cut, regionsOf } from '../stubs.ts'
import { referenceFile } from '../swap.ts'
import { filesIn, type Handout, handedOut, secretLabOf, secretLabs } from './handout.ts'

/** Shorter lines are `return null` and the like, which anybody writes. */
const shortestLine = 24
const run = 14

interface Secret {
  whence: string
  lines: Set<string>
  runs: Set<string>
}

export function findLeaks(handout: Handout): string[] {
  const secrets = allSecrets()
  const leaks: string[] = []
  for (const [file, contents] of handout) {
    if (isHints(file)) continue
    const text = isSecretModule(file) ? withoutLiterals(String(contents)) : String(contents)
    const lines = new Set(linesOf(text))
    const runs = new Set(runsOf(text))
    for (const secret of secrets) {
      const line = [...secret.lines].find(line => lines.has(line))
      const found = line ?? [...secret.runs].find(run => runs.has(run))
      if (found !== undefined) leaks.push(`${file} has from ${secret.whence}: ${found}`)
    }
  }
  return leaks
}

/** A lab's third hint is nearly the code of one hole, on purpose. */
const isHints = (file: string) => /^labs\/[^/]+\/hints\.md$/.test(file)

/** A lab's own module, minified. What a program says to the world, its messages and templates, no minifier can change. */
const isSecretModule = (file: string) => {
  const [, module] = /^reference-impl\/src\/(.*)\.js$/.exec(file) ?? []
  return module !== undefined && secretLabOf(module) !== undefined
}

/** The same program with nothing in its strings, templates and regular expressions. */
function withoutLiterals(program: string): string {
  let text = ''
  let at = 0
  for (const { start, end } of literalsIn(syntaxTree(program).program)) {
    text += program.slice(at, start)
    at = end
  }
  return text + program.slice(at)
}

/** In the order in which they stand. */
function literalsIn(node: object): { start: number; end: number }[] {
  const { type, start, end } = node as { type: string; start: number; end: number }
  if (/^(StringLiteral|RegExpLiteral|TemplateElement)$/.test(type)) return [{ start, end }]
  return Object.values(node)
    .flat()
    .filter(child => typeof child?.type === 'string')
    .flatMap(literalsIn)
    .sort((a, b) => a.start - b.start)
}

function allSecrets(): Secret[] {
  const open = openTexts()
  const openLines = new Set(open.flatMap(linesOf))
  const openRuns = new Set(open.flatMap(runsOf))
  const secret = (whence: string, text: string, withRuns: boolean): Secret => ({
    whence,
    lines: new Set(linesOf(text).filter(line => !openLines.has(line))),
    runs: new Set(withRuns ? runsOf(text).filter(run => !openRuns.has(run)) : []),
  })
  const holes = secretLabs.flatMap(lab =>
    lab.swaps.flatMap(swap => {
      const file = referenceFile(swap)
      const source = file === null ? '' : readFileSync(file, 'utf8')
      return regionsOf(lab, source).map(({ part, task, lines }) =>
        secret(`the solution of ${lab.id} ${part}, "${task}"`, lines.join('\n'), true),
      )
    }),
  )
  const solutions = handedOut.flatMap(lab => {
    const folder = solutionRoot(lab)
    if (!existsSync(folder)) return []
    return filesIn(folder).map(name =>
      secret(`solutions/${labFolder(lab)}/${name}`, readFileSync(path.join(folder, name), 'utf8'), false),
    )
  })
  return [...holes, ...solutions]
}

/** All that students may read. */
function openTexts(): string[] {
  const read = (...parts: string[]) => readFileSync(path.join(root, ...parts), 'utf8')
  const labs = handedOut.flatMap(lab => {
    const folder = path.join('labs', labFolder(lab))
    return filesIn(path.join(root, folder))
      .filter(name => !name.startsWith('src/') && name !== 'hints.md')
      .map(name => read(folder, name))
  })
  const reference = filesIn(referenceSource)
    .filter(name => name.endsWith('.ts'))
    .map(name => {
      const text = readFileSync(path.join(referenceSource, name), 'utf8')
      const lab = secretLabOf(name.replace(/\.ts$/, ''))
      return lab ? cut(lab, text, name.replace(/\.ts$/, '')) : text
    })
  const rest = ['course', 'reference-impl/bin'].flatMap(folder =>
    filesIn(path.join(root, folder)).map(name => read(folder, name)),
  )
  return [...labs, ...reference, ...rest]
}

/** Lines without their spaces, so that a change of indent hides nothing. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.replace(/\s+/g, ''))
    .filter(line => line.length >= shortestLine)
}

/** Every run of so many tokens: the layout may change, names and signs may not. */
function runsOf(text: string): string[] {
  const tokens = text.match(/[A-Za-z_$][\w$]*|\d[\w.]*|'[^'\n]*'|"[^"\n]*"|[^\s\w]/g) ?? []
  const runs: string[] = []
  for (let i = 0; i + run <= tokens.length; i++) runs.push(tokens.slice(i, i + run).join(' '))
  return runs
}
