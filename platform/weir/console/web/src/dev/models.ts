/** Made-up tables with the states that the pages must show. */
import type { Model, ModelRow, Partition } from '../api/types'
import { day, EVENTS } from './events.ts'

function row(
  asset: string,
  description: string,
  rows: number,
  more: Partial<ModelRow> = {},
): ModelRow {
  return {
    asset,
    stage: asset.split('/')[0] ?? asset,
    grain: 'day',
    owner: 'growth@example.com',
    description,
    tier: 'normal',
    kind: 'model',
    rows,
    newest: day(1),
    missing: 0,
    stale: 0,
    failed: 0,
    seconds: 1.2,
    columns: 12,
    ...more,
  }
}

export const MODELS: ModelRow[] = [
  row('landing/events', 'Every event as it came, with when and from where.', 7_214_003, {
    grain: 'hour',
    newest: '2026-11-21-05:00',
    owner: '',
    seconds: null,
    columns: 21,
  }),
  row('accepted/events', 'Events that are valid, each one once.', 7_190_411, {
    grain: 'hour',
    newest: '2026-11-21-05:00',
    owner: '',
    seconds: 4.31,
  }),
  ...EVENTS.filter(({ status }) => status !== 'draft').map(({ name, accepted, owner, tier }) =>
    row(`event_log/${name}`, `One row per accepted ${name}, in typed columns.`, accepted, {
      owner,
      tier,
      columns: 18,
    }),
  ),
  row(
    'fact/users_bought_items',
    'One row per order line with its customer, item and price.',
    149_004,
    {
      missing: 1,
      stale: 2,
      columns: 9,
    },
  ),
  row('fact/users_contributed_code', 'One row per contribution to the repository.', 27_533, {
    owner: 'platform@example.com',
    failed: 1,
    seconds: 93.4,
  }),
  row(
    'activation/users_bought_items_activation_monthly',
    'New, retained, reactivated and inactive customers by month.',
    5_308,
    {
      grain: 'month',
      newest: '2026-10-01',
      stale: 1,
    },
  ),
  row('search/events', 'A sample of accepted events to look things up in.', 719_041, {
    grain: 'hour',
  }),
]

function partitions(row: ModelRow): Partition[] {
  const at = '2026-11-21T03:12:44Z'
  const cell = (key: string, index: number, state: Partition['state'] = 'current'): Partition => ({
    key,
    state,
    rows: state === 'missing' || state === 'empty' ? 0 : 1000 + ((index * 379) % 900),
    at: state === 'missing' ? null : at,
  })
  if (row.grain === 'hour') {
    return Array.from({ length: 24 * 7 + 6 }, (_, index) => {
      const instant = new Date(Date.UTC(2026, 10, 14) + index * 3_600_000)
      return cell(
        `${instant.toISOString().slice(0, 13).replace('T', '-')}:00`,
        index,
        index === 30 ? 'empty' : 'current',
      )
    })
  }
  if (row.grain === 'month') {
    return Array.from({ length: 22 }, (_, index) => {
      const month = `${2025 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`
      return cell(month, index, index === 21 ? 'stale' : 'current')
    })
  }
  const states: Record<number, Partition['state']> = { 60: 'empty', 61: 'empty' }
  if (row.missing) states[88] = 'missing'
  if (row.stale) Object.assign(states, { 89: 'stale', 90: 'stale' })
  if (row.failed) states[109] = 'failed'
  return Array.from({ length: 110 }, (_, index) => cell(day(110 - index), index, states[index]))
}

export function modelNamed(asset: string): Model | undefined {
  const found = MODELS.find((model) => model.asset === asset)
  if (!found) return undefined
  const fact = found.stage === 'fact'
  return {
    ...found,
    columns_of: [
      {
        name: 'user_id',
        type: 'VARCHAR',
        description: 'The customer.',
        sources: ['event_log/purchase_item_shop.user_id'],
      },
      {
        name: 'occurred_at',
        type: 'TIMESTAMP',
        description: 'When it happened, by the app.',
        sources: ['event_log/purchase_item_shop.event_time'],
      },
      {
        name: 'price',
        type: 'DECIMAL(18,2)',
        description: 'Paid, in US dollars.',
        sources: ['event_log/purchase_item_shop.price', 'event_log/purchase_item_shop.quantity'],
      },
      {
        name: 'partition_day',
        type: 'DATE',
        description: 'The partition, in the zone of the fact.',
        sources: [],
      },
    ],
    checks: fact
      ? [
          { name: 'not_null_user_id', passed: true, detail: '', partition: '2026-11-20' },
          {
            name: 'unique_order_line',
            passed: found.failed === 0,
            detail: found.failed ? '3 rows are there twice' : '',
            partition: '2026-11-20',
          },
        ]
      : [],
    reads: fact
      ? ['event_log/purchase_item_shop']
      : found.stage === 'landing'
        ? []
        : ['accepted/events'],
    read_by: fact ? ['activation/users_bought_items_activation_monthly'] : [],
    sql: fact
      ? "with purchases as (\n\n    select * from lake.event_log.purchase_item_shop\n    where partition_day = date '2026-11-20'\n\n)\n\nselect\n    user_id,\n    event_time as occurred_at,\n    sum(price * quantity) as price,\n    partition_day\nfrom purchases\ngroup by all\n"
      : null,
    zone: fact ? 'Asia/Seoul' : 'UTC',
    ...standing(found),
    partitions: partitions(found),
    partitions_in_all: partitions(found).length,
    runs: fact ? RUNS : [],
  }
}

function standing({ stage, failed, newest }: ModelRow): Pick<Model, 'freshness' | 'cost'> {
  if (stage !== 'fact') return { freshness: null, cost: null }
  const key = day(1)
  return {
    freshness: {
      state: failed ? 'lost' : 'fresh',
      expected: key,
      newest,
      built_at: '2026-11-21T03:12:44Z',
      text: failed
        ? `${key} has 0 rows and was built with 6,120.`
        : `${key} is there with 6,120 rows, as it was built.`,
    },
    cost: {
      runs: 2,
      seconds_p50: 6.1,
      seconds_p90: 12.7,
      rows_p50: 6120,
      bytes_p50: 24_105,
      bytes_p90: 48_211,
    },
  }
}

const RUNS: Model['runs'] = ['2026-11-21T03:12:40Z', '2026-11-20T03:11:02Z'].map((at, index) => ({
  run: `8b6a3c1e-2a44-4c6e-9b1f-1d2a50b2f9c${index}`,
  at,
  partitions: 1 + index,
  rows: 6120 * (1 + index),
  bytes: 48_211,
  seconds: 12.7 - index,
}))
