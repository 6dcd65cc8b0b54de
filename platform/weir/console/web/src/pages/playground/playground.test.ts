import { beforeEach, expect, test } from 'vitest'
import { forget, keepText, keptText, past, remember } from './kept'
import { isNumeric } from './Results'
import { quoted } from './Tables'

beforeEach(() => localStorage.clear())

test('what was run is kept by person, the newest first and each once', () => {
  const at = new Date('2026-11-22T06:00:00Z')
  remember('ann', 'select 1', at)
  remember('ann', 'select 2', at)
  remember('ann', 'select 1', at)
  expect(past('ann').map(({ sql }) => sql)).toEqual(['select 1', 'select 2'])
  expect(past('bob')).toEqual([])
  forget('ann')
  expect(past('ann')).toEqual([])
})

test('a text outlives the page, and a broken history is none', () => {
  keepText('ann', 'select 3')
  expect(keptText('ann')).toBe('select 3')
  localStorage.setItem('weir-playground-history:ann', '{')
  expect(past('ann')).toEqual([])
})

test('names are quoted where SQL needs it', () => {
  expect(quoted('fact', 'users_bought')).toBe('fact.users_bought')
  expect(quoted('weir', 'Odd "name"')).toBe('weir."Odd ""name"""')
})

test.each([
  ['BIGINT', true],
  ['HUGEINT', true],
  ['DECIMAL(18,3)', true],
  ['UTINYINT', true],
  ['VARCHAR', false],
  ['INTERVAL', false],
  ['INTEGER[]', false],
])('%s is a number: %s', (type, numeric) => {
  expect(isNumeric(type)).toBe(numeric)
})
