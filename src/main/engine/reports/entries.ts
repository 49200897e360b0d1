/** Entries, quarantined records and conflicts as rows for people. */
import type { z } from 'zod'
import type { conflictRow, entryRow, quarantineRow } from '../../../contract/ledger.ts'
import { compileRules } from '../../../domain/attribution/match.ts'
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import { dayOf } from '../../../domain/period.ts'
import { type Entry, readBatch, searchEntries } from '../../ledger/read.ts'
import type { ConflictEntry, QuarantineEntry } from '../../ledger/read-exceptions.ts'
import { readAttributeSet, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import type { Session } from '../session.ts'
import { quantityOf } from './record.ts'

export type EntryRow = z.output<typeof entryRow>
type Answer = z.output<typeof quarantineRow>['answer']

export const rowOf = (session: Session, entry: Entry): EntryRow => {
  const { columns } = entry
  const batch = readBatch(session.ledger, entry.batchId)
  const base = {
    seq: entry.seq,
    table: entry.table,
    batchId: entry.batchId,
    recordedMs: batch?.recordedMs ?? 0,
    correction: columns.correction == null ? null : String(columns.correction),
    corrects: columns.corrects == null ? null : Number(columns.corrects),
  }
  if (entry.table === 'usage_event') {
    const measure = readMeasure(session.ledger, Number(columns.measure_no))
    return {
      ...base,
      entryId: `u${entry.seq}`,
      serviceMs: Number(columns.start_ms),
      tenant: readTenantName(session.ledger, Number(columns.tenant_no)),
      what: measure?.metric ?? '',
      amount: quantityOf(entry, measure?.scale ?? 0),
      unit: '',
    }
  }
  if (entry.table === 'cost_entry') {
    const attributes = parseNamed<CostAttributes>(
      readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}',
    )
    return {
      ...base,
      entryId: `c${entry.seq}`,
      serviceMs: Number(columns.start_ms),
      tenant:
        compileRules(session.one('rules', 'rules')?.content.rules ?? [])(
          attributes,
          dayOf(Number(columns.start_ms), session.settings().timeZone),
        )?.tenant ?? null,
      what: [attributes.provider, attributes.service].filter((part) => part !== '').join(' · '),
      amount: String(columns.billed_cost),
      unit: String(columns.currency),
    }
  }
  return {
    ...base,
    entryId: String(entry.seq),
    serviceMs: null,
    tenant: null,
    what:
      entry.table === 'document'
        ? `${columns.kind} ${columns.document_id}`
        : entry.table.replaceAll('_', ' '),
    amount: entry.table === 'document' ? `version ${columns.version}` : '',
    unit: '',
  }
}

/** Who answered, when, and which entry came of it. */
const answerOf = (session: Session, batchId: number | null): Answer => {
  const batch = batchId === null ? null : readBatch(session.ledger, batchId)
  if (batch === null) return null
  const posted = searchEntries(session.ledger, {
    batchId: batch.batchId,
    tables: ['usage_event', 'cost_entry'],
    limit: 10,
  }).find(({ columns }) => columns.correction !== 'reversal')
  return {
    batchId: batch.batchId,
    author: batch.author,
    recordedMs: batch.recordedMs,
    entrySeq: posted?.seq ?? null,
  }
}

export const quarantineRowOf = (
  session: Session,
  entry: QuarantineEntry,
): z.output<typeof quarantineRow> => ({
  seq: entry.seq,
  batchId: entry.batchId,
  recordedMs: entry.recordedMs,
  source: entry.sourceKey,
  reader: entry.reader,
  file: entry.file,
  row: entry.row,
  column: entry.column,
  code: entry.code,
  message: entry.message,
  raw: entry.raw,
  state: entry.outcome ?? 'open',
  note: entry.note,
  answer: answerOf(session, entry.answerBatchId),
})

export const conflictRowOf = (session: Session, conflict: ConflictEntry): z.output<typeof conflictRow> => ({
  seq: conflict.seq,
  batchId: conflict.batchId,
  existingSeq: conflict.existingSeq,
  source: conflict.sourceKey,
  file: conflict.file,
  row: conflict.row,
  message: conflict.message,
  raw: conflict.raw,
  recordedMs: conflict.recordedMs,
  state: conflict.outcome ?? 'open',
  note: conflict.note,
  answer: answerOf(session, conflict.answerBatchId),
})
