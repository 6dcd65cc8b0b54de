import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { createFixture } from '../../dev/fixture'
import { asked, open } from '../../dev/open'
import type { Wanted } from './api'

/** What the server was asked to judge, the oldest first. */
const checks = () => asked.filter(({ url }) => url.endsWith('/builder/check'))
const checked = (): Promise<Wanted[]> =>
  Promise.all(checks().map((request) => request.clone().json() as Promise<Wanted>))

const tree = () => screen.findByRole('treegrid', { name: 'Parameters' })
const rows = () => screen.getAllByRole('row').map((row) => row.getAttribute('aria-label'))
const row = (name: string) => screen.getByRole('row', { name })
const key = (name: string, options: object = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...options })

test('a new event is named of the dictionary, and a wrong name is mended with a click', async () => {
  const user = open('/events/new')
  const action = await screen.findByRole('combobox', { name: 'Action' })
  await user.type(action, 'Viewing')
  expect(await screen.findByText(/is not three lower-case tokens/)).toBeTruthy()
  await user.click(await screen.findByRole('button', { name: 'Use view_item_shop' }))
  expect(await screen.findByText('Nothing stands against it: version 1', {})).toBeTruthy()
  expect((await checked()).at(-1)?.envelope.name).toBe('view_item_shop')
})

test('the tree is edited by keyboard, and every step can be taken back', async () => {
  const user = open('/events/purchase_item_shop/edit')
  await tree()
  expect(rows()).toEqual([
    'quantity, whole number', 'item, object', 'item.id, text', 'item.tags, list', 'item.tags[], text',
    'payment, one of several', 'payment|1, text', 'payment|2, fragment',
  ]) // prettier-ignore
  row('quantity, whole number').focus()
  key('ArrowDown')
  expect(document.activeElement).toBe(row('item, object'))
  key('ArrowLeft')
  expect(rows()).not.toContain('item.id, text')
  key('Insert', { shiftKey: true })
  await user.keyboard('colour{Enter}')
  expect(rows()).toContain('item.colour, text')
  key('ArrowUp', { altKey: true })
  expect(rows().indexOf('item.colour, text')).toBe(rows().indexOf('item.tags, list') - 1)
  key('ArrowLeft', { altKey: true })
  expect(rows()).toContain('colour, text')
  key('Delete')
  expect(rows()).not.toContain('colour, text')
  for (let step = 0; step < 5; step += 1) key('z', { ctrlKey: true })
  expect(rows()).toHaveLength(8)
  key('y', { ctrlKey: true })
  expect(rows()).toHaveLength(9)
  await waitFor(() => expect(checks().length).toBeGreaterThan(0))
})

test('a name twice is said at once, and is not sent', async () => {
  const user = open('/events/purchase_item_shop/edit')
  await tree()
  await user.click(row('quantity, whole number'))
  const name = screen.getByRole('textbox', { name: 'Parameter name' })
  await user.clear(name)
  await user.type(name, 'item')
  expect((await screen.findAllByText(/stands twice in one object/)).length).toBeGreaterThan(0)
  await new Promise((done) => setTimeout(done, 400))
  const sizes = (await checked()).map(
    ({ parameters }) => Object.keys(parameters.properties ?? {}).length,
  )
  expect(sizes.every((size) => size === 3)).toBe(true)
  expect(screen.getByRole('button', { name: 'Save…' }).hasAttribute('disabled')).toBe(true)
})

test('a constraint is typed, and a kind is changed with what is in it', async () => {
  const user = open('/events/purchase_item_shop/edit')
  await tree()
  await user.click(row('quantity, whole number'))
  await user.type(screen.getByRole('textbox', { name: 'At most' }), '90')
  await user.click(row('item, object'))
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'array')
  expect(rows()).toContain('item[].id, text')
  await waitFor(async () =>
    expect((await checked()).at(-1)?.parameters).toMatchObject({
      properties: {
        quantity: { maximum: 90 },
        item: { type: 'array', items: { type: 'object' } },
      },
    }),
  )
})

