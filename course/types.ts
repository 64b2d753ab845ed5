/** What TypeScript has to say about a lab. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { Complaint } from './complaint.ts'
import type { Lab } from './manifest.ts'
import { labRoot, root } from './paths.ts'

export interface TypeProblem {
  file: string
  line: number
  column: number
  message: string
}

/** The student's file first: what it breaks elsewhere follows from it. */
export function typeProblems(lab: Lab): Promise<TypeProblem[]> {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const argv = [compiler, '--noEmit', '--pretty', 'false', '-p', path.join(labRoot(lab), 'tsconfig.json')]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, argv, { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const problems = parse(stdout)
      if (error && problems.length === 0)
        reject(new Complaint(`TypeScript cannot check lab ${lab.id}: ${stdout}${stderr}`))
      else resolve(problems.sort((a, b) => rank(lab, a) - rank(lab, b)))
    })
  })
}

/** Lines like `labs/04/src/x.ts(3,5): error TS2322: …`, each with more of the same message indented below it. */
function parse(output: string): TypeProblem[] {
  const problems: TypeProblem[] = []
  for (const line of output.split(/\r?\n/)) {
    const [, file, row, column, message] = /^(\S.*?)\((\d+),(\d+)\): error TS\d+: (.*)$/.exec(line) ?? []
    if (file !== undefined) {
      problems.push({
        file: path.resolve(root, file),
        line: Number(row),
        column: Number(column),
        message: message!,
      })
    } else if (line.startsWith(' ') && problems.length > 0) {
      problems.at(-1)!.message += `\n${line}`
    }
  }
  return problems
}

function rank(lab: Lab, problem: TypeProblem): number {
  return problem.file.startsWith(path.join(labRoot(lab), 'src')) ? 0 : 1
}
