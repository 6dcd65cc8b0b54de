import { expect, test } from 'vitest'
import { isProblem, linkToken, onward } from './onward'

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

test('only what there is a text for is told as a problem', () => {
  const texts = { oidc_failed: 'It failed.' }
  expect(isProblem('oidc_failed', texts)).toBe(true)
  expect(isProblem('toString', texts)).toBe(false)
})
