import { expect, test } from 'vitest'
import { WORDS } from '../pages/builder/texts'
import { en } from './en'
import { ko } from './ko'
import { formats } from './numbers'
import { counter } from './plural'

test('counts are said in the forms of their language', () => {
  expect(en.parts.table.rows(1)).toBe('1 row')
  expect(en.parts.table.rows(1200)).toBe('1,200 rows')
  expect(ko.parts.table.rows(1)).toBe('1개 행')
  expect(counter('en')(0, { other: 'none of #' })).toBe('none of 0')
})

test('a long time is said in minutes, and never with sixty seconds', () => {
  const { seconds } = formats('en')
  expect(seconds(0.0131)).toBe('14 ms')
  expect(seconds(1.25)).toBe('1.3 sec')
  expect(seconds(119.7)).toBe('2 min 0 sec')
})

test('the past is said in its largest unit', () => {
  const { ago } = formats('en')
  const now = new Date('2026-11-21T12:00:00Z')
  expect(ago(new Date('2026-11-21T10:30:00Z'), now)).toBe('1 hour ago')
  expect(ago(new Date('2026-11-19T12:00:00Z'), now)).toBe('2 days ago')
  expect(ago(now, now)).toBe('now')
})

/** Paths of all words in a catalogue that are the same in both languages. */
function same(a: object, b: object, path = ''): string[] {
  return Object.entries(a).flatMap(([key, value]: [string, unknown]) => {
    const other: unknown = (b as Record<string, unknown>)[key]
    if (typeof value === 'object' && value !== null)
      return same(value, other as object, `${path}${key}.`)
    return value === other ? [`${path}${key}`] : []
  })
}

test('nothing was left in English by mistake', () => {
  const names = ['shell.product', 'models.tabs.sql', 'events.tree.kinds.raw']
  expect(same(en, ko).toSorted()).toEqual(names.toSorted())
  expect(same(WORDS.en, WORDS.ko)).toEqual([])
})
