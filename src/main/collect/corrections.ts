/**
 * Corrections that a person makes, each one batch under their name with their reason in its title: an entry
 * reversed, a conflict answered by the later record or by keeping the first. What belongs to a closed month is
 * corrected in the next open one, by the same calendar that imports follow.
 */
import type { Month } from '../../domain/period.ts'
import { appendBatch } from '../ledger/append.ts'
import type { Ledger, WritingLedger } from '../ledger/open.ts'
import { type Entry, historyOfRecord, readEntry, searchEntries } from '../ledger/read.ts'
import { type ConflictEntry, readConflict } from '../ledger/read-exceptions.ts'
import { readBill } from '../ledger/read-names.ts'
import { LedgerRefusal } from '../ledger/refusal.ts'
import { chunkReading } from './chunk-reading.ts'
import { toCsvLine } from './files/csv.ts'
import { textSource } from './files/open-file.ts'
import { defineMetrics, type ImportContext, openTerms } from './import-file.ts'
import { ImportRefusal, rejectedIssue, takeIn } from './intake.ts'
import type { PostingCalendar } from './months.ts'
import { choiceText, parseChoice, type ReaderChoice } from './readers.ts'

/** Entries that a correction appended, by number. */
export interface Corrected {
  readonly batchId: number
  readonly reversalSeq: number | null
  /** The record that counts in its place; null where nothing was posted. */
  readonly postedSeq: number | null
}

const NOTHING = 'Nothing was changed.'

/** What an entry is called by people: `u12`, `c12`. */
const nameOf = ({ table, seq }: Pick<Entry, 'table' | 'seq'>): string =>
  `${table === 'usage_event' ? 'u' : 'c'}${seq}`

/** The entry, if it can be reversed. @throws LedgerRefusal in the words of what keeps it from being reversed. */
const reversible = (ledger: Ledger, seq: number): Entry => {
  const entry = readEntry(ledger, seq)?.entry
  if (entry === undefined)
    throw new LedgerRefusal('entry_does_not_exist', `There is no entry ${seq}. ${NOTHING}`)
  if (entry.table !== 'usage_event' && entry.table !== 'cost_entry')
    throw new LedgerRefusal(
      'entry_cannot_be_reversed',
      entry.table === 'document'
        ? `Entry ${seq} is a decision or setting, not usage or cost. ${NOTHING} Change it on its screen, and the newer version counts.`
        : `Entry ${seq} is no usage and no cost, so that there is nothing to take off. ${NOTHING}`,
    )
  if (entry.columns.correction === 'reversal')
    throw new LedgerRefusal(
      'entry_cannot_be_reversed',
      `Entry ${nameOf(entry)} is itself the reversal of entry ${nameOf({ table: entry.table, seq: Number(entry.columns.corrects) })}, and a reversal stands. ${NOTHING} Import the record again, and it counts again.`,
    )
  const reversal = historyOfRecord(ledger, entry.table, seq).find(
    ({ columns }) => columns.correction === 'reversal' && columns.corrects === seq,
  )
  if (reversal !== undefined)
    throw new LedgerRefusal(
      'entry_is_reversed_already',
      `Entry ${nameOf(entry)} was reversed already, by entry ${nameOf(reversal)} in batch ${reversal.batchId}. ${NOTHING}`,
    )
  return entry
}

/** When the reversal of an entry counts, by the month that the entry belongs to. */
const postingOf = (ledger: Ledger, entry: Entry, calendar: PostingCalendar): number | null => {
  const { columns } = entry
  if (entry.table === 'usage_event') return calendar.postedMsOf(Number(columns.start_ms))
  const bill = readBill(ledger, Number(columns.bill_no))
  if (bill === null) throw new Error(`the bill ${columns.bill_no} of entry ${entry.seq} is not in the ledger`)
  return calendar.postedMsOfMonth(bill.month as Month)
}

type Terms = Pick<ImportContext, 'author' | 'nowMs' | 'timeZone'>

/**
 * Takes an entry's amounts off again.
 * @throws LedgerRefusal where it is none that counts.
 */
export const reverseEntry = async (
  ledger: WritingLedger,
  request: { readonly seq: number; readonly reason: string },
  context: Terms,
): Promise<Corrected> => {
  let reversalSeq = 0
  const entry = reversible(ledger, request.seq)
  const { batchId } = await appendBatch(
    ledger,
    {
      kind: 'correction',
      title: `Reversal of ${nameOf(entry)}: ${request.reason}`,
      author: context.author,
      recordedMs: context.nowMs,
    },
    (appender) => {
      // Read again inside the transaction: another correction or a close may have gone before this one in the queue.
      const standing = reversible(ledger, request.seq)
      const { calendar } = openTerms(ledger, { ...context, proposedMetrics: [] })
      const postedMs = postingOf(ledger, standing, calendar)
      reversalSeq =
        standing.table === 'usage_event'
          ? appender.reverseUsage(standing.seq, postedMs)
          : appender.reverseCost(standing.seq, postedMs)
    },
  )
  return { batchId, reversalSeq, postedSeq: null }
}

