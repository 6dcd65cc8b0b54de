/** The parameter tree as rows: what is open, how deep, and the constraints in a line. */
import type { Node } from '../../api/types'

export interface TreeRow {
  node: Node
  /** Names from the top, joined by dots: the parameter's own name in search and errors. */
  path: string
  depth: number
}

/** Rows from the top down; the children of a closed node are left out. */
export function treeRows(nodes: Node[], closed: ReadonlySet<string>): TreeRow[] {
  const walk = (level: Node[], above: string, depth: number): TreeRow[] =>
    level.flatMap((node) => {
      const path = above ? `${above}.${node.name}` : node.name
      const below = closed.has(path) ? [] : walk(node.children, path, depth + 1)
      return [{ node, path, depth }, ...below]
    })
  return walk(nodes, '', 0)
}

/** The paths of all nodes that have children. */
export function branches(nodes: Node[]): string[] {
  return treeRows(nodes, new Set())
    .filter(({ node }) => node.children.length > 0)
    .map(({ path }) => path)
}

/** `minLength 1, maxLength 64`; or the schema of what the tree cannot show. */
export function limits({ constraints, schema_text: schema }: Node): string {
  if (schema !== undefined && schema !== null) return JSON.stringify(schema)
  return Object.entries(constraints)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
