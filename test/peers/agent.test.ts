/**
 * The agent against cgroups of this machine's kernel under a real load. What the book holds in the end is what the
 * kernel's own counters say, though the agent is killed and the book is away in between; and the same through S3 and
 * Kinesis, as moto has them. It needs root and a cgroup v2; where the memory and I/O controllers are bound to version 1,
 * as on a machine with both, the CPU alone is looked at.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type DecimalText, sumDecimals } from '../../src/domain/decimal.ts'
import type { Month } from '../../src/domain/period.ts'
import { cpuSeconds } from '../../src/main/agent/cgroup-tree.ts'
import { COLLECTORS } from '../../src/main/collect/kinds/kinds.ts'
import { answer, run, type Served, startServing } from '../main/cli/support.ts'
import { openHouse } from '../main/engine/house.ts'
import { freePort, startMoto } from './support.ts'

interface Event {
  readonly id: string
  readonly subject: string
  readonly data: { readonly value: DecimalText }
}

const PROGRAM = resolve(import.meta.dirname, '../../src/main/cli/main.ts')
const CREDENTIALS = { accessKeyId: 'AKIAPLANTEDKEYID', secretAccessKey: 'planted/secret/of/nobody' }
const REGION = 'us-east-1'

let folder = ''
/** Of this test alone, below the root of the machine's cgroup v2. */
let group = ''
const undo: (() => void | Promise<void>)[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countinghouse-agent-peer-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  group = join(process.env.PEER_CGROUP ?? '/sys/fs/cgroup', `countinghouse-${process.pid}`)
  mkdirSync(group)
  undo.push(() => rmdirSync(group))
})
afterAll(async () => {
  for (const each of undo.reverse()) await each()
})

const makeGroup = (name: string): string => {
  const path = join(group, name)
  mkdirSync(path)
  undo.push(() => {
    if (existsSync(path)) rmdirSync(path)
  })
  return path
}
const used = (path: string) => cpuSeconds(readFileSync(join(path, 'cpu.stat'), 'latin1'))

/** Burns the processor inside the cgroup, and is waited for until the kernel has taken it out again. */
const load = async (path: string, seconds: number): Promise<void> => {
  const script = 'echo $$ > "$1/cgroup.procs" && exec timeout "$2" sh -c "while :; do :; done"'
  await once(spawn('sh', ['-c', script, 'sh', path, String(seconds)], { stdio: 'ignore' }), 'exit')
  await vi.waitFor(() => expect(readFileSync(join(path, 'cgroup.procs'), 'utf8')).toBe(''), { timeout: 5000 })
}

const configure = (name: string, output: object): string => {
  const path = join(folder, `${name}.json`)
  writeFileSync(
    path,
    JSON.stringify({
      name,
      stateFolder: join(folder, name),
      sampleSeconds: 1,
      windowSeconds: 10,
      cgroups: { root: group, match: '^(?<tenant>[^/]+)$', tenantFrom: 'group:tenant' },
      output,
    }),
  )
  return path
}

const startAgent = (config: string) => {
  const environment = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  }
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, 'agent', '--config', config], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const exited = once(child, 'exit')
  undo.push(() => void child.kill('SIGKILL'))
  return {
    said: () => said,
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return (await exited)[0] as number | null
    },
  }
}

/** Until the agent has taken so many samples more. */
const sampled = async (name: string, times = 1): Promise<void> => {
  const atMs = () => {
    const path = join(folder, name, 'state.json')
    if (!existsSync(path)) return 0
    return (JSON.parse(readFileSync(path, 'utf8')) as { cgroups: { atMs: number } | null }).cgroups?.atMs ?? 0
  }
  for (let time = 0; time < times; time++) {
    const before = atMs()
    await vi.waitFor(() => expect(atMs()).toBeGreaterThan(before), { timeout: 30_000, interval: 50 })
  }
}

