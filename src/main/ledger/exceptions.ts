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
/** `restated`: the record was taken, and what was counted before it reversed. `dismissed`: the first was kept. */
export type ConflictOutcome = 'restated' | 'dismissed'

export interface Exceptions {
  /** Counts a record as quarantined and keeps it unless it is known. Returns the seq under which it is kept. */
  quarantine(record: QuarantinedRecord): number
  quarantineOutcome(seq: number, outcome: QuarantineOutcome, note: string): void
  /** Counts a record as conflict and keeps it unless it is known. `names` say what differs from the entry kept. */
  conflict(sourceNo: number, existingSeq: number, names: readonly string[], origin: RecordOrigin): void
  conflictOutcome(seq: number, outcome: ConflictOutcome, note: string): void
}

export const openExceptions = (batch: OpenBatch): Exceptions => {
  const findQuarantine = batch
    .statement('SELECT seq FROM quarantine WHERE record_key = ? AND source_no = ?')
    .pluck()
  const findConflict = batch
    .statement('SELECT seq FROM conflict WHERE record_key = ? AND source_no = ?')
    .pluck()
  const keepReader = (conflictSeq: number, { reader }: RecordOrigin): void => {
    if (reader === undefined) return
    const isKept =
      batch.statement('SELECT 1 FROM conflict_reader WHERE conflict_seq = ?').get(conflictSeq) !== undefined
    if (!isKept) batch.append('conflict_reader', [conflictSeq, reader])
  }

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
      const known = findConflict.get(recordKey, sourceNo) as number | undefined
      if (known !== undefined) {
        // A book of version 1 did not keep who can read it again; now it is known.
        keepReader(known, origin)
        return
      }
      const message =
        `The record has the id of entry ${existingSeq} but another ${names.join(', another ')}. Entry ${existingSeq} was kept, ` +
        'this record was not counted.'
      const seq = batch.append('conflict', [
        sourceNo,
        existingSeq,
        recordKey,
        origin.file,
        origin.row,
        message,
        raw,
      ])
      keepReader(seq, origin)
    },

    conflictOutcome: (seq, outcome, note) => {
      if (batch.statement('SELECT 1 FROM conflict WHERE seq = ?').get(seq) === undefined)
        throw new LedgerRefusal('entry_does_not_exist', `There is no conflict ${seq}.`)
      const answer = batch
        .statement('SELECT outcome FROM conflict_outcome WHERE conflict_seq = ?')
        .pluck()
        .get(seq)
      if (answer !== undefined)
        throw new LedgerRefusal(
          'record_is_answered_already',
          `The conflict ${seq} is answered already (${answer === 'restated' ? 'the later record was taken' : 'the first was kept'}); nothing was changed.`,
        )
      batch.append('conflict_outcome', [seq, outcome, note])
      batch.counts.answered++
    },
  }
}
