/** The OpenAPI document against the validator of others, and what is pushed and answered against the document. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpServer, startHttpServer } from '../../src/main/server/http.ts'
import { type House, openHouse } from '../main/engine/house.ts'

const ONE = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'

let house: House
let server: HttpServer
let folder: string
let token: string
let document: unknown
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countinghouse-openapi-'))
  house = await openHouse()
  server = await startHttpServer({
    router: house.engine.router,
    context: (caller) => caller,
    version: '1.0.0',
    rendererDirectory: null,
    ingest: house.engine.ingest,
  })
  token = (await house.client.ingestTokens.create({ name: 'Gateway', source: 'Gateway' })).token
  const answer = await fetch(`${server.origin}/api/openapi.json`, {
    headers: { authorization: `Bearer ${server.token}` },
  })
  document = await answer.json()
})
afterAll(async () => {
  await server?.close()
  await house?.close()
  rmSync(folder, { recursive: true, force: true })
})

const faults = (given: unknown, answers: readonly object[]): string => {
  const paths = [join(folder, 'document.json'), join(folder, 'answers.json')]
  writeFileSync(paths[0] ?? '', JSON.stringify(given))
  writeFileSync(paths[1] ?? '', JSON.stringify(answers))
  return execFileSync(process.env.PEER_OPENAPI ?? 'python', [
    join(import.meta.dirname, 'openapi-check.py'),
    ...paths,
  ]).toString()
}

const event = (id: string, changes: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/gateway',
  type: 'calls',
  subject: 'acme',
  time: '2026-11-02T10:00:00Z',
  data: { value: '0.5', dimensions: { region: 'eu' } },
  ...changes,
})
const push = async (type: string, body: string, isSent: boolean, authorization = `Bearer ${token}`) => {
  const answer = await fetch(`${server.origin}/api/ingest`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body,
  })
  const sent = isSent ? JSON.parse(body) : null
  return { path: '/ingest', method: 'post', type, sent, status: answer.status, body: await answer.json() }
}

test('the document is one of OpenAPI 3.1, and describes what is pushed and answered', async () => {
  const answers = [
    await push(ONE, JSON.stringify(event('1')), true),
    await push(BATCH, JSON.stringify([event('1'), event('2', { data: null })]), true),
    await push('application/x-ndjson', `${JSON.stringify(event('3'))}\n`, false),
    await push(ONE, '{', false),
    await push(ONE, '{}', false, 'Bearer nobody'),
    await push(ONE, 'x'.repeat(4 * 1024 * 1024 + 1), false),
    await push('text/plain', 'x', false),
  ]
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 400, 401, 413, 415])
  expect(faults(document, answers)).toBe('')
})

test('what the document does not say is found', async () => {
  const answer = await push(ONE, JSON.stringify(event('1')), true)
  const wrong = [
    { ...answer, status: 299 },
    { ...answer, body: { events: -1 } },
    { ...answer, sent: event('1', { id: 1 }) },
  ]
  const said = faults({ ...(document as object), openapi: 3.1 }, wrong)
  for (const words of [
    'document: ',
    'no such answer',
    "'batch' is a required",
    'is less than the minimum',
    'sent: $.id',
  ])
    expect(said).toContain(words)
})
