/** Kinds of sources in a real book: the wizard's questions, a run, and what became of each record. */
import { appendFileSync, renameSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'

let house: House
let server: Server
let page = ''
beforeEach(async () => {
  house = await openHouse()
  server = createServer((_, response) => response.end(page))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await house.close()
})

const connect = (kind: string, config: object) =>
  house.client.connections.save({
    id: 'one',
    name: 'One',
    kind,
    config: config as never,
    everyMinutes: 10,
    paused: true,
    expectedVersion: 0,
  })
const run = async () => {
  const { state, result, error } = await house.job(house.client.connections.run({ id: 'one' }))
  if (result?.kind !== 'collect') throw new Error(`${state}: ${error?.message}`)
  return result.sentence
}
const total = async (metric: string) =>
  (await house.client.explain.usage({ metric, month: '2026-11' as never })).total

const logLine = (path: string, bytes: number) =>
  `10.0.0.1 - - [05/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 ${bytes} "-" "curl"\n`

test('a log: previewed, read once over a rotation and a restart, and a line that is none in the quarantine', async () => {
  const path = house.file('access.log', `${logLine('/acme/a', 10)}${logLine('/acme/a', 10)}no log line\n`)
  const config = { path: `${path}*`, format: 'combined', tenantFrom: 'segment:1' }
  const typed = { kind: 'log_files', name: 'One', config }
  const { preview } = await house.client.connections.preview(typed)
  expect(preview?.records.map(({ what, tenant, amount }) => [what, tenant, amount])).toEqual([
    ['http.requests', 'acme', '1'],
    ['http.response.bytes', 'acme', '10'],
    ['http.requests', 'acme', '1'],
    ['http.response.bytes', 'acme', '10'],
  ])
  await connect('log_files', config)
  expect(await run()).toBe('4 records new, 1 rejected (see the quarantine).')
  house = await house.reopen()
  appendFileSync(path, logLine('/acme/a', 10))
  renameSync(path, `${path}.1`)
  house.file('access.log', logLine('/bolt/b', 5))
  expect(await run()).toBe('4 records new.')
  expect(await run()).toBe('Nothing new.')
  expect(await total('http.requests')).toBe('4')
  expect(await total('http.response.bytes')).toBe('35')
  const { rows } = await house.client.ledger.quarantine({})
  expect(rows).toMatchObject([{ raw: expect.stringContaining('no log line') }])
})

test('an exporter: records come with the second scrape, and go on after a restart', async () => {
  page = 'requests_total{tenant="acme"} 1000\n'
  await connect('exporter', {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    tenantLabel: 'tenant',
    metrics: [{ metric: 'requests', selector: 'requests_total', method: 'counter' }],
  })
  expect(await run()).toBe('Nothing new.')
  house.clock.set('2026-11-10T12:01:00Z')
  page = 'requests_total{tenant="acme"} 1012.5\n'
  expect(await run()).toBe('1 record new.')
  house = await house.reopen()
  house.clock.set('2026-11-10T12:02:00Z')
  page = 'requests_total{tenant="acme"} 7\n'
  expect(await run()).toBe('1 record new.')
  expect(await total('requests')).toBe('19.5')
})
