/** Made-up events with the shapes that the pages must show: nested, deprecated, draft, wrong. */
import type { Event, EventRow, Node } from '../api/types'

const DAY_MS = 86_400_000
const TODAY = Date.UTC(2026, 10, 21)

export function day(before: number): string {
  return new Date(TODAY - before * DAY_MS).toISOString().slice(0, 10)
}

function node(name: string, type: string, description: string, more: Partial<Node> = {}): Node {
  return {
    name,
    kind: 'scalar',
    type,
    required: false,
    nullable: false,
    description,
    pii: null,
    constraints: {},
    children: [],
    ...more,
  }
}

const item = node('item', 'object', 'What was bought.', {
  kind: 'object',
  type: null,
  required: true,
  children: [
    node('id', 'string', 'The item in the catalogue.', {
      required: true,
      constraints: { minLength: 1, maxLength: 64 },
    }),
    node('category', 'string', 'The department of the shop.', {
      constraints: { enum: ['music', 'books', 'tools'] },
    }),
    node('attributes', 'string', 'Free attributes by name.', {
      kind: 'map',
      type: null,
    }),
  ],
})

const PARAMETERS: Node[] = [
  node('quantity', 'integer', 'Number of items bought.', {
    required: true,
    constraints: { minimum: 1, maximum: 1000000 },
  }),
  node('price', 'number', 'Total paid, all items together, in US dollars; may be 0.', {
    required: true,
    constraints: { minimum: 0 },
  }),
  item,
  node('coupons', 'array', 'Coupons that were used.', {
    kind: 'array',
    type: null,
    children: [node('[]', 'string', 'A coupon code.', {})],
  }),
  node('payment', 'union', 'How it was paid.', {
    kind: 'union',
    type: null,
    children: [
      node('card', 'object', 'By card.', {
        kind: 'object',
        type: null,
        children: [node('last4', 'string', 'Last four digits.', { pii: 'financial' })],
      }),
      node('transfer', 'object', 'By bank transfer.', { kind: 'object', type: null }),
    ],
  }),
  node('email', 'string', 'Where the receipt goes.', { nullable: true, pii: 'contact' }),
]

const NAMES: [string, string, string, EventRow['tier'], EventRow['status'], number][] = [
  [
    'purchase_item_shop',
    'A customer bought items: sent once per order line, when the payment is confirmed.',
    'growth@example.com',
    'critical',
    'active',
    5200,
  ],
  [
    'view_item_shop',
    'A customer looked at an item for at least one second.',
    'growth@example.com',
    'bulk',
    'active',
    184000,
  ],
  [
    'add_cart_shop',
    'A customer put an item into the cart.',
    'growth@example.com',
    'normal',
    'active',
    21800,
  ],
  [
    'search_item_shop',
    'A customer searched the catalogue; the query is kept for 30 days.',
    'search@example.com',
    'normal',
    'active',
    40300,
  ],
  [
    'push_commit_git',
    'A contributor pushed a commit to a branch of the repository.',
    'platform@example.com',
    'normal',
    'active',
    860,
  ],
  [
    'merge_branch_git',
    'A contributor merged a branch into the default branch.',
    'platform@example.com',
    'normal',
    'active',
    120,
  ],
  [
    'publish_release_git',
    'A maintainer published a release.',
    'platform@example.com',
    'normal',
    'active',
    3,
  ],
  [
    'click_banner_shop',
    'A customer clicked a banner on the front page.',
    'marketing@example.com',
    'bulk',
    'deprecated',
    410,
  ],
  [
    'rate_seller_shop',
    'A customer rated a seller after delivery.',
    'trust@example.com',
    'normal',
    'draft',
    0,
  ],
]

/** A wave of a week on a base, the same on every load. */
function volume(base: number) {
  if (base === 0) return []
  return Array.from({ length: 28 }, (_, index) => {
    const before = 27 - index
    const wave = 1 + 0.25 * Math.sin((index * 2 * Math.PI) / 7) + 0.012 * index
    const accepted = Math.round(base * wave * (before === 9 ? 0.2 : 1))
    return {
      day: day(before),
      accepted,
      violations: before % 6 === 2 ? Math.round(base * 0.03) : 0,
    }
  })
}

export const EVENTS: EventRow[] = NAMES.map(([name, description, owner, tier, status, base]) => {
  const days = volume(base)
  return {
    name,
    description,
    owner,
    domain: name.endsWith('_git') ? 'engineering' : 'commerce',
    tier,
    status,
    version: name === 'purchase_item_shop' ? 3 : 1,
    parameters: name.includes('item') ? 9 : 4,
    matches: [],
    volume: days,
    accepted: days.reduce((sum, { accepted }) => sum + accepted, 0),
    violations: days.reduce((sum, { violations }) => sum + violations, 0),
    last_seen: days.length > 0 ? day(0) : null,
  }
})

export function eventNamed(name: string): Event | undefined {
  const row = EVENTS.find((event) => event.name === name)
  if (!row) return undefined
  const { status, version, accepted } = row
  const versions = Array.from({ length: version }, (_, index) => ({
    number: index + 1,
    status: index + 1 === version ? 'active' : 'archived',
    draft: false,
    active_from: `2026-${String(8 + index).padStart(2, '0')}-02T09:53:39Z`,
  }))
  return {
    ...row,
    service: name.split('_').at(-1) ?? '',
    sampling: 0.1,
    policy: 'quarantine',
    compatibility: 'backward',
    refused: 0,
    last_received: row.last_seen && '2026-11-21T05:58:12Z',
    rules: status === 'active' ? { minimum: 610, required: 170 } : {},
    successor: status === 'deprecated' ? 'view_item_shop' : null,
    versions,
    parameter_tree: PARAMETERS,
    readers:
      status === 'draft'
        ? []
        : [
            { asset: 'fact/users_bought_items', distance: 1, via: [`event_log/${name}`] },
            {
              asset: 'activation/users_bought_items_activation_monthly',
              distance: 2,
              via: [`event_log/${name}`, 'fact/users_bought_items'],
            },
          ],
    by_version: versions.map(({ number }) => ({
      version: number,
      accepted: Math.round((accepted * number ** 2) / 14),
      violations: 0,
    })),
    by_app: [
      { app: '3.1.0', accepted: Math.round(accepted * 0.72), violations: 0 },
      { app: '3.0.4', accepted: Math.round(accepted * 0.23), violations: 0 },
      { app: '2.9.9', accepted: Math.round(accepted * 0.05), violations: 0 },
    ],
    findings:
      status === 'deprecated'
        ? [
            {
              severity: 'warning',
              pointer: '/properties/banner/description',
              text: 'The parameter `banner` has no description.',
              remedy: 'Say in one sentence what the value means.',
            },
          ]
        : [],
    asset: `event_log/${name}`,
    example: { quantity: 2, price: 25.99, item: { id: 'cd-1187', category: 'music' } },
  }
}

export const DIFFERENCES = [
  {
    pointer: '/properties/quantity/minimum',
    rule: 'range_narrowed',
    reason: 'The minimum rose from 0 to 1: documents with 0 were valid and are not any more.',
    remedy: 'Publish it as a new version, or keep 0 until no app sends it.',
    breaking: true,
  },
  {
    pointer: '/properties/coupons',
    rule: 'optional_added',
    reason: 'A new optional parameter: what was valid stays valid.',
    remedy: '',
    breaking: false,
  },
]
