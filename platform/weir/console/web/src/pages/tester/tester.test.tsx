import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openAs } from '../../dev/open'

test('an event begins with its example, is judged, sent, and told where it will be', async () => {
  const user = openAs('editor', '/tester?event=purchase_item_shop')
  await screen.findByText('It would be kept as valid.')
  expect(window.location.search).toBe('')
  expect(localStorage.getItem('weir-tester')).toContain('"quantity": 2')
  await user.click(screen.getByRole('button', { name: 'Send' }))
  await screen.findByText(/The collector answered/)
  expect(screen.getByRole('link', { name: 'Open the event' })).toBeTruthy()
})

test('an unknown name is put right with one press', async () => {
  localStorage.setItem('weir-tester', '{"name": "purchase_shop", "params": {"price": 1}}')
  const user = openAs('editor', '/tester')
  await user.click(await screen.findByRole('button', { name: 'Use purchase_item_shop' }))
  await waitFor(() =>
    expect(localStorage.getItem('weir-tester')).toContain('"name": "purchase_item_shop"'),
  )
})

test('what arrives is opened and taken into the editor under a new id', async () => {
  const user = openAs('editor', '/tester')
  await user.click(await screen.findByRole('button', { name: /quarantined purchase_item/ }))
  await user.click(await screen.findByRole('button', { name: 'Edit and send again' }))
  const draft = localStorage.getItem('weir-tester') ?? ''
  expect(draft).toContain('"price": -1.5')
  expect(draft).not.toContain('"r-1"')
})
