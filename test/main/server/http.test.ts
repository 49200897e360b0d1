/** What the server answers. */
import { join } from 'node:path'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { RouterClient } from '@orpc/server'
import { describe, expect, test } from 'vitest'
import { startHttpServer } from '../../../src/main/server/http.ts'
import {
  answers,
  ask,
  bearer,
  cookie,
  directory,
  errors,
  localToken,
  router,
  server,
  token,
} from './serving.ts'

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
