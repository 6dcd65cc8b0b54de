/** A made-up weekly layer, a sample of three events, and a lake of one table. */
import type { Look, Figures } from '../api/activation'
import type { Catalogue, Ran } from '../api/playground'
import type { Found } from '../api/search'

function week(period: string, active: number, complete = true): Figures {
  const retained = Math.round(active * 0.6)
  const fresh = Math.round(active * 0.3)
  const back = active - retained - fresh
  const went = complete ? Math.round(active * 0.35) : null
  return {
    period,
    is_complete: complete,
    active,
    new_users: fresh,
    retained,
    reactivated: back,
    went,
    inactive: complete ? 400 : null,
    active_before: active,
    new_share: fresh / active,
    retained_share: retained / active,
    reactivated_share: back / active,
    churn_rate: went === null ? null : went / active,
    pulse: went === null ? null : (fresh + back) / went,
  }
}

const PERIODS = [week('2026-11-02', 100), week('2026-11-09', 120), week('2026-11-16', 80, false)]
const CHARTS = [
  'decomposition',
  'pulse',
  'churn',
  'values',
  'transitions',
  'streaks',
  'intervals',
  'curve',
  'absences',
]

export const FACTS = {
  facts: [
    {
      name: 'users_bought_items',
      description: 'Who bought on which day.',
      key: 'user_id',
      zone: 'Asia/Seoul',
      dimensions: [],
      grains: ['daily', 'weekly', 'monthly'].map((grain) => ({
        grain,
        has_layer: grain === 'weekly',
        built: grain === 'weekly',
      })),
      wrong: '',
    },
  ],
}

export const LOOK: Look = {
  fact: 'users_bought_items',
  grain: 'weekly',
  word: 'week',
  zone: 'Asia/Seoul',
  computed_from: null,
  start: '2026-11-02',
  until: '2026-11-23',
  first: '2026-11-02',
  last: '2026-11-16',
  at: '2026-11-09',
  at_is_complete: true,
  dimension: null,
  value: null,
  choices: [],
  scope: '3 weeks, from 2026-11-02 to 2026-11-16.',
  periods: PERIODS,
  before: null,
  before_missing: '',
  values: null,
  transitions: [
    { previous_state: 'Not seen before', state: 'New', users: 36, share: 1 },
    { previous_state: 'New', state: 'Retained', users: 20, share: 0.67 },
    { previous_state: 'New', state: 'Inactive', users: 10, share: 0.33 },
  ],
  streaks: [{ periods: 1, users: 60, share: 0.5 }],
  intervals: [{ periods: 1, users: 72, share: 1 }],
  curve: [{ periods: 1, users: 60, at_risk: 100, returned: 0.6 }],
  absences: null,
  charts: Object.fromEntries(
    CHARTS.map((name) => [name, { sentence: `What ${name} says.`, sql: 'SELECT 1' }]),
  ),
}

const hit = (place: number) => ({
  day: '2026-11-20',
  receipt: `normal/1/${place}`,
  at: `2026-11-20T0${place}:00:00Z`,
  event_time: `2026-11-20T0${place}:00:00Z`,
  received_at: `2026-11-20T0${place}:00:01Z`,
  landing_hour: `2026-11-20T0${place}:00:00Z`,
  event_id: `e${place}`,
  event_name: 'purchase_item_shop',
  user_id: 'me',
  device_id: null,
  platform: 'ios',
  app_version: '1.2.0',
  params: { quantity: place },
  weight: 10,
  stratum: 'purchase_item_shop',
  policy_version: 'abc',
})

const count = { matched: 3, estimate: 30, low: 3, high: 60 }

export const FOUND: Found = {
  query: '*',
  count,
  interval: 'keys',
  sampled: true,
  bar_seconds: 3600,
  bars: [1, 2, 3].map((hour) => ({ ...count, start: `2026-11-20T0${hour}:00:00Z` })),
  facets: { event_name: [{ ...count, value: 'purchase_item_shop' }], platform: [] },
  facets_whole: true,
  hits: [3, 2, 1].map(hit),
  rate: { offered: 1000, kept: 100, days: 1, first: '2026-11-20', last: '2026-11-20' },
  scanned: null,
  filters: {},
  seconds: 0.004,
  fields: ['event_name', 'params.<name>'],
  limits: { days: 92, rows: 300_000, seconds: 60 },
}

export const LAKE: Catalogue = {
  tables: [
    { schema_name: 'fact', name: 'users_bought', columns: [{ name: 'user_id', type: 'VARCHAR' }] },
  ],
  limits: { rows: 10_000, bytes: 5_000_000, seconds: 30 },
}

export const RAN: Ran = {
  columns: [
    { name: 'day', type: 'DATE' },
    { name: 'users', type: 'BIGINT' },
  ],
  rows: [
    ['2026-11-20', 42],
    ['2026-11-21', 41],
  ],
  cut: false,
  seconds: 0.2,
  fingerprint: 'abcdef012345',
}

/** The answers of these pages, by path; undefined if it is another page's. */
export function looked(path: string): unknown {
  const answers: Record<string, unknown> = {
    activation: FACTS,
    'activation/users_bought_items/weekly': LOOK,
    search: FOUND,
    playground: LAKE,
    'playground/run': RAN,
  }
  return answers[path]
}
