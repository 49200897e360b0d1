/** Documents: settings and decisions, by version. Content is canonical JSON text. */
import { type Ledger, prepared } from './open.ts'

export interface LedgerDocument {
  readonly seq: number
  readonly batchId: number
  readonly kind: string
  readonly documentId: string
  /** Counted from 1. */
  readonly version: number
  readonly content: string
  readonly recordedMs: number
  readonly author: string
}

/** As the book was after this batch; without it, as it is now. */
export interface AsOf {
  readonly asOfBatch?: number
}

const DOCUMENT = `SELECT d.seq, d.batch_id AS batchId, d.kind, d.document_id AS documentId, d.version, d.content,
    b.recorded_ms AS recordedMs, b.author
  FROM document d JOIN batch b USING (batch_id)`

const last = (asOf: AsOf): number => asOf.asOfBatch ?? Number.MAX_SAFE_INTEGER

/** The current version, null where there is none. */
export const readDocument = (
  ledger: Ledger,
  kind: string,
  documentId: string,
  asOf: AsOf = {},
): LedgerDocument | null =>
  (prepared(
    ledger,
    `${DOCUMENT} WHERE d.kind = ? AND d.document_id = ? AND d.batch_id <= ? ORDER BY d.version DESC LIMIT 1`,
  ).get(kind, documentId, last(asOf)) as LedgerDocument | undefined) ?? null

export const readDocumentVersion = (
  ledger: Ledger,
  kind: string,
  documentId: string,
  version: number,
  asOf: AsOf = {},
): LedgerDocument | null =>
  (prepared(
    ledger,
    `${DOCUMENT} WHERE d.kind = ? AND d.document_id = ? AND d.version = ? AND d.batch_id <= ?`,
  ).get(kind, documentId, version, last(asOf)) as LedgerDocument | undefined) ?? null

/** All versions, oldest first. */
export const listDocumentVersions = (
  ledger: Ledger,
  kind: string,
  documentId: string,
  asOf: AsOf = {},
): readonly LedgerDocument[] =>
  prepared(
    ledger,
    `${DOCUMENT} WHERE d.kind = ? AND d.document_id = ? AND d.batch_id <= ? ORDER BY d.version`,
  ).all(kind, documentId, last(asOf)) as LedgerDocument[]

/** The current version of each document of the kind, by id. */
export const listDocuments = (ledger: Ledger, kind: string, asOf: AsOf = {}): readonly LedgerDocument[] =>
  prepared(
    ledger,
    `${DOCUMENT} WHERE d.kind = ? AND d.batch_id <= ? AND d.version =
       (SELECT max(n.version) FROM document n
        WHERE n.kind = d.kind AND n.document_id = d.document_id AND n.batch_id <= ?)
     ORDER BY d.document_id`,
  ).all(kind, last(asOf), last(asOf)) as LedgerDocument[]
