/** The life of one record: rejected and mended, posted, contradicted, restated, reversed, come again. Newest first. */
import type { z } from 'zod'
import type { recordStep } from '../../../contract/ledger.ts'
import { type DecimalText, less, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { isAdditive } from '../../../domain/metric.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { countUnits, formatPrice, groupDigits } from '../../../domain/pricing/format.ts'
import { type Batch, type Entry, historyOfRecord, readBatch, readEntry } from '../../ledger/read.ts'
import { conflictsWith, readReplayedBy } from '../../ledger/read-exceptions.ts'
import { entryDigest, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import type { EntryTable } from '../../ledger/schema.ts'
import { metricsOf, type Session } from '../session.ts'
import { countingMonth } from './counting.ts'
import { conflictRowOf, quarantineRowOf, rowOf } from './entries.ts'
import { quantityOf, recordOf } from './record.ts'

type Step = z.output<typeof recordStep>

/** The amount of entries of one record, and how it is said. */
const measureOf = (session: Session, entry: Entry) => {
  if (entry.table !== 'usage_event') {
    const currency = String(entry.columns.currency)
    return {
      amountOf: (each: Entry) => String(each.columns.billed_cost) as DecimalText,
      say: (amount: DecimalText) => `${formatPrice(amount, currency)} ${currency}`,
      unitOf: () => currency,
      adds: true,
    }
  }
  const metrics = new Map(metricsOf(session).map((metric) => [metric.metric, metric]))
  const measure = readMeasure(session.ledger, Number(entry.columns.measure_no))
  const metric = metrics.get(measure?.metric ?? '')
  const unit = metric?.unit ?? 'unit'
  return {
    amountOf: (each: Entry) =>
      quantityOf(each, readMeasure(session.ledger, Number(each.columns.measure_no))?.scale ?? 0),
    say: (amount: DecimalText) => countUnits(amount, unit),
    unitOf: () => unit,
    adds: metric === undefined || isAdditive(metric),
  }
}

/** What a person wrote as the reason of a correction: what follows the first colon of its title. */
const reasonOf = (batch: Batch | null): string | null => {
  if (batch?.kind !== 'correction') return null
  const at = batch.title.indexOf(': ')
  return at < 0 ? null : batch.title.slice(at + 2)
}

const nameOf = ({ table, seq }: Pick<Entry, 'table' | 'seq'>): string =>
  `${table === 'usage_event' ? 'u' : 'c'}${seq}`

/** @throws NOT_FOUND where there is no usage or cost entry of that number. */
export const historyOf = (session: Session, seq: number) => {
  const { ledger } = session
  const record = recordOf(session, seq)
  const table: EntryTable = record.kind === 'usage' ? 'usage_event' : 'cost_entry'
  const entries = historyOfRecord(ledger, table, seq, session.asOf)
  const opened = entries.find((each) => each.seq === seq) ?? readEntry(ledger, seq)?.entry
  if (opened === undefined) throw new Error(`entry ${seq} is missing from its own history`)
  const measure = measureOf(session, opened)
  const posted = entries.filter(({ columns }) => columns.correction !== 'reversal')
  const reversals = new Map(
    entries
      .filter(({ columns }) => columns.correction === 'reversal')
      .map((each) => [Number(each.columns.corrects), each]),
  )
  const bySeq = new Map(posted.map((each) => [each.seq, each]))
  const conflicts =
    record.kind === 'cost'
      ? []
      : conflictsWith(
          ledger,
          posted.map((each) => each.seq),
          session.asOf,
        )
  const batches = new Map<number, Batch | null>()
  const batchOf = (batchId: number): Batch | null => {
    if (!batches.has(batchId)) batches.set(batchId, readBatch(ledger, batchId))
    return batches.get(batchId) ?? null
  }
  /** A late entry of a metric that can't be added up counts in no month. */
  const monthOfEntry = (entry: Entry): Month | null =>
    measure.adds || entry.columns.posted_ms === null ? countingMonth(session, entry) : null

  const step = (
    at: { readonly seq: number; readonly batchId: number; readonly table: EntryTable },
    what: Pick<Step, 'kind' | 'sentence' | 'reason'>,
    entry?: Entry,
  ): Step => {
    const batch = batchOf(at.batchId)
    return {
      ...what,
      seq: at.seq,
      entryId: entry === undefined ? null : nameOf(entry),
      batchId: at.batchId,
      batchTitle: batch?.title ?? '',
      batchHash: batch?.hash ?? '',
      recordedMs: batch?.recordedMs ?? 0,
      author: batch?.author ?? '',
      amount: entry === undefined ? null : measure.amountOf(entry),
      unit: entry === undefined ? '' : measure.unitOf(),
      month: entry === undefined ? null : monthOfEntry(entry),
      digest: entryDigest(ledger, at.table, at.seq) ?? '',
    }
  }

  const who = (entry: Entry): string =>
    entry.table === 'usage_event'
      ? ` of tenant ${readTenantName(ledger, Number(entry.columns.tenant_no)) ?? ''}`
      : ''
  const said = (entry: Entry): string => `${measure.say(measure.amountOf(entry))}${who(entry)}`

  const quarantined = posted[0] === undefined ? null : replayedInto(session, posted[0])
  const steps: Step[] = []
  if (quarantined !== null)
    steps.push(
      step(
        { ...quarantined, table: 'quarantine' },
        { kind: 'quarantined', sentence: `Rejected: ${quarantined.message}`, reason: null },
      ),
    )
  for (const entry of posted) {
    const batch = batchOf(entry.batchId)
    const former = bySeq.get(Number(entry.columns.corrects))
    const takenOff = former === undefined ? undefined : reversals.get(former.seq)
    const taken = conflicts.find(
      ({ outcome, answerBatchId }) => outcome === 'restated' && answerBatchId === entry.batchId,
    )
    if (former === undefined)
      steps.push(
        quarantined === null
          ? step(
              entry,
              {
                kind: 'posted',
                sentence: `Posted from ${batch?.title ?? ''}: ${said(entry)}.`,
                reason: null,
              },
              entry,
            )
          : step(
              entry,
              {
                kind: 'replayed',
                sentence: `Mended, replayed and posted: ${said(entry)}.`,
                reason: quarantined.note,
              },
              entry,
            ),
      )
    else if (takenOff?.batchId === entry.batchId) {
      const difference = less(measure.amountOf(entry), measure.amountOf(former))
      steps.push(
        step(
          entry,
          {
            kind: 'restated',
            sentence: `Restated: ${said(entry)} in the place of ${said(former)}, a difference of ${difference.startsWith('-') ? '' : '+'}${groupDigits(difference)}.`,
            reason: taken?.note ?? null,
          },
          entry,
        ),
      )
    } else
      steps.push(
        step(
          entry,
          {
            kind: 'returned',
            sentence: `Came again with ${taken === undefined ? (batch?.title ?? '') : `the record of ${taken.file}`} and counts again: ${said(entry)}.`,
            reason: taken?.note ?? null,
          },
          entry,
        ),
      )
  }
  for (const [correctedSeq, reversal] of reversals) {
    const batch = batchOf(reversal.batchId)
    const corrected = bySeq.get(correctedSeq)
    const restatement = posted.find(
      (each) => each.batchId === reversal.batchId && Number(each.columns.corrects) === correctedSeq,
    )
    const of = `entry ${nameOf({ ...reversal, seq: correctedSeq })}`
    steps.push(
      step(
        reversal,
        {
          kind: 'reversed',
          sentence:
            restatement !== undefined
              ? `Reversed to make place for entry ${nameOf(restatement)}: ${of} is taken off.`
              : batch?.kind === 'import'
                ? `Reversed: the newer delivery ${batch.title} no longer has it, so that ${of} is taken off.`
                : `Reversed: ${of} is taken off${corrected === undefined ? '' : `, ${said(corrected)}`}.`,
          reason: restatement === undefined ? reasonOf(batch) : null,
        },
        reversal,
      ),
    )
  }
  for (const conflict of conflicts) {
    steps.push(
      step(
        { ...conflict, table: 'conflict' },
        {
          kind: 'conflict_met',
          sentence: `Row ${conflict.row} of ${conflict.file} has the same id and says something else: kept aside, ${
            conflict.outcome === null
              ? 'not answered yet'
              : conflict.outcome === 'restated'
                ? 'taken later'
                : 'not taken'
          }.`,
          reason: null,
        },
      ),
    )
    const isPosted = posted.some(({ batchId }) => batchId === conflict.answerBatchId)
    if (conflict.answerBatchId !== null && !isPosted)
      steps.push(
        step(
          {
            seq: batchOf(conflict.answerBatchId)?.lastSeq ?? 0,
            batchId: conflict.answerBatchId,
            table: 'conflict_outcome',
          },
          {
            kind: 'first_kept',
            sentence:
              conflict.outcome === 'dismissed'
                ? `What is counted was kept; row ${conflict.row} of ${conflict.file} was not taken.`
                : `What row ${conflict.row} of ${conflict.file} says was counted already; nothing was posted.`,
            reason: conflict.note,
          },
        ),
      )
  }

  const live = posted.findLast((each) => !reversals.has(each.seq))
  const sums = new Map<Month, DecimalText>()
  for (const entry of entries) {
    const month = monthOfEntry(entry)
    if (month !== null) sums.set(month, sumDecimals([sums.get(month) ?? ZERO, measure.amountOf(entry)]))
  }
  const inMonths = [...sums]
    .filter(([, amount]) => amount !== ZERO)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([month, amount]) => `${measure.say(amount)} in ${monthName(month)}`)
  const last = entries.findLast(({ columns }) => columns.correction === 'reversal')
  const summed =
    measure.adds && sums.size > 1
      ? ` In all it adds ${inMonths.length === 0 ? 'nothing' : inMonths.join(' and ')}.`
      : ''
  const liveMonth = live === undefined ? null : monthOfEntry(live)
  return {
    entry: record,
    standing: {
      seq: live?.seq ?? null,
      entryId: live === undefined ? null : nameOf(live),
      sentence:
        live === undefined
          ? `Nothing of it counts any more: it was reversed in batch ${last?.batchId ?? ''}.${summed}`
          : `Entry ${nameOf(live)} stands: ${said(live)}${liveMonth === null ? ', counted in no month' : `, counted in ${monthName(liveMonth)}`}.${summed}`,
    },
    steps: steps.sort((a, b) => b.batchId - a.batchId || b.seq - a.seq),
    history: entries.map((each) => rowOf(session, each)),
    conflicts: conflicts.map((each) => conflictRowOf(session, each)),
    quarantined: quarantined === null ? null : quarantineRowOf(session, quarantined),
  }
}

/** The rejected record that an entry was replayed from. */
const replayedInto = (session: Session, entry: Entry) => {
  const batch = readBatch(session.ledger, entry.batchId)
  return batch?.kind === 'correction' ? readReplayedBy(session.ledger, batch) : null
}