test('examples of the whole are typed as JSON, and count once they are', async () => {
  const user = open('/events/purchase_item_shop/edit')
  await tree()
  await user.click(screen.getByRole('button', { name: 'As a whole' }))
  const examples = screen.getByRole('textbox', { name: 'Examples' })
  fireEvent.change(examples, { target: { value: '[{"quantity"' } })
  expect(screen.getByDisplayValue('[{"quantity"')).toBeTruthy()
  fireEvent.change(examples, { target: { value: '[{"quantity": 2}]' } })
  const wanted = { examples: [{ quantity: 2 }] }
  await waitFor(async () => expect((await checked()).at(-1)?.parameters).toMatchObject(wanted))
})

test('what was not saved is there after the page was closed', async () => {
  const user = open('/events/purchase_item_shop/edit')
  await tree()
  await user.click(row('quantity, whole number'))
  await user.type(screen.getByRole('textbox', { name: 'Meaning' }), ' Really.')
  await waitFor(() =>
    expect(localStorage.getItem('weir-draft-event:purchase_item_shop')).toContain('Really.'),
  )
  document.body.replaceChildren()
  open('/events/purchase_item_shop/edit')
  await user.click(await screen.findByRole('button', { name: 'Restore the draft' }))
  await tree()
  expect(screen.getByDisplayValue('Number of items bought. Really.')).toBeTruthy()
})

test('a conflict is decided by node, and then it is saved', async () => {
  const user = open('/events/rate_seller_shop/edit')
  await tree()
  await user.type(screen.getByRole('textbox', { name: 'When it is sent' }), ' Twice.')
  const save = screen.getByRole('button', { name: 'Save…' })
  await waitFor(() => expect(save.hasAttribute('disabled')).toBe(false))
  await user.click(save)
  const dialog = within(await screen.findByRole('dialog', {}))
  await user.click(dialog.getByRole('button', { name: 'Save' }))
  await user.click(await dialog.findByRole('radio', { name: 'Mine' }))
  await user.click(dialog.getByRole('button', { name: 'Save with these sides' }))
  expect(await screen.findByText('Version 1 of `rate_seller_shop` is saved.', {})).toBeTruthy()
  expect(window.location.search).toBe('?branch=events%2Frate_seller_shop-1')
  expect(localStorage.getItem('weir-draft-event:rate_seller_shop')).toBeNull()
})

test('a viewer may try, is told what is for editors, and the server is not asked', async () => {
  open('/events/purchase_item_shop/edit', createFixture({ name: 'vic', role: 'viewer' }))
  await tree()
  expect(screen.getByText(/you need to be an editor/)).toBeTruthy()
  expect(await screen.findByText('The server judges for editors.')).toBeTruthy()
  expect(checks()).toEqual([])
})

test('a server that judges others is asked again, and nothing is said of it', async () => {
  const { answer } = createFixture()
  const busy = {
    error: { code: 'busy', message: '2 events are judged.', remedy: '', request: 'r' },
  }
  open('/events/purchase_item_shop/edit', {
    ...createFixture(),
    answer: (request: Request) =>
      request.url.endsWith('/builder/check') && checks().length < 2
        ? Promise.resolve(Response.json(busy, { status: 429 }))
        : answer(request),
  })
  await tree()
  await waitFor(() => expect(checks()).toHaveLength(2), { timeout: 3000 })
  expect(await screen.findByText(/^Nothing stands against it/)).toBeTruthy()
  expect(screen.queryByText(busy.error.message)).toBeNull()
})

test('the way to the builder is shown to editors only', async () => {
  open('/events/purchase_item_shop', createFixture({ name: 'vic', role: 'viewer' }))
  await screen.findByRole('heading', { level: 1, name: 'purchase_item_shop' })
  expect(screen.queryByRole('link', { name: 'Edit' })).toBeNull()
})
