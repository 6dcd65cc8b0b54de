/**
 * Server-sent events by `fetch`: as EventSource, but a refusal is told with its remedy. One line is
 * `event: kind`, the next `data: JSON`; an empty one ends a message; what begins with `:` is a ping.
 */
import { Lost, refusal } from './errors'

export interface Message {
  kind: string
  data: unknown
}

/** Puts chunks of a stream together to messages. */
export function messages(): (chunk: string) => Message[] {
  let rest = ''
  return (chunk) => {
    rest += chunk.replaceAll('\r', '')
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const lines = block.split('\n')
      const kind = lines.find((line) => line.startsWith('event: '))?.slice(7)
      const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6))
      return kind && data.length > 0 ? [{ kind, data: JSON.parse(data.join('\n')) as unknown }] : []
    })
  }
}

/** Reads a stream until it ends or is aborted. */
export async function readStream(
  path: string,
  signal: AbortSignal,
  heard: (message: Message) => void,
): Promise<void> {
  const url = new URL(path, window.location.origin)
  const answer = await globalThis
    .fetch(new Request(url, { signal, credentials: 'same-origin' }))
    .catch((error: unknown) => {
      throw new Lost(error)
    })
  if (!answer.ok) throw await refusal(answer)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const take = messages()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) return
    for (const message of take(value)) heard(message)
  }
}
