/** Entries as they are read: columns by name, exact numbers as text. */
import { asBuffer } from './canonical-line.ts'
import type { StoredUsage } from './read-usage.ts'
import { ENTRY_COLUMNS, ENTRY_TABLES, type EntryTable } from './schema.ts'

/** An entry of any table: its columns as stored, blobs as hex, `quantity` as text. */
export interface Entry {
  readonly seq: number
  readonly table: EntryTable
  readonly batchId: number
  readonly columns: Readonly<Record<string, string | number | null>>
}

/** Tables of which each row is one entry. */
export const ROW_TABLES = ENTRY_TABLES.filter((table) => table !== 'usage_page')

/** The columns of a row as JSON with exact integers as text where they may pass 2^53. */
const columnsSql = (table: EntryTable): string =>
  `json_object(${ENTRY_COLUMNS[table]
    .slice(2)
    .map((column) => {
      if (column === 'quantity') return `'quantity', CAST(quantity AS TEXT)`
      return column.endsWith('_key') && column !== 'source_key'
        ? `'${column}', lower(hex(${column}))`
        : `'${column}', ${column}`
    })
    .join(', ')}) AS columns`

export interface EntryRow {
  readonly seq: number
  readonly batchId: number
  readonly columns: string
}

export const entrySql = (table: EntryTable) =>
  `SELECT seq, batch_id AS batchId, ${columnsSql(table)} FROM ${table} e`

export const entryOf =
  (table: EntryTable) =>
  (row: EntryRow): Entry => ({
    seq: row.seq,
    table,
    batchId: row.batchId,
    columns: JSON.parse(row.columns) as Entry['columns'],
  })

/** A usage event as an entry of `usage_event`, also where it is kept in a page. */
export const usageEntry = (usage: StoredUsage): Entry => ({
  seq: usage.seq,
  table: 'usage_event',
  batchId: usage.batchId,
  columns: {
    source_no: usage.sourceNo,
    event_key: asBuffer(usage.eventKey).toString('hex'),
    revision: usage.revision,
    tenant_no: usage.tenantNo,
    measure_no: usage.measureNo,
    quantity: usage.quantity.toString(),
    start_ms: usage.startMs,
    end_ms: usage.endMs,
    posted_ms: usage.postedMs,
    set_no: usage.setNo,
    block_no: usage.blockNo,
    block_row: usage.blockRow,
    correction: usage.correction,
    corrects: usage.corrects,
  },
})
