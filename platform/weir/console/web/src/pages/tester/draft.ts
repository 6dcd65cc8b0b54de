/** The event in the editor: kept in the browser, so that nothing typed is lost. */
import { useState } from 'react'

const KEY = 'weir-tester'

const BLANK = '{\n  "name": "",\n  "params": {}\n}'

export function useDraft(): [string, (text: string) => void] {
  const [text, setText] = useState(() => localStorage.getItem(KEY) ?? BLANK)
  return [
    text,
    (next) => {
      localStorage.setItem(KEY, next)
      setText(next)
    },
  ]
}

/** A whole event around parameters, as an app would send it now. */
export function around(name: string, version: number, params: unknown): string {
  return pretty({
    id: newId(),
    name,
    version,
    time: new Date().toISOString(),
    user_id: 'tester',
    params,
  })
}

/** An event that was sent before, to be sent as another one. */
export function again(sent: unknown): string {
  if (typeof sent !== 'object' || sent === null) return String(sent)
  return pretty('id' in sent ? { ...sent, id: newId() } : sent)
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** The text in the usual form; as it is, if it is no JSON. */
export function formatted(text: string): string {
  try {
    return pretty(JSON.parse(text))
  } catch {
    return text
  }
}

/** `crypto.randomUUID` is only there on https and on localhost. */
function newId(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(8))]
  return `test-${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
