import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { oc } from '@orpc/contract'
import { implement, type RouterClient } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
const router = served.router({
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

const token = 'user-Token_0123456789'
const localToken = 'local-token-987654321'
const directory = mkdtempSync(join(tmpdir(), 'countinghouse-server-'))
const answers: string[] = []
const errors: unknown[] = []
let server: HttpServer
let cookie = ''

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

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** A request exactly as given: fetch would tidy up the target and refuse the headers under test. */
function ask(question: {
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
function raw(text: string): Promise<string> {
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

const bearer = { authorization: `Bearer ${token}` }

describe('who is refused', () => {
  const port = () => server.port
  type Row = [
    what: string,
    target: string,
    headers: () => Record<string, string>,
    status: number,
    code: string,
  ]
  const rows: Row[] = [
    ['the page without a token', '/', () => ({}), 401, 'UNAUTHORIZED'],
    ['a script without a token', '/api/customers/a', () => ({}), 401, 'UNAUTHORIZED'],
    ['a call without a token', '/rpc/customer', () => ({}), 401, 'UNAUTHORIZED'],
    ['the API document without a token', '/api/openapi.json', () => ({}), 401, 'UNAUTHORIZED'],
    ['the API page without a token', '/api/docs', () => ({}), 401, 'UNAUTHORIZED'],
    ['an asset without a token', '/assets/index-1a2b3c.js', () => ({}), 401, 'UNAUTHORIZED'],
    ['a wrong token', '/api/customers/a', () => ({ authorization: 'Bearer nonsense' }), 401, 'UNAUTHORIZED'],
    ['an empty token', '/api/customers/a', () => ({ authorization: 'Bearer ' }), 401, 'UNAUTHORIZED'],
    [
      'a token cut short',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.slice(0, -1) }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a token in lower case',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.toLowerCase() }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a token in upper case',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.toUpperCase() }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'two tokens in one header',
      '/api/customers/a',
      () => ({ authorization: `Bearer ${token} ${token}` }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token as a password',
      '/api/customers/a',
      () => ({ authorization: `Basic ${btoa(`:${token}`)}` }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token in the address of a call',
      `/api/customers/a?token=${token}`,
      () => ({}),
      401,
      'UNAUTHORIZED',
    ],
    ['the token in the address of an asset', `/index.html?token=${token}`, () => ({}), 401, 'UNAUTHORIZED'],
    [
      'the token as a cookie',
      '/api/customers/a',
      () => ({ cookie: `${cookie.split('=')[0]}=${token}`, 'sec-fetch-site': 'same-origin' }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token in a header of another name',
      '/api/customers/a',
      () => ({ 'x-token': token }),
      401,
      'UNAUTHORIZED',
    ],
    ['a wrong token in the printed address', '/?token=nonsense', () => ({}), 401, 'UNAUTHORIZED'],
    ['two tokens in the printed address', `/?token=${token}&token=x`, () => ({}), 401, 'UNAUTHORIZED'],
    ['the local token in the printed address', `/?token=${localToken}`, () => ({}), 401, 'UNAUTHORIZED'],
    [
      'the cookie of another port',
      '/api/customers/a',
      () => ({ cookie: cookie.replace('_', '_1'), 'sec-fetch-site': 'same-origin' }),
      401,
      'UNAUTHORIZED',
    ],
    ['the cookie without the browser’s word', '/api/customers/a', () => ({ cookie }), 401, 'UNAUTHORIZED'],
    [
      'a wrong token beside a right cookie',
      '/api/customers/a',
      () => ({ cookie, 'sec-fetch-site': 'same-origin', authorization: 'Bearer nonsense' }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a foreign name for this machine (DNS rebinding)',
      '/api/customers/a',
      () => ({ ...bearer, host: `evil.example:${port()}` }),
      421,
      'foreign_host',
    ],
    ['a foreign name, on the page', '/', () => ({ host: `evil.example:${port()}` }), 421, 'foreign_host'],
    [
      'a foreign name with the printed address',
      `/?token=${token}`,
      () => ({ host: 'evil.example' }),
      421,
      'foreign_host',
    ],
    [
      'a host without the port',
      '/api/customers/a',
      () => ({ ...bearer, host: '127.0.0.1' }),
      421,
      'foreign_host',
    ],
    [
      'a host with another port',
      '/api/customers/a',
      () => ({ ...bearer, host: '127.0.0.1:1' }),
      421,
      'foreign_host',
    ],
    [
      'a host in upper case',
      '/api/customers/a',
      () => ({ ...bearer, host: `LOCALHOST:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a host with a dot at the end',
      '/api/customers/a',
      () => ({ ...bearer, host: `localhost.:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a host that only begins like ours',
      '/api/customers/a',
      () => ({ ...bearer, host: `127.0.0.1:${port()}.evil.example` }),
      421,
      'foreign_host',
    ],
    [
      'a host with a user',
      '/api/customers/a',
      () => ({ ...bearer, host: `x@127.0.0.1:${port()}` }),
      421,
      'foreign_host',
    ],
    ['an empty host', '/api/customers/a', () => ({ ...bearer, host: '' }), 421, 'foreign_host'],
    [
      'another way to write the address',
      '/api/customers/a',
      () => ({ ...bearer, host: `127.1:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a foreign page',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'https://evil.example' }),
      403,
      'foreign_origin',
    ],
    [
      'a page without an origin',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'null' }),
      403,
      'foreign_origin',
    ],
    ['an empty origin', '/api/customers/a', () => ({ ...bearer, origin: '' }), 403, 'foreign_origin'],
    [
      'a page of another port',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'http://127.0.0.1:1' }),
      403,
      'foreign_origin',
    ],
    [
      'our page under its other name',
      '/api/customers/a',
      () => ({ ...bearer, origin: `http://localhost:${port()}` }),
      403,
      'foreign_origin',
    ],
    [
      'our address over https',
      '/api/customers/a',
      () => ({ ...bearer, origin: `https://127.0.0.1:${port()}` }),
      403,
      'foreign_origin',
    ],
    [
      'a foreign page with our cookie',
      '/',
      () => ({ cookie, origin: 'https://evil.example' }),
      403,
      'foreign_origin',
    ],
    ['a link on another site', '/', () => ({ cookie, 'sec-fetch-site': 'cross-site' }), 403, 'foreign_site'],
    [
      'a link on another site to the printed address',
      `/?token=${token}`,
      () => ({ 'sec-fetch-site': 'cross-site' }),
      403,
      'foreign_site',
    ],
    [
      'a page of another port of this machine',
      '/api/customers/a',
      () => ({ cookie, 'sec-fetch-site': 'same-site' }),
      403,
      'foreign_site',
    ],
    [
      'a word for the site that nobody knows',
      '/',
      () => ({ cookie, 'sec-fetch-site': 'SAME-ORIGIN' }),
      403,
      'foreign_site',
    ],
  ]
  test.each(rows)('%s', async (_, target, headers, status, code) => {
    const answer = await ask({ target, headers: headers() })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { code, message: expect.stringMatching(/^[A-Z].*\.$/), data: null },
    ])
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('a person gets a page that says what to do, without a script', async () => {
    const answer = await ask({ target: '/', headers: { accept: 'text/html', 'sec-fetch-site': 'none' } })
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain('open the whole address that Countinghouse printed')
    expect(answer.text).not.toContain('<script')
  })

  test('a preflight of a foreign page is refused without a permission', async () => {
    const answer = await ask({
      method: 'OPTIONS',
      target: '/rpc/add',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('addresses that lead outside', () => {
  const rows: [target: string, status: number][] = [
    ['/../secret.txt', 400],
    ['/..%2fsecret.txt', 400],
    ['/..%2Fsecret.txt', 400],
    ['/%2e%2e/secret.txt', 400],
    ['/%2e%2e%2fsecret.txt', 400],
    ['/assets/../../secret.txt', 400],
    ['/assets/..%5c..%5csecret.txt', 400],
    ['/..\\secret.txt', 400],
    ['/./index.html', 400],
    ['//secret.txt', 400],
    ['//evil.example/', 400],
    ['/index.html%00', 400],
    ['/%0d%0aset-cookie:x=1', 400],
    ['/%', 400],
    ['/%c0%ae%c0%ae/secret.txt', 400],
    ['/api/../rpc/customer', 400],
    ['/api/customers/..%2f..%2fcount', 400],
    ['http://evil.example/', 400],
    ['*', 400],
    ['/%252e%252e/secret.txt', 404],
    ['/...//secret.txt', 404],
    ['/secret.txt', 404],
    ['/assets/', 404],
    ['/assets/missing.js', 404],
    ['/INDEX.HTML', 404],
    ['/API/customers/a', 404],
    ['/apis', 404],
  ]
  test.each(rows)('%s', async (target, status) => {
    const answer = await ask({ target, headers: bearer })
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('outside')
    expect(Object.keys(JSON.parse(answer.text))).toEqual(['code', 'message', 'data'])
  })
})

describe('requests that are no requests', () => {
  test('a header of 20 kB', async () => {
    expect(
      await raw(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`),
    ).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  })
  test('two hosts', async () => {
    const hosts = `host: 127.0.0.1:${server.port}\r\nhost: evil.example\r\n`
    expect(await raw(`GET / HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 4(00|21) /)
  })
  test('no host', async () => {
    expect(await raw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toBe('HTTP/1.1 421 Misdirected Request')
  })
  test('two lengths', async () => {
    const lengths = 'content-length: 2\r\ntransfer-encoding: chunked\r\n'
    expect(
      await raw(`POST /rpc/add HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n${lengths}\r\n0\r\n\r\n`),
    ).toBe('HTTP/1.1 400 Bad Request')
  })
  test('noise', async () => {
    expect(await raw('\x16\x03\x01\x02\x00\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
  })
})

describe('wrong methods and bodies', () => {
  const json = { ...bearer, 'content-type': 'application/json' }
  const big = JSON.stringify({ name: 'x'.repeat(16 * 1024 * 1024), tags: [] })
  const rows: [string, Parameters<typeof ask>[0], number, string][] = [
    ['writing to a page', { method: 'POST', target: '/', headers: bearer }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'deleting the document',
      { method: 'DELETE', target: '/api/openapi.json', headers: bearer },
      405,
      'METHOD_NOT_ALLOWED',
    ],
    [
      'writing to what is read',
      { method: 'PUT', target: '/api/customers/a', headers: bearer },
      404,
      'NOT_FOUND',
    ],
    [
      'reading what is written',
      { target: '/rpc/add?data=%7B%7D', headers: bearer },
      405,
      'METHOD_NOT_SUPPORTED',
    ],
    ['no such call', { target: '/api/nothing', headers: bearer }, 404, 'NOT_FOUND'],
    [
      'no such rpc',
      { method: 'POST', target: '/rpc/__proto__', headers: json, body: '{}' },
      404,
      'NOT_FOUND',
    ],
    ['the session by POST', { method: 'POST', target: `/?token=${token}` }, 401, 'UNAUTHORIZED'],
    [
      'a body that is no JSON',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body of the wrong shape',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":1}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body without its list',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":"a"}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a query of the wrong shape',
      { target: '/api/customers/a?limit=many', headers: bearer },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body over 16 MB',
      { method: 'POST', target: '/api/customers', headers: json, body: big },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'a body over 16 MB in pieces',
      {
        method: 'POST',
        target: '/api/customers',
        headers: { ...json, 'transfer-encoding': 'chunked' },
        body: big,
      },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ]
  test.each(rows)('%s', async (_, question, status, code) => {
    const answer = await ask(question)
    const body = JSON.parse(answer.text)
    // Over /rpc the error lies in oRPC's own envelope.
    expect([answer.status, (body.json ?? body).code]).toEqual([status, code])
    expect(answer.text).not.toMatch(/\n? +at .*:\d+/)
  })
})

describe('who is answered', () => {
  test('a script with the token; the query is read as the contract says', async () => {
    const answer = await ask({ target: '/api/customers/acme%2Feu?limit=5', headers: bearer })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { id: 'acme/eu', local: false, limit: 5 }])
  })
  test('by the other name of this machine', async () => {
    const host = `localhost:${server.port}`
    const answer = await ask({
      target: '/api/customers/a',
      headers: { ...bearer, host, origin: `http://${host}` },
    })
    expect(answer.status).toBe(200)
  })
  test('the holder of the lock file may name files', async () => {
    const headers = { authorization: `bearer ${localToken}` }
    expect(JSON.parse((await ask({ target: '/api/customers/a', headers })).text).local).toBe(true)
  })
  test('our own page, by its cookie, and the person at the address bar', async () => {
    for (const site of ['same-origin', 'none']) {
      const answer = await ask({ target: '/api/customers/a', headers: { cookie, 'sec-fetch-site': site } })
      expect(JSON.parse(answer.text)).toEqual({ id: 'a', local: false })
    }
    const typed = { cookie, 'sec-fetch-site': 'none', 'content-type': 'application/json' }
    expect(
      (await ask({ method: 'POST', target: '/api/customers', headers: typed, body: '{"name":"a"}' })).status,
    ).toBe(401)
  })
  test('the printed address opens a session and leaves no token behind', async () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/?token=${token}`)
    const opened = await ask({ target: `/?token=${token}` })
    expect([opened.status, opened.headers.location]).toEqual([303, '/'])
    expect(String(opened.headers['set-cookie'])).toMatch(
      new RegExp(`^countinghouse_${server.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    )
    expect(String(opened.headers['set-cookie'])).not.toContain(token)
    const page = await ask({
      target: '/',
      headers: { cookie, 'sec-fetch-site': 'none', accept: 'text/html' },
    })
    expect([page.status, page.text]).toEqual([200, '<!doctype html><title>app</title>'])
  })
  test('the log has no token', () => {
    expect(answers).toContain('GET / 303')
    expect(answers.join('\n')).not.toContain(token)
  })
})

describe('calls', () => {
  const client = () => {
    const link = new RPCLink({ url: `${server.origin}/rpc`, headers: bearer })
    return createORPCClient<RouterClient<typeof router>>(link)
  }
  test('the same router over oRPC', async () => {
    expect(await client().add({ name: 'Grüße', tags: [] })).toEqual({ length: 5 })
  })
  test('a chunk of 4 MB', async () => {
    expect(await client().append({ chunk: new Blob([new Uint8Array(4 * 1024 * 1024)]) })).toBe(
      4 * 1024 * 1024,
    )
  })
  test('a chunk over 16 MB', async () => {
    const chunk = new Blob([new Uint8Array(17 * 1024 * 1024)])
    await expect(client().append({ chunk })).rejects.toThrow()
    expect(await client().add({ name: 'still here', tags: [] })).toEqual({ length: 10 })
  })
  test('a stream', async () => {
    const seen: unknown[] = []
    for await (const value of (await client().count()) as AsyncIterable<unknown>) seen.push(value)
    expect(seen).toEqual([1, 2])
  })
  test('a declared refusal', async () => {
    const error = await client()
      .customer({ id: 'nobody' })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ORPCError)
    expect((error as ORPCError<string, unknown>).toJSON()).toEqual({
      defined: true,
      code: 'NOT_FOUND',
      status: 404,
      message: 'There is no such customer.',
    })
  })
  test('a bug is told in a sentence, logged, and shows no stack', async () => {
    const answer = await ask({ target: '/api/bug', headers: bearer })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      500,
      {
        defined: false,
        code: 'INTERNAL_SERVER_ERROR',
        status: 500,
        message: 'Countinghouse met an error it did not expect: The scale must not be negative.',
      },
    ])
    expect(errors).toEqual([expect.any(TypeError)])
  })
  test('no answer of a call may be run, framed, kept or guessed', async () => {
    const { headers } = await ask({ target: '/api/customers/a', headers: bearer })
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })
})

describe('pages', () => {
  const page = (target: string, accept = 'text/html') =>
    ask({ target, headers: { cookie, 'sec-fetch-site': 'same-origin', accept } })

  test('the strict policy', async () => {
    expect((await page('/')).headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
  })
  test('an address within the application', async () => {
    expect((await page('/customers/acme.example?month=2026-08')).text).toBe(
      '<!doctype html><title>app</title>',
    )
  })
  test('assets are kept for ever, and only read', async () => {
    const asset = await page('/assets/index-1a2b3c.js', '*/*')
    expect([asset.text, asset.headers['content-type'], asset.headers['cache-control']]).toEqual([
      'export {}',
      'text/javascript; charset=utf-8',
      'private, max-age=31536000, immutable',
    ])
  })
  test('HEAD', async () => {
    const head = await ask({ method: 'HEAD', target: '/', headers: bearer })
    expect([head.status, head.text]).toEqual([200, ''])
  })
  test('the OpenAPI 3.1 document', async () => {
    const document = JSON.parse((await page('/api/openapi.json')).text)
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\./),
      info: { title: 'Countinghouse', version: '1.2.3' },
      servers: [{ url: '/api' }],
      security: [{ bearer: [] }],
    })
    expect(Object.keys(document.paths)).toEqual(['/customers/{id}', '/customers', '/files', '/count', '/bug'])
  })
  test('the API page comes from this machine alone', async () => {
    const docs = await page('/api/docs')
    expect(docs.text).not.toMatch(/https?:/)
    expect(docs.headers['content-security-policy']).toContain("script-src 'self'; style-src 'unsafe-inline'")
    expect((await page('/api/docs/scalar.js')).text).toContain('createApiReference')
    expect((await page('/api/docs/start.js')).text).toContain("url: '/api/openapi.json'")
  })
})

describe('starting', () => {
  const options = {
    router,
    context: (caller: { local: boolean }) => caller,
    version: '1',
    rendererDirectory: null,
  }

  test('each start has its own token and a free port', async () => {
    const two = await Promise.all([startHttpServer(options), startHttpServer(options)])
    expect(two[0].token).toMatch(/^[\w-]{43}$/)
    expect(two[0].token === two[1].token).toBe(false)
    expect(two[0].port === two[1].port).toBe(false)
    await Promise.all(two.map((one) => one.close()))
  })
  test('a port that is taken', async () => {
    await expect(startHttpServer({ ...options, port: server.port })).rejects.toThrow(
      `Port ${server.port} is already used by another program. Choose another with --port, or leave it out to take a free one.`,
    )
  })
  test('screens that are not built', async () => {
    await expect(
      startHttpServer({ ...options, rendererDirectory: join(directory, 'nowhere') }),
    ).rejects.toThrow('has no index.html. Run "npm run build" first.')
  })
})
