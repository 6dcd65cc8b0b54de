/** What is done to the tree: find, add, remove, rename, move, change the kind. Every edit is a new tree. */
import { createNode, ABOUT, type Kind, type Node } from './model'

export interface Place {
  node: Node
  parent: Node | null
  index: number
}

export interface Row {
  node: Node
  parent: Node | null
  depth: number
  index: number
  count: number
}

/** Rows from the top down, the root's children first; what is in a closed node is left out. */
export function rowsOf(root: Node, closed: ReadonlySet<string>): Row[] {
  const walk = (parent: Node, depth: number): Row[] =>
    parent.children.flatMap((node, index) => [
      { node, parent, depth, index, count: parent.children.length },
      ...(closed.has(node.id) ? [] : walk(node, depth + 1)),
    ])
  return walk(root, 0)
}

export function find(root: Node, id: string): Place | null {
  if (root.id === id) return { node: root, parent: null, index: 0 }
  for (const [index, node] of root.children.entries()) {
    if (node.id === id) return { node, parent: root, index }
    const found = find(node, id)
    if (found) return found
  }
  return null
}

/** The names from the top to a node, as people write them: `item.id`, `items[]`, `labels{}`. */
export function pathOf(root: Node, id: string): string {
  const walk = (node: Node, path: string): string | null => {
    if (node.id === id) return path
    for (const [index, child] of node.children.entries()) {
      const found = walk(child, step(node, child, index, path))
      if (found !== null) return found
    }
    return null
  }
  return walk(root, '') ?? ''
}

function step(parent: Node, child: Node, index: number, path: string): string {
  if (parent.kind === 'array') return `${path}[]`
  if (parent.kind === 'map') return `${path}{}`
  if (parent.kind === 'union') return `${path}|${index + 1}`
  return path ? `${path}.${child.name}` : child.name
}

export function update(root: Node, id: string, change: (node: Node) => Node): Node {
  if (root.id === id) return change(root)
  const children = root.children.map((child) => update(child, id, change))
  const touched = children.some((child, index) => child !== root.children[index])
  return touched ? { ...root, children } : root
}

/** How many children a kind can have. */
export function room(kind: Kind): number {
  if (kind === 'object' || kind === 'union') return Infinity
  return kind === 'array' || kind === 'map' ? 1 : 0
}

export interface Edit {
  root: Node
  /** The node that is at hand afterwards. */
  at: string
}

export function insert(root: Node, parent: string, index: number, node: Node): Edit {
  const next = update(root, parent, (holder) => ({
    ...holder,
    children: holder.children.toSpliced(index, 0, fitted(node, holder)),
  }))
  return { root: next, at: node.id }
}

/** A child as its new parent can have it: only an object's keys have names and may be required. */
function fitted(node: Node, parent: Node): Node {
  return parent.kind === 'object' ? node : { ...node, name: '', required: false, pii: '' }
}

export function addChild(root: Node, id: string, kind: Kind = 'string'): Edit | null {
  const place = find(root, id)
  if (!place || place.node.children.length >= room(place.node.kind)) return null
  return insert(root, id, place.node.children.length, createNode(kind))
}

/** A new node after another one; where its parent has no room, after that. */
export function addSibling(root: Node, id: string, kind: Kind = 'string'): Edit | null {
  const place = find(root, id)
  if (!place?.parent) return addChild(root, root.id, kind)
  if (place.parent.children.length >= room(place.parent.kind)) {
    return addSibling(root, place.parent.id, kind)
  }
  return insert(root, place.parent.id, place.index + 1, createNode(kind))
}

export function remove(root: Node, id: string): Edit | null {
  const place = find(root, id)
  if (!place?.parent) return null
  const { parent, index } = place
  const children = parent.children.toSpliced(index, 1)
  const near = children[index] ?? children[index - 1] ?? parent
  return { root: update(root, parent.id, (node) => ({ ...node, children })), at: near.id }
}

export type Direction = 'up' | 'down' | 'in' | 'out'

/** Moves a node among its neighbours, into the one before it, or out behind its parent. */
export function move(root: Node, id: string, direction: Direction): Edit | null {
  const place = find(root, id)
  if (!place?.parent) return null
  const { parent, index } = place
  if (direction === 'out') {
    const above = find(root, parent.id)
    return above?.parent ? relocate(root, id, above.parent.id, above.index + 1) : null
  }
  if (direction === 'in') {
    const before = parent.children[index - 1]
    return before ? relocate(root, id, before.id, before.children.length) : null
  }
  const to = direction === 'up' ? index - 1 : index + 1
  const last = parent.children.length - 1
  return to === Math.min(Math.max(to, 0), last) ? reorder(root, parent, index, to) : null
}

