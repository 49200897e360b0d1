/**
 * What the cube reads of the ledger: every statement of this room against `ledger.sqlite` stands here. The
 * connection is read-only, and only batches that are committed are read, so what is read never changes.
 */
import type { Ledger } from '../ledger/open.ts'
import { pagesForwards, type UsagePage } from '../ledger/read-pages.ts'

export interface LedgerBatch {
  readonly batch_id: number
  readonly last_seq: number
  readonly hash: string
}

/** One version of one document; `content` is JSON text. */
export interface DocumentRow {
  readonly document_id: string
  readonly version: number
  readonly content: string
}

export interface DictionaryRows {
  readonly tenants: readonly (readonly [tenantNo: number, tenant: string])[]
  readonly measures: readonly (readonly [measureNo: number, metric: string, scale: number])[]
  readonly bills: readonly (readonly [
    billNo: number,
    provider: string,
    billingAccount: string,
    month: string,
  ])[]
}

/** Attributes of cost entries or dimensions of usage events; `content` is canonical JSON. */
export type SetRow = readonly [seq: number, setNo: number, kind: 'usage' | 'cost', content: string]

/**
 * A usage event that is a row of its own: a correction, or of a book of version 1. The quantity comes in two halves, `high * 2^32 + low`, so that 64 bits cross as plain numbers
 * and no bigint is made for any other column.
 */
export type UsageRow = readonly [
  seq: number,
  batchId: number,
  tenantNo: number,
  measureNo: number,
  quantityHigh: number,
  quantityLow: number,
  startMs: number,
  endMs: number | null,
  postedMs: number | null,
  setNo: number | null,
  corrects: number | null,
  isReversal: 0 | 1,
  sourceNo: number,
]

export type CostRow = readonly [
  seq: number,
  batchId: number,
  billNo: number,
  startMs: number,
  endMs: number | null,
  postedMs: number | null,
  currency: string,
  billed: string,
  effective: string | null,
  list: string | null,
  contracted: string | null,
  setNo: number,
  corrects: number | null,
  isReversal: 0 | 1,
  billMonth: string,
  sourceNo: number,
]

/** Statements over one read-only ledger connection. Ranges of `seq` are `(afterSeq, toSeq]`. */
export const ledgerFeed = (ledger: Ledger) => {
  const { database } = ledger
  const hash = database.prepare('SELECT hash FROM batch WHERE batch_id = ?').pluck()
  const head = database.prepare('SELECT batch_id, last_seq, hash FROM batch ORDER BY batch_id DESC LIMIT 1')
  const batches = database.prepare(
    'SELECT batch_id, last_seq, hash FROM batch WHERE batch_id > ? AND batch_id <= ? ORDER BY batch_id LIMIT 10000',
  )
  const rows = (sql: string) => database.prepare(sql).raw()
  const tenants = rows('SELECT tenant_no, tenant FROM tenant WHERE seq > ? AND seq <= ? ORDER BY seq')
  const measures = rows(
    'SELECT measure_no, metric, scale FROM measure WHERE seq > ? AND seq <= ? ORDER BY seq',
  )
  const bills = rows(
    'SELECT bill_no, provider, billing_account, month FROM bill WHERE seq > ? AND seq <= ? ORDER BY seq',
  )
  const sets = rows(
    'SELECT seq, set_no, kind, content FROM attribute_set WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
  )
  const usage = rows(
    `SELECT seq, batch_id, tenant_no, measure_no, quantity >> 32, quantity & 4294967295, start_ms, end_ms, posted_ms,
       set_no, corrects, correction IS 'reversal', source_no
     FROM usage_event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
  )
  const cost = rows(
    `SELECT c.seq, c.batch_id, c.bill_no, c.start_ms, c.end_ms, c.posted_ms, c.currency, c.billed_cost,
       c.effective_cost, c.list_cost, c.contracted_cost, c.set_no, c.corrects, c.correction IS 'reversal', b.month, c.source_no
     FROM cost_entry c JOIN bill b ON b.bill_no = c.bill_no
     WHERE c.seq > ? AND c.seq <= ? ORDER BY c.seq LIMIT ?`,
  )
  const documents = database.prepare(
    `SELECT document_id, version, content FROM document d
     WHERE kind = ? AND seq <= ? AND version =
       (SELECT max(version) FROM document e WHERE e.kind = d.kind AND e.document_id = d.document_id AND e.seq <= ?)
     ORDER BY document_id`,
  )
  const kinds = database.prepare('SELECT DISTINCT kind FROM document WHERE seq > ? AND seq <= ?').pluck()

  return {
    /** The hash of a batch; undefined where the ledger has no such batch. */
    hashOf: (batchId: number) => hash.get(batchId) as string | undefined,
    /** The last batch; undefined in an empty ledger. */
    head: () => head.get() as LedgerBatch | undefined,
    /** The next batches after one, at most 10,000 of them. */
    batches: (afterBatchId: number, toBatchId: number) =>
      batches.all(afterBatchId, toBatchId) as LedgerBatch[],
    dictionaries: (afterSeq: number, toSeq: number): DictionaryRows => ({
      tenants: tenants.all(afterSeq, toSeq) as DictionaryRows['tenants'],
      measures: measures.all(afterSeq, toSeq) as DictionaryRows['measures'],
      bills: bills.all(afterSeq, toSeq) as DictionaryRows['bills'],
    }),
    sets: (afterSeq: number, toSeq: number, limit: number) => sets.all(afterSeq, toSeq, limit) as SetRow[],
    /** Pages of usage events, the oldest first. */
    pages: (afterSeq: number, toSeq: number): Generator<UsagePage> => pagesForwards(ledger, afterSeq, toSeq),
    usage: (afterSeq: number, toSeq: number, limit: number) =>
      usage.all(afterSeq, toSeq, limit) as UsageRow[],
    cost: (afterSeq: number, toSeq: number, limit: number) => cost.all(afterSeq, toSeq, limit) as CostRow[],
    /** The current version of every document of a kind, as of `toSeq`, in order of id; removed ones too. */
    documents: (kind: string, toSeq: number) => documents.all(kind, toSeq, toSeq) as DocumentRow[],
    /** Kinds of the documents that a range appended. */
    documentKinds: (afterSeq: number, toSeq: number) => kinds.all(afterSeq, toSeq) as string[],
  }
}
export type LedgerFeed = ReturnType<typeof ledgerFeed>
