/**
 * What can go wrong between the console and its API:
 *
 *   Error
 *   ├── Refused   the server answered, and said no: code, message, remedy
 *   └── Lost      no answer came: the connection is gone or the server is restarting
 */

export interface Refusal {
  code: string
  message: string
  remedy: string
  /** All of it, where there are several: of a conflict its places. */
  details?: unknown
  where?: { pointer?: string; line?: string; column?: string } | null
  request: string
}

export class Refused extends Error {
  readonly status: number
  readonly refusal: Refusal

  constructor(status: number, refusal: Refusal) {
    super(refusal.message)
    this.name = 'Refused'
    this.status = status
    this.refusal = refusal
  }
}

export class Lost extends Error {
  constructor(cause: unknown) {
    super('The connection to the server is lost.', { cause })
    this.name = 'Lost'
  }
}

/** A gateway's own answer when what stands behind it is away. */
const AWAY = new Set([502, 504])

/** Reads an unsuccessful response; one that is not in the API's error shape is still told apart. */
export async function refusal(response: Response): Promise<Error> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  if (isRefusal(body)) return new Refused(response.status, body.error)
  if (AWAY.has(response.status)) return new Lost(response.status)
  return new Refused(response.status, {
    code: `http_${response.status}`,
    message: response.statusText || `HTTP ${response.status}`,
    remedy: '',
    request: response.headers.get('x-request-id') ?? '',
  })
}

function isRefusal(body: unknown): body is { error: Refusal } {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false
  const { error } = body
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error
}
