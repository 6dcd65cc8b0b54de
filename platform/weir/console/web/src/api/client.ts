/**
 * The one way from the console to its API: typed by the schema, errors of two kinds
 * (`errors.ts`), the CSRF header on whatever changes something. Caching stays in `queries.ts`.
 */
import createClient, { type Middleware } from 'openapi-fetch'
import { tellConnection } from './connection'
import { Lost, refusal } from './errors'
import type { paths } from './schema'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

let csrf = ''

export function keepCsrf(token: string): void {
  csrf = token
}

const rules: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set('X-Weir-CSRF', csrf)
    return request
  },
  async onResponse({ response }) {
    const error = response.ok ? null : await refusal(response)
    tellConnection(!(error instanceof Lost))
    if (error) throw error
    return response
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    tellConnection(false)
    return new Lost(error)
  },
}

export const client = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at each call, so that a test's stand-in for the server is the one that is asked.
  fetch: (request) => globalThis.fetch(request),
  credentials: 'same-origin',
})
client.use(rules)

/** The body of an answer. The client has thrown before this if there was none. */
export async function take<Body>(answer: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await answer
  if (data === undefined) throw new TypeError('The server answered without a body.')
  return data
}
