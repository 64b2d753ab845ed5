/** As much of a Markdown syntax tree (mdast) as our plugins need to know. */
export interface MarkdownNode {
  type: string
  children?: MarkdownNode[]
  url?: string
  value?: string
  lang?: string
  meta?: string
  data?: { hProperties?: Record<string, unknown> }
}

/** Calls `change` for each node below `parent`, which may put other nodes in its place. */
export function replaceEach(
  parent: MarkdownNode,
  change: (node: MarkdownNode) => MarkdownNode[] | null,
): void {
  if (parent.children === undefined) return
  parent.children = parent.children.flatMap(child => {
    const instead = change(child)
    if (instead !== null) return instead
    replaceEach(child, change)
    return [child]
  })
}

/** What a reader sees of a node, as text. */
export function textOf(node: MarkdownNode): string {
  return node.value ?? node.children?.map(textOf).join('') ?? ''
}
