/** Opens the console in a test's browser: a fixture is its server, and what was asked is kept. */
import { render } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, vi } from 'vitest'
import type { Role } from '../api/types'
import { App } from '../app/App'
import { createConsoleRouter } from '../app/router'
import { createFixture, type Fixture } from './fixture'

/** The requests of the test at hand, the oldest first. */
export const asked: Request[] = []

beforeEach(() => {
  asked.length = 0
  localStorage.clear()
})

/** Opens an address; returns what a person does there. */
export function open(address: string, { answer }: Pick<Fixture, 'answer'> = createFixture()) {
  window.history.replaceState(null, '', address)
  vi.stubGlobal('fetch', (input: Request) => {
    asked.push(input.clone())
    return answer(input.clone())
  })
  render(<App router={createConsoleRouter()} />)
  return userEvent.setup()
}

/** Opens an address as somebody with a role. */
export const openAs = (role: Role, address: string) =>
  open(address, createFixture({ name: 'ann', role }))
