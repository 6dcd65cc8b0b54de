/** A made-up morning: one partition missing, a few stale, a check failed. */
import type { Home, Stage } from '../api/types'

function stage(
  name: string,
  assets: number,
  rows: number,
  today: number | null,
  more: Partial<Stage> = {},
): Stage {
  return {
    stage: name,
    assets,
    rows,
    rows_today: today,
    newest: '2026-11-21T05',
    missing: 0,
    stale: 0,
    failed: 0,
    ...more,
  }
}

export const HOME: Home = {
  at: '2026-11-21T06:02:11Z',
  grain: 'hour',
  closed_until: '2026-11-21T06:00:00Z',
  stages: [
    stage('collect', 0, 7_214_551, 251_908, { newest: '' }),
    stage('landing', 1, 7_214_003, 251_360),
    stage('accepted', 1, 7_190_411, 250_502),
    stage('event_log', 8, 7_190_411, 250_502, { newest: '2026-11-20' }),
    stage('fact', 2, 176_537, 6_120, {
      newest: '2026-11-20',
      missing: 1,
      stale: 2,
      failed: 1,
    }),
    stage('activation', 2, 12_903, 310, { newest: '2026-10', stale: 1 }),
    stage('search', 1, 719_041, 25_050),
  ],
  problems: [
    {
      kind: 'failed_check',
      subject: 'fact/users_contributed_code',
      text: 'unique_order_line found 3 rows that are there twice in 2026-11-20.',
      href: '/models/fact/users_contributed_code?tab=checks',
    },
    {
      kind: 'missing',
      subject: 'fact/users_bought_items',
      text: '2026-10-30 was not built: its file is gone from the lake.',
      href: '/models/fact/users_bought_items',
    },
    {
      kind: 'stale',
      subject: 'fact/users_bought_items',
      text: '2 days are older than the events that arrived late for them.',
      href: '/models/fact/users_bought_items?as=table&state=stale',
    },
    {
      kind: 'quarantine',
      subject: 'purchase_item_shop',
      text: '858 events of this week wait in quarantine, most of them for /price.',
      href: '/quarantine?event=purchase_item_shop',
    },
  ],
  live: { collector: 'http://127.0.0.1:8080' },
}
