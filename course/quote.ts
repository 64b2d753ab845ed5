/**
 * Finds a declaration by its name, so that chapters can quote the code itself instead of a copy that drifts, and
 * so that a mutant can say where it differs.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type ParseResult, parse } from '@babel/parser'
import { root } from './paths.ts'

export interface Quote {
  /** The declaration with its doc comment, at no indent, without the region lines that mark holes for the stubs. */
  code: string
  /** Where `code` begins in the file, counted from 1. */
  line: number
}

/**
 * The code of `symbol` in `file` (absolute, or relative to the repository): a function, class, interface, type or
 * constant; or a part of one, however deep, as in `Writer.ustring`. Throws when the file has no such symbol.
 */
export function quote(file: string, symbol: string): Quote {
  const source = readFileSync(path.resolve(root, file), 'utf8')
  const found = findSymbol(source, symbol)
  if (found === null) throw new Error(`${file} has no '${symbol}'`)
  const start = source.lastIndexOf('\n', found.commentStart - 1) + 1
  const lines = source.slice(start, found.end).split(/\r?\n/)
  const indent = lines[0]!.search(/\S/)
  const code = lines
    .filter(line => !/^\s*\/\/ #(end)?region\b/.test(line))
    .map(line => line.slice(Math.min(indent, Math.max(line.search(/\S/), 0))))
    .join('\n')
  return { code, line: source.slice(0, start).split('\n').length }
}

export interface FoundSymbol {
  /** Where its doc comment begins; `start` when it has none. */
  commentStart: number
  start: number
  end: number
}

/**
 * Where a declaration stands in a source text. The name is that of a declaration of the file itself; a dotted name goes
 * on from there to what is declared inside, however deep.
 */
export function findSymbol(source: string, symbol: string): FoundSymbol | null {
  const { program, comments } = syntaxTree(source)
  let inside = program as unknown as Node
  let whole: Node | null = null
  for (const [depth, name] of symbol.split('.').entries()) {
    whole = nearestNamed(inside, name, depth === 0)
    if (whole === null) return null
    inside = whole
  }
  if (whole === null) return null
  return {
    commentStart: docCommentBefore(source, comments ?? [], whole.start),
    start: whole.start,
    end: whole.end,
  }
}

export function syntaxTree(source: string): ParseResult {
  return parse(source, { sourceType: 'module', plugins: ['typescript'], attachComment: false })
}

/** What we need to know of a node of the syntax tree. */
interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

/** The declaration of `name` that lies least deep under `parent`, with `export` or `const` in front of it. */
function nearestNamed(parent: Node, name: string, shallow: boolean): Node | null {
  let level: { node: Node; statement: Node }[] = childrenOf(parent).map(node => ({ node, statement: node }))
  while (level.length > 0) {
    for (const { node, statement } of level) if (declares(node, name)) return statement
    level = level.flatMap(({ node, statement }) =>
      shallow && !carries(node)
        ? []
        : childrenOf(node).map(child => ({ node: child, statement: carries(node) ? statement : child })),
    )
  }
  return null
}

const carries = (node: Node) => node.type.startsWith('Export') || node.type === 'VariableDeclaration'

/** Does this node give a name to something? (A use of the name is an Identifier and no more.) */
function declares(node: Node, name: string): boolean {
  if (!declarations.test(node.type)) return false
  const naming = (node.id ?? node.key) as Node | null | undefined
  if (node.type.includes('Private'))
    return `#${((naming?.id as Node | undefined)?.name as string) ?? ''}` === name
  return naming?.name === name || naming?.value === name
}

const declarations =
  /^(FunctionDeclaration|TSDeclareFunction|ClassDeclaration|TSInterfaceDeclaration|TSTypeAliasDeclaration|VariableDeclarator|Class(Private)?(Method|Property)|Object(Method|Property)|TS(Method|Property)Signature)$/

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof (value as Node | null)?.type === 'string')
}

type Comments = NonNullable<ParseResult['comments']>

/** The start of the comments that stand directly above `start`; `start` itself when there are none. */
function docCommentBefore(source: string, comments: Comments, start: number): number {
  const above = comments.findLast(comment => comment.end! <= start)
  if (!above || !/^[ \t]*\r?\n[ \t]*$/.test(source.slice(above.end, start))) return start
  if (/^ #(end)?region\b/.test(above.value)) return start
  if (!/^[ \t]*$/m.test(source.slice(source.lastIndexOf('\n', above.start!) + 1, above.start!))) return start
  return docCommentBefore(source, comments, above.start!)
}
