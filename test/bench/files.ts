/** Files that the benchmarks read, written as a stream; and the same events as text for the peers' own loaders. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { cloudEventLine, dataOf, eventAt, type Ids, SOURCE } from './events.ts'
import { FOCUS_COLUMNS, focusRow } from './focus-rows.ts'

const CHUNK_CHARACTERS = 1 << 20

/** Some of a book's events: `[from, to)` of those of a book of `total`. */
export interface Part {
  readonly from: number
  readonly to: number
  readonly total: number
  readonly ids: Ids
}

/** The lines in pieces of about a megabyte. */
function* inChunks(from: number, to: number, lineOf: (index: number) => string): Generator<string> {
  let pending = ''
  for (let index = from; index < to; index++) {
    pending += `${lineOf(index)}\n`
    if (pending.length < CHUNK_CHARACTERS) continue
    yield pending
    pending = ''
  }
  yield pending
}

const write = (path: string, chunks: Iterable<string>): void => {
  const file = openSync(path, 'w')
  for (const chunk of chunks) writeSync(file, chunk)
  closeSync(file)
}

export const writeCloudEvents = (path: string, { from, to, total, ids }: Part): void =>
  write(
    path,
    inChunks(from, to, (index) => cloudEventLine(eventAt(index, total, ids))),
  )

export const writeFocus = (path: string, count: number): void => {
  const file = openSync(path, 'w')
  writeSync(file, `${FOCUS_COLUMNS.map((name) => `"${name}"`).join(',')}\n`)
  for (const chunk of inChunks(0, count, focusRow)) writeSync(file, chunk)
  closeSync(file)
}

/** Plain facts as CSV, for DuckDB: source, id, tenant, metric, quantity, time and one column for each dimension. */
export const writeFacts = (path: string, { from, to, total, ids }: Part): void =>
  write(
    path,
    inChunks(from, to, (index) => {
      const { id, tenant, metric, value, time, region, plan, endpoint, user } = eventAt(index, total, ids)
      return `${SOURCE},${id},${tenant},${metric},${value},${time.slice(0, -1)},${region},${plan},${endpoint ?? ''},${user ?? ''}`
    }),
  )

/** Rows for PostgreSQL's COPY in text format: source, id, code, tenant, time, properties. */
export const postgresRows = ({ from, to, total, ids }: Part): Generator<string> =>
  inChunks(from, to, (index) => {
    const event = eventAt(index, total, ids)
    return `${SOURCE}\t${event.id}\t${event.metric}\t${event.tenant}\t${event.time}\t{${dataOf(event)}}`
  })
