/** Runs before each file of tests: what jsdom has not, and a clean page after each test. */
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

const media = (query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
})
Object.assign(window, { matchMedia: media })
const nothing = () => undefined
Object.assign(document, { fonts: { addEventListener: nothing, removeEventListener: nothing } })
window.scrollTo = () => undefined
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Element.prototype.scrollIntoView = () => undefined

/** What comes late on a busy machine still comes: nothing here measures time. */
configure({ asyncUtilTimeout: 10_000 })

afterEach(cleanup)