const openConflict = (ledger: Ledger, seq: number): ConflictEntry => {
  const conflict = readConflict(ledger, seq)
  if (conflict === null)
    throw new LedgerRefusal('entry_does_not_exist', `There is no conflict ${seq}. ${NOTHING}`)
  if (conflict.outcome !== null)
    throw new LedgerRefusal(
      'record_is_answered_already',
      `The conflict ${seq} was answered already, in batch ${conflict.answerBatchId}: ${conflict.outcome === 'restated' ? 'the later record was taken' : 'the first was kept'}. ${NOTHING}`,
    )
  return conflict
}

/** CSV records are kept with their header: `{"header":[...],"row":[...]}`, which no reader takes as it is. */
const csvRecordOf = (raw: string): { header: string[]; row: string[] } | null => {
  try {
    const parsed = JSON.parse(raw) as { header?: unknown; row?: unknown } | null
    const { header, row } = parsed ?? {}
    return Array.isArray(header) && Array.isArray(row)
      ? { header: header.map(String), row: row.map(String) }
      : null
  } catch {
    // A log line is no JSON.
    return null
  }
}

/** Who reads the record again, and as which text. @throws ImportRefusal where nobody can. */
const readingOf = (conflict: ConflictEntry): { readonly choice: ReaderChoice; readonly text: string } => {
  const csv = csvRecordOf(conflict.raw)
  if (conflict.reader !== null) {
    const choice = parseChoice(conflict.reader)
    return {
      choice,
      text:
        choice.kind === 'csv' && csv !== null
          ? [csv.header, csv.row].map((cells) => toCsvLine(cells, ',')).join('\n')
          : conflict.raw,
    }
  }
  // Books of version 1 did not keep the reader. JSON lines are read by one only; a CSV needs its mapping.
  if (csv === null && conflict.raw.trimStart().startsWith('{'))
    return { choice: { kind: 'cloudevents' }, text: conflict.raw }
  throw new ImportRefusal(
    `An older program kept this record without noting how ${conflict.file} was read, so that it can’t be read again. ${NOTHING} Import the file once more: the record is then found again, and can be taken.`,
    [],
  )
}

/**
 * Answers a conflict by the later record: what counts under its id is reversed, and it is posted as the restatement,
 * in one batch.
 * @throws ImportRefusal where the record cannot be read; LedgerRefusal where the conflict is answered already.
 */
export const restateRecord = async (
  ledger: WritingLedger,
  request: { readonly conflictSeq: number; readonly note: string },
  context: Omit<ImportContext, 'proposedMetrics'>,
): Promise<Corrected> => {
  const conflict = openConflict(ledger, request.conflictSeq)
  const { file, row } = conflict
  const { choice, text } = readingOf(conflict)
  const reading = chunkReading(textSource(file, text), choice, context)
  const { batchId } = await appendBatch(
    ledger,
    {
      kind: 'correction',
      title: `Restatement by a record of ${file}, row ${row}${request.note === '' ? '' : `: ${request.note}`}`,
      author: context.author,
      recordedMs: context.nowMs,
    },
    async (appender) => {
      openConflict(ledger, request.conflictSeq)
      const { lacking, scales, calendar } = openTerms(ledger, { ...context, proposedMetrics: [] })
      const { intake, end } = await takeIn(appender, reading, {
        file,
        sourceNo: conflict.sourceNo,
        reader: choiceText(choice),
        scales,
        calendar,
        sameId: 'restate',
        onChunk: () => {},
        signal: undefined,
      })
      const [wrong] = intake.rejected
      if (wrong !== undefined)
        throw new ImportRefusal(
          `The record can’t be counted as it is: ${wrong.message.replace(`${file}, row ${wrong.row}`, `${file}, row ${row}`)} ${NOTHING}`,
          [{ ...rejectedIssue(wrong), row }],
        )
      if (intake.rows.added + intake.rows.duplicate !== 1)
        throw new ImportRefusal(
          `There is no one record in what is kept of ${file}, row ${row}. ${NOTHING}`,
          end.issues,
        )
      appender.conflictOutcome(request.conflictSeq, 'restated', request.note)
      defineMetrics(appender, lacking, scales)
    },
  )
  const appended = searchEntries(ledger, { batchId, tables: ['usage_event'] })
  const seqOf = (isReversal: boolean): number | null =>
    appended.find(({ columns }) => (columns.correction === 'reversal') === isReversal)?.seq ?? null
  return { batchId, reversalSeq: seqOf(true), postedSeq: seqOf(false) }
}

/**
 * Answers conflicts by keeping what is counted.
 * @throws LedgerRefusal where one of them is answered already; none is answered then.
 */
export const keepFirst = async (
  ledger: WritingLedger,
  request: { readonly conflictSeqs: readonly number[]; readonly note: string },
  context: Pick<ImportContext, 'author' | 'nowMs'>,
): Promise<{ readonly batchId: number }> => {
  const { conflictSeqs, note } = request
  const { batchId } = await appendBatch(
    ledger,
    {
      kind: 'correction',
      title: `Conflict answered by keeping the first: ${note}`,
      author: context.author,
      recordedMs: context.nowMs,
    },
    (appender) => {
      for (const seq of conflictSeqs) {
        openConflict(ledger, seq)
        appender.conflictOutcome(seq, 'dismissed', note)
      }
    },
  )
  return { batchId }
}
