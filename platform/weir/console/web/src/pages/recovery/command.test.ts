import { expect, test } from 'vitest'
import type { PlanWanted } from '../../api/recovery'
import { commandOf } from './command'

const NOTHING: PlanWanted = {
  kind: 'recover',
  assets: [],
  range: '',
  since: null,
  layers: [],
  downstream: false,
  rebuild: false,
  level: 'listing',
}

test('a form is the command that does the same', () => {
  expect(commandOf(NOTHING)).toBe('weir plan recover')
  expect(commandOf({ ...NOTHING, level: 'rows' })).toBe('weir plan recover --level rows')
  expect(
    commandOf({
      ...NOTHING,
      kind: 'backfill',
      assets: ['fact/a'],
      range: '2026-01-01..2026-01-31',
      rebuild: true,
      downstream: true,
    }),
  ).toBe('weir plan backfill fact/a --range 2026-01-01..2026-01-31 --rebuild --downstream')
  expect(
    commandOf({
      ...NOTHING,
      kind: 'restate',
      assets: ['fact/a'],
      since: '2026-01-05',
      layers: ['weekly'],
    }),
  ).toBe('weir plan restate a --from 2026-01-05 --grain weekly')
})
