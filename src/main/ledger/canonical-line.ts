/**
 * The canonical line of an entry: exactly the text SQLite's `json_array(...)` gives for the stored row, so that
 * the chain can be checked by any SQLite without this program.
 */
import { hash } from 'node:crypto'
import { BATCH_HEADER_COLUMNS, ENTRY_COLUMNS, type EntryTable } from './schema.ts'

/** What a column may hold. Numbers are safe integers; anything larger is a bigint; blobs are byte arrays. */
export type LedgerValue = string | number | bigint | Uint8Array | null

const BLOB_COLUMNS: readonly string[] = ['event_key', 'cost_key', 'content_key', 'record_key']

/** Text as SQLite quotes it: as `JSON.stringify`, lone surrogates being stored as U+FFFD. */
export const canonicalText = (text: string): string => JSON.stringify(text.toWellFormed())

/** The same bytes as a Buffer, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const canonicalValue = (value: LedgerValue): string => {
  if (value === null) return 'null'
  if (typeof value === 'string') return canonicalText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`the ledger holds integers only, not ${value}`)
    return String(value)
  }
  return `"${asBuffer(value).toString('hex')}"`
}

/** @throws RangeError where a number is not a safe integer. */
export const canonicalLine = (values: readonly LedgerValue[]): string =>
  `[${values.map(canonicalValue).join(',')}]`

/** `values` are the columns of {@link ENTRY_COLUMNS} in order, `seq` first. */
export const entryLine = (table: EntryTable, values: readonly LedgerValue[]): string =>
  canonicalLine([values[0] ?? null, table, ...values.slice(1)])

/** The SQL expression that gives the canonical line of a row of the table. */
export const entryLineSql = (table: EntryTable): string => {
  const [seq, ...columns] = ENTRY_COLUMNS[table].map((column) =>
    BLOB_COLUMNS.includes(column) ? `lower(hex(${column}))` : column,
  )
  return `json_array(${[seq, `'${table}'`, ...columns].join(', ')})`
}

/** The SQL expression that gives the header line of a row of `batch`. */
export const HEADER_LINE_SQL = `json_array(${BATCH_HEADER_COLUMNS.join(', ')})`

/** Bytes of SHA-256 kept beside each entry. */
export const DIGEST_BYTES = 8

/** The digest of a canonical line as 16 hexadecimal digits. */
export const digestHex = (line: string): string => hash('sha256', line, 'hex').slice(0, DIGEST_BYTES * 2)

/** `previous_hash` of a book's first batch. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64)

/** The first 16 bytes of SHA-256: how records and contents are known. */
export const key16 = (content: string | Uint8Array): Buffer =>
  hash('sha256', content, 'buffer').subarray(0, 16)
