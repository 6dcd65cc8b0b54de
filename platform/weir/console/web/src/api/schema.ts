/**
 * The console's API, in the shape that `npm run api` generates from `openapi.json`.
 * Do not edit by hand once that file is there.
 */

export interface paths {
  '/api/v1/session': {
    get: { responses: { 200: Json<components['schemas']['Session']>; default: Refused } }
    post: {
      requestBody: { content: { 'application/json': components['schemas']['SignIn'] } }
      responses: { 200: Json<components['schemas']['Session']>; default: Refused }
    }
    delete: { responses: { 204: { content?: never }; default: Refused } }
  }
  '/api/v1/home': {
    get: { responses: { 200: Json<components['schemas']['Home']>; default: Refused } }
  }
  '/api/v1/events': {
    get: {
      parameters: { query?: { q?: string; limit?: number } }
      responses: { 200: Json<components['schemas']['EventList']>; default: Refused }
    }
  }
  '/api/v1/events/{name}': {
    get: {
      parameters: { path: { name: string } }
      responses: { 200: Json<components['schemas']['Event']>; default: Refused }
    }
  }
  '/api/v1/events/{name}/versions/{a}/{b}': {
    get: {
      parameters: { path: { name: string; a: number; b: number } }
      responses: { 200: Json<components['schemas']['Differences']>; default: Refused }
    }
  }
  '/api/v1/models': {
    get: { responses: { 200: Json<components['schemas']['ModelList']>; default: Refused } }
  }
  '/api/v1/models/{asset}': {
    get: {
      parameters: { path: { asset: string } }
      responses: { 200: Json<components['schemas']['Model']>; default: Refused }
    }
  }
}

interface Json<Body> {
  content: { 'application/json': Body }
}

type Refused = Json<components['schemas']['Refusal']>

export interface components {
  schemas: {
    Refusal: {
      error: {
        code: string
        message: string
        remedy: string
        where?: { pointer: string } | null
        request: string
      }
    }
    SignIn: { token: string }
    Session: {
      person: { name: string; role: 'viewer' | 'editor' | 'operator' | 'admin' } | null
      csrf: string
      sign_in: { token: boolean; oidc: string | null }
      version: string
      environment: string
      dagster: string | null
      zone: string
    }
    Home: {
      at: string
      grain: 'hour' | 'day'
      closed_until: string | null
      stages: components['schemas']['Stage'][]
      problems: components['schemas']['Problem'][]
      live: { collector: string | null; dagster: boolean }
    }
    Stage: {
      stage: 'collect' | 'landing' | 'accepted' | 'event_log' | 'fact' | 'activation' | 'search'
      assets: number
      rows: number
      rows_today: number | null
      newest: string
      missing: number
      stale: number
      failed: number
      fresh: boolean | null
    }
    Problem: {
      kind: 'missing' | 'stale' | 'failed_check' | 'quarantine' | 'dropped' | 'plan' | 'alert'
      subject: string
      text: string
      href: string
    }
    EventList: { total: number; events: components['schemas']['EventRow'][] }
    EventRow: {
      name: string
      description: string
      owner: string
      tier: 'critical' | 'normal' | 'bulk'
      status: 'active' | 'draft' | 'deprecated' | 'archived'
      version: number
      parameters: number
      matches: { field: string; text: string }[]
      volume: components['schemas']['DayVolume'][]
      accepted: number
      violations: number
      last_seen: string | null
    }
    DayVolume: { day: string; accepted: number; violations: number }
    Event: {
      name: string
      description: string
      owner: string
      tier: 'critical' | 'normal' | 'bulk'
      status: 'active' | 'draft' | 'deprecated' | 'archived'
      current: number
      sampling: number
      successor: string | null
      versions: { number: number; status: string; kind: string; at: string | null }[]
      parameters: components['schemas']['Node'][]
      readers: { asset: string; distance: number; via: string[] }[]
      volume: components['schemas']['DayVolume'][]
      by_version: { version: number; accepted: number }[]
      by_app: { app: string; accepted: number }[]
      findings: {
        severity: 'error' | 'warning'
        pointer: string
        text: string
        remedy: string
      }[]
      asset: string
      example: { [key: string]: unknown }
    }
    Node: {
      name: string
      kind: 'object' | 'array' | 'map' | 'union' | 'scalar' | 'fragment' | 'raw'
      type: string | null
      required: boolean
      nullable: boolean
      description: string
      pii: string | null
      constraints: { [key: string]: unknown }
      column: string | null
      children: components['schemas']['Node'][]
    }
    Differences: {
      differences: {
        pointer: string
        rule: string
        reason: string
        remedy: string
        breaking: boolean
      }[]
    }
    ModelList: { models: components['schemas']['ModelRow'][] }
    ModelRow: {
      asset: string
      stage: string
      grain: string
      owner: string | null
      description: string
      tier: string
      rows: number
      newest: string
      missing: number
      stale: number
      failed: number
      seconds: number | null
      columns: number
    }
    Model: Omit<components['schemas']['ModelRow'], 'columns'> & {
      columns: { name: string; type: string; description: string; from: string[] }[]
      checks: { name: string; passed: boolean | null; detail: string; at: string | null }[]
      reads: string[]
      read_by: string[]
      sql: string | null
      zone: string | null
      partitions: {
        key: string
        state: 'current' | 'stale' | 'missing' | 'failed' | 'empty'
        rows: number | null
        at: string | null
      }[]
      runs: { id: string; at: string; state: string; seconds: number | null }[]
      dagster: string | null
    }
  }
}
