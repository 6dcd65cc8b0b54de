import { expect, test } from 'vitest'
import { MOST, reduce, START, type Action, type TailState } from './useTail'

const event = (id: string): Action => ({
  do: 'heard',
  message: { kind: 'event', data: { event_id: id } },
})

const after = (...actions: Action[]): TailState => actions.reduce(reduce, START)
const ids = (state: TailState) =>
  state.items.map((item) => (item.kind === 'event' ? item.what.event_id : item.what.code))

test('the newest is first; what comes while it is paused is held and then shown', () => {
  const paused = after(event('a'), { do: 'pause' }, event('b'), event('c'))
  expect(ids(paused)).toEqual(['a'])
  expect(paused.held).toHaveLength(2)
  expect(ids(reduce(paused, { do: 'pause' }))).toEqual(['c', 'b', 'a'])
})

test('no more is kept than can be looked at, and what was left out is counted', () => {
  const many = after(...Array.from({ length: MOST + 5 }, (_, index) => event(String(index))))
  expect(many.items).toHaveLength(MOST)
  expect(ids(many)[0]).toBe(String(MOST + 4))
  const told = reduce(many, { do: 'heard', message: { kind: 'left_out', data: { count: 7 } } })
  expect(told.leftOut).toBe(7)
  expect(reduce(told, { do: 'clear' })).toMatchObject({ items: [], leftOut: 0 })
})

test('it is live once the server says so', () => {
  expect(after({ do: 'heard', message: { kind: 'hello', data: {} } }).connection).toBe('live')
})
