/** Appends cost entries and names to the cube's tables: entries by columns of one vector, names by columns of a range. */
import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { COST_DECIMALS_MAX, costToUnits, type DecimalText } from '../../domain/decimal.ts'
import { parseNamed } from '../../domain/escaped-keys.ts'
import { appendColumns, VECTOR_ROWS } from './database.ts'
import type { CostRow, DictionaryRows, SetRow } from './feed.ts'
import { clampDay, type LocalTime, monthNumber } from './local-time.ts'
import { COST_FIELDS } from './schema.ts'

const COST = DECIMAL(38, COST_DECIMALS_MAX)

const COST_TYPES = [
  BIGINT,
  INTEGER,
  INTEGER,
  BIGINT,
  BIGINT,
  BIGINT,
  BOOLEAN,
  INTEGER,
  INTEGER,
  INTEGER,
  VARCHAR,
  COST,
  COST,
  COST,
  COST,
  INTEGER,
  BIGINT,
  BOOLEAN,
  INTEGER,
  INTEGER,
]

const wide = (value: number | null): bigint | null => (value === null ? null : BigInt(value))

/** What an appender gathers is outside of DuckDB's memory limit, and it would gather a hundred chunks by itself. */
const CHUNKS_PER_FLUSH = 16

/** Fills a chunk row by row and hands it to the appender each time it is full. */
const rowAppender = <Row>(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  valuesOf: (row: Row) => readonly DuckDBValue[],
) => {
  // One chunk for all: its native memory is unknown to the garbage collector, and a new one for every 2048 rows
  // would pile up to hundreds of megabytes.
  const chunk = DuckDBDataChunk.create(types)
  let chunksSinceFlush = 0
  return (rows: readonly Row[]): void => {
    for (let start = 0; start < rows.length; start += VECTOR_ROWS) {
      const columns: DuckDBValue[][] = types.map(() => [])
      for (const row of rows.slice(start, start + VECTOR_ROWS)) {
        const values = valuesOf(row)
        for (let i = 0; i < columns.length; i++) columns[i]?.push(values[i] ?? null)
      }
      chunk.reset()
      chunk.setColumns(columns)
      appender.appendDataChunk(chunk)
      chunksSinceFlush = (chunksSinceFlush + 1) % CHUNKS_PER_FLUSH
      if (chunksSinceFlush === 0) appender.flushSync()
    }
  }
}

const cost = (text: string | null): DuckDBDecimalValue | null =>
  text === null ? null : new DuckDBDecimalValue(costToUnits(text as DecimalText), 38, COST_DECIMALS_MAX)

const costValues =
  (localTime: (ms: number) => LocalTime) =>
  (row: CostRow): readonly DuckDBValue[] => {
    const [
      seq,
      batchId,
      billNo,
      startMs,
      endMs,
      postedMs,
      currency,
      billed,
      effective,
      list,
      contracted,
      setNo,
      corrects,
      isReversal,
      billMonthText,
      sourceNo,
    ] = row
    const billMonth = monthNumber(billMonthText)
    const startDay = localTime(startMs).day
    const month = postedMs === null ? billMonth : localTime(postedMs).month
    return [
      BigInt(seq),
      batchId,
      billNo,
      BigInt(postedMs ?? startMs),
      BigInt(startMs),
      wide(endMs),
      postedMs !== null,
      clampDay(startDay, month),
      month,
      billMonth,
      currency,
      cost(billed),
      cost(effective),
      cost(list),
      cost(contracted),
      setNo,
      wide(corrects),
      isReversal === 1,
      sourceNo,
      startDay,
    ]
  }

/** Takes cost entries into an appender of `cost_fact`. */
export const costLoader = (appender: DuckDBAppender, localTime: (ms: number) => LocalTime) =>
  rowAppender(appender, COST_TYPES, costValues(localTime))

type TextMap = { readonly [key: string]: unknown }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const longTable = (sets: readonly (readonly [setNo: number, values: TextMap])[]) => {
  const setNos: number[] = []
  const keys: string[] = []
  const values: string[] = []
  for (const [setNo, entries] of sets)
    for (const [key, value] of Object.entries(entries)) {
      setNos.push(setNo)
      keys.push(key)
      values.push(textOf(value))
    }
  return [setNos, keys, values]
}

const column = (rows: readonly (readonly DuckDBValue[])[], index: number) =>
  rows.map((row) => row[index] ?? null)

/** Appends a range's new names: of tenants, measures and bills. */
export const appendDictionaries = async (
  connection: DuckDBConnection,
  rows: DictionaryRows,
): Promise<void> => {
  const append = (
    table: string,
    types: readonly DuckDBType[],
    columns: readonly (readonly DuckDBValue[])[],
  ) => appendColumns(connection, table, types, columns)
  const { tenants, measures, bills } = rows
  await append('tenant', [INTEGER, VARCHAR], [column(tenants, 0), column(tenants, 1)])
  await append(
    'measure',
    [INTEGER, VARCHAR, INTEGER],
    [column(measures, 0), column(measures, 1), column(measures, 2)],
  )
  await append(
    'bill',
    [INTEGER, VARCHAR, VARCHAR, VARCHAR],
    [0, 1, 2, 3].map((index) => column(bills, index)),
  )
}

/** Appends new attribute sets; a range may have as many of them as entries, so they come in pages. */
export const appendSets = async (connection: DuckDBConnection, rows: readonly SetRow[]): Promise<void> => {
  const append = (
    table: string,
    types: readonly DuckDBType[],
    columns: readonly (readonly DuckDBValue[])[],
  ) => appendColumns(connection, table, types, columns)
  const parsed = rows.map(([, setNo, kind, content]) => ({
    setNo,
    kind,
    content,
    fields: parseNamed<TextMap>(content),
  }))
  const usage = parsed.filter(({ kind }) => kind === 'usage')
  const costs = parsed.filter(({ kind }) => kind === 'cost')
  await append(
    'usage_set',
    [INTEGER, VARCHAR],
    [usage.map((set) => set.setNo), usage.map((set) => set.content)],
  )
  await append(
    'usage_set_value',
    [INTEGER, VARCHAR, VARCHAR],
    longTable(usage.map((set) => [set.setNo, set.fields] as const)),
  )
  await append(
    'cost_set',
    [INTEGER, VARCHAR, ...COST_FIELDS.map(() => VARCHAR)],
    [
      costs.map((set) => set.setNo),
      costs.map((set) => set.content),
      ...COST_FIELDS.map((field) =>
        costs.map(({ fields }) => (fields[field] === undefined ? null : textOf(fields[field]))),
      ),
    ],
  )
  await append(
    'cost_set_tag',
    [INTEGER, VARCHAR, VARCHAR],
    longTable(costs.map((set) => [set.setNo, (set.fields.tags ?? {}) as TextMap] as const)),
  )
}
