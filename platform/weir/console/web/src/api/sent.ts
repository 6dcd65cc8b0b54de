/** Reads an answer that comes as server-sent events, one by one. */
import { Lost, refusal } from './errors'

export interface Sent {
  event: string
  data: unknown
}

/** What comes from an address, until it ends or the signal stops it. */
export async function* stream(address: string, signal: AbortSignal): AsyncGenerator<Sent> {
  const response = await fetch(new Request(new URL(address, window.location.origin), { signal }))
  if (!response.ok) throw await refusal(response)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Lost('no body')
  let waiting = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const pieces = (waiting + value.replaceAll('\r\n', '\n')).split('\n\n')
    waiting = pieces.pop() ?? ''
    yield* pieces.flatMap(parsed)
  }
}

function parsed(piece: string): Sent[] {
  const field = (name: string) =>
    piece
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const [event, data] = [field('event'), field('data')]
  return event && data ? [{ event, data: JSON.parse(data) as unknown }] : []
}
