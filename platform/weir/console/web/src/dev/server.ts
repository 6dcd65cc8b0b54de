/**
 * Serves the fixture to `npm run fixture` (sources) and `npm run preview` (what was built), with
 * the content security policy of the real server, so that a breach of it is seen here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { createFixture } from './fixture.ts'

const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

export function fixture(): Plugin {
  const { answer } = createFixture()
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    if (request.url?.startsWith('/api/')) void reply(request, response)
    else next()
  }
  async function reply(request: IncomingMessage, response: ServerResponse) {
    const body = await read(request)
    const answered = await answer(
      new Request(`http://fixture${request.url ?? ''}`, {
        method: request.method,
        ...(body && { body }),
      }),
    )
    response.writeHead(answered.status, { 'content-type': 'application/json' })
    response.end(await answered.text())
  }
  return {
    name: 'weir-fixture',
    configureServer: ({ middlewares }) => void middlewares.use(serve),
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use((_, response, next) => {
        response.setHeader('Content-Security-Policy', POLICY)
        next()
      })
      middlewares.use(serve)
    },
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
