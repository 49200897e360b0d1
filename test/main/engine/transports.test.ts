/** The same engine over loopback HTTP and over a MessagePort: equal answers; uploads; REST addresses. */
import { request } from 'node:http'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink as HttpLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { RPCHandler } from '@orpc/server/message-port'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Contract, contract } from '../../../src/contract/contract.ts'
import type { Month } from '../../../src/domain/period.ts'
import { type HttpServer, startHttpServer } from '../../../src/main/server/http.ts'
import { events, focus, gzip, type House, openHouse, runMonth, sell } from './house.ts'

const OCTOBER = '2026-10' as Month
const TOKEN = 'user-Token_0123456789'
const LOCAL_TOKEN = 'local-token-987654321'

type Api = ContractRouterClient<Contract>
let house: House
let server: HttpServer
let http: Api
let port: Api
let channel: MessageChannel

beforeAll(async () => {
  house = await openHouse()
  await house.take('a.jsonl', events([['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '100']]))
  await house.take('a.csv', focus([{ day: '2026-10-05', service: 'EC2', billed: '3.21', app: 'acme' }]))
  await sell(
    house.client,
    { id: 'acme' },
    {
      id: 'list',
      charges: [
        {
          kind: 'per_unit',
          id: 'calls',
          name: 'Calls',
          metric: 'calls',
          unitAmount: '0.5' as never,
          per: '1' as never,
        },
      ],
    },
  )
  await runMonth(house, OCTOBER)
  server = await startHttpServer({
    router: house.engine.router,
    context: ({ local }) => ({ local }),
    version: '1.2.3',
    token: TOKEN,
    localToken: LOCAL_TOKEN,
    rendererDirectory: null,
  })
  http = createORPCClient<Api>(
    new HttpLink({ url: `${server.origin}/rpc`, headers: { authorization: `Bearer ${TOKEN}` } }),
  )
  channel = new MessageChannel()
  new RPCHandler(house.engine.router).upgrade(channel.port1, { context: { local: false } })
  channel.port1.start()
  port = createORPCClient<Api>(new PortLink({ port: channel.port2 }))
  channel.port2.start()
})
afterAll(async () => {
  channel.port1.close()
  await server.close()
  await house.close()
})

const CALLS: readonly (readonly [name: string, call: (api: Api) => Promise<unknown>])[] = [
  ['book.status', (api) => api.book.status()],
  ['metrics.list', (api) => api.metrics.list()],
  ['sources.list', (api) => api.sources.list()],
  [
    'usage.query',
    (api) =>
      api.usage.query({
        metric: 'calls',
        from: OCTOBER,
        to: OCTOBER,
        grain: 'day',
        groupBy: ['tenant'],
        filters: [],
        compare: 'previous',
      }),
  ],
  [
    'cost.query',
    (api) => api.cost.query({ from: OCTOBER, to: OCTOBER, grain: 'day', groupBy: ['service'], filters: [] }),
  ],
  ['cost.margin', (api) => api.cost.margin({ month: OCTOBER })],
  ['cost.overview', (api) => api.cost.overview({ month: OCTOBER })],
  ['cost.unattributed', (api) => api.cost.unattributed({ month: OCTOBER, by: 'service' })],
  ['rules.get', (api) => api.rules.get()],
  ['customers.list', (api) => api.customers.list({ month: OCTOBER })],
  ['customers.get', (api) => api.customers.get({ customerId: 'acme' })],
  ['rateCards.list', (api) => api.rateCards.list()],
  ['deals.baseline', (api) => api.deals.baseline({ customerId: 'acme' })],
  ['invoices.list', (api) => api.invoices.list({ month: OCTOBER })],
  ['invoices.get', (api) => api.invoices.get({ invoiceId: '2026-10.acme' })],
  ['explain.line', (api) => api.explain.line({ invoiceId: '2026-10.acme', line: 1 })],
  ['reconcile.month', (api) => api.reconcile.month({ month: OCTOBER })],
  ['ledger.search', (api) => api.ledger.search({ text: 'acme' })],
  ['ledger.batches', (api) => api.ledger.batches({})],
  ['jobs.list', (api) => api.jobs.list()],
]

describe('equal answers', () => {
  test.each(CALLS)('%s', async (_name, call) => {
    const [overHttp, overPort] = [await call(http), await call(port)]
    expect(overHttp).toEqual(await call(house.client))
    expect(overPort).toEqual(overHttp)
  })

  test('a refusal is the same error with the same sentence', async () => {
    const refusals = await Promise.all(
      [http, port].map((api) =>
        api.reconcile.close({ month: '2030-01' as Month }).catch((error: unknown) => JSON.stringify(error)),
      ),
    )
    expect(refusals[0]).toContain('January 2030 is not over yet')
    expect(refusals[1]).toBe(refusals[0])
  })

  test('a job is watched to its end', async () => {
    for (const api of [http, port]) {
      const { jobId } = await api.ledger.verify()
      let last = ''
      for await (const job of await api.jobs.watch({ jobId })) last = job.state
      expect(last).toBe('done')
    }
  })

  test('a file comes out byte for byte', async () => {
    const [overHttp, overPort] = await Promise.all(
      [http, port].map(async (api) => {
        const file = await api.exports.table({
          sheet: { title: 'T', columns: [{ key: 'a', title: 'A', kind: 'text' }], rows: [{ a: '=1+1' }] },
          format: 'csv',
        })
        return `${file.name} ${await file.text()}`
      }),
    )
    expect(overPort).toBe(overHttp)
  })
})

describe('files', () => {
  const text = events(
    Array.from({ length: 3_000 }, (_, i) => [`up${i}`, 'up', `t${i % 3}`, '2026-10-06T00:00:00Z', String(i)]),
  )
  const bytes = gzip(text)

  const upload = async (api: Api, chunkBytes: number): Promise<string> => {
    const { fileId } = await api.files.begin({ name: 'up.jsonl.gz', size: bytes.length })
    for (let offset = 0; offset < bytes.length; offset += chunkBytes)
      await api.files.append({
        fileId,
        offset,
        chunk: new Blob([new Uint8Array(bytes.subarray(offset, offset + chunkBytes))]),
      })
    return fileId
  }
  const imported = async (api: Api, fileId: string, source: string) => {
    const { jobId } = await api.imports.start({ fileId, options: { source } })
    let last = await api.jobs.get({ jobId })
    for await (const job of await api.jobs.watch({ jobId })) last = job
    if (last.result?.kind !== 'import') throw new Error(last.error?.message)
    const { batchId: _batchId, file: _file, sentence: _sentence, ...result } = last.result.import
    return result
  }

  test('sent in chunks they import as if they were read where they lie', async () => {
    const { fileId } = await house.client.files.openPath({ path: house.file('up.jsonl.gz', bytes) })
    const fromPath = await imported(http, fileId, 'from path')
    expect(fromPath).toMatchObject({ rows: 3_000, added: 3_000 })
    expect(await imported(http, await upload(http, 1_000), 'over http')).toEqual(fromPath)
    expect(await imported(port, await upload(port, 7_777), 'over port')).toEqual(fromPath)
  })

  test('a chunk out of place is refused, and a file that is not whole is not imported', async () => {
    const { fileId } = await http.files.begin({ name: 'half.jsonl', size: 10 })
    await http.files.append({ fileId, offset: 0, chunk: new Blob(['12345']) })
    await expect(http.files.append({ fileId, offset: 3, chunk: new Blob(['1']) })).rejects.toThrow(
      'half.jsonl: 1 bytes at 3 do not continue the 5 of 10 bytes received so far. Send the file again.',
    )
    await expect(http.files.append({ fileId, offset: 5, chunk: new Blob(['123456']) })).rejects.toThrow(
      'half.jsonl: 6 bytes at 5 do not continue the 5 of 10 bytes received so far. Send the file again.',
    )
    await expect(http.imports.start({ fileId, options: {} })).rejects.toThrow(
      'half.jsonl has not arrived whole: 5 of 10 bytes. Send the rest, or discard it.',
    )
    await http.files.discard({ fileId })
    await expect(http.imports.preview({ fileId, options: {} })).rejects.toThrow(
      'That file is not staged any more: it was imported, discarded, or the engine was started anew. Choose it again.',
    )
  })

  test('paths are for holders of the lock file’s token alone', async () => {
    const path = house.file('mine.jsonl', 'x')
    const words = 'Only the command line of this machine may name paths. Send the file’s bytes instead.'
    await expect(http.files.openPath({ path })).rejects.toThrow(words)
    await expect(port.files.openPath({ path })).rejects.toThrow(words)
    const local = createORPCClient<Api>(
      new HttpLink({ url: `${server.origin}/rpc`, headers: { authorization: `Bearer ${LOCAL_TOKEN}` } }),
    )
    expect(await local.files.openPath({ path })).toHaveProperty('fileId')
    await expect(local.files.openPath({ path: `${path}.gone` })).rejects.toThrow(
      `There is no file at ${path}.gone. Nothing was read; check the path.`,
    )
  })
})

const ask = (
  method: string,
  path: string,
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
): Promise<{ status: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) }),
      )
    })
    call.once('error', reject)
    call.end()
  })

