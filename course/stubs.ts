/**
 * Cuts a lab's stub from the reference, so that solution and stub cannot drift apart. In the reference
 *
 *     // #region lab 04: A. write an int
 *     …
 *     // #endregion
 *
 * becomes `throw new Todo('04 A: write an int')`; everything else stays as it is, types and comments included. A region
 * `// #region lab 04: solution only` (a private helper, an import) leaves nothing behind. Regions do not nest.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { keepBackup } from './backup.ts'
import { Complaint } from './complaint.ts'
import { findLab, type Lab, labs } from './manifest.ts'
import { pristineStubs, shown, studentSource } from './paths.ts'
import { syntaxTree } from './quote.ts'
import { referenceFile } from './swap.ts'

/** The verb: writes the stubs of these labs, or of all that have something to cut. */
export function stubs(names: readonly string[]): number {
  for (const lab of names.length > 0 ? names.map(labWithRegions) : labs.filter(isCut)) {
    for (const swap of lab.swaps) {
      const file = path.join(studentSource(lab), `${swap}.ts`)
      const stub = stubOf(lab, swap)
      const before = existsSync(file) ? readFileSync(file, 'utf8') : null
      if (before === stub) {
        console.log(`  ${shown(file)} is up to date`)
        continue
      }
      const backup = before === null ? '' : `; what was there is kept as ${shown(keepBackup(lab, file))}`
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, stub)
      console.log(`  ${shown(file)} written${backup}`)
    }
  }
  return 0
}

/** The stub of one file of a lab, as handed out. */
export function stubOf(lab: Lab, swap: string): string {
  const handedOut = path.join(pristineStubs(lab), `${swap}.ts`)
  if (existsSync(handedOut)) return readFileSync(handedOut, 'utf8')
  return cut(lab, readFileSync(referenceOf(swap), 'utf8'), swap)
}

/** A hole of a lab: what is to be done, and the lines of the reference that do it. */
export interface Region {
  part: string
  task: string
  lines: readonly string[]
  /** Of the first of these lines in the file, counted from 1. */
  line: number
}

/** The holes of one reference file that belong to this lab, in the order of the file. */
export function regionsOf(lab: Lab, source: string): Region[] {
  const regions: Region[] = []
  eachLine(lab, source, {
    keep: () => {},
    hole: region => regions.push(region),
  })
  return regions
}

/** Cuts the regions of `lab` out of a reference file. `swap` says where it stands, for the import of Todo. */
export function cut(lab: Lab, source: string, swap: string): string {
  const lines: string[] = []
  let holes = 0
  eachLine(lab, source, {
    keep: line => lines.push(line),
    hole: (region, indent) => {
      if (lab.solved) lines.push(...region.lines)
      else lines.push(`${indent}throw new Todo(${quoted(`${lab.id} ${region.part}: ${region.task}`)})`)
      holes++
    },
  })
  const stub = lines.join('\n')
  return holes > 0 && !lab.solved ? importTodo(stub, swap) : stub
}

const start = /^(\s*)\/\/ #region lab (\d\d): (?:([A-Z])\. (\S.*)|(solution only))$/

function eachLine(
  lab: Lab,
  source: string,
  on: { keep(line: string): void; hole(region: Region, indent: string): void },
): void {
  let open: { indent: string; part: string | null; task: string; lines: string[]; line: number } | null = null
  for (const [index, line] of source.split(/\r?\n/).entries()) {
    const opening = /\/\/ #region lab\b/.test(line)
    const [, indent = '', id, part = null, task = ''] = start.exec(line) ?? []
    if (opening && id === undefined) {
      throw new Error(
        `line ${index + 1}: '${line.trim()}' should read like '// #region lab 04: A. write an int'`,
      )
    }
    if (opening && open) throw new Error(`line ${index + 1}: a region begins inside another one`)
    if (opening && id === lab.id) {
      open = { indent, part, task, lines: [], line: index + 2 }
    } else if (open && /^\s*\/\/ #endregion\s*$/.test(line)) {
      const { indent, part, task, lines, line } = open
      if (part !== null) on.hole({ part, task, lines, line }, indent)
      open = null
    } else if (open) {
      open.lines.push(line)
    } else {
      on.keep(line)
    }
  }
  if (open) throw new Error(`the region '${open.task}' has no #endregion`)
}

function quoted(text: string): string {
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`
}

/** Adds the import of Todo where a tidy person would: among the other imports, in the order of their paths. */
function importTodo(stub: string, swap: string): string {
  const from = path.posix.relative(path.posix.dirname(swap), 'lib/todo.ts')
  const specifier = from.startsWith('.') ? from : `./${from}`
  const line = `import { Todo } from '${specifier}'\n`
  const imports = syntaxTree(stub).program.body.filter(statement => statement.type === 'ImportDeclaration')
  const later = imports.find(({ source }) => source.value.startsWith('.') && source.value > specifier)
  if (later) return insert(stub, later.start!, line)
  const last = imports.at(-1)
  if (last) return insert(stub, stub.indexOf('\n', last.end!) + 1, line)
  const header = /^\/\*\*.*?\*\/\n/s.exec(stub)?.[0] ?? ''
  return `${header}${line}${header === '' ? '\n' : ''}${stub.slice(header.length)}`
}

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at)
}

function referenceOf(swap: string): string {
  const file = referenceFile(swap)
  if (file?.endsWith('.ts')) return file
  throw new Complaint(`The reference has no ${swap}.ts to cut a stub from.`)
}

function isCut(lab: Lab): boolean {
  return hasRegions(lab) || (lab.solved === true && lab.swaps.every(swap => referenceFile(swap) !== null))
}

function hasRegions(lab: Lab): boolean {
  return lab.swaps.some(swap => {
    const file = referenceFile(swap)
    return file?.endsWith('.ts') && readFileSync(file, 'utf8').includes(`// #region lab ${lab.id}:`)
  })
}

/** Any lab at all: its stub is cut long before it counts as made. */
function labWithRegions(name: string): Lab {
  const lab = findLab(name)
  if (!lab) throw new Complaint(`There is no lab '${name}'.`)
  if (!lab.solved && !hasRegions(lab)) {
    throw new Complaint(
      `Nothing to cut: no file of lab ${lab.id} (${lab.swaps.join(', ')}) in reference-impl/src has a line like\n` +
        `  // #region lab ${lab.id}: A. what to do`,
    )
  }
  return lab
}
