/** The slices of one book by all three: ours and DuckDB's in turn, PostgreSQL's after. The answers have to be the same. */
import { statfsSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import type { OurTimes } from './book-measures.ts'
import { type Book, factsOf } from './books.ts'
import { postgresRows } from './files.ts'
import { perSecond, spent, type Times, timesOf } from './measure.ts'
import type { Plan } from './plan.ts'
import type { Postgres } from './postgres.ts'
import { say, startDuckdbChild, startEngineChild, startPostgresChild } from './programs.ts'
import { SLICES, type SliceName, sameAnswer } from './slices.ts'

export interface SliceTimes {
  readonly ours: OurTimes
  readonly duckdb: Times
  /** Lines of the answer, the same from each. */
  readonly lines: number
}

export interface ComparedSlices {
  readonly events: number
  readonly slices: Readonly<Record<SliceName, SliceTimes>>
  readonly duckdbThreads: number
  readonly peakBytes: number | null
  readonly load: readonly number[]
}

/** Asked in blocks, so that what the machine does beside falls on both. */
const BLOCK_CALLS = 10

export const compareWithDuckdb = async (plan: Plan, book: Book): Promise<ComparedSlices> => {
  const facts = await factsOf(book)
  const duckdb = startDuckdbChild()
  const duckdbThreads = await duckdb.call('threadsOfCube', book.directory)
  await duckdb.call('open', facts, duckdbThreads)
  const engine = startEngineChild(plan)
  await engine.call('open', book.directory)
  say(`slices of a book of ${book.events} events, against DuckDB`)
  const slices: Partial<Record<SliceName, SliceTimes>> = {}
  for (const { name } of SLICES) {
    const [firstMs = Number.NaN] = await engine.call('ask', name, 1)
    const answer = await engine.call('answer', name)
    sameAnswer(name, answer, 'DuckDB', await duckdb.call('answer', name))
    const [ours, theirs]: [number[], number[]] = [[], []]
    while (ours.length < plan.calls) {
      const calls = Math.min(BLOCK_CALLS, plan.calls - ours.length)
      ours.push(...(await engine.call('ask', name, calls)))
      theirs.push(...(await duckdb.call('ask', name, calls)))
    }
    slices[name] = {
      ours: { ...timesOf(ours), firstMs: Math.round(firstMs) },
      duckdb: timesOf(theirs),
      lines: answer.length,
    }
  }
  const peakBytes = engine.peakBytes()
  await engine.call('close')
  await Promise.all([engine.end(), duckdb.end()])
  return {
    events: book.events,
    slices: slices as Record<SliceName, SliceTimes>,
    duckdbThreads,
    peakBytes,
    load: loadavg(),
  }
}

export interface PostgresSlices {
  readonly events: number
  readonly loadedPerSecond: number
  readonly bytesPerEvent: number
  /** With the unique key alone. */
  readonly plain: Readonly<Record<SliceName, Times>>
  /** With an index on metric, tenant and time beside. */
  readonly indexed: Readonly<Record<SliceName, Times>>
  readonly load: readonly number[]
}

/** What its table, index and log of writes take at their largest, generously. */
const POSTGRES_BYTES_PER_EVENT = 700
const POSTGRES_BYTES = 6_000_000_000

/** Whether so many events fit on the disk that PostgreSQL is started on. */
export const fitsPostgres = (events: number): boolean => {
  const { bavail, bsize } = statfsSync(tmpdir())
  return bavail * bsize > POSTGRES_BYTES + events * POSTGRES_BYTES_PER_EVENT
}

export const compareWithPostgres = async (
  plan: Plan,
  book: Book,
  server: Postgres,
): Promise<PostgresSlices> => {
  const { events } = book
  const child = startPostgresChild()
  await child.call('connect', server.socket)
  await child.call('empty')
  say(`PostgreSQL: loading ${events} events`)
  const rows = postgresRows({ from: 0, to: events, total: events, ids: 'sequential' })
  const loading = await spent(() => server.copy('events', Readable.from(rows, { objectMode: false })))
  await child.call('analyze')
  const { rows: loaded, bytes } = await child.call('size')
  if (loaded !== events) throw new Error(`of ${events} events PostgreSQL has ${loaded}`)
  const engine = startEngineChild(plan)
  await engine.call('open', book.directory)
  const answers = new Map<SliceName, readonly string[]>()
  for (const { name } of SLICES) answers.set(name, await engine.call('answer', name))
  await engine.call('close')
  await engine.end()
  const askAll = async (): Promise<Record<SliceName, Times>> => {
    const slices: Partial<Record<SliceName, Times>> = {}
    for (const { name } of SLICES) {
      sameAnswer(name, answers.get(name) ?? [], 'PostgreSQL', await child.call('answer', name))
      slices[name] = timesOf(await child.call('ask', name, plan.postgresCalls))
    }
    return slices as Record<SliceName, Times>
  }
  say('PostgreSQL: slices')
  const plain = await askAll()
  say('PostgreSQL: slices with an index')
  await child.call('index')
  const indexed = await askAll()
  await child.call('empty')
  await child.call('close')
  await child.end()
  return {
    events,
    loadedPerSecond: perSecond(events, loading.wallMs),
    bytesPerEvent: Math.round((bytes / events) * 10) / 10,
    plain,
    indexed,
    load: loadavg(),
  }
}
