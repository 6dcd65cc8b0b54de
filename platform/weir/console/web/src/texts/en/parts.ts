import { counter } from '../plural'

const count = counter('en')

export const parts = {
  loading: 'Loading',
  copy: 'Copy',
  copied: 'Copied',
  none: 'None',
  unknown: 'Not known',
  yes: 'Yes',
  no: 'No',
  failure: {
    title: 'This did not work',
    lost: 'The server does not answer',
    lostRemedy: 'Weir asks again by itself. If it stays away, check that it runs:',
    unexpected: 'The console made a mistake',
    unexpectedRemedy: 'Reload the page. If it comes again, copy this into an issue.',
    conflict: 'Somebody else changed this meanwhile',
    at: (pointer: string) => `At ${pointer}`,
    request: (id: string) => `Request ${id}`,
    copy: 'Copy for an issue',
    retry: 'Try again',
  },
  table: {
    filter: 'Filter',
    rows: (n: number) => count(n, { one: '# row', other: '# rows' }),
    some: (n: number, total: number) =>
      `${count(n, { other: '#' })} of ${count(total, { one: '# row', other: '# rows' })}`,
    nothing: 'No row matches the filter.',
    clear: 'Clear the filter',
    save: 'Export',
    saveHint: 'Export the rows that are shown',
    csv: 'as CSV',
    json: 'as JSON',
  },
  json: {
    all: (lines: number) => `Show all ${count(lines, { other: '#' })} lines`,
    absent: (key: string) => `${key} is missing`,
    violations: 'What is wrong',
    whole: 'the event as a whole',
    expected: (expected: string, found: string) => `Expected ${expected}, found ${found}.`,
  },
  once: { only: 'This is the only time it is shown. Copy it now.', done: 'I have it' },
  sure: { no: 'Cancel' },
  when: {
    never: 'Never',
    zone: (zone: string) => `Zone ${zone}`,
  },
  tiers: { critical: 'critical', normal: 'normal', bulk: 'bulk' },
  statuses: {
    active: 'active',
    draft: 'draft',
    deprecated: 'deprecated',
    archived: 'archived',
  },
  grains: { hour: 'hour', day: 'day', week: 'week', month: 'month', year: 'year' },
  partitions: {
    current: 'current',
    stale: 'stale',
    missing: 'missing',
    failed: 'failed',
    empty: 'empty',
  },
  trend: (last: string, peak: string, days: number) =>
    `${last} on the last of ${count(days, { one: '# day', other: '# days' })}, at most ${peak}`,
}
