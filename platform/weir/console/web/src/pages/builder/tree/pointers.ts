/** Between JSON pointers into the schema, which the server speaks of, and nodes of the tree. */
import type { Kind, Node } from './model'

function tokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The deepest node on the way of a pointer, and what is left of it: the keyword that is meant. */
export function locate(root: Node, pointer: string): { node: Node; rest: string[] } {
  let node = root
  let rest = tokens(pointer)
  for (let next = child(node, rest); next; next = child(node, rest)) {
    node = next.node
    rest = rest.slice(next.used)
  }
  return { node, rest }
}

function child(node: Node, [first = '', second = '']: string[]): Step | null {
  const step = STEPS[node.kind]
  if (!step) return null
  const [keyword, used, pick] = step
  if (first !== (keyword || node.form.union)) return null
  const found = pick(node, second)
  return found ? { node: found, used } : null
}

interface Step {
  node: Node
  used: number
}

type Pick = (node: Node, token: string) => Node | undefined

const only: Pick = ({ children }) => children[0]

/** By kind: the keyword that holds the children (a union has its own), tokens of the pointer, which one. */
const STEPS: Partial<Record<Kind, [string, number, Pick]>> = {
  object: ['properties', 2, ({ children }, token) => children.find(({ name }) => name === token)],
  array: ['items', 1, only],
  map: ['additionalProperties', 1, only],
  union: ['', 2, ({ children }, token) => children[Number(token)]],
}
