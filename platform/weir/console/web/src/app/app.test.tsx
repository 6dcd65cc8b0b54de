import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { createFixture, refused } from '../dev/fixture'
import { asked, open } from '../dev/open'

const heading = (name: string) => screen.findByRole('heading', { level: 1, name })

test('home shows the stages, and every problem leads to its page', async () => {
  open('/')
  await heading('Home')
  expect(await screen.findByRole('link', { name: 'Landing' })).toBeTruthy()
  const problem = screen.getByText('purchase_item_shop').closest('a')
  expect(problem?.getAttribute('href')).toMatch(/^\/quarantine/)
  expect(document.title).toBe('Home · Weir')
})

test('somebody not signed in signs in and is at the address that was asked for', async () => {
  const user = open('/events?status=draft', createFixture(null))
  await heading('Sign in')
  await user.type(screen.getByLabelText('Token'), 'wrong')
  await user.click(screen.getByRole('button', { name: 'Sign in' }))
  expect(await screen.findByText('This token is not known.')).toBeTruthy()

  await user.clear(screen.getByLabelText('Token'))
  await user.type(screen.getByLabelText('Token'), 'viewer')
  await user.click(screen.getByRole('button', { name: 'Sign in' }))
  await heading('Events')
  expect(await screen.findByRole('link', { name: 'rate_seller_shop' })).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'add_cart_shop' })).toBeNull()
})

test('a sign-in link signs in once, leaves no token behind and leads on', async () => {
  open('/sign-in?to=/models#token=viewer', createFixture(null))
  await heading('Models')
  expect(window.location.pathname).toBe('/models')
  expect(window.location.hash).toBe('')
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('what changes something carries the CSRF header; what reads does not', async () => {
  const user = open('/')
  await heading('Home')
  await user.click(screen.getByRole('button', { name: 'Signed in as ann' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
  await heading('Sign in')
  const sent = asked.find(({ method }) => method === 'DELETE')
  expect(sent?.headers.get('X-Weir-CSRF')).toBe('fixture')
  expect(asked.filter(({ method }) => method === 'GET').some(csrf)).toBe(false)
})

const csrf = ({ headers }: Request) => headers.has('X-Weir-CSRF')

test('a session that ends shows the sign-in page at the same address', async () => {
  const fixture = createFixture()
  const user = open('/', fixture)
  await heading('Home')
  await fixture.answer(new Request('http://fixture/api/v1/session', { method: 'DELETE' }))
  await user.keyboard('ge')
  await heading('Sign in')
  expect(window.location.pathname).toBe('/events')
})

test('keys jump, focus the filter and walk the rows', async () => {
  const user = open('/')
  await heading('Home')
  await user.keyboard('gm')
  await heading('Models')
  await screen.findByRole('link', { name: 'landing/events' })
  await user.keyboard('/')
  expect(document.activeElement?.getAttribute('type')).toBe('search')
  await user.keyboard('{Tab}')
  ;(document.activeElement as HTMLElement).blur()
  await user.keyboard('jj')
  expect(document.activeElement?.textContent).toBe('accepted/events')
})

test('filter and order are read from the address and written to it', async () => {
  const user = open('/models?q=event_log&sort=-rows')
  await heading('Models')
  const rows = async () => (await screen.findAllByRole('row')).slice(1)
  expect(within((await rows())[0] as HTMLElement).getByRole('link').textContent).toBe(
    'event_log/view_item_shop',
  )
  await user.click(screen.getByRole('button', { name: /^Asset/ }))
  await waitFor(() => expect(window.location.search).toContain('sort=asset'))
  await user.type(screen.getByRole('searchbox'), ' git')
  await waitFor(() => expect(window.location.search).toContain('git'))
  expect(await rows()).toHaveLength(3)
})

test('a refusal says what to do and can be tried again', async () => {
  const { answer } = createFixture()
  let broken = true
  const user = open('/models/fact/users_bought_items', {
    answer: (request) =>
      broken && request.url.includes('/models/')
        ? Promise.resolve(refused(503, 'busy', 'The lake is being written.', 'Wait a moment.'))
        : answer(request),
  })
  expect(await screen.findByText('Wait a moment.')).toBeTruthy()
  broken = false
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByRole('tab', { name: /Partitions/ })).toBeTruthy()
})

test('a lost connection is said, and the page goes on when it is back', async () => {
  const { answer } = createFixture()
  let away = true
  open('/events', {
    answer: (request) =>
      away && request.url.includes('/events')
        ? Promise.reject(new TypeError('Failed to fetch'))
        : answer(request),
  })
  expect(await screen.findByText(/Nothing was lost/)).toBeTruthy()
  away = false
  expect(await screen.findByRole('link', { name: 'add_cart_shop' })).toBeTruthy()
  await waitFor(() => expect(screen.queryByText(/Nothing was lost/)).toBeNull())
})

test('the language changes at once and is remembered', async () => {
  const user = open('/events')
  await heading('Events')
  await user.click(screen.getByRole('button', { name: 'Language: English' }))
  await user.click(await screen.findByRole('menuitemradio', { name: '한국어' }))
  await heading('이벤트')
  expect(document.documentElement.lang).toBe('ko')
  expect(localStorage.getItem('weir-language')).toBe('ko')
})

test('Ctrl-K finds an event by its meaning and goes there', async () => {
  const user = open('/')
  await heading('Home')
  await user.keyboard('{Control>}k{/Control}')
  const field = await screen.findByRole('textbox', { name: 'Search' })
  await user.type(field, 'catalogue')
  await screen.findByText('search_item_shop')
  await user.keyboard('{Enter}')
  await heading('search_item_shop')
})

test('an address that no page has says so', async () => {
  open('/nowhere')
  await heading('There is no such page')
})
