/** Books of a given number of events, made by importing files through the engine, and kept in the cache. */
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCloudEvents, writeFacts } from './files.ts'
import { perSecond } from './measure.ts'
import { CACHE, type Plan } from './plan.ts'
import { commitOf, say, startDuckdbChild, startEngineChild } from './programs.ts'

/** More events than this are imported as several files, of months that follow one another. */
const FILE_EVENTS_MAX = 5_000_000

export interface Built {
  readonly events: number
  readonly importPerSecond: number
  /** Of each file in turn: whether imports slow down as the book grows. */
  readonly filesPerSecond: readonly number[]
  readonly importPeakBytes: number | null
  /** The program that made it. */
  readonly commit: string
}

export interface Book extends Built {
  readonly directory: string
}

/** `[from, to)` of each file. */
const filesOf = (events: number): readonly (readonly [number, number])[] => {
  const count = Math.ceil(events / FILE_EVENTS_MAX)
  return Array.from({ length: count }, (_, index) => [
    Math.floor((index * events) / count),
    Math.floor(((index + 1) * events) / count),
  ])
}

/** The book, a copy of it, the plain facts, and the file that is imported: what they take together, generously. */
const BYTES_PER_EVENT = 500
const BYTES = 3_000_000_000

const refuseFullDisk = (events: number): void => {
  const { bavail, bsize } = statfsSync(CACHE)
  const [free, wanted] = [bavail * bsize, BYTES + events * BYTES_PER_EVENT]
  if (free < wanted)
    throw new Error(
      `A book of ${events} events wants ${Math.ceil(wanted / 1e9)} GB for its measures, and ${CACHE} has ${Math.floor(free / 1e9)} GB. Make room, or ask for fewer with --scale or --events.`,
    )
}

const build = async (plan: Plan, events: number, folder: string): Promise<Built> => {
  const directory = join(folder, 'book')
  const file = join(folder, 'usage.jsonl')
  const engine = startEngineChild(plan)
  await engine.call('open', directory)
  const times: { count: number; wallMs: number }[] = []
  for (const [from, to] of filesOf(events)) {
    writeCloudEvents(file, { from, to, total: events, ids: 'sequential' })
    say(`book of ${events} events: importing ${from} to ${to}`)
    const { wallMs } = await engine.call('import', file, to - from)
    times.push({ count: to - from, wallMs })
    rmSync(file)
  }
  const importPeakBytes = engine.peakBytes()
  await engine.call('close')
  await engine.end()
  return {
    events,
    importPerSecond: perSecond(
      events,
      times.reduce((total, { wallMs }) => total + wallMs, 0),
    ),
    filesPerSecond: times.map(({ count, wallMs }) => perSecond(count, wallMs)),
    importPeakBytes,
    commit: commitOf(),
  }
}

const made = new Set<number>()

/** The book of so many events: of the cache, or made now. A run with `--fresh` makes each once. */
export const bookOf = async (plan: Plan, events: number): Promise<Book> => {
  const folder = join(CACHE, `book-${events}`)
  const note = join(folder, 'built.json')
  if (!existsSync(note) || (plan.fresh && !made.has(events))) {
    rmSync(folder, { recursive: true, force: true })
    refuseFullDisk(events)
    mkdirSync(folder, { recursive: true })
    writeFileSync(note, `${JSON.stringify(await build(plan, events, folder), null, 2)}\n`)
  }
  made.add(events)
  const built = JSON.parse(readFileSync(note, 'utf8')) as Built
  return { ...built, directory: join(folder, 'book') }
}

/** The same events as plain facts in a DuckDB file of their own. They never change: what differs is found by the answers. */
export const factsOf = async ({ events }: Book): Promise<string> => {
  const file = join(CACHE, `facts-${events}.duckdb`)
  const note = join(CACHE, `facts-${events}.json`)
  if (existsSync(note)) return file
  rmSync(file, { force: true })
  const csv = join(CACHE, 'facts.csv')
  const child = startDuckdbChild()
  await child.call('open', file, 1)
  for (const [from, to] of filesOf(events)) {
    say(`plain facts of ${events} events: ${from} to ${to}`)
    writeFacts(csv, { from, to, total: events, ids: 'sequential' })
    await child.call('load', csv)
    rmSync(csv)
  }
  const size = await child.call('size', file)
  await child.end()
  if (size.rows !== events) throw new Error(`of ${events} facts DuckDB has ${size.rows}`)
  writeFileSync(note, `${JSON.stringify(size)}\n`)
  return file
}
