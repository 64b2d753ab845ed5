/** `npm run hint 04`: three hints of rising strength, each only when it is asked for. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import pc from 'picocolors'
import { Complaint } from './complaint.ts'
import { labNamed } from './labs.ts'
import type { Lab } from './manifest.ts'
import { labRoot } from './paths.ts'

export async function hint(name: string, number?: string): Promise<number> {
  const lab = labNamed(name)
  const hints = hintsOf(lab)
  if (number !== undefined) {
    const one = hints[Number(number) - 1]
    if (one === undefined)
      throw new Complaint(`Lab ${lab.id} has the hints 1 to ${hints.length}, not '${number}'.`)
    console.log(hintText(lab, Number(number), one))
    return 0
  }
  for (const [index, text] of hints.entries()) {
    console.log(hintText(lab, index + 1, text))
    if (index + 1 === hints.length) break
    if (!process.stdin.isTTY) {
      console.log(`The next one: npm run hint ${lab.id} -- ${index + 2}`)
      break
    }
    if (!(await wants(`Another hint? It tells more. [y/N] `))) break
  }
  return 0
}

/** The hints of a lab, the gentlest first: what stands under `## 1`, `## 2`, `## 3`. */
export function hintsOf(lab: Lab): string[] {
  const text = readFileSync(path.join(labRoot(lab), 'hints.md'), 'utf8')
  return text
    .split(/^## \d+\s*$/m)
    .slice(1)
    .map(hint => hint.trim())
}

export function hintText(lab: Lab, number: number, text: string): string {
  return `${pc.bold(`Hint ${number} for lab ${lab.id}`)}\n\n${text}\n`
}

async function wants(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    // Who closes the input (Ctrl-D) has answered as well.
    const closed = new Promise<string>(resolve => terminal.once('close', () => resolve('')))
    const answer = await Promise.race([terminal.question(question), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
