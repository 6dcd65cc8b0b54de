import { expect, test } from 'vitest'
import { pieces } from './Marked'

test.each([
  ['Coupons used', 'coupon', ['', 'Coupon', 's used']],
  ['a.b', '.', ['a', '.', 'b']],
  ['nothing here', 'else', ['nothing here']],
  ['all of it', '  ', ['all of it']],
])('%j searched for %j', (text, words, found) => {
  expect(pieces(text, words)).toEqual(found)
})
