/** What the settings' pages ask and change. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { Role } from './types'
import type { Got, Sent } from './shapes'

export type Somebody = Got<'/api/v1/settings/people'>['people'][number]
export type WriteToken = Got<'/api/v1/settings/tokens'>['tokens'][number]
export type Environment = Got<'/api/v1/settings/environments'>['environments'][number]
export type Setting = Got<'/api/v1/settings/engines'>['settings'][number]
export type Finding = Got<'/api/v1/settings/health'>['findings'][number]
export type NewToken = Sent<'/api/v1/settings/tokens'>

export const people = queryOptions({
  queryKey: ['settings', 'people'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings/people', { signal })),
})

export const tokens = queryOptions({
  queryKey: ['settings', 'tokens'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings/tokens', { signal })),
})

export const environments = queryOptions({
  queryKey: ['settings', 'environments'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings/environments', { signal })),
})

export const engines = queryOptions({
  queryKey: ['settings', 'engines'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings/engines', { signal })),
})

export const health = queryOptions({
  queryKey: ['settings', 'health'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings/health', { signal })),
  staleTime: 60_000,
})

export const addPerson = (name: string, role: Role) =>
  take(client.POST('/api/v1/settings/people', { body: { name, role } }))

export const setRole = (name: string, role: Role) =>
  take(
    client.PUT('/api/v1/settings/people/{name}/role', {
      params: { path: { name } },
      body: { role },
    }),
  )

export const removePerson = (name: string) =>
  client.DELETE('/api/v1/settings/people/{name}', { params: { path: { name } } })

export const makeLink = (name: string) =>
  take(client.POST('/api/v1/settings/people/{name}/link', { params: { path: { name } } }))

export const makePersonToken = (name: string) =>
  take(
    client.POST('/api/v1/settings/people/{name}/tokens', {
      params: { path: { name } },
      body: { expires: '90d' },
    }),
  )

export const endPersonToken = (id: string) =>
  client.DELETE('/api/v1/settings/people/tokens/{token_id}', {
    params: { path: { token_id: id } },
  })

export const makeToken = (body: NewToken) => take(client.POST('/api/v1/settings/tokens', { body }))

export const revokeToken = (id: string) =>
  take(client.DELETE('/api/v1/settings/tokens/{token_id}', { params: { path: { token_id: id } } }))

export const rotateToken = (id: string) =>
  take(
    client.POST('/api/v1/settings/tokens/{token_id}/rotate', {
      params: { path: { token_id: id } },
      body: { overlap: '24h' },
    }),
  )
