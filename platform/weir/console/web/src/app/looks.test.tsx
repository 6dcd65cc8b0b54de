/** Activation, search and the playground on the fixture: what one reads, and what is asked for it. */
import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { createFixture, refused } from '../dev/fixture'
import { asked, open } from '../dev/open'

test('the matrix is read as a table, and each chart has its sentence, its query and its CSV', async () => {
  const user = open('/activation')
  const card = await screen.findByRole('region', { name: 'From state to state' })
  const row = within(card).getByRole('row', { name: /^New / })
  expect(
    within(row)
      .getAllByRole('cell')
      .map(({ textContent }) => textContent),
  ).toEqual(['–', '2067%', '–', '1033%'])
  expect(within(card).getByText('What transitions says.')).toBeTruthy()
  const link = within(card).getByRole('link', { name: 'From state to state as CSV' })
  expect(link.getAttribute('href')).toBe(
    '/api/v1/activation/users_bought_items/weekly/transitions.csv',
  )
  await user.click(within(card).getByText('SQL'))
  expect(await within(card).findByText('SELECT 1')).toBeTruthy()
  expect(screen.getByRole('note').textContent).toContain('2026-11-16')
})

test('an earlier time is asked for by the address', async () => {
  const user = open('/activation')
  await user.selectOptions(await screen.findByLabelText('Compare with', {}), 'year')
  await waitFor(() => expect(asked.some(({ url }) => url.includes('compare=year'))).toBe(true))
  expect(window.location.search).toContain('compare=year')
})

test('the sampling rate stands with every answer, and a value narrows the query', async () => {
  const user = open('/search')
  expect(await screen.findByText(/A sample: 100 of 1,000 events are in the index/, {})).toBeTruthy()
  expect(screen.getByText('≈ 30 events')).toBeTruthy()
  expect(screen.getByText('between 3 and 60')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /^purchase_item_shop ?30/ }))
  await waitFor(() =>
    expect(new URL(asked.at(-1)?.url ?? '').searchParams.get('q')).toBe(
      'event_name:"purchase_item_shop"',
    ),
  )
})

test('a query that cannot be read is told with its place', async () => {
  const { answer } = createFixture()
  open('/search?q=a:(', {
    answer: (request) =>
      request.url.includes('/search?')
        ? refused(422, 'query_rejected', 'It cannot be read.', 'Write it so.')
            .json()
            .then((body: { error: object }) =>
              Response.json(
                { error: { ...body.error, where: { line: '1', column: '3' } } },
                { status: 422 },
              ),
            )
        : answer(request),
  })
  expect(await screen.findByText('Write it so.', {})).toBeTruthy()
  expect(screen.getByRole('img', { name: 'At character 3' }).textContent).toBe('a:(')
})

test('a query is run by the button, remembered, and its rows are shown', async () => {
  const user = open('/playground?q=select 42')
  await user.click(await screen.findByRole('button', { name: 'Run' }))
  expect(await screen.findByText('2026-11-20', {})).toBeTruthy()
  expect(screen.getByText(/2 rows in/)).toBeTruthy()
  await user.click(screen.getByText('History'))
  expect(await screen.findByText('select 42', { selector: 'pre code' })).toBeTruthy()
})
