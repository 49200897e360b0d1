/** Files into a fresh book, end to end, against the least that could be done with the same file, in turn. */
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { type DiskUse, diskUse } from './disk.ts'
import type { Ids } from './events.ts'
import { writeCloudEvents, writeFocus } from './files.ts'
import { medianSpent, perSecond, type Spent } from './measure.ts'
import { CACHE, type Plan } from './plan.ts'
import type { Postgres } from './postgres.ts'
import { say, startBareChild, startEngineChild, startPostgresChild } from './programs.ts'

export interface Rate {
  readonly perSecond: number
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface ImportResult {
  readonly records: number
  readonly fileBytes: number
  readonly rounds: number
  readonly ours: Rate
  readonly bare: Rate | null
  /** In batches of 100, the most that a request to Lago may hold. */
  readonly postgres: Rate | null
  /** In batches of 1,000. */
  readonly postgresLarge: Rate | null
  /** Which of PostgreSQL's two ways of many rows in one statement was the quicker on the first rows. */
  readonly postgresWay: string | null
  readonly peakBytes: number | null
  readonly disk: DiskUse
  readonly load: readonly number[]
}

const rateOf = (records: number, list: readonly Spent[]): Rate => {
  const { wallMs, cpuMs } = medianSpent(list)
  return {
    perSecond: perSecond(records, wallMs),
    seconds: Math.round(wallMs) / 1000,
    cpuSeconds: Math.round(cpuMs) / 1000,
  }
}

const importOurs = async (plan: Plan, directory: string, path: string, records: number) => {
  rmSync(directory, { recursive: true, force: true })
  const engine = startEngineChild(plan)
  await engine.call('open', directory)
  const measured = await engine.call('import', path, records)
  const peakBytes = engine.peakBytes()
  await engine.call('close')
  await engine.end()
  return { measured, peakBytes }
}

const importBare = async (kind: 'usage' | 'cost', path: string, records: number) => {
  const child = startBareChild()
  const measured = await child.call(kind, path, join(CACHE, 'bare.sqlite'), records)
  await child.end()
  return measured
}

const LAGO_BATCH_ROWS = 100
const LARGE_BATCH_ROWS = 1_000

const WAYS = ['unnest', 'values'] as const
type Way = (typeof WAYS)[number]

const importPostgres = async (
  server: Postgres,
  path: string,
  records: number,
  way: Way,
  batchRows: number,
) => {
  const child = startPostgresChild()
  await child.call('connect', server.socket)
  await child.call('empty')
  const measured = await child.call('import', path, records, way, batchRows)
  await child.call('empty')
  await child.call('close')
  await child.end()
  return measured
}

const TRIAL_EVENTS = 50_000

/** Both ways with the same few rows; the quicker is used for all. */
const quickerWay = async (server: Postgres): Promise<Way> => {
  const path = join(CACHE, 'trial.jsonl')
  writeCloudEvents(path, { from: 0, to: TRIAL_EVENTS, total: TRIAL_EVENTS, ids: 'sequential' })
  const times = new Map<Way, number>()
  for (const way of [...WAYS, ...WAYS]) {
    const { wallMs } = await importPostgres(server, path, TRIAL_EVENTS, way, LARGE_BATCH_ROWS)
    times.set(way, Math.min(wallMs, times.get(way) ?? Number.POSITIVE_INFINITY))
  }
  rmSync(path)
  return (times.get('values') ?? 0) < (times.get('unnest') ?? 0) ? 'values' : 'unnest'
}

const measureImport = async (
  plan: Plan,
  kind: 'usage' | 'cost',
  path: string,
  records: number,
  server: Postgres | null,
): Promise<ImportResult> => {
  const directory = join(CACHE, 'import-book')
  const [ours, bare, postgres, postgresLarge]: Spent[][] = [[], [], [], []]
  const load = loadavg()
  const way = server === null ? null : await quickerWay(server)
  let peakBytes: number | null = null
  for (let round = 0; round < plan.rounds; round++) {
    if (!plan.oursOnly) bare?.push(await importBare(kind, path, records))
    const { measured, peakBytes: peak } = await importOurs(plan, directory, path, records)
    ours?.push(measured)
    peakBytes = peak === null ? null : Math.max(peak, peakBytes ?? 0)
    if (server === null || way === null) continue
    postgres?.push(await importPostgres(server, path, records, way, LAGO_BATCH_ROWS))
    postgresLarge?.push(await importPostgres(server, path, records, way, LARGE_BATCH_ROWS))
  }
  const disk = await diskUse(directory, records)
  const fileBytes = statSync(path).size
  rmSync(directory, { recursive: true, force: true })
  rmSync(path)
  const rate = (list: Spent[] | undefined) =>
    list === undefined || list.length === 0 ? null : rateOf(records, list)
  return {
    records,
    fileBytes,
    rounds: plan.rounds,
    ours: rateOf(records, ours ?? []),
    bare: rate(bare),
    postgres: rate(postgres),
    postgresLarge: rate(postgresLarge),
    postgresWay: way,
    peakBytes,
    disk,
    load,
  }
}

export const measureUsageImport = (plan: Plan, ids: Ids, server: Postgres | null): Promise<ImportResult> => {
  mkdirSync(CACHE, { recursive: true })
  const path = join(CACHE, `usage-${ids}.jsonl`)
  say(`import of ${plan.importEvents} events with ${ids} ids: writing the file`)
  writeCloudEvents(path, { from: 0, to: plan.importEvents, total: plan.importEvents, ids })
  say('importing')
  return measureImport(plan, 'usage', path, plan.importEvents, server)
}

export const measureFocusImport = (plan: Plan): Promise<ImportResult> => {
  mkdirSync(CACHE, { recursive: true })
  const path = join(CACHE, 'focus.csv')
  say(`import of ${plan.costRows} FOCUS rows: writing the file`)
  writeFocus(path, plan.costRows)
  say('importing')
  return measureImport(plan, 'cost', path, plan.costRows, null)
}
