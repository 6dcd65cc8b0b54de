import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Role } from '../../api/types'
import { App } from '../../app/App'
import { createConsoleRouter } from '../../app/router'
import { createFixture } from '../../dev/fixture'

function open(address: string, role: Role) {
  const { answer } = createFixture({ name: 'ann', role })
  window.history.replaceState(null, '', address)
  vi.stubGlobal('fetch', (input: Request) => answer(input.clone()))
  render(<App router={createConsoleRouter()} />)
  return userEvent.setup()
}

beforeEach(() => localStorage.clear())

test('an admin lets somebody in, and the link is shown once', async () => {
  const user = open('/settings', 'admin')
  await user.type(await screen.findByLabelText(/Name or e-mail/), 'new@example.com')
  await user.click(screen.getByRole('button', { name: 'Make a sign-in link' }))
  await screen.findByText('Sign-in link for new@example.com')
  await user.click(screen.getByRole('button', { name: 'I have it' }))
  expect(screen.queryByText(/weirp_x/)).toBeNull()
})

test('a viewer sees who is there, and nothing to change', async () => {
  const user = open('/settings', 'viewer')
  await screen.findByText('bob@example.com')
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull()
  await user.click(screen.getByRole('tab', { name: 'Tokens' }))
  await screen.findByText('An admin can see and change this.')
})

test('health tells what to do about what is wrong', async () => {
  open('/settings?tab=health', 'viewer')
  await screen.findByText('Free some space.')
  expect(screen.getByText('1 thing needs you')).toBeTruthy()
})