function reorder(root: Node, parent: Node, index: number, to: number): Edit | null {
  const node = parent.children[index]
  if (!node) return null
  const children = parent.children.toSpliced(index, 1).toSpliced(to, 0, node)
  return { root: update(root, parent.id, (holder) => ({ ...holder, children })), at: node.id }
}

export type Where = 'before' | 'inside' | 'after'

/** Puts a node before, into or after another one, as it is dropped there. */
export function drop(root: Node, id: string, target: string, where: Where): Edit | null {
  const place = find(root, target)
  if (!place || target === id) return null
  if (where === 'inside') return relocate(root, id, target, place.node.children.length)
  if (!place.parent) return null
  return relocate(root, id, place.parent.id, place.index + (where === 'after' ? 1 : 0))
}

function relocate(root: Node, id: string, parent: string, index: number): Edit | null {
  const place = find(root, id)
  const holder = find(root, parent)
  if (!place?.parent || !holder || find(place.node, parent)) return null
  const same = place.parent.id === parent
  if (!same && holder.node.children.length >= room(holder.node.kind)) return null
  const taken = remove(root, id)
  if (!taken) return null
  const to = same && place.index < index ? index - 1 : index
  return insert(taken.root, parent, to, place.node)
}

/** A copy of a node right after it, under a free name. */
export function duplicate(root: Node, id: string): Edit | null {
  const place = find(root, id)
  if (!place?.parent || place.parent.children.length >= room(place.parent.kind)) return null
  const names = new Set(place.parent.children.map(({ name }) => name))
  const copy = renewed(place.node)
  const named = copy.name ? { ...copy, name: freeName(copy.name, names) } : copy
  return insert(root, place.parent.id, place.index + 1, named)
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let number = 2
  while (taken.has(`${name}_${number}`)) number += 1
  return `${name}_${number}`
}

function renewed(node: Node): Node {
  const { id } = createNode('any')
  return { ...node, id, children: node.children.map(renewed) }
}

/** Constraints by the kinds that they act on. */
export const CONSTRAINTS: Partial<Record<Kind, string[]>> = {
  string: ['format', 'pattern', 'minLength', 'maxLength', 'enum', 'const'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum', 'const'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum', 'const'],
  boolean: ['const'],
  array: ['minItems', 'maxItems', 'uniqueItems'],
  object: ['additionalProperties', 'minProperties', 'maxProperties'],
  map: ['minProperties', 'maxProperties'],
  any: ['enum', 'const'],
} // prettier-ignore

/** Another kind for a node. What means the same there stays; an object and a list of it turn into each other. */
export function changeKind(node: Node, kind: Kind, ref = ''): Node {
  if (node.kind === kind) return node
  const allowed = new Set([...ABOUT, ...(CONSTRAINTS[kind] ?? [])])
  const kept = Object.entries(node.keywords).filter(([key]) => allowed.has(key))
  const keywords = { ...Object.fromEntries(kept), ...(kind === 'fragment' ? { $ref: ref } : {}) }
  const { id, name, required, pii } = node
  const plain = createNode(kind, { id, name, required, pii, keywords })
  const nullable = node.nullable && !['union', 'fragment', 'any', 'raw'].includes(kind)
  if (kind === 'raw') return { ...plain, raw: {}, nullable }
  return { ...plain, nullable, children: children(node, kind, plain) }
}

const LISTS = new Set<Kind>(['array', 'map'])

function children(node: Node, kind: Kind, plain: Node): Node[] {
  if (LISTS.has(kind)) return LISTS.has(node.kind) ? node.children : wrapped(node, plain)
  if (kind === 'object') return LISTS.has(node.kind) ? (node.children[0]?.children ?? []) : []
  return kind === 'union' ? alternatives(node) : []
}

/** What is in an object, as the object that each item is. */
function wrapped(node: Node, plain: Node): Node[] {
  const full = node.kind === 'object' && node.children.length > 0
  return full ? [createNode('object', { children: node.children })] : plain.children
}

/** What the node was is the first alternative. */
function alternatives(node: Node): Node[] {
  if (['fragment', 'any', 'raw'].includes(node.kind)) {
    return [createNode('string'), createNode('integer')]
  }
  const { id } = createNode('any')
  const bare = { name: '', required: false, pii: '', nullable: false }
  return [{ ...node, id, ...bare }, createNode('string')]
}
