/**
 * A stand-in for the API, as a function from a request to a response: the dev server and the tests
 * ask it. It is never part of what is built. The token `wrong` is refused; `viewer`, `editor`,
 * `operator` and `admin` sign in as that role; any other as an operator.
 */
import type { Role, Session } from '../api/types'
import type { Wanted } from '../pages/builder/api'
import { DICTIONARIES, documentOf, judge, saveOf } from './builder.ts'
import { DIFFERENCES, EVENTS, eventNamed } from './events.ts'
import { HOME } from './home.ts'
import { looked } from './looks.ts'
import { MODELS, modelNamed } from './models.ts'
import { quarantine, REPLAY } from './quarantine.ts'
import { settings } from './settings.ts'
import { sentAs, STANDING, tail, verdictOn } from './tester.ts'

const ROLES: readonly string[] = ['viewer', 'editor', 'operator', 'admin'] satisfies Role[]

export interface Fixture {
  answer: (request: Request) => Promise<Response>
}

export function createFixture(
  person: Session['person'] = { name: 'ann', role: 'operator' },
): Fixture {
  let signedIn = person

  const session = (): Session => ({
    person: signedIn,
    csrf: 'fixture',
    sign_in: { token: true, oidc: 'Company SSO' },
    version: '0.1.0',
    environment: 'staging',
    dagster: '/dagster/',
    zone: 'UTC',
  })

  async function changeSession(request: Request): Promise<Response> {
    if (request.method === 'GET') return Response.json(session())
    if (request.method === 'DELETE') {
      signedIn = null
      return new Response(null, { status: 204 })
    }
    const { token } = (await request.json()) as { token: string }
    if (token === 'wrong') {
      return refused(401, 'unauthorized', 'This token is not known.', 'Ask an admin for a new one.')
    }
    signedIn = { name: 'ann', role: ROLES.includes(token) ? (token as Role) : 'operator' }
    return Response.json(session())
  }

  return {
    answer: (request) => {
      const url = new URL(request.url)
      const path = decodeURIComponent(url.pathname).replace('/api/v1/', '')
      if (path === 'session') return changeSession(request)
      if (!signedIn) {
        return Promise.resolve(refused(401, 'unauthorized', 'Nobody is signed in.', 'Sign in.'))
      }
      if (path.startsWith('builder/')) return builder(request, path.slice('builder/'.length))
      return changed(path, request) ?? Promise.resolve(read(path, url.searchParams))
    },
  }
}

/** Answers about what arrives, and what of it was wrong. */
function arriving(path: string): Response | null {
  if (path === 'tail') return tail()
  if (path === 'tester') return Response.json(STANDING)
  if (path.startsWith('quarantine/replays/')) return Response.json(REPLAY)
  return path.startsWith('quarantine') ? Response.json(quarantine(path)) : null
}

/** Answers that depend on what is sent; none for other paths. */
function changed(path: string, request: Request): Promise<Response> | null {
  const { method } = request
  const look = looked(path)
  if (look) return Promise.resolve(Response.json(look))
  if (path.startsWith('settings/')) return managed(path, request)
  if (method !== 'POST') return null
  if (path === 'tester/check') return withText(request, verdictOn)
  if (path === 'tester/send') return withText(request, sentAs)
  return path === 'quarantine/replays' ? Promise.resolve(Response.json(REPLAY)) : null
}

async function withText(request: Request, answer: (text: string) => unknown): Promise<Response> {
  const { text } = (await request.json()) as { text: string }
  return Response.json(answer(text))
}

async function managed(path: string, request: Request): Promise<Response> {
  const { method } = request
  if (method === 'DELETE') return new Response(null, { status: 204 })
  const body = method === 'GET' ? {} : ((await request.json().catch(() => ({}))) as object)
  const name = 'name' in body ? String(body.name) : (path.split('/')[2] ?? '')
  return Response.json(settings(path, method, name))
}

async function builder(request: Request, path: string): Promise<Response> {
  if (path === 'dictionaries') return Response.json(DICTIONARIES)
  if (path === 'branches') return Response.json({ branches: [] })
  if (request.method === 'GET') {
    const name = path.replace('events/', '')
    const found = documentOf(name, new URL(request.url).searchParams.get('branch') ?? '')
    return found ? Response.json(found) : notFound(name)
  }
  if (path === 'take') return Response.json({ files: [] })
  const wanted = (await request.json()) as Wanted
  if (path === 'check') return Response.json(judge(wanted))
  const { conflict, saved } = saveOf(wanted)
  if (saved) return Response.json(saved)
  return refused(409, 'edit_conflict', 'One place was changed by others.', 'Take a side.', [
    conflict,
  ])
}

function read(path: string, query: URLSearchParams): Response {
  const [kind, ...rest] = path.split('/')
  const collected = arriving(path)
  if (collected) return collected
  if (path === 'home') return Response.json(HOME)
  if (path === 'events') return Response.json(search(query.get('q') ?? '', query.get('limit')))
  if (path === 'models') return Response.json({ models: MODELS })
  if (rest[1] === 'versions') return Response.json({ differences: DIFFERENCES })
  const found = kind === 'events' ? eventNamed(rest.join('/')) : modelNamed(rest.join('/'))
  return found ? Response.json(found) : notFound(rest.join('/'))
}

function search(words: string, limit: string | null) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const events = EVENTS.filter(({ name, description, owner }) =>
    wanted.every((word) => `${name} ${description} ${owner} coupons`.toLowerCase().includes(word)),
  ).map((event) => ({
    ...event,
    matches: wanted.includes('coupons')
      ? [{ field: 'parameters.coupons', text: 'Coupons that were used.' }]
      : [],
  }))
  return { total: events.length, events: events.slice(0, Number(limit ?? 100)) }
}

function notFound(name: string): Response {
  return refused(
    404,
    'not_found',
    `There is no ${name}.`,
    'Look for it by a part of its name on the list.',
  )
}

export function refused(
  status: number,
  code: string,
  message: string,
  remedy: string,
  details?: unknown,
): Response {
  const error = { code, message, remedy, details, request: 'b3a1f2c4' }
  return Response.json({ error }, { status })
}
