/** The reference as a handout has it: JavaScript and types; the labs' modules minified. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { transform } from 'esbuild'
import { Complaint } from '../complaint.ts'
import { referenceSource, root } from '../paths.ts'
import { filesIn, type HandoutFile, handoutFolder, secretLabOf } from './handout.ts'

export async function builtReference(): Promise<HandoutFile[]> {
  const emitted = compiled()
  const files: HandoutFile[] = []
  for (const [name, text] of emitted) {
    const module = name.replace(/\.js$/, '')
    const secret = name.endsWith('.js') && secretLabOf(module) !== undefined
    files.push({ file: `reference-impl/src/${name}`, contents: secret ? await minified(text) : text })
  }
  const others = filesIn(referenceSource).filter(name => !name.endsWith('.ts'))
  for (const name of others) {
    files.push({
      file: `reference-impl/src/${name}`,
      contents: readFileSync(path.join(referenceSource, name)),
    })
  }
  for (const { file, contents } of handoutFolder('reference-impl/bin')) {
    files.push({ file, contents: ontoBuilt(String(contents)) })
  }
  return files
}

/** What TypeScript makes of the reference: `wire/jute.js` and `wire/jute.d.ts`. */
function compiled(): Map<string, string> {
  const out = mkdtempSync(path.join(tmpdir(), 'handout-'))
  const project = path.join(out, 'tsconfig.json')
  writeFileSync(
    project,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: referenceSource,
        outDir: path.join(out, 'src'),
        typeRoots: [path.join(root, 'node_modules', '@types')],
      },
      include: [path.join(referenceSource, '**', '*.ts')],
      exclude: [],
    }),
  )
  try {
    execFileSync(
      process.execPath,
      [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project],
      {
        encoding: 'utf8',
      },
    )
    const folder = path.join(out, 'src')
    return new Map(filesIn(folder).map(name => [name, readFileSync(path.join(folder, name), 'utf8')]))
  } catch (error) {
    throw new Complaint(`The reference does not compile: ${(error as { stdout?: string }).stdout ?? error}`)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

async function minified(code: string): Promise<string> {
  const result = await transform(code, {
    minify: true,
    format: 'esm',
    target: 'node20',
    legalComments: 'none',
  })
  return result.code
}

/** Programs stay as they are, but what they import is built now. */
function ontoBuilt(program: string): string {
  return program.replace(/((?:from |import\()'(?:\.\.\/)+src\/[\w/.-]+)\.ts'/g, "$1.js'")
}
