/**
 * What is wrong at first sight: said at once, without the server. The server judges the whole and
 * has the last word; of a tree that cannot be written as JSON (a name twice) only this judges.
 */
import type { Json, Node } from './model'

export type Rule =
  | 'nameForm'
  | 'empty'
  | 'twice'
  | 'snake'
  | 'reserved'
  | 'long'
  | 'bounds'
  | 'undescribed'
  | 'json'
  | 'options'

export interface Fault {
  rule: Rule
  /** The node; empty for the event's name. */
  node: string
  name: string
  /** Whether the tree cannot be written while it is so. */
  blocks: boolean
}

export interface Rules {
  reserved: string[]
  max_name: number
}

const EVENT = /^[a-z][a-z0-9]*_[a-z][a-z0-9]*_[a-z][a-z0-9]*$/
const PARAMETER = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/
const BOUNDS: [string, string][] = [
  ['minLength', 'maxLength'],
  ['minimum', 'maximum'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
]

export function faults(name: string, root: Node, rules: Rules): Fault[] {
  const own: Fault[] =
    name && !EVENT.test(name) ? [{ rule: 'nameForm', node: '', name, blocks: false }] : []
  return [...own, ...inside(root, rules, true)]
}

function inside(node: Node, rules: Rules, top: boolean): Fault[] {
  const seen = new Set<string>()
  return node.children.flatMap((child) => {
    const found: Fault[] = node.kind === 'object' ? [...named(child, seen, rules)] : []
    seen.add(child.name)
    const quiet = top && !child.keywords.description && child.kind !== 'raw'
    if (quiet) found.push(fault('undescribed', child))
    return [...found, ...own(child), ...inside(child, rules, false)]
  })
}

function fault(rule: Rule, node: Node, blocks = false): Fault {
  return { rule, node: node.id, name: node.name, blocks }
}

function* named(node: Node, seen: ReadonlySet<string>, { reserved, max_name }: Rules) {
  const { name } = node
  if (name === '') yield fault('empty', node, true)
  else if (seen.has(name)) yield fault('twice', node, true)
  else if (reserved.includes(name) || /^(event)?_/.test(name)) yield fault('reserved', node)
  else if (name.length > max_name) yield fault('long', node)
  else if (!PARAMETER.test(name)) yield fault('snake', node)
}

function own(node: Node): Fault[] {
  const found: Fault[] = []
  if (node.text !== undefined) found.push(fault('json', node, true))
  if (node.kind === 'union' && node.children.length < 2) found.push(fault('options', node))
  if (BOUNDS.some(([low, high]) => above(node.keywords, low, high)))
    found.push(fault('bounds', node))
  return found
}

function above(keywords: Json, low: string, high: string): boolean {
  const [least, most] = [keywords[low], keywords[high]]
  return typeof least === 'number' && typeof most === 'number' && least > most
}
