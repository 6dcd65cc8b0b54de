/**
 * The parameters as a tree that can be edited, and JSON Schema ⇄ tree. What no node shows is kept
 * word for word in a `raw` node, and keys keep their order: what is not edited is written as it was.
 */

export type Json = Record<string, unknown>

export const SCALARS = ['string', 'integer', 'number', 'boolean'] as const
export const KINDS = [
  ...SCALARS,
  'object',
  'array',
  'map',
  'union',
  'fragment',
  'any',
  'raw',
] as const
export type Kind = (typeof KINDS)[number]

export interface Node {
  /** The same through all edits. */
  id: string
  /** The key in its object; empty for items, values and alternatives. */
  name: string
  kind: Kind
  required: boolean
  nullable: boolean
  /** What the collector does to the value before it is stored. */
  pii: string
  /** The keywords that are no children: description, constraints, and those nobody edits here. */
  keywords: Json
  children: Node[]
  /** JSON Schema of a raw node. */
  raw?: unknown
  /** What was typed for it, while that is no JSON. */
  text?: string
  /** How it was written, so that it is written so again. */
  form: Form
}

interface Form {
  keys: string[]
  required: string[]
  nullFirst: boolean
  union: 'anyOf' | 'oneOf'
}

const FORM: Form = { keys: [], required: [], nullFirst: false, union: 'oneOf' }
export const ABOUT = ['title', 'description', 'examples', 'default', 'deprecated', '$comment']
const SHAPES = new Set([
  'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'patternProperties', 'propertyNames',
  'dependentSchemas', 'prefixItems', 'contains', 'unevaluatedItems', 'unevaluatedProperties',
  'properties', 'items', '$ref',
]) // prettier-ignore

let made = 0

export function createNode(kind: Kind, more: Partial<Node> = {}): Node {
  made += 1
  return {
    id: `n${made}`,
    name: '',
    kind,
    required: false,
    nullable: false,
    pii: '',
    keywords: {},
    children: kind === 'array' || kind === 'map' ? [createNode('string')] : [],
    form: FORM,
    ...more,
  }
}

/** The tree of a schema; `pii` are the envelope's actions by column. */
export function readSchema(schema: Json, pii: Json = {}): Node {
  return tagged(parse(schema), '', pii)
}

function tagged(node: Node, column: string, pii: Json): Node {
  if (node.kind !== 'object') return node
  const children = node.children.map((child) => {
    const name = column ? `${column}__${child.name}` : child.name
    const action = pii[name]
    const known = typeof action === 'string' ? { ...child, pii: action } : child
    return tagged(known, name, pii)
  })
  return { ...node, children }
}

/** The actions of the envelope that are of no node, such as `user_id`'s. */
export function othersOf(root: Node, pii: Json): Json {
  const own = new Map(columnsOf(root))
  return Object.fromEntries(Object.entries(pii).filter(([name]) => !own.has(name)))
}

/** The envelope's `pii` as the nodes say it, and the others. */
export function piiOf(root: Node, others: Json = {}): Json {
  return { ...others, ...Object.fromEntries(columnsOf(root).filter(([, action]) => action)) }
}

/** Columns and what is done to them. Items, values and alternatives have none of their own. */
function columnsOf(node: Node, column = ''): [string, string][] {
  if (node.kind !== 'object') return []
  return node.children.flatMap((child) => {
    const name = column ? `${column}__${child.name}` : child.name
    return [[name, child.pii], ...columnsOf(child, name)]
  })
}

function parse(schema: unknown, name = '', required = false): Node {
  const raw = () => createNode('raw', { name, required, raw: schema })
  if (!isJson(schema)) return raw()
  const shaped = shape(schema)
  if (!shaped) return raw()
  const node = { ...shaped, name, required }
  return JSON.stringify(writeSchema(node)) === JSON.stringify(schema) ? node : raw()
}

function shape(schema: Json): Node | null {
  const form: Form = { ...FORM, keys: Object.keys(schema) }
  if ('$ref' in schema) return reference(schema, form)
  if ('anyOf' in schema || 'oneOf' in schema) return union(schema, form)
  const [type, nullable] = typeOf(schema.type, form)
  const rest = without(schema, ['type'])
  if (type === 'object') return keyed(rest, { nullable, form })
  if (type === 'array') return listed(rest, { nullable, form })
  if (Object.keys(rest).some((key) => SHAPES.has(key))) return null
  if (type && (SCALARS as readonly string[]).includes(type)) {
    return createNode(type as Kind, { nullable, form, keywords: rest })
  }
  return schema.type === undefined ? createNode('any', { form, keywords: rest }) : null
}

