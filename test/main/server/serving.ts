/** A server of a small contract for the tests of one file, and requests exactly as given. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oc } from '@orpc/contract'
import { implement } from '@orpc/server'
import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { type HttpServer, startHttpServer } from '../../../src/main/server/http.ts'

const contract = {
  customer: oc
    .route({ method: 'GET', path: '/customers/{id}' })
    .errors({ NOT_FOUND: { status: 404, message: 'There is no such customer.' } })
    .input(z.object({ id: z.string(), limit: z.number().int().optional() }))
    .output(z.object({ id: z.string(), local: z.boolean(), limit: z.number().optional() })),
  add: oc
    .route({ method: 'POST', path: '/customers' })
    .input(z.object({ name: z.string(), tags: z.array(z.string()).max(9) }))
    .output(z.object({ length: z.number() })),
  append: oc
    .route({ method: 'POST', path: '/files' })
    .input(z.object({ chunk: z.instanceof(Blob) }))
    .output(z.number()),
  count: oc.route({ method: 'GET', path: '/count' }),
  bug: oc.route({ method: 'GET', path: '/bug' }),
}
const served = implement(contract).$context<{ local: boolean }>()
export const router = served.router({
  customer: served.customer.handler(({ input, context, errors }) => {
    if (input.id === 'nobody') throw errors.NOT_FOUND()
    return { ...input, local: context.local }
  }),
  add: served.add.handler(({ input }) => ({ length: input.name.length })),
  append: served.append.handler(({ input }) => input.chunk.size),
  count: served.count.handler(async function* () {
    yield 1
    yield 2
  }),
  bug: served.bug.handler(() => {
    throw new TypeError('The scale must not be negative.')
  }),
})

export const token = 'user-Token_0123456789'
export const localToken = 'local-token-987654321'
export const directory = mkdtempSync(join(tmpdir(), 'countinghouse-server-'))
export const answers: string[] = []
export const errors: unknown[] = []
export let server: HttpServer
/** Of a session of the browser. */
export let cookie = ''

beforeAll(async () => {
  mkdirSync(join(directory, 'renderer', 'assets'), { recursive: true })
  writeFileSync(join(directory, 'secret.txt'), 'outside')
  writeFileSync(join(directory, 'renderer', 'index.html'), '<!doctype html><title>app</title>')
  writeFileSync(join(directory, 'renderer', 'assets', 'index-1a2b3c.js'), 'export {}')
  server = await startHttpServer({
    router,
    context: (caller) => caller,
    version: '1.2.3',
    token,
    localToken,
    rendererDirectory: join(directory, 'renderer'),
    onRequest: (answer) => answers.push(`${answer.method} ${answer.path} ${answer.status}`),
    onError: (error) => errors.push(error),
  })
  const opened = await ask({ target: `/?token=${token}`, headers: { 'sec-fetch-site': 'none' } })
  cookie = String(opened.headers['set-cookie']).split(';', 1)[0] ?? ''
})

afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** A request exactly as given: fetch would tidy up the target and refuse the headers under test. */
export function ask(question: {
  method?: string
  target: string
  headers?: Record<string, string>
  body?: string
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        method: question.method ?? 'GET',
        path: question.target,
        setHost: false,
        agent: false,
        headers: { host: `127.0.0.1:${server.port}`, ...question.headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.once('error', reject)
    sent.end(question.body)
  })
}

/** Bytes straight onto the socket, for what no HTTP client would send. */
export function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
    socket.on('error', reject)
    socket.end(text)
  })
}

export const bearer = { authorization: `Bearer ${token}` }
