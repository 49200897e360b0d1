/**
 * Our Prometheus kinds against a real Prometheus that scrapes a real node exporter every second: what we collect is
 * exactly what the counters themselves grew by, as Prometheus keeps their samples and as the exporter says them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../src/domain/canonical.ts'
import { type DecimalText, sumDecimals } from '../../src/domain/decimal.ts'
import { difference } from '../../src/domain/pricing/exact.ts'
import { exporter } from '../../src/main/collect/kinds/exporter/exporter.ts'
import { prometheus } from '../../src/main/collect/kinds/prometheus/prometheus.ts'
import { collectAll, contextFor } from '../main/collect/kinds/collecting.ts'
import { counterGrowth } from './prometheus-growth.ts'
import { freePort, startProgram } from './support.ts'

const MINUTE = 60_000
const METRICS = [
  'node_cpu_seconds_total',
  'node_network_receive_bytes_total',
  'node_network_transmit_bytes_total',
  // Begins at zero again when the exporter is restarted below.
  'promhttp_metric_handler_requests_total',
]

const stops: (() => Promise<void>)[] = []
let exporterPort = 0
let url = ''
let restartExporter: () => Promise<void>

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-prometheus-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  exporterPort = await freePort()
  const startExporter = () =>
    startProgram(
      'prometheus-node-exporter',
      [
        `--web.listen-address=127.0.0.1:${exporterPort}`,
        // Debian leaves the loopback out. Every scrape sends over it, and nothing may over the other devices.
        '--collector.netdev.device-exclude=',
      ],
      `http://127.0.0.1:${exporterPort}/`,
    )
  let node = await startExporter()
  restartExporter = async () => {
    await node.stop()
    node = await startExporter()
  }
  stops.push(() => node.stop())
  const port = await freePort()
  const config = join(folder, 'prometheus.yml')
  await writeFile(
    config,
    `global: {scrape_interval: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ['127.0.0.1:${exporterPort}'], labels: {namespace: acme}}]
`,
  )
  const server = await startProgram(
    process.env.PEER_PROMETHEUS ?? 'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    `http://127.0.0.1:${port}/-/ready`,
  )
  stops.push(server.stop)
  url = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

const until = (ms: number) => new Promise((done) => setTimeout(done, Math.max(0, ms - Date.now())))

const ownGrowth = async (name: string, startMs: number, endMs: number): Promise<string> =>
  sumDecimals((await counterGrowth(url, name, { startMs, endMs })).map(({ value }) => value))

/** When Prometheus took the last sample that it keeps; 0 before the first. */
const lastSampleMs = async (): Promise<number> => {
  const query = new URLSearchParams({ query: `timestamp(${METRICS[0]})` })
  const { data } = await (await fetch(`${url}/api/v1/query?${query}`)).json()
  return Math.max(0, ...data.result.map(({ value }: { value: [number, string] }) => Number(value[1]) * 1000))
}

const untilSampledFrom = async (ms: number): Promise<void> => {
  while ((await lastSampleMs()) < ms) await until(Date.now() + 200)
}

test('counters over windows are exactly what Prometheus’ samples grew by, over a restart of the exporter', async () => {
  // The first window begins after Prometheus has samples to count from.
  await untilSampledFrom(1)
  const startMs = Math.ceil(Date.now() / MINUTE) * MINUTE
  await until(startMs + 20_000)
  await restartExporter()
  const endMs = startMs + MINUTE
  await untilSampledFrom(endMs)
  const metrics = METRICS.map((name) => ({ metric: name, query: name, method: 'counter' }))
  const settings = { url, tenantLabel: 'namespace', windowMinutes: '1', metrics }
  // The clock is ours to set: two minutes on, the window is as settled as it will be.
  const { events } = await collectAll(
    prometheus,
    contextFor(prometheus, settings, { checkpoint: { untilMs: startMs }, nowMs: endMs + 2 * MINUTE }),
  )
  for (const name of METRICS) {
    const ours = events.filter(({ type }) => type === name)
    expect(ours.map(({ data }) => data.from)).toEqual([new Date(startMs).toISOString()])
    expect(ours[0]?.data.value).toBe(await ownGrowth(name, startMs, endMs))
    expect(Number(ours[0]?.data.value)).toBeGreaterThan(0)
  }
  const again = await collectAll(
    prometheus,
    contextFor(prometheus, settings, { checkpoint: { untilMs: startMs }, nowMs: endMs + 2 * MINUTE }),
  )
  expect(again.events).toEqual(events)
})

test('a real exporter’s page is read whole, and scrapes add up to what its counters grew by', async () => {
  const address = `http://127.0.0.1:${exporterPort}/metrics`
  const metrics = [
    { metric: 'cpu', selector: 'node_cpu_seconds_total', method: 'counter' },
    { metric: 'scrapes', selector: 'promhttp_metric_handler_requests_total{code="200"}', method: 'counter' },
  ]
  const settings = { url: address, tenant: 'acme', metrics }
  expect((await exporter.check(contextFor(exporter, settings))).map(({ state }) => state)).toEqual([
    'works',
    'works',
    'works',
  ])
  let checkpoint: Json = null
  const cpu: DecimalText[] = []
  const seen: string[] = []
  for (let scrape = 0; scrape < 4; scrape++) {
    const run = await collectAll(exporter, contextFor(exporter, settings, { checkpoint, nowMs: Date.now() }))
    checkpoint = run.checkpoint
    for (const { type, data } of run.events) if (type === 'cpu') cpu.push(data.value as DecimalText)
    const { last } = checkpoint as { last: Record<string, [string, number]> }
    seen.push(sumDecimals(Object.values(last).map(([value]) => value as DecimalText)))
    await until(Date.now() + 1500)
  }
  // All counters together, the number of scrapes among them: last minus first.
  const scrapes = (checkpoint as { last: Record<string, [string, number]> }).last
  expect(Object.keys(scrapes).length).toBeGreaterThan(8)
  const total = difference(seen.at(-1) as DecimalText, seen[0] as DecimalText)
  const counted = difference(total, sumDecimals(cpu))
  expect(Number(counted)).toBeGreaterThanOrEqual(3)
  expect(Number.isInteger(Number(counted))).toBe(true)
})
