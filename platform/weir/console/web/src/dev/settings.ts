/** A made-up home with two people, a token, an environment. */
const AT = '2026-11-01T09:00:00Z'

const TOKEN = {
  id: '44f2ced62e',
  last4: '9a1c',
  producer: 'shop-backend',
  environment: 'prod',
  channel: 'server',
  strict: false,
  tail: false,
  events: ['*_shop'],
  rate: 1000,
  burst: null,
  rate_bytes: null,
  origins: [],
  created_at: AT,
  expires_at: null,
  revoked_at: null,
  rotated_from: null,
  state: 'active',
}

const HELD = { id: '1f2e3d4c5b', link: false, created_at: AT, expires_at: '2027-02-01T09:00:00Z' }

export function settings(path: string, method: string, name: string): unknown {
  if (method === 'POST' && path.endsWith('/people')) {
    return { name, link: 'http://127.0.0.1:7500/sign-in#token=weirp_x', expires_at: AT }
  }
  if (method === 'POST' && path.startsWith('settings/people')) {
    return {
      name,
      link: 'http://127.0.0.1:7500/sign-in#token=weirp_y',
      expires_at: AT,
      text: 'weirp_z',
      token: HELD,
    }
  }
  if (method === 'POST') return { token: TOKEN, text: 'weir_44f2ced62e_secret' }
  const answers: Record<string, unknown> = {
    'settings/people': {
      people: [
        { name: 'ann', role: 'admin', you: true, tokens: [HELD] },
        { name: 'bob@example.com', role: 'viewer', you: false, tokens: [] },
      ],
    },
    'settings/tokens': { required: false, tokens: [TOKEN] },
    'settings/environments': {
      home: '/srv/weir',
      here: '',
      keep_days: 14,
      environments: [
        {
          name: 'ann',
          home: '/srv/weir/env/ann',
          made_by: 'ann',
          made_at: AT,
          used_at: AT,
          bytes: 4_211_000,
          dagster_port: 7411,
        },
      ],
    },
    'settings/engines': {
      weir: '0.1.0',
      versions: { Python: '3.11.2', duckdb: '1.4.0' },
      file: '/srv/weir/weir.toml',
      settings: [
        {
          name: 'landing_grain',
          variable: 'WEIR_LANDING_GRAIN',
          value: 'hour',
          default: '',
          origin: 'default',
          description: 'How landing is partitioned.',
        },
        {
          name: 'git_token',
          variable: 'WEIR_GIT_TOKEN',
          value: '•••',
          default: '',
          origin: 'environment',
          description: 'Token that may make pull requests.',
        },
      ],
    },
    'settings/health': {
      at: AT,
      findings: [
        { subject: 'lake', ok: true, found: 'format 9, landing by hour', remedy: '' },
        { subject: 'disk', ok: false, found: '1 GB free', remedy: 'Free some space.' },
      ],
    },
  }
  return answers[path]
}
