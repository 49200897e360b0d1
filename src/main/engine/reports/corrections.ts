/** What a correction did, in one sentence or a few: what is taken off where, and what to do next. */
import { type DecimalText, negateDecimal } from '../../../domain/decimal.ts'
import { isAdditive } from '../../../domain/metric.ts'
import { monthName, monthOf } from '../../../domain/period.ts'
import { countUnits, formatPrice } from '../../../domain/pricing/format.ts'
import type { Corrected } from '../../collect/corrections.ts'
import { type Entry, readEntry } from '../../ledger/read.ts'
import { readBill, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import { metricsOf, type Session } from '../session.ts'
import { countingMonth } from './counting.ts'
import { quantityOf } from './record.ts'

const entryOf = (session: Session, seq: number | null): Entry => {
  const found = seq === null ? null : readEntry(session.ledger, seq)
  if (found === null) throw new Error(`the correction names an entry ${seq} that the ledger has not`)
  return found.entry
}

/** Whether a figure changes by a usage entry: what comes late can be added to a sum only. */
const changesFigures = (session: Session, entry: Entry): boolean => {
  const name = readMeasure(session.ledger, Number(entry.columns.measure_no))?.metric
  const metric = metricsOf(session).find(({ metric }) => metric === name)
  return entry.columns.posted_ms === null || metric === undefined || isAdditive(metric)
}

const ownMonth = (session: Session, entry: Entry): string =>
  monthName(monthOf(Number(entry.columns.start_ms), session.settings().timeZone))

const usageSentence = (session: Session, reversal: Entry, name: string): string => {
  const { columns } = reversal
  const measure = readMeasure(session.ledger, Number(columns.measure_no))
  const metric = metricsOf(session).find((each) => each.metric === measure?.metric)
  const quantity = countUnits(
    negateDecimal(quantityOf(reversal, measure?.scale ?? 0)),
    metric?.unit ?? 'unit',
  )
  const verb = /^−?1 /.test(quantity) ? 'is' : 'are'
  const what = `${quantity} of tenant ${readTenantName(session.ledger, Number(columns.tenant_no)) ?? ''}`
  if (!changesFigures(session, reversal))
    return `Entry ${name} was reversed (u${reversal.seq}). ${ownMonth(session, reversal)} is closed, and ${metric?.name ?? ''} is no sum, so that its figure stays as it was.`
  return columns.posted_ms === null
    ? `Entry ${name} was reversed (u${reversal.seq}): ${what} ${verb} taken off ${ownMonth(session, reversal)}.`
    : `Entry ${name} was reversed (u${reversal.seq}). ${ownMonth(session, reversal)} is closed, so that ${what} ${verb} taken off ${monthName(countingMonth(session, reversal))}.`
}

const costSentence = (session: Session, reversal: Entry, name: string): string => {
  const { columns } = reversal
  const currency = String(columns.currency)
  const amount = `${formatPrice(negateDecimal(String(columns.billed_cost) as DecimalText), currency)} ${currency}`
  const bill = readBill(session.ledger, Number(columns.bill_no))
  const closed = columns.posted_ms === null ? '' : ` (the bill’s own month is closed)`
  return `Entry ${name} was reversed (c${reversal.seq}): ${amount} are taken off ${monthName(countingMonth(session, reversal))}${closed}. The ledger now differs by it from the bill of ${bill?.provider ?? ''} ${bill?.billingAccount ?? ''}; a newer delivery of the bill that still has the line brings it back, one that lacks it leaves it reversed.`
}

/** What a reversal took off, and where. */
export const reversalSentence = (session: Session, reversalSeq: number | null): string => {
  const reversal = entryOf(session, reversalSeq)
  const corrected = Number(reversal.columns.corrects)
  return reversal.table === 'usage_event'
    ? usageSentence(session, reversal, `u${corrected}`)
    : costSentence(session, reversal, `c${corrected}`)
}

/** What taking the later record of a conflict did. */
export const restatementSentence = (session: Session, done: Corrected): string => {
  if (done.postedSeq === null)
    return 'What the later record says is counted already; nothing was posted, and the conflict is answered.'
  const posted = entryOf(session, done.postedSeq)
  if (done.reversalSeq === null)
    return `The later record counts now, as entry u${posted.seq}; nothing else counted under its id.`
  const reversal = entryOf(session, done.reversalSeq)
  const isLate = reversal.columns.posted_ms !== null || posted.columns.posted_ms !== null
  const late = !isLate
    ? ''
    : changesFigures(session, reversal)
      ? ` ${ownMonth(session, reversal)} is closed, so that the difference counts in ${monthName(countingMonth(session, reversal))}.`
      : ` ${ownMonth(session, reversal)} is closed and the metric is no sum, so that its figure stays as it was.`
  return `The later record counts now, as entry u${posted.seq}; entry u${Number(reversal.columns.corrects)} was reversed for it (u${reversal.seq}).${late}`
}
