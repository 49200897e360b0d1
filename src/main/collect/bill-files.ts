/** What the files themselves sum a bill to, kept as documents to be compared with the ledger. */
import { canonicalJson } from '../../domain/canonical.ts'
import { costFromUnits, costToUnits, type DecimalText } from '../../domain/decimal.ts'
import type { Appender } from '../ledger/append.ts'
import type { WritingLedger } from '../ledger/open.ts'
import { readDocument } from '../ledger/read-documents.ts'
import type { Intake } from './taking.ts'

/** What is kept of one bill in one currency. `billed` is null where no file holds the bill's whole. */
interface BillFile {
  readonly file: string
  readonly rows: number
  readonly billed: DecimalText | null
}

/** The id under which a bill's total is kept: the files' own sum of it, and what a person typed. */
export const billFileId = (
  provider: string,
  billingAccount: string,
  month: string,
  currency: string,
): string => JSON.stringify([provider, billingAccount, month, currency])

/** The file's sums by document id; bills that begin in one month are one there. */
const sumsOf = (intake: Intake): ReadonlyMap<string, { units: bigint; rows: number }> => {
  const sums = new Map<string, { units: bigint; rows: number }>()
  for (const { bill, billed } of intake.bills.values())
    for (const [currency, { units, rows }] of billed) {
      const id = billFileId(bill.provider, bill.billingAccount, bill.month, currency)
      const before = sums.get(id) ?? { units: 0n, rows: 0 }
      sums.set(id, { units: before.units + units, rows: before.rows + rows })
    }
  return sums
}

const keptOf = (ledger: WritingLedger, id: string): BillFile | null => {
  const document = readDocument(ledger, 'bill_file', id)
  return document === null ? null : (JSON.parse(document.content) as BillFile | null)
}

const keep = (ledger: WritingLedger, appender: Appender, id: string, content: BillFile): void => {
  const before = keptOf(ledger, id)
  // The same file again adds nothing, and no new version of what it said before either.
  if (before !== null && before.billed === content.billed && before.rows === content.rows) return
  appender.document('bill_file', id, canonicalJson({ ...content }), null)
}

/**
 * Keeps what the newest file sums its bills to. A file that only adds to a bill doesn't know the bill's whole, so
 * the sum becomes unknown, unless it added nothing.
 */
export const keepFileTotals = (
  ledger: WritingLedger,
  appender: Appender,
  request: { readonly name: string; readonly delivery: 'restate' | 'add' },
  intake: Intake,
): void => {
  for (const [id, { units, rows }] of sumsOf(intake)) {
    if (request.delivery === 'add' && intake.entriesAdded === 0 && keptOf(ledger, id) !== null) continue
    const isWhole = request.delivery === 'restate' || keptOf(ledger, id) === null
    keep(ledger, appender, id, { file: request.name, rows, billed: isWhole ? costFromUnits(units) : null })
  }
}

/** Adds a row that was mended after its file was imported to what the file sums its bill to. */
export const addToFileTotals = (
  ledger: WritingLedger,
  appender: Appender,
  file: string,
  intake: Intake,
): void => {
  for (const [id, { units, rows }] of sumsOf(intake)) {
    const before = keptOf(ledger, id)
    if (before !== null && before.billed === null) continue
    const billed = costFromUnits(units + costToUnits(before?.billed ?? ('0' as DecimalText)))
    keep(ledger, appender, id, { file, rows: rows + (before?.rows ?? 0), billed })
  }
}
