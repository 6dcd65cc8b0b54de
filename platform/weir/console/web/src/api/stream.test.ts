import { expect, test } from 'vitest'
import { messages } from './stream'

test('messages are put together from any chunks; pings are none', () => {
  const take = messages()
  expect(take('event: hello\r\ndata: {"a"')).toEqual([])
  expect(take(':1}\r\n\r\n: ping\n\nevent: event\ndata: []\n')).toEqual([
    { kind: 'hello', data: { a: 1 } },
  ])
  expect(take('\n')).toEqual([{ kind: 'event', data: [] }])
})
