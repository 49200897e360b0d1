/**
 * A real Prometheus, and a real node exporter that is asked directly. Prometheus' clock can't be simulated, so its
 * storage is made of the whole hour's samples before it starts, and the clock of the engine uncovers them. The exporter
 * shows counters of text files as they are when it is asked.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { difference } from '../../../src/domain/pricing/exact.ts'
import { counterGrowth } from '../prometheus-growth.ts'
import { freePort, startProgram } from '../support.ts'
import { HOUR, keptUsage, MINUTE, type SoakPeer, totalsOf } from './peer.ts'

/** OpenMetrics: counters of two tenants each half a minute, one of which begins anew in the middle. */
const samples = (startMs: number): string => {
  const lines = ['# TYPE soak_requests counter']
  const first = startMs - 5 * MINUTE
  for (const [tenant, step] of [
    ['acme', 7],
    ['bolt', 3],
  ] as const)
    for (let index = 0; first + index * 30_000 < startMs + HOUR; index++) {
      const since = tenant === 'bolt' && index >= 61 ? index - 61 : index
      const seconds = (first + index * 30_000) / 1000
      lines.push(`soak_requests_total{namespace="${tenant}"} ${since * step + 0.25} ${seconds}`)
    }
  return `${lines.join('\n')}\n# EOF\n`
}

export const prometheusPeer = async (startMs: number): Promise<SoakPeer> => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-soak-prometheus-'))
  const data = join(folder, 'data')
  await mkdir(data)
  await writeFile(join(folder, 'samples.txt'), samples(startMs))
  await promisify(execFile)('promtool', [
    ...['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'samples.txt'), data],
  ])
  await writeFile(join(folder, 'prometheus.yml'), 'scrape_configs: []\n')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const start = () =>
    startProgram(
      process.env.PEER_PROMETHEUS ?? 'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `${url}/-/ready`,
    )
  let server = await start()
  return {
    source: {
      name: 'Cluster',
      kind: 'prometheus',
      config: {
        url,
        tenantLabel: 'namespace',
        windowMinutes: '10',
        metrics: [{ metric: 'prometheus.requests', query: 'soak_requests_total', method: 'counter' }],
      },
      everyMinutes: 10,
    },
    work: async () => undefined,
    outage: {
      begin: () => server.stop(),
      end: async () => {
        server = await start()
      },
    },
    own: async () => {
      const grown = await counterGrowth(url, 'soak_requests_total', {
        startMs: startMs - HOUR,
        endMs: startMs + HOUR,
      })
      return totalsOf(
        grown.map(({ labels, value }) => [`prometheus.requests ${labels.namespace}`, value] as const),
      )
    },
    kept: keptUsage(startMs, 'prometheus.requests'),
    close: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const exporterPeer = async (startMs: number): Promise<SoakPeer> => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-soak-exporter-'))
  const counters = { acme: 1000, bolt: 50 }
  const show = () =>
    writeFile(
      join(folder, 'soak.prom'),
      `# TYPE soak_jobs_total counter\n${Object.entries(counters)
        .map(([tenant, value]) => `soak_jobs_total{tenant="${tenant}"} ${value}\n`)
        .join('')}`,
    )
  await show()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const start = () =>
    startProgram(
      'prometheus-node-exporter',
      [
        `--web.listen-address=127.0.0.1:${port}`,
        '--collector.disable-defaults',
        '--collector.textfile',
        `--collector.textfile.directory=${folder}`,
      ],
      url,
    )
  let server = await start()
  const read = async (): Promise<ReadonlyMap<string, DecimalText>> => {
    const page = await (await fetch(`${url}/metrics`)).text()
    const found = page.matchAll(/^soak_jobs_total\{tenant="(\w+)"\} (\S+)$/gm)
    return new Map([...found].map(([, tenant = '', value = '']) => [tenant, value as DecimalText]))
  }
  const before = await read()
  return {
    source: {
      name: 'Exporter',
      kind: 'exporter',
      config: {
        url: `${url}/metrics`,
        tenantLabel: 'tenant',
        metrics: [{ metric: 'exporter.jobs', selector: 'soak_jobs_total', method: 'counter' }],
      },
      everyMinutes: 10,
    },
    work: async (step) => {
      counters.acme += 12.5 + step
      counters.bolt += 3
      await show()
    },
    outage: {
      begin: () => server.stop(),
      end: async () => {
        server = await start()
      },
    },
    own: async () =>
      totalsOf(
        [...(await read())].map(
          ([tenant, value]) =>
            [
              `exporter.jobs ${tenant}`,
              difference(value, before.get(tenant) ?? ('0' as DecimalText)),
            ] as const,
        ),
      ),
    kept: keptUsage(startMs, 'exporter.jobs'),
    close: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
