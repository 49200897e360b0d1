/**
 * Every kind that has a secret, with one planted in each of its secret fields: whether nobody listens or a server says
 * everything back that it was asked, no finding, error, answer, log or file of the book holds it. A new kind with a
 * secret is a row of SETTINGS; without one the first test fails.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ConnectionConfig } from '../../../src/contract/connections.ts'
import { COLLECTORS } from '../../../src/main/collect/kinds/kinds.ts'
import { secretName } from '../../../src/main/engine/collecting/attempt.ts'
import { type House, openHouse } from './house.ts'

interface Row {
  readonly kind: string
  /** What is configured, of a peer at the host and port. */
  readonly config: (host: string) => ConnectionConfig
  /** Secrets that must have a shape; every other field gets the same words. */
  readonly secrets?: Readonly<Record<string, string>>
}

const aws = (host: string): ConnectionConfig => ({ region: 'us-east-1', endpoint: `http://${host}` })
const query = ['SELECT 1 WHERE t >= {{from}} AND t < {{until}}']
const SAS = 'sv=2025-01-05&sr=c&sp=rl&se=2999-12-31T00%3A00%3A00Z&sig=cGxhbnRlZC9zaWduYXR1cmU%3D'

const SETTINGS: readonly Row[] = [
  {
    kind: 'prometheus',
    config: (host) => ({
      url: `http://${host}`,
      user: 'ada',
      tenantLabel: 'tenant',
      metrics: [{ metric: 'up', query: 'up', method: 'value' }],
    }),
  },
  {
    kind: 'exporter',
    config: (host) => ({
      url: `http://${host}/metrics`,
      tenant: 'acme',
      metrics: [{ metric: 'up', selector: 'up', method: 'gauge' }],
    }),
  },
  {
    kind: 'sql',
    config: (host) => ({ engine: 'clickhouse', url: `http://reader@${host}`, query, metric: 'calls' }),
  },
  {
    kind: 'sql',
    config: (host) => ({
      engine: 'postgres',
      url: `postgres://reader@${host}/usage`,
      query,
      metric: 'calls',
    }),
  },
  { kind: 'aws_cost_explorer', config: aws },
  {
    kind: 'aws_cloudwatch',
    config: (host) => ({
      ...aws(host),
      metrics: [{ namespace: 'A', name: 'B', statistic: 'Sum', period: '60', tenant: 'T', metric: 'calls' }],
    }),
  },
  { kind: 'aws_s3', config: (host) => ({ ...aws(host), bucket: 'usage', contents: 'cloudevents' }) },
  { kind: 'aws_kinesis', config: (host) => ({ ...aws(host), stream: 'usage' }) },
  {
    kind: 'aws_athena',
    config: (host) => ({ ...aws(host), workgroup: 'primary', database: 'usage', query, metric: 'calls' }),
  },
  {
    kind: 'kafka',
    config: (host) => ({
      brokers: host,
      topics: ['usage'],
      tls: false,
      sasl: 'plain',
      userName: 'ada',
      start: 'earliest',
    }),
  },
  { kind: 'aws_inventory', config: (host) => ({ ...aws(host), tenantTag: 'tenant' }) },
  {
    kind: 'azure_blob',
    config: (host) => ({ accountUrl: `http://${host}/acme`, container: 'usage', contents: 'cloudevents' }),
    secrets: { sas: SAS },
  },
  {
    kind: 'azure_blob',
    config: (host) => ({ accountUrl: `http://${host}/acme`, container: 'usage', contents: 'cloudevents' }),
    secrets: { accountKey: Buffer.from('planted key of nobody, planted key of nobody').toString('base64') },
  },
]

const secretsOf = ({ kind, secrets }: Row, index = 0): Readonly<Record<string, string>> => {
  if (secrets !== undefined) return secrets
  const fields = COLLECTORS.find((each) => each.kind === kind)?.fields ?? []
  return Object.fromEntries(
    fields
      .filter((field) => field.kind === 'secret')
      .map(({ key }) => [key, `Planted+${key}-${index}/of=nobody`]),
  )
}

/** As it is, as a part of an address, and in base64 wherever it begins in what is encoded. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  ...[0, 1, 2].map((before) =>
    Buffer.from(`${'x'.repeat(before)}${secret}`)
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  ),
]

const POSTGRES_3 = 196_608

/** PostgreSQL's protocol 3 (its documentation, "Message Formats"): the password is asked for in clear, and said back. */
const asPostgres = (socket: Socket, piece: Buffer) => {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }
  if (piece[0] === 0) socket.write(message('R', Buffer.from([0, 0, 0, 3])))
  else socket.end(message('E', Buffer.from(`SFATAL\0C28P01\0Mno entry for ${piece.toString('latin1')}\0\0`)))
}