test('the book holds exactly what the kernel counted, over two kills of the agent and a book that was away', async () => {
  const book = join(folder, 'book')
  const port = await freePort()
  await answer(0, 'init', '--book', book, '--name', 'Peer', '--currency', 'USD', '--time-zone', 'UTC')
  const serve = (): Promise<Served> => startServing(['serve', '--book', book, '--port', String(port)])
  let server = await serve()
  undo.push(() => void server.stop('SIGKILL'))
  const { token } = await answer<{ token: string }>(0, 'token', 'create', 'Agents', '--book', book)
  writeFileSync(join(folder, 'token'), token)
  const config = configure('node-1', {
    kind: 'ingest',
    url: `http://127.0.0.1:${port}/api/ingest`,
    token: { file: join(folder, 'token') },
  })

  const first = startAgent(config)
  await sampled('node-1')
  const [acme, zeta, brief] = ['acme', 'zeta', 'brief'].map(makeGroup) as [string, string, string]
  const busy = Promise.all([load(acme, 24), load(zeta, 16), load(brief, 4)])
  await sampled('node-1', 3)
  await first.end('SIGKILL')
  const second = startAgent(config)
  await sampled('node-1', 4)
  await server.stop('SIGTERM')
  await sampled('node-1', 8)
  const briefUsed = used(brief)
  await sampled('node-1', 2)
  rmdirSync(brief)
  await second.end('SIGKILL')
  expect(second.said()).toMatch(
    /sending: http:\/\/127\.0\.0\.1:\d+\/api\/ingest cannot be reached: ECONNREFUSED/,
  )
  // Nobody looks while the load goes on.
  await new Promise((done) => setTimeout(done, 3000))
  server = await serve()
  const third = startAgent(config)
  await sampled('node-1')
  await busy
  expect(await third.end('SIGTERM')).toBe(0)
  expect(third.said()).not.toContain(token)
  expect(third.said()).toMatch(/0 wait \(0 KB\)\.\n$/)

  const report = await answer<{ rows: { keys: string[]; total: string }[] }>(
    ...([0, 'usage', '--book', book, '--metric', 'cgroup.cpu.seconds', '--group-by', 'tenant'] as const),
  )
  expect(Object.fromEntries(report.rows.map(({ keys, total }) => [keys[0], total]))).toEqual({
    acme: used(acme),
    zeta: used(zeta),
    brief: briefUsed,
  })
  expect(Number(used(acme))).toBeGreaterThan(2)
  const verified = await run('verify', '--book', book)
  expect(verified.code).toBe(0)
  await server.stop('SIGTERM')
})

// Without moto it is left out, and scripts/peers.mjs says that moto did not run.
test.runIf(process.env.PEER_MOTO ?? process.env.CI)(
  'S3 and Kinesis hold exactly what the kernel counted',
  async () => {
    const moto = await startMoto()
    undo.push(moto.stop)
    const settings = {
      region: REGION,
      endpoint: moto.url,
      credentials: CREDENTIALS,
      requestHandler: new NodeHttpHandler(),
    }
    const s3 = new S3Client({ ...settings, forcePathStyle: true })
    const kinesis = new KinesisClient(settings)
    undo.push(() => {
      s3.destroy()
      kinesis.destroy()
    })
    await s3.send(new CreateBucketCommand({ Bucket: 'usage' }))
    await kinesis.send(new CreateStreamCommand({ StreamName: 'usage', ShardCount: 2 }))
    const place = { region: REGION, endpoint: moto.url }
    const agents = ['to-s3', 'to-kinesis'] as const
    const started = [
      startAgent(configure('to-s3', { kind: 's3', ...place, bucket: 'usage', prefix: 'agents/' })),
      startAgent(configure('to-kinesis', { kind: 'kinesis', ...place, stream: 'usage' })),
    ]
    for (const name of agents) await sampled(name)
    const cloud = makeGroup('cloud')
    await load(cloud, 12)
    for (const agent of started) expect(await agent.end('SIGTERM')).toBe(0)

    /** Of the cgroup, each event once, as the ledger takes them. */
    const counted = (lines: readonly string[]) => {
      const events = new Map(lines.map((line) => [(JSON.parse(line) as Event).id, JSON.parse(line) as Event]))
      return sumDecimals(
        [...events.values()].filter(({ subject }) => subject === 'cloud').map(({ data }) => data.value),
      )
    }
    // The bucket as a user connects it.
    const house = await openHouse({
      now: new Date().toISOString(),
      engine: { collectors: COLLECTORS, timers: { after: () => () => undefined, random: () => 0.5 } },
      environment: {
        COUNTINGHOUSE_ONE_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        COUNTINGHOUSE_ONE_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      },
    })
    undo.push(() => house.close())
    await house.client.connections.save({
      id: 'one',
      name: 'Agents',
      kind: 'aws_s3',
      config: { ...place, bucket: 'usage', prefix: 'agents/', contents: 'cloudevents' },
      everyMinutes: 10,
      paused: false,
      expectedVersion: 0,
    })
    await house.job(house.client.connections.run({ id: 'one' }))
    const month = new Date(house.clock.nowMs()).toISOString().slice(0, 7) as Month
    const { rows } = await house.client.usage.query({
      metric: 'cgroup.cpu.seconds',
      from: month,
      to: month,
      grain: 'month',
      groupBy: ['tenant'],
      filters: [],
      compare: 'none',
    })
    expect(rows.find(({ keys }) => keys[0] === 'cloud')?.total).toBe(used(cloud))

    const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: 'usage' }))
    const records = await Promise.all(
      Shards.map(async ({ ShardId }) => {
        const { ShardIterator } = await kinesis.send(
          new GetShardIteratorCommand({ StreamName: 'usage', ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
        )
        const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
        return Records.map(({ Data }) => Buffer.from(Data ?? []).toString())
      }),
    )
    expect(counted(records.flat())).toBe(used(cloud))
    expect(Number(used(cloud))).toBeGreaterThan(1)
  },
)
