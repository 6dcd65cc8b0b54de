import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { asked, openAs } from '../../dev/open'

test('a group leads to its events, with the wrong place marked', async () => {
  const user = openAs('operator', '/quarantine?event=purchase_item_shop')
  await screen.findByRole('heading', { level: 1, name: 'Quarantine' })
  const [first] = await screen.findAllByRole('link', { name: 'purchase_item_shop' })
  await user.click(first as HTMLElement)
  await screen.findByRole('heading', { level: 1, name: 'Events in quarantine' })
  expect(window.location.search).toContain('rule=minimum')
  expect(window.location.search).toContain('pointer=%2Fparams%2Fprice')
  const wrong = (await screen.findByText(/"price": -1.5/)).closest('[data-wrong]')
  expect(wrong).toBeTruthy()
})

test('what would be valid is counted before it is replayed, and asked once more', async () => {
  const user = openAs('operator', '/quarantine/events?event=purchase_item_shop&rule=minimum')
  await user.click(await screen.findByRole('button', { name: /what is valid now/ }))
  await screen.findByText('602 of 610 events would be valid now.')
  await user.click(screen.getByRole('button', { name: 'Replay 602 events' }))
  await user.click(await screen.findByRole('button', { name: 'Replay' }))
  await screen.findByText('602 events were replayed.')
  expect(asked.some(({ url, method }) => method === 'POST' && url.endsWith('/replays'))).toBe(true)
})

test('an editor may try, and not replay', async () => {
  const user = openAs('editor', '/quarantine/events?rule=minimum')
  await user.click(await screen.findByRole('button', { name: /what is valid now/ }))
  const button = await screen.findByRole('button', { name: 'Replay 602 events' })
  expect((button as HTMLButtonElement).disabled).toBe(true)
})

test("an event's page shows its violations by rule, with samples", async () => {
  openAs('viewer', '/events/purchase_item_shop?tab=violations')
  await screen.findByText(/"price": -1.5/)
  expect(screen.getByRole('region', { name: 'Violations by rule' })).toBeTruthy()
  const link = screen.getByRole('link', { name: 'Mend and replay in quarantine' })
  expect(link.getAttribute('href')).toBe('/quarantine?event=purchase_item_shop')
})
