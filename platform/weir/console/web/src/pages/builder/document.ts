/** An event as it is edited here, and as the API takes it. */
import type { Document, Wanted } from './api'
import type { Draft, Term } from './tree/drafts'
import {
  createNode,
  isJson,
  othersOf,
  piiOf,
  readSchema,
  writeSchema,
  type Json,
  type Node,
} from './tree/model'

export type Slots = [string, string, string]

export interface Doc {
  slots: Slots
  envelope: Json
  root: Node
  /** PII actions of what is no parameter. */
  others: Json
  terms: Term[]
}

/** What an edit began from. */
export interface Origin {
  /** Undefined for a new event. */
  name?: string
  version: number
  draft: boolean
  read: Record<string, string>
  branch: string
}

const EMPTY: Json = { $schema: 'https://json-schema.org/draft/2020-12/schema' }

export function emptyDoc(owner: string): Doc {
  return {
    slots: ['', '', ''],
    envelope: {
      name: '', description: '', owner, domain: '', tier: 'normal', status: 'draft', sampling: 0.1,
    },
    root: createNode('object', {
      keywords: EMPTY,
      form: { keys: ['$schema', 'type', 'required', 'properties'], required: ['-'], nullFirst: false, union: 'oneOf' },
    }),
    others: {},
    terms: [],
  } // prettier-ignore
}

export const NEW: Origin = { version: 1, draft: true, read: {}, branch: '' }

export function docOf(found: Pick<Document, 'envelope' | 'parameters'>, terms: Term[] = []): Doc {
  const { envelope, parameters } = found
  const pii = isJson(envelope.pii) ? envelope.pii : {}
  const root = readSchema(parameters, pii)
  const name = typeof envelope.name === 'string' ? envelope.name : ''
  return { slots: slotsOf(name), envelope, root, others: othersOf(root, pii), terms }
}

export function originOf({ name, version, draft, read, branch }: Document): Origin {
  return { name, version, draft, read, branch }
}

export function slotsOf(name: string): Slots {
  const [action = '', object = '', ...service] = name.split('_')
  return [action, object, service.join('_')]
}

export function nameOf(slots: Slots): string {
  return slots.filter(Boolean).join('_')
}

export function wantedOf(doc: Doc, origin: Origin): Wanted {
  const pii = piiOf(doc.root, doc.others)
  const { pii: before, ...rest } = doc.envelope
  const said = before !== undefined || Object.keys(pii).length > 0
  const parameters = writeSchema(doc.root)
  return {
    envelope: {
      ...rest,
      name: origin.name ?? nameOf(doc.slots),
      ...(said ? { pii } : {}),
    },
    parameters: isJson(parameters) ? parameters : {},
    read: origin.read,
    terms: doc.terms,
    branch: origin.branch,
  }
}

export function draftFrom(doc: Doc, origin: Origin): Draft {
  const { envelope, parameters } = wantedOf(doc, origin)
  const { read, branch } = origin
  return { envelope, parameters, terms: doc.terms, read, branch, at: new Date().toISOString() }
}

export function isEdited(doc: Doc, origin: Origin, start: Doc): boolean {
  return JSON.stringify(wantedOf(doc, origin)) !== JSON.stringify(wantedOf(start, origin))
}
