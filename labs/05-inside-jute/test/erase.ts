/** From the TypeScript that a compiler made to JavaScript that runs: the types become blanks, everything else stays. */
import { parse } from '@babel/parser'

interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

/** `names` are those that the module exports. What it imports from errors.ts is taken from an object `errors`. */
export function javascript(typescript: string): { code: string; names: string[] } {
  const text = typescript.split('')
  const names: string[] = []
  const blank = (start: number, end: number, instead = ''): void => {
    for (let at = start; at < end; at++) if (text[at] !== '\n') text[at] = ' '
    text[start] = instead + text[start]
  }
  const { program } = syntaxTree(typescript)
  for (const statement of program.body as Node[]) {
    if (statement.type === 'ImportDeclaration') {
      blank(statement.start, statement.end, importOf(statement))
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration) {
      const declaration = statement.declaration as Node
      blank(statement.start, declaration.start)
      const name = (declaration.id as Node | undefined)?.name
      if (declaration.type === 'FunctionDeclaration') names.push(name as string)
      for (const each of (declaration.declarations ?? []) as Node[])
        names.push((each.id as Node).name as string)
    }
  }
  eraseIn(program, blank)
  return { code: text.join(''), names }
}

function syntaxTree(typescript: string): { program: Node } {
  try {
    return parse(typescript, { sourceType: 'module', plugins: ['typescript'] }) as unknown as {
      program: Node
    }
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number } }
    const line = loc === undefined ? '' : `\n    ${typescript.split('\n')[loc.line - 1]}`
    throw new Error(`the code that was made is not TypeScript: ${message}${line}`)
  }
}

/** What takes the place of an import: nothing, unless values come from errors.ts. */
function importOf({ importKind, source, specifiers }: Node): string {
  if (importKind === 'type') return ''
  const from = (source as Node).value as string
  const named = (specifiers as Node[]).filter(each => each.importKind !== 'type')
  if (named.length === 0) return ''
  if (from !== './errors.ts')
    throw new Error(`the code that was made imports from '${from}', and needs only './errors.ts'`)
  const bindings = named.map(({ imported, local }) => `${(imported as Node).name}: ${(local as Node).name}`)
  return `const { ${bindings.join(', ')} } = errors;`
}

/** What stands for types alone. Of `x as T`, `x satisfies T` and `x!` only the x stays. */
function eraseIn(node: Node, blank: (start: number, end: number) => void): void {
  if (/^TS(AsExpression|SatisfiesExpression|NonNullExpression)$/.test(node.type)) {
    const expression = node.expression as Node
    blank(expression.end, node.end)
    eraseIn(expression, blank)
  } else if (node.type.startsWith('TS')) {
    blank(node.start, node.end)
  } else {
    if (node.type === 'Identifier' && node.optional === true) {
      const mark = node.start + (node.name as string).length
      blank(mark, mark + 1)
    }
    for (const child of Object.values(node).flat()) {
      if (typeof (child as Node | null)?.type === 'string') eraseIn(child as Node, blank)
    }
  }
}
