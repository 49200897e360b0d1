/** In which month an entry counts, and what corrects it. */
import type { z } from 'zod'
import type { entryUses } from '../../../contract/explain.ts'
import { type Month, monthName, monthOf } from '../../../domain/period.ts'
import { type Entry, historyOfRecord } from '../../ledger/read.ts'
import { readBill } from '../../ledger/read-names.ts'
import type { Session } from '../session.ts'

export type EntryUses = z.output<typeof entryUses>

/** What an entry is called by people: `u12`, `c12`. */
export const nameOf = ({ table, seq }: Pick<Entry, 'table' | 'seq'>): string =>
  `${table === 'usage_event' ? 'u' : 'c'}${seq}`

/** The month that an entry counts in, by the book's calendar and its bill's month. */
export const countingMonth = (session: Session, entry: Entry): Month => {
  const { columns } = entry
  const { timeZone } = session.settings()
  if (columns.posted_ms !== null) return monthOf(Number(columns.posted_ms), timeZone)
  if (entry.table === 'usage_event') return monthOf(Number(columns.start_ms), timeZone)
  const bill = readBill(session.ledger, Number(columns.bill_no))
  if (bill === null) throw new Error(`the bill ${columns.bill_no} of entry ${entry.seq} is not in the ledger`)
  return bill.month as Month
}

/** The reversal of the entry, where there is one. */
export const reversalOf = (session: Session, entry: Entry): Entry | undefined =>
  entry.table !== 'usage_event' && entry.table !== 'cost_entry'
    ? undefined
    : historyOfRecord(session.ledger, entry.table, entry.seq, session.asOf).find(
        ({ columns }) => columns.correction === 'reversal' && columns.corrects === entry.seq,
      )

/** What is to be said of every entry that corrects or is corrected. */
export const correctionSentences = (
  session: Session,
  entry: Entry,
  reversal: Entry | undefined,
): string[] => {
  const { columns } = entry
  if (columns.correction === 'reversal')
    return [
      `It is the reversal of entry ${nameOf({ ...entry, seq: Number(columns.corrects) })}: what that one adds, it takes off.`,
    ]
  return reversal === undefined
    ? []
    : [
        `It was reversed by entry ${nameOf(reversal)} in batch ${reversal.batchId}, which takes it off in ${monthName(countingMonth(session, reversal))}.`,
      ]
}
