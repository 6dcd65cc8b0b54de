import { expect, test } from 'vitest'
import { Lost, refusal, Refused } from './errors'

test('the one error shape keeps its remedy and place', async () => {
  const error = {
    code: 'invalid',
    message: 'The name is taken.',
    remedy: 'Choose another.',
    where: { pointer: '/name' },
    request: 'r1',
  }
  const read = await refusal(Response.json({ error }, { status: 422 }))
  expect(read).toBeInstanceOf(Refused)
  expect(read).toMatchObject({ status: 422, refusal: error, message: 'The name is taken.' })
})

test('a gateway that finds nobody behind it is a lost connection', async () => {
  expect(await refusal(new Response('Bad Gateway', { status: 502 }))).toBeInstanceOf(Lost)
})

test('an answer in another shape still says its status', async () => {
  const read = await refusal(new Response('oops', { status: 500 }))
  expect(read).toMatchObject({ status: 500, refusal: { code: 'http_500', message: 'HTTP 500' } })
})
