/** Where somebody goes after signing in by a link. */

/** A path of this server, or home: a link must not lead to another site. */
export function onward(to: string | undefined): string {
  return to && /^\/(?![/\\])/.test(to) ? to : '/'
}

/** The token of a sign-in link. It stands behind `#`, which browsers send to nobody. */
export function linkToken(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? ''
}

/** Whether a word of the address is a problem that there is a text for. */
export function isProblem<T extends object>(word: string, texts: T): word is keyof T & string {
  return Object.hasOwn(texts, word)
}
