/** A stand-in for the builder's part of the API: it judges little, and saves to nowhere. */
import type { Dictionaries, Document, Judged, Saved, Wanted } from '../pages/builder/api'
import { EVENTS, eventNamed } from './events.ts'

const word = (name: string, meaning: string, synonyms: string[] = []) => ({
  name,
  meaning,
  synonyms,
})

export const DICTIONARIES: Dictionaries = {
  words: {
    action: [word('purchase', 'Pay for something.', ['buy']), word('view', 'Look at something.')],
    object: [
      word('item', 'Something that the shop sells.'),
      word('cart', 'What is about to be bought.'),
    ],
    service: [word('shop', 'The online shop.'), word('git', 'Version control.')],
    parameter: [],
  },
  owners: { service: ['platform@example.com'] },
  fragments: [
    { ref: 'fragment:money/1', description: 'An amount and its currency.', kind: 'object' },
  ],
  events: EVENTS.map(({ name }) => name),
  event_owners: ['growth@example.com'],
  domains: ['commerce'],
  tiers: ['critical', 'normal', 'bulk'],
  policies: ['flag', 'quarantine', 'reject'],
  modes: ['none', 'backward', 'forward', 'full'],
  pii: ['hash', 'mask', 'drop'],
  formats: ['date', 'date-time', 'email'],
  applies: {},
  reserved: ['user_id', 'device_id', 'platform'],
  max_name: 100,
  git: true,
  remote: false,
  branch: 'main',
}

const PARAMETERS = {
  type: 'object',
  required: ['quantity'],
  properties: {
    quantity: { type: 'integer', minimum: 1, description: 'Number of items bought.' },
    item: {
      type: 'object',
      description: 'What was bought.',
      properties: { id: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
    },
    payment: {
      description: 'How it was paid.',
      oneOf: [{ type: 'string' }, { $ref: 'fragment:money/1' }],
    },
  },
}

export function documentOf(name: string, branch: string): Document | null {
  const event = eventNamed(name)
  if (!event) return null
  const { description, owner, domain, tier, status, sampling } = event
  return {
    name,
    envelope: { name, description, owner, domain, tier, status, sampling },
    parameters: PARAMETERS,
    version: event.version,
    draft: status === 'draft',
    read: { [`shop/${name}/v1.json`]: JSON.stringify(PARAMETERS) },
    branch,
  }
}

type Note = Judged['notes'][number]

export function judge({ envelope, parameters }: Wanted): Judged {
  const name = String(envelope.name)
  const right = /^[a-z]+_[a-z]+_(shop|git)$/.test(name)
  const wrong: Note = {
    part: 'name',
    pointer: '/name',
    rule: 'form',
    severity: 'error',
    text: `\`${name}\` is not written as three tokens.`,
    remedy: 'Name it `view_item_shop`.',
    suggestion: 'view_item_shop',
  }
  const properties = (parameters.properties ?? {}) as Record<string, { description?: string }>
  const personal = Object.keys(properties).filter((key) => key.includes('email'))
  const hints = personal.map<Note>((key) => ({
    part: 'parameters',
    pointer: `/properties/${key}`,
    rule: 'personal',
    severity: 'hint',
    text: `\`${key}\` looks like an email address.`,
    remedy: 'Say what is done to it.',
    suggestion: null,
  }))
  return {
    ok: right,
    notes: [...(right ? [] : [wrong]), ...hints],
    suggestion: right ? name : 'view_item_shop',
    completions: [],
    version: 1,
    compatibility: null,
    columns: Object.entries(properties).map(([key, { description = '' }]) => ({
      name: key,
      duckdb: 'VARCHAR',
      bigquery: 'STRING',
      description,
      change: 'added',
      duckdb_before: null,
    })),
    example: { name, version: 1, params: {} },
    example_wrong: '',
    diff: `--- /dev/null\n+++ b/shop/${name}/event.json\n@@ -0,0 +1 @@\n+{}`,
  }
}

/** A save of an event whose meaning somebody else has changed too, until a side is taken. */
export function saveOf(wanted: Wanted & { resolutions?: Record<string, string> }) {
  const name = String(wanted.envelope.name)
  const place = { id: 'c0ffee', path: `shop/${name}/event.json`, pointer: '/description' }
  const theirs = { base: 'It was.', mine: wanted.envelope.description, theirs: 'Theirs.' }
  if (name.startsWith('rate') && !wanted.resolutions?.[place.id]) {
    return { conflict: { ...place, ...theirs, remedy: 'Ask who changed it.' } }
  }
  const branch = `events/${name}-1`
  const document = {
    name,
    envelope: wanted.envelope,
    parameters: wanted.parameters,
    version: 1,
    draft: true,
    read: { [`shop/${name}/v1.json`]: JSON.stringify(wanted.parameters) },
    branch,
  }
  const saved: Saved = {
    told: `Version 1 of \`${name}\` is saved.`,
    version: 1,
    branch,
    commit: '0123456789abcdef0123456789abcdef01234567',
    base: 'main',
    files: [`assets/events/shop/${name}/v1.json`],
    message: `Change ${name}`,
    nothing: false,
    in_place: false,
    pushed: false,
    columns: [],
    document,
  }
  return { saved }
}
