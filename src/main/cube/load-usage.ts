/**
 * Appends usage events to the cube, pages by columns and rows one by one, in the order of the ledger. Sorting them by
 * metric and tenant would halve the time of a slice, and more than double their size and the time of following.
 */
import { BIGINT, BOOLEAN, type DuckDBAppender, INTEGER } from '@duckdb/node-api'
import type { UsagePage } from '../ledger/read-pages.ts'
import { bigintColumn, booleanColumn, columnChunk, integerColumn, setNull, setWide } from './column-chunk.ts'
import { VECTOR_ROWS } from './database.ts'
import type { UsageRow } from './feed.ts'
import type { LocalTime } from './local-time.ts'

/** What an appender gathers is outside of DuckDB's memory limit, and it would gather a hundred chunks by itself. */
const CHUNKS_PER_FLUSH = 16
const COLUMN_TYPES = [
  BIGINT,
  INTEGER,
  INTEGER,
  INTEGER,
  BIGINT,
  BIGINT,
  BIGINT,
  BIGINT,
  BOOLEAN,
  BIGINT,
  INTEGER,
  INTEGER,
  INTEGER,
  BIGINT,
  BOOLEAN,
  INTEGER,
  INTEGER,
]

export interface UsageLoader {
  page(page: UsagePage): void
  rows(rows: readonly UsageRow[]): void
  /** Appends what is left; without it, that is let go. */
  finish(): void
}

/** Takes usage events into an appender of `usage_fact`. */
export const usageLoader = (appender: DuckDBAppender, localTime: (ms: number) => LocalTime): UsageLoader => {
  const seq = bigintColumn()
  const batchId = integerColumn()
  const tenantNo = integerColumn()
  const measureNo = integerColumn()
  const quantity = bigintColumn()
  const atMs = bigintColumn()
  const startMs = bigintColumn()
  const endMs = bigintColumn(true)
  const late = booleanColumn()
  const hourMs = bigintColumn()
  const day = integerColumn()
  const month = integerColumn()
  const setNo = integerColumn(true)
  const corrects = bigintColumn(true)
  const isReversal = booleanColumn()
  const sourceNo = integerColumn()
  const startDay = integerColumn()
  const { chunk, fill } = columnChunk(COLUMN_TYPES, [
    seq,
    batchId,
    tenantNo,
    measureNo,
    quantity,
    atMs,
    startMs,
    endMs,
    late,
    hourMs,
    day,
    month,
    setNo,
    corrects,
    isReversal,
    sourceNo,
    startDay,
  ])
  let rows = 0
  let chunksSinceFlush = 0

  const send = () => {
    if (rows === 0) return
    fill(rows)
    appender.appendDataChunk(chunk)
    rows = 0
    chunksSinceFlush = (chunksSinceFlush + 1) % CHUNKS_PER_FLUSH
    if (chunksSinceFlush === 0) appender.flushSync()
  }
  /** Sets what both kinds of event have alike. */
  const place = (row: number, start: number, posted: number): void => {
    const isLate = !Number.isNaN(posted)
    const at = isLate ? posted : start
    const local = localTime(at)
    setWide(atMs, row, at)
    setWide(startMs, row, start)
    late.values[row] = isLate ? 1 : 0
    setWide(hourMs, row, local.hourMs)
    day.values[row] = local.day
    month.values[row] = local.month
    startDay.values[row] = isLate ? localTime(start).day : local.day
  }

  const takePage = ({ firstSeq, batchId: ofBatch, sourceNo: ofSource, columns }: UsagePage): void => {
    for (let i = 0; i < columns.events; i++) {
      const row = rows
      setWide(seq, row, firstSeq + i)
      batchId.values[row] = ofBatch
      sourceNo.values[row] = ofSource
      tenantNo.values[row] = columns.tenantNo[i] as number
      measureNo.values[row] = columns.measureNo[i] as number
      quantity.halves[row * 2] = columns.quantityLow[i] as number
      quantity.halves[row * 2 + 1] = columns.quantityHigh[i] as number
      place(row, columns.startMs[i] as number, columns.postedMs[i] as number)
      const end = columns.endMs[i] as number
      if (Number.isNaN(end)) setNull(endMs.valid, row)
      else setWide(endMs, row, end)
      const set = columns.setNo[i] as number
      if (set === 0) setNull(setNo.valid, row)
      else setNo.values[row] = set
      setNull(corrects.valid, row)
      isReversal.values[row] = 0
      rows++
      if (rows === VECTOR_ROWS) send()
    }
  }

  const takeRow = (event: UsageRow): void => {
    const row = rows
    const [
      eventSeq,
      ofBatch,
      tenant,
      measure,
      high,
      low,
      start,
      end,
      posted,
      set,
      correctsSeq,
      reversal,
      source,
    ] = event
    setWide(seq, row, eventSeq)
    batchId.values[row] = ofBatch
    sourceNo.values[row] = source
    tenantNo.values[row] = tenant
    measureNo.values[row] = measure
    quantity.halves[row * 2] = low
    quantity.halves[row * 2 + 1] = high
    place(row, start, posted ?? Number.NaN)
    if (end === null) setNull(endMs.valid, row)
    else setWide(endMs, row, end)
    if (set === null) setNull(setNo.valid, row)
    else setNo.values[row] = set
    if (correctsSeq === null) setNull(corrects.valid, row)
    else setWide(corrects, row, correctsSeq)
    isReversal.values[row] = reversal
    rows++
    if (rows === VECTOR_ROWS) send()
  }

  return {
    page: takePage,
    rows: (events) => {
      for (const event of events) takeRow(event)
    },
    finish: send,
  }
}
