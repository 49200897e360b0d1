/** What programs push, over real HTTP into a real book. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HttpServer, startHttpServer } from '../../../src/main/server/http.ts'
import { type House, openHouse } from './house.ts'

const ONE = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const LINES = 'application/x-ndjson'

let house: House
let server: HttpServer
let token: string
beforeEach(async () => {
  house = await openHouse()
  server = await startHttpServer({
    router: house.engine.router,
    context: (caller) => caller,
    version: '1.0.0',
    rendererDirectory: null,
    ingest: house.engine.ingest,
  })
  token = (await house.client.ingestTokens.create({ name: 'Gateway', source: 'Gateway' })).token
})
afterEach(async () => {
  await server.close()
  await house.close()
})

const event = (id: number | string, value: number | string = 1, changes: object = {}) => ({
  specversion: '1.0',
  id: String(id),
  source: '/gateway',
  type: 'calls',
  subject: 'acme',
  time: '2026-11-02T10:00:00Z',
  data: { value },
  ...changes,
})

interface Schema {
  readonly required?: readonly string[]
  readonly properties: Readonly<Record<string, Schema>>
}
interface OpenApi {
  readonly paths: {
    readonly '/ingest': {
      readonly post: {
        readonly requestBody: { readonly content: object }
        readonly responses: object
        readonly security: readonly object[]
      }
    }
  }
  readonly components: {
    readonly schemas: { readonly UsageEvent: Schema }
    readonly securitySchemes: { readonly ingest: object }
  }
}

const push = async (type: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${server.origin}/api/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type, ...headers },
    body: body as BodyInit,
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}
/** Of the reports, which follow the ledger a moment after the answer. */
const total = async () =>
  (await house.client.explain.usage({ metric: 'calls', month: '2026-11' as never })).total

