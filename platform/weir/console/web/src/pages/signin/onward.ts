/** Where somebody goes after signing in by a link. */

/** A path of this server, or home: a link must not lead to another site. */
export function onward(to: string | undefined): string {
  return to && /^\/(?![/\\])/.test(to) ? to : '/'
}

/** The token of a sign-in link. It stands behind `#`, which browsers send to nobody. */
export function linkToken(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? ''
}
