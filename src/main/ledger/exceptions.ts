/** Records that did not become entries: quarantined ones, and those that contradict an earlier one. */
import { key16 } from './canonical-line.ts'
import type { OpenBatch } from './open-batch.ts'
import { type RecordOrigin, rawText } from './raw-block.ts'
import { LedgerRefusal } from './refusal.ts'

export interface QuarantinedRecord {
  readonly sourceNo: number
  /** Which reader refused it and can read it again: `cloudevents`, `focus`, `csv:<mapping>`. */
  readonly reader: string
  readonly file: string
  /** Counted from 1 with the header as row 1. */
  readonly row: number
  readonly column: string | null
  readonly code: string
  readonly message: string
  readonly raw: string
}

export type QuarantineOutcome = 'replayed' | 'dismissed'

export interface Exceptions {
  /** Counts a record as quarantined and keeps it unless it is known. Returns the seq under which it is kept. */
  quarantine(record: QuarantinedRecord): number
  quarantineOutcome(seq: number, outcome: QuarantineOutcome, note: string): void
  /** Counts a record as conflict and keeps it unless it is known. `names` say what differs from the entry kept. */
  conflict(sourceNo: number, existingSeq: number, names: readonly string[], origin: RecordOrigin): void
}

export const openExceptions = (batch: OpenBatch): Exceptions => {
  const findQuarantine = batch
    .statement('SELECT seq FROM quarantine WHERE record_key = ? AND source_no = ?')
    .pluck()
  const findConflict = batch
    .statement('SELECT seq FROM conflict WHERE record_key = ? AND source_no = ?')
    .pluck()

  return {
    quarantine: ({ sourceNo, reader, file, row, column, code, message, raw }) => {
      batch.counts.rows++
      batch.counts.quarantined++
      const recordKey = key16(`${reader}\0${code}\0${raw}`)
      return (
        (findQuarantine.get(recordKey, sourceNo) as number | undefined) ??
        batch.append('quarantine', [sourceNo, reader, recordKey, file, row, column, code, message, raw])
      )
    },

    quarantineOutcome: (seq, outcome, note) => {
      const isKnown = batch.statement('SELECT 1 FROM quarantine WHERE seq = ?').get(seq) !== undefined
      if (!isKnown) throw new LedgerRefusal('entry_does_not_exist', `There is no quarantined record ${seq}.`)
      const answer = batch
        .statement('SELECT outcome FROM quarantine_outcome WHERE quarantine_seq = ?')
        .pluck()
        .get(seq)
      if (answer !== undefined)
        throw new LedgerRefusal(
          'record_is_answered_already',
          `The quarantined record ${seq} is ${answer} already; nothing was changed.`,
        )
      batch.append('quarantine_outcome', [seq, outcome, note])
      batch.counts.answered++
    },

    conflict: (sourceNo, existingSeq, names, origin) => {
      batch.counts.conflict++
      const raw = rawText(origin.record, origin.csvHeader)
      const recordKey = key16(raw)
      if (findConflict.get(recordKey, sourceNo) !== undefined) return
      const message =
        `The record has the id of entry ${existingSeq} but another ${names.join(', another ')}. Entry ${existingSeq} was kept, ` +
        'this record was not counted.'
      batch.append('conflict', [sourceNo, existingSeq, recordKey, origin.file, origin.row, message, raw])
    },
  }
}
