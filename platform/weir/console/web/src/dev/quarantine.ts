/** A made-up quarantine: one schema that is too narrow, an app that sends texts for numbers. */
import type { Groups, Replay, Row } from '../api/quarantine'

const AT = '2026-11-21T05:12:40Z'
const RANGE = { first_seen: '2026-11-20T22:01:00Z', last_seen: AT }

export const GROUPS: Groups = {
  rows: 858,
  replayed: 0,
  groups: [
    {
      event: 'purchase_item_shop',
      rule: 'minimum',
      pointer: '/params/price',
      rows: 610,
      replayed: 0,
      share: 610 / 858,
      sample: 'quarantine/3/17',
      ...RANGE,
    },
    {
      event: 'purchase_item_shop',
      rule: 'required',
      pointer: '/params/quantity',
      rows: 170,
      replayed: 0,
      share: 170 / 858,
      sample: 'quarantine/3/21',
      ...RANGE,
    },
    {
      event: null,
      rule: 'not_json',
      pointer: '',
      rows: 78,
      replayed: 0,
      share: 78 / 858,
      sample: 'quarantine/3/4',
      ...RANGE,
    },
  ],
  choices: {
    event: ['purchase_item_shop', '-'],
    rule: ['minimum', 'required', 'not_json'],
    app: ['3.1.0', '-'],
  },
}

export const ROWS: Row[] = [
  {
    receipt: 'quarantine/3/17',
    landing: '2026-11-21-05:00',
    received_at: AT,
    event: 'purchase_item_shop',
    version: 1,
    version_assumed: true,
    platform: 'ios',
    app: '3.1.0',
    producer: 'shop-app',
    environment: 'prod',
    channel: 'client',
    sent: {
      id: 'r-1',
      name: 'purchase_item_shop',
      time: AT,
      user_id: 'u1',
      params: { quantity: 1, price: -1.5 },
    },
    raw: null,
    hidden: false,
    violations: [
      {
        pointer: '/params/price',
        rule: 'minimum',
        expected: 'number >= 0 and <= 1000000000',
        found: '-1.5 (number)',
        remedy: 'Send `price` as number >= 0, for example `"price": 25.99`.',
      },
    ],
    replayed: null,
  },
]

export const REPORT = {
  looked_at: 610,
  valid: 602,
  replayed: 0,
  already: 0,
  tiers: { normal: 602 },
  reasons: { minimum: 8 },
  examples: [],
  landed: [],
  seconds: 0.4,
}

export const REPLAY: Replay = {
  id: 1,
  by: 'ann',
  state: 'done',
  total: 610,
  version: null,
  began_at: AT,
  ended_at: AT,
  report: { ...REPORT, replayed: 602, landed: ['2026-11-21-06:00'] },
  error: '',
}

/** The quarantine's answers, by the end of the path. */
export function quarantine(path: string): unknown {
  const answers: Record<string, unknown> = {
    quarantine: GROUPS,
    'quarantine/rows': { rows: ROWS },
    'quarantine/drops': {
      drops: [
        {
          code: 'not_json',
          producer: 'anonymous',
          event: null,
          requests: 12,
          events: 0,
          bytes: 4211,
          first: RANGE.first_seen,
          last: AT,
        },
      ],
    },
    'quarantine/dry-run': { ...REPORT, total: 610 },
    'quarantine/replays': { replays: [REPLAY] },
  }
  return answers[path]
}