function typeOf(type: unknown, form: Form): [string | null, boolean] {
  if (typeof type === 'string') return [type, false]
  if (!Array.isArray(type) || type.length !== 2) return [null, false]
  const [first, second] = type as unknown[]
  form.nullFirst = first === 'null'
  const kind = form.nullFirst ? second : second === 'null' ? first : null
  return [typeof kind === 'string' ? kind : null, true]
}

function reference(schema: Json, form: Form): Node | null {
  if (Object.keys(schema).some((key) => key !== '$ref' && !ABOUT.includes(key))) return null
  return createNode('fragment', { keywords: schema, form })
}

function union(schema: Json, form: Form): Node | null {
  const keyword = 'anyOf' in schema ? 'anyOf' : 'oneOf'
  const options = schema[keyword]
  const others = Object.keys(schema).filter((key) => key !== keyword && !ABOUT.includes(key))
  if (!Array.isArray(options) || others.length > 0) return null
  return createNode('union', {
    keywords: without(schema, [keyword]),
    children: options.map((option) => parse(option)),
    form: { ...form, union: keyword },
  })
}

type More = Pick<Node, 'nullable' | 'form'>

function keyed(rest: Json, more: More): Node | null {
  if (isJson(rest.additionalProperties)) return mapped(rest, more)
  const { properties = {}, required = [], ...keywords } = rest
  if (!isJson(properties) || !Array.isArray(required)) return null
  if (Object.keys(keywords).some((key) => SHAPES.has(key))) return null
  const names = required as string[]
  return createNode('object', {
    ...more,
    form: { ...more.form, required: names },
    keywords,
    children: Object.entries(properties).map(([name, inner]) =>
      parse(inner, name, names.includes(name)),
    ),
  })
}

function mapped(rest: Json, more: More): Node | null {
  const { additionalProperties, ...keywords } = rest
  if ('required' in rest || Object.keys(keywords).some((key) => SHAPES.has(key))) return null
  return createNode('map', { ...more, keywords, children: [parse(additionalProperties)] })
}

function listed(rest: Json, more: More): Node | null {
  const { items, ...keywords } = rest
  if (Object.keys(keywords).some((key) => SHAPES.has(key))) return null
  if (items !== undefined && !isJson(items)) return null
  return createNode('array', { ...more, keywords, children: items ? [parse(items)] : [] })
}

/** The schema of a node. */
export function writeSchema(node: Node): unknown {
  if (node.kind === 'raw') return node.raw
  const own: Json = { ...typed(node), ...node.keywords, ...inside(node) }
  const keys = [...node.form.keys.filter((key) => key in own), ...Object.keys(own)]
  return Object.fromEntries([...new Set(keys)].map((key) => [key, own[key]]))
}

const TYPES: Partial<Record<Kind, string>> = { map: 'object' }

function typed(node: Node): Json {
  if (['union', 'fragment', 'any'].includes(node.kind)) return {}
  const type = TYPES[node.kind] ?? node.kind
  if (!node.nullable) return { type }
  return { type: node.form.nullFirst ? ['null', type] : [type, 'null'] }
}

function inside(node: Node): Json {
  const [first] = node.children
  if (node.kind === 'array') return first ? { items: writeSchema(first) } : {}
  if (node.kind === 'map') return { additionalProperties: first ? writeSchema(first) : {} }
  if (node.kind === 'union') return { [node.form.union]: node.children.map(writeSchema) }
  return node.kind === 'object' ? members(node) : {}
}

function members(node: Node): Json {
  const names = new Set(node.children.filter(({ required }) => required).map(({ name }) => name))
  const required = [...new Set([...node.form.required.filter((name) => names.has(name)), ...names])]
  const { keys } = node.form
  const empty = node.children.length === 0 && keys.length > 0 && !keys.includes('properties')
  return {
    ...(required.length > 0 || (keys.includes('required') && node.form.required.length === 0)
      ? { required }
      : {}),
    ...(empty
      ? {}
      : {
          properties: Object.fromEntries(
            node.children.map((child) => [child.name, writeSchema(child)]),
          ),
        }),
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function without(schema: Json, keys: string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)))
}
