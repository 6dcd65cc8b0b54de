import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openAs } from '../../dev/open'

test('an admin lets somebody in, and the link is shown once', async () => {
  const user = openAs('admin', '/settings')
  await user.type(await screen.findByLabelText(/Name or e-mail/), 'new@example.com')
  await user.click(screen.getByRole('button', { name: 'Make a sign-in link' }))
  await screen.findByText('Sign-in link for new@example.com')
  await user.click(screen.getByRole('button', { name: 'I have it' }))
  expect(screen.queryByText(/weirp_x/)).toBeNull()
})

test('a viewer sees who is there, and nothing to change', async () => {
  const user = openAs('viewer', '/settings')
  await screen.findByText('bob@example.com')
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull()
  await user.click(screen.getByRole('tab', { name: 'Tokens' }))
  await screen.findByText('An admin can see and change this.')
})

test('health tells what to do about what is wrong', async () => {
  openAs('viewer', '/settings?tab=health')
  await screen.findByText('Free some space.')
  expect(screen.getByText('1 thing needs you')).toBeTruthy()
})