describe('events', () => {
  test('one, a batch and lines are in the ledger when they are answered, with every digit', async () => {
    const exact = `{"specversion":"1.0","id":"1","source":"/gateway","type":"calls","subject":"acme",
      "time":"2026-11-02T10:00:00Z","data":{"value":123456789012.25}}`
    expect(await push(ONE, exact)).toMatchObject({
      status: 202,
      body: { events: 1, batch: { pushes: 1, added: 1, duplicate: 0, conflict: 0, quarantined: 0 } },
    })
    await push(BATCH, JSON.stringify([event(2, '0.5'), event(3)]), {
      'content-type': `${BATCH}; charset=utf-8`,
    })
    await push(LINES, `${JSON.stringify(event(4))}\r\n\n${JSON.stringify(event(5))}\n`)
    await expect.poll(total).toBe('123456789015.75')
  })

  test('what is new, known, in conflict and rejected is counted', async () => {
    await push(ONE, JSON.stringify(event(1)))
    const again = await push(
      BATCH,
      JSON.stringify([event(1), event(1, 2), event(2), event(3, 1, { subject: undefined }), 'no event']),
    )
    expect(again.body).toMatchObject({
      events: 5,
      batch: { added: 1, duplicate: 1, conflict: 1, quarantined: 2 },
    })
    expect(await push(LINES, 'no json\n')).toMatchObject({ status: 202, body: { batch: { quarantined: 1 } } })
  })

  test('many pushes at once are committed in groups, each counted once', async () => {
    const before = (await house.client.ledger.batches({})).rows.length
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        push(BATCH, JSON.stringify([event(`a${index}`), event(`b${index}`)])),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    await expect.poll(total).toBe('120')
    const batches = new Map<number, { pushes: number; added: number }>()
    for (const { body } of answers) batches.set(body.batch.batchId, body.batch)
    expect((await house.client.ledger.batches({ limit: 500 } as never)).rows.length - before).toBe(
      batches.size,
    )
    expect(batches.size).toBeLessThan(60)
    const sum = (of: 'pushes' | 'added') => [...batches.values()].reduce((all, each) => all + each[of], 0)
    expect([sum('pushes'), sum('added')]).toEqual([60, 120])
  })

  test('a push that cannot be read spoils none that is committed with it', async () => {
    const pusher = { name: 'Gateway', source: 'Gateway' }
    const outcomes = await Promise.allSettled([
      house.engine.ingest.push(pusher, '\u0001'.repeat(200)),
      house.engine.ingest.push(pusher, JSON.stringify(event(1))),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    await expect.poll(total).toBe('1')
  })

  test('where too much waits, nothing more is taken, and it says when to come again', async () => {
    const waiting = house.engine.ingest.push(
      { name: 'Gateway', source: 'Gateway' },
      'x'.repeat(30 * 1024 * 1024),
    )
    const large = JSON.stringify(event(1, 1, { padding: 'x'.repeat(3 * 1024 * 1024) }))
    const answer = await push(ONE, large)
    expect(answer).toMatchObject({ status: 429, body: { code: 'TOO_MANY_EVENTS' } })
    expect(answer.headers.get('retry-after')).toBe('1')
    await waiting
    await expect.poll(async () => (await push(ONE, JSON.stringify(event(1)))).status).toBe(202)
    await expect.poll(total).toBe('1')
  })

  test.each([
    [ONE, '{', 400, 'The body is not JSON.'],
    [BATCH, '{}', 400, 'A batch of CloudEvents is a JSON list.'],
    [BATCH, '[]', 400, 'The body holds no event.'],
    [LINES, '\n', 400, 'The body holds no event.'],
    [LINES, 'a\0b', 400, 'not text in UTF-8'],
    [LINES, Uint8Array.of(0xff, 0xfe), 400, 'not text in UTF-8'],
    ['application/json', '{}', 415, 'Send one of application/cloudevents+json'],
    [LINES, 'x'.repeat(4 * 1024 * 1024 + 1), 413, 'larger than 4 MB'],
  ])('%s %#: refused whole', async (type, body, status, words) => {
    expect(await push(type, body)).toMatchObject({
      status,
      body: { message: expect.stringContaining(words) },
    })
    expect(await push(ONE, JSON.stringify(event(1)))).toMatchObject({ status: 202 })
  })

  test('the OpenAPI document has the path, its types, its token and an event as the schema of files has it', async () => {
    const answer = await fetch(`${server.origin}/api/openapi.json`, {
      headers: { authorization: `Bearer ${server.token}` },
    })
    const { paths, components } = (await answer.json()) as OpenApi
    const { requestBody, responses, security } = paths['/ingest'].post
    expect(Object.keys(requestBody.content)).toEqual(expect.arrayContaining([ONE, BATCH, LINES]))
    expect(Object.keys(responses)).toEqual(['202', '400', '401', '403', '413', '415', '422', '429', '503'])
    expect(security).toEqual([{ ingest: [] }])
    expect(components.securitySchemes.ingest).toMatchObject({ type: 'http', scheme: 'bearer' })
    const file = join(import.meta.dirname, '../../../docs/formats/usage-event.schema.json')
    const { cloudEvent } = JSON.parse(readFileSync(file, 'utf8')).$defs
    const { UsageEvent } = components.schemas
    expect(UsageEvent.required).toEqual(cloudEvent.required)
    expect(Object.keys(UsageEvent.properties)).toEqual(Object.keys(cloudEvent.properties))
    expect(Object.keys(UsageEvent.properties.data?.properties ?? {})).toEqual(
      Object.keys(cloudEvent.properties.data.properties),
    )
  })

  test('where no book is open, it says when to come again', async () => {
    await house.engine.ingest.stop()
    const answer = await push(ONE, JSON.stringify(event(1)))
    expect(answer).toMatchObject({ status: 503, body: { code: 'NO_BOOK' } })
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  test('a body that is cut off takes nothing', async () => {
    const controller = new AbortController()
    const cut = fetch(`${server.origin}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': LINES },
      body: new ReadableStream({
        start: (stream) => {
          stream.enqueue(new TextEncoder().encode(`${JSON.stringify(event(1))}\n`))
          setTimeout(() => controller.abort(), 50)
        },
      }),
      signal: controller.signal,
      duplex: 'half',
    } as RequestInit)
    await expect(cut).rejects.toThrow()
    expect(await push(ONE, JSON.stringify(event(2)))).toMatchObject({ body: { batch: { added: 1 } } })
    await expect.poll(total).toBe('1')
  })
})

describe('a token', () => {
  const ask = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${server.origin}${path}`, { headers })).status

  test('can do nothing but push', async () => {
    const own = { authorization: `Bearer ${token}` }
    for (const path of [
      '/api/book',
      '/api/ingest-tokens',
      '/api/openapi.json',
      '/rpc/book/status',
      '/',
      '/api/ingest/x',
    ])
      expect([path, await ask(path, own)]).toEqual([path, 401])
    expect(await ask('/api/ingest', own)).toBe(405)
    expect(await ask(`/?token=${token}`, {})).toBe(401)
  })

  test('is asked for, and no other token pushes', async () => {
    for (const authorization of ['', 'Bearer nobody', `Bearer ${server.token}`, `Basic ${token}`])
      expect(await push(ONE, JSON.stringify(event(1)), { authorization })).toMatchObject({
        status: 401,
        body: { message: expect.stringContaining('token create') },
      })
  })

  test('is of no use to a page of another site', async () => {
    expect(await push(ONE, '{}', { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
    expect(await push(ONE, '{}', { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 })
  })

  test('is kept as a hash alone, and refused once it is revoked', async () => {
    await push(ONE, JSON.stringify(event(1)))
    for (const name of readdirSync(house.directory, { recursive: true, withFileTypes: true }))
      if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name)).includes(token)).toBe(false)
    await expect.poll(total).toBe('1')
    const [known] = await house.client.ingestTokens.list()
    if (known === undefined) throw new Error('a token')
    expect(known).not.toHaveProperty('sha256')
    expect(known).toMatchObject({ revokedMs: null, lastDeliveryMs: house.clock.nowMs() })
    await house.client.ingestTokens.revoke({ id: known.id, expectedVersion: known.version })
    expect(await push(ONE, JSON.stringify(event(2)))).toMatchObject({ status: 401 })
    expect(await house.client.ingestTokens.list()).toMatchObject([
      { id: known.id, name: 'Gateway', revokedMs: house.clock.nowMs() },
    ])
    await expect.poll(total).toBe('1')
  })
})
