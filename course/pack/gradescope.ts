/**
 * `npm run pack -- --gradescope OUT.zip`: the autograder that Gradescope wants. Two scripts at the root, and beside them
 * what grading takes: hidden tests and reference, but neither mutants nor walk-throughs. Never for students.
 */
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { Complaint } from '../complaint.ts'
import { labNamed, madeLabs } from '../labs.ts'
import { type HandoutFile, handoutFile, handoutFolder } from './handout.ts'

const scripts = ['setup.sh', 'run_autograder'] as const

export async function packGradescope(out: string, labs: string | undefined): Promise<number> {
  if (!/\.zip$/i.test(out))
    throw new Complaint(`--gradescope wants the name of a .zip to write, not '${out}'.`)
  const graded = labs === undefined ? madeLabs.filter(lab => !lab.solved) : labs.split(',').map(labNamed)
  const numbers = graded.map(({ id }) => id).join(',')
  const files = graderFiles()
  const zip = new ZipFile()
  // The same repository gives the same bytes.
  const mtime = new Date('2000-01-01T00:00:00')
  for (const name of scripts) {
    const [{ contents }] = handoutFile(`course/pack/gradescope/${name}`) as [HandoutFile]
    const text = String(contents).replaceAll('--labs LABS', `--labs ${numbers}`)
    zip.addBuffer(Buffer.from(text), name, { mtime, mode: 0o100755 })
  }
  for (const { file, contents } of files) {
    zip.addBuffer(Buffer.from(contents), `course-files/${file}`, { mtime, mode: 0o100644 })
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path.resolve(out)))
  console.log(
    `${files.length + scripts.length} files in ${out}, for ${graded.length === 1 ? 'lab' : 'labs'} ${numbers.replaceAll(',', ', ')}.\n` +
      'It holds the hidden tests: upload it to Gradescope under "Configure Autograder", and give it to nobody.',
  )
  return 0
}

function graderFiles(): HandoutFile[] {
  return [
    ...['package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE'].flatMap(file => handoutFile(file)),
    ...['course', 'labs', 'reference-impl', 'solutions']
      .flatMap(handoutFolder)
      .filter(({ file }) => isNeeded(file)),
  ]
}

/** Tests of the tool and of the reference say nothing about a submission; what hidden tests share does. */
function isNeeded(file: string): boolean {
  if (/(^|\/)(node_modules|\.course)\//.test(file)) return false
  if (file.startsWith('solutions/'))
    return !/^solutions\/[^/]+\/(alternative\/|mutants\.ts$|README\.md$)/.test(file)
  return !/^(course\/test\/|reference-impl\/test\/.*\.test\.ts$)/.test(file)
}