describe('REST', () => {
  test('an export is the file itself, under its name', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/exports/months/2026-10`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect(answer.headers.get('content-disposition')).toContain('2026-10.xlsx')
    // A workbook is a zip archive.
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK')
  })

  test.each<readonly [path: string, call: (api: Api) => Promise<unknown>]>([
    ['/api/book', (api) => api.book.status()],
    ['/api/jobs', (api) => api.jobs.list()],
    ['/api/margin?month=2026-10', (api) => api.cost.margin({ month: OCTOBER })],
    ['/api/margin?month=2026-10&asOf=3', (api) => api.cost.margin({ month: OCTOBER, asOf: '3' })],
    ['/api/book?asOf=3', (api) => api.book.status({ asOf: '3' })],
    ['/api/rate-cards?asOf=3', (api) => api.rateCards.list({ asOf: '3' })],
    ['/api/ledger/as-of?asOf=2026-11-10', (api) => api.ledger.asOf({ asOf: '2026-11-10' })],
    [
      '/api/ledger/as-of?asOf=2026-11-10T12:00:00Z',
      (api) => api.ledger.asOf({ asOf: '2026-11-10T12:00:00Z' }),
    ],
    ['/api/invoices/2026-10.acme/recomputed', (api) => api.invoices.recompute({ invoiceId: '2026-10.acme' })],
    ['/api/margin/acme?month=2026-10', (api) => api.cost.waterfall({ customerId: 'acme', month: OCTOBER })],
    ['/api/customers', (api) => api.customers.list({})],
    ['/api/customers/acme', (api) => api.customers.get({ customerId: 'acme' })],
    ['/api/invoices', (api) => api.invoices.list({})],
    ['/api/invoices?month=2026-10', (api) => api.invoices.list({ month: OCTOBER })],
    ['/api/invoices/2026-10.acme', (api) => api.invoices.get({ invoiceId: '2026-10.acme' })],
    [
      '/api/invoices/2026-10.acme/delivery',
      (api) => api.invoices.deliveryPreview({ invoiceId: '2026-10.acme' }),
    ],
    [
      '/api/explain/invoices/2026-10.acme/lines/1',
      (api) => api.explain.line({ invoiceId: '2026-10.acme', line: 1 }),
    ],
    ['/api/explain/2026-10.acme/1', (api) => api.explain.byId({ id: '2026-10.acme/1' })],
    ['/api/explain/2026-10.acme', (api) => api.explain.byId({ id: '2026-10.acme' })],
    ['/api/explain/b2', (api) => api.explain.byId({ id: 'b2' })],
    ['/api/months/2026-10', (api) => api.reconcile.month({ month: OCTOBER })],
    ['/api/ledger/batches?limit=2', (api) => api.ledger.batches({ limit: 2 })],
    ['/api/ledger/quarantine', (api) => api.ledger.quarantine({})],
    ['/api/sources', (api) => api.sources.list()],
    ['/api/sources/arrivals?month=2026-10', (api) => api.sources.arrivals({ month: OCTOBER })],
    ['/api/deals', (api) => api.deals.list()],
    ['/api/deals/baseline/acme', (api) => api.deals.baseline({ customerId: 'acme' })],
    ['/api/imports/mappings', (api) => api.imports.mappings()],
    ['/api/usage/dimensions?metric=calls', (api) => api.usage.dimensions({ metric: 'calls' })],
    ['/api/cost/unattributed?month=2026-10', (api) => api.cost.unattributed({ month: OCTOBER })],
  ])('GET %s', async (path, call) => {
    expect(await ask('GET', path)).toEqual({
      status: 200,
      body: JSON.parse(JSON.stringify(await call(http))),
    })
  })

  test('entries are explained by number and by id', async () => {
    const [usage] = (await http.ledger.search({ kind: 'usage' })).rows
    const [cost] = (await http.ledger.search({ kind: 'cost' })).rows
    for (const entry of [usage, cost]) {
      const record = await http.explain.record({ seq: entry?.seq ?? 0 })
      expect(record.entryId).toBe(entry?.entryId)
      expect(await ask('GET', `/api/explain/records/${entry?.seq}`)).toEqual({ status: 200, body: record })
      expect(await ask('GET', `/api/explain/${entry?.entryId}`)).toMatchObject({
        status: 200,
        body: { kind: 'entry' },
      })
      expect(await ask('GET', `/api/ledger/entries/${entry?.seq}/history`)).toMatchObject({
        status: 200,
        body: { entry: record },
      })
    }
  })

  test.each([
    ['/api/explain/nothing', 404, 'Nothing is called nothing.'],
    ['/api/explain/records/999999', 404, 'There is no usage or cost entry 999999.'],
    ['/api/invoices/none', 404, 'There is no invoice none. Run its month first.'],
    ['/api/margin?month=2026-10&asOf=9999', 404, 'There is no batch 9999; the last one is'],
  ])('GET %s is %i, with a sentence', async (path, status, words) => {
    const answer = await ask('GET', path)
    expect(answer.status).toBe(status)
    expect((answer.body as { message: string }).message).toContain(words)
  })

  test('a wrong query is a bad request, and without the token there is no answer', async () => {
    expect((await ask('GET', '/api/margin?month=October')).status).toBe(400)
    expect((await ask('GET', '/api/book', {})).status).toBe(401)
    expect(
      (await ask('GET', '/api/book', { authorization: `Bearer ${TOKEN}`, host: 'evil.example' })).status,
    ).toBe(421)
    expect(
      (await ask('GET', '/api/book', { authorization: `Bearer ${TOKEN}`, origin: 'https://evil.example' }))
        .status,
    ).toBe(403)
  })

  test('the OpenAPI document lists every procedure once', async () => {
    const { body } = await ask('GET', '/api/openapi.json')
    const paths = (body as { paths: Record<string, Record<string, { operationId: string }>> }).paths
    const listed = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    const names = Object.entries(contract).flatMap(([area, procedures]) =>
      Object.keys(procedures).map((name) => `${area}.${name}`),
    )
    expect(listed.sort()).toEqual(names.sort())
  })
})
