/**
 * A data chunk that is filled column by column from typed arrays. @duckdb/node-api takes a JavaScript value for each
 * cell, a bigint for each of 64 bits; that alone would take longer than everything else of following. What it uses
 * below is called directly here: DuckDB's C interface, "Data Chunks" and "Vectors".
 */
import { DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { VECTOR_ROWS } from './database.ts'

/** The rows of one column, as many as a vector holds. */
export type Column =
  | { readonly type: 'BOOLEAN'; readonly values: Uint8Array<ArrayBuffer> }
  | { readonly type: 'INTEGER'; readonly values: Int32Array<ArrayBuffer>; readonly valid: Validity | null }
  | {
      readonly type: 'BIGINT'
      readonly values: BigInt64Array<ArrayBuffer>
      readonly halves: Uint32Array
      readonly valid: Validity | null
    }

/** A bit for each row of a column that may hold nothing. */
export interface Validity {
  readonly words: Uint32Array<ArrayBuffer>
  /** Whether any row holds nothing. */
  hasNulls: boolean
}

const validity = (): Validity => ({ words: new Uint32Array(VECTOR_ROWS / 32), hasNulls: false })

export const booleanColumn = () => ({ type: 'BOOLEAN', values: new Uint8Array(VECTOR_ROWS) }) as const
export const integerColumn = (isNullable = false) =>
  ({ type: 'INTEGER', values: new Int32Array(VECTOR_ROWS), valid: isNullable ? validity() : null }) as const
export const bigintColumn = (isNullable = false) => {
  const values = new BigInt64Array(VECTOR_ROWS)
  const halves = new Uint32Array(values.buffer)
  return { type: 'BIGINT', values, halves, valid: isNullable ? validity() : null } as const
}

const TWO_32 = 4_294_967_296

/** Sets a value of 64 bits from a safe integer, without making a bigint. */
export const setWide = (column: { readonly halves: Uint32Array }, row: number, value: number): void => {
  const high = Math.floor(value / TWO_32)
  column.halves[row * 2] = value - high * TWO_32
  column.halves[row * 2 + 1] = high
}

export const setNull = (valid: Validity | null, row: number): void => {
  if (valid === null) throw new Error('assertion: this column holds a value in every row')
  valid.hasNulls = true
  valid.words[row >>> 5] = (valid.words[row >>> 5] as number) & ~(1 << (row & 31))
}

export interface ColumnChunk {
  readonly chunk: DuckDBDataChunk
  /** Copies the first `rows` rows of the columns into the chunk, and makes every row valid again. */
  fill(rows: number): void
}

/** @param columns in the order of the table's, of the same types */
export const columnChunk = (types: readonly DuckDBType[], columns: readonly Column[]): ColumnChunk => {
  // One chunk for all: its native memory is unknown to the garbage collector, and a new one for every 2048 rows
  // would pile up to hundreds of megabytes.
  const raw = duckdb.create_data_chunk(types.map((type) => type.toLogicalType().logical_type))
  const chunk = new DuckDBDataChunk(raw)
  for (const column of columns) if (column.type !== 'BOOLEAN') column.valid?.words.fill(0xffff_ffff)
  return {
    chunk,
    fill: (rows) => {
      chunk.reset()
      chunk.rowCount = rows
      for (const [index, column] of columns.entries()) {
        const vector = duckdb.data_chunk_get_vector(raw, index)
        const { values } = column
        duckdb.copy_data_to_vector(vector, 0, values.buffer, 0, rows * values.BYTES_PER_ELEMENT)
        if (column.type === 'BOOLEAN' || column.valid === null || !column.valid.hasNulls) continue
        const { words } = column.valid
        duckdb.vector_ensure_validity_writable(vector)
        duckdb.copy_data_to_vector_validity(vector, 0, words.buffer, 0, words.byteLength)
        words.fill(0xffff_ffff)
        column.valid.hasNulls = false
      }
    },
  }
}