const startEcho = async (): Promise<{ readonly host: string; readonly close: () => void }> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let heard = ''
    socket.on('error', () => undefined)
    socket.on('data', (piece) => {
      // Frames of another kind: Kafka's client logs in only to what answers as a broker.
      if (piece[0] === 0 && piece.readUInt32BE(4) !== POSTGRES_3) return void socket.end(piece)
      if (piece[0] === 0 || piece[0] === 0x70) return asPostgres(socket, piece)
      heard += piece.toString('latin1')
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard)?.[1] ?? 0)
      const end = heard.indexOf('\r\n\r\n')
      if (end < 0 || heard.length < end + 4 + length) return
      const authorization = /\r\nauthorization: (.*)\r\n/i.exec(heard)?.[1] ?? ''
      const said = `${authorization} ${heard.replaceAll('\r\n', ' ')}`
      heard = ''
      socket.write(
        `HTTP/1.1 500 Trouble\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(said, 'latin1')}\r\n\r\n`,
      )
      socket.write(said, 'latin1')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('every kind with a secret is in the table, and each of its secrets is planted', () => {
  const wanted = COLLECTORS.flatMap(({ kind, fields }) =>
    fields.filter((field) => field.kind === 'secret').map(({ key }) => `${kind} ${key}`),
  )
  const planted = SETTINGS.flatMap((row) => Object.keys(secretsOf(row)).map((key) => `${row.kind} ${key}`))
  expect([...new Set(planted)].sort()).toEqual(wanted.sort())
})

describe('a planted secret', () => {
  let house: House
  let echo: Awaited<ReturnType<typeof startEcho>>
  let logged = ''
  const environment: Record<string, string> = {}
  const spies: { mockRestore: () => void }[] = []
  beforeAll(async () => {
    echo = await startEcho()
    house = await openHouse({
      environment,
      engine: { collectors: COLLECTORS, timers: { after: () => () => undefined, random: () => 0.5 } },
    })
  })
  afterAll(async () => {
    echo.close()
    await house.close()
  })
  beforeEach(() => {
    logged = ''
    for (const stream of [process.stdout, process.stderr])
      spies.push(
        vi.spyOn(stream, 'write').mockImplementation((text) => {
          logged += String(text)
          return true
        }),
      )
  })
  afterEach(() => {
    for (const spy of spies.splice(0)) spy.mockRestore()
  })

  const bookFiles = () =>
    readdirSync(house.directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(house.directory, name))
      .filter((path) => statSync(path).isFile())

  const cases = SETTINGS.flatMap((row, index) =>
    (['nobody listens', 'all is said back'] as const).map((peer) => ({ row, index, peer, kind: row.kind })),
  )
  test.each(cases)('$kind ($index), $peer', async ({ row, index, peer }) => {
    const { client } = house
    const id = `source-${index}-${peer.slice(0, 3)}`
    const secrets = secretsOf(row, index)
    // Nobody may listen on port 9 here, which is of "discard" (RFC 863).
    const config = row.config(peer === 'nobody listens' ? '127.0.0.1:9' : echo.host)
    const typed = { id, name: id, kind: row.kind, config }
    const told: unknown[] = []
    const check = await client.connections.check({ ...typed, secrets: { ...secrets } })
    expect(check.ok).toBe(false)
    told.push(check)
    const preview = await client.connections
      .preview({ ...typed, secrets: { ...secrets } })
      .catch((error: Error) => `${error.message} ${error.stack} ${JSON.stringify(error)}`)
    expect(preview).toEqual(expect.any(String))
    told.push(preview)
    for (const [field, value] of Object.entries(secrets)) environment[secretName(id, field)] = value
    told.push(
      await client.connections.save({ ...typed, everyMinutes: 10, paused: false, expectedVersion: 0 }),
    )
    const job = await house.job(client.connections.run({ id }))
    expect(job.state).toBe('failed')
    told.push(
      job,
      await client.jobs.list(),
      await client.connections.list(),
      await client.ledger.batches({}),
      await client.ledger.search({}),
      await client.ledger.quarantine({}),
      await client.cost.overview({ month: '2026-11' as never }),
      logged,
    )
    const texts = new Map<string, string>([['what is told', JSON.stringify(told)]])
    for (const path of bookFiles()) texts.set(path, readFileSync(path, 'latin1'))
    for (const [where, text] of texts)
      for (const [field, value] of Object.entries(secrets))
        for (const form of formsOf(value))
          expect(`${field} in ${where}: ${text.includes(form)}`).toBe(`${field} in ${where}: false`)
  })
})
