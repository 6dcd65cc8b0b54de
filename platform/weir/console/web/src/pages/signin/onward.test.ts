import { expect, test } from 'vitest'
import { linkToken, onward } from './onward'

test.each([
  ['/models?stage=fact', '/models?stage=fact'],
  ['/dagster/runs', '/dagster/runs'],
  ['//elsewhere.example', '/'],
  ['/\\elsewhere.example', '/'],
  ['https://elsewhere.example', '/'],
  [undefined, '/'],
])('%j leads to %j', (to, path) => {
  expect(onward(to)).toBe(path)
})

test('a link carries its token behind the #', () => {
  expect(linkToken('#token=a%2Bb')).toBe('a+b')
  expect(linkToken('token=ab')).toBe('ab')
  expect(linkToken('')).toBe('')
})
