/** Which lines of an invoice a usage entry is in: by the prices that the invoice was made with. */
import type { z } from 'zod'
import type { lineUse } from '../../../contract/explain.ts'
import type { Invoice, InvoiceLine } from '../../../domain/invoice/invoice.ts'
import { type ChargeInMonth, chargesInMonth } from '../../../domain/invoice/line.ts'
import { planContractMonth } from '../../../domain/invoice/plan.ts'
import { AGGREGATION_WORDS, isAdditive, type Metric } from '../../../domain/metric.ts'
import type { Month } from '../../../domain/period.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import type { Entry } from '../../ledger/read.ts'
import { documentsOf, metricsOf, type Session } from '../session.ts'
import { countingMonth, nameOf } from './counting.ts'

type Dimensions = Readonly<Record<string, string>>

export type LineUse = z.output<typeof lineUse>

/** A usage entry, and what is known of it before any invoice is asked. */
export interface UsageEntry {
  readonly entry: Entry
  readonly tenant: string
  readonly metric: Metric
  /** When it counts. */
  readonly atMs: number
  readonly month: Month
  readonly reversal: Entry | undefined
  readonly dimensions: Dimensions
}

const passesFilters = (charge: Charge, dimensions: Dimensions): boolean =>
  !('filters' in charge) ||
  (charge.filters ?? []).every(({ dimension, values }) => values.includes(dimensions[dimension] ?? ''))

/** Whether a charge looks at usage of the instant: it may hold on some days, and for some dimensions only. */
export const chargeLooksAt = (charge: ChargeInMonth, atMs: number, dimensions: Dimensions): boolean =>
  charge.parts.some(
    ({ segment, charge: priced }) =>
      atMs >= segment.startMs && atMs < segment.endMs && passesFilters(priced, dimensions),
  )

/** How the lines of an invoice are made, by contract: which charges of the prices of then look at which days. */
const plansOf = (session: Session, invoice: Invoice) => {
  const { asOfBatch } = invoice
  const then = documentsOf(session.ledger, { asOfBatch }, session.head)
  const cards = then.all('rate_card').map(({ content }) => content)
  const metrics = metricsOf({ all: then.all, measures: session.measures })
  const ids: readonly (string | null)[] = invoice.contractIds ?? [invoice.contractId]
  return ids.flatMap((id) => {
    const versions = id === null ? [] : then.versions('contract', id).flatMap(({ content }) => content ?? [])
    const contract = versions.at(-1) ?? null
    const card = cards.find((each) => each.id === (contract?.rateCardId ?? invoice.rateCardId))
    if (card === undefined) return []
    const plan = planContractMonth({
      card,
      otherCards: cards,
      contract,
      earlier: versions.slice(0, -1),
      metrics,
      month: invoice.month,
      timeZone: session.settings().timeZone,
    })
    return [{ id, plan, charges: chargesInMonth(plan, metrics) }]
  })
}
type Plans = ReturnType<typeof plansOf>

/** Whether a line's charge looks at the entry. */
const looksAt = (
  plans: Plans,
  line: InvoiceLine,
  { metric, atMs, dimensions }: Pick<UsageEntry, 'metric' | 'atMs' | 'dimensions'>,
): boolean => {
  const own = plans.filter(({ id }) => line.contractId === undefined || line.contractId === id)
  const charge = own
    .flatMap(({ charges }) => charges)
    .find((each) => each.id === line.chargeId && each.prices.includes(metric.metric))
  // Prices that can't be found any more: the line names the metric, and that is all there is to go by.
  return charge === undefined ? line.metric === metric.metric : chargeLooksAt(charge, atMs, dimensions)
}

/** Whether the instant is in one of the spans in every plan, so that no contract of the invoice has it. */
const isInAll = (
  plans: Plans,
  spans: (plan: Plans[number]['plan']) => readonly { readonly startMs: number; readonly endMs: number }[],
  atMs: number,
): boolean =>
  plans.length > 0 &&
  plans.every(({ plan }) => spans(plan).some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs))

/** Whether no contract of the invoice holds at the instant. */
export const isOutsideContract = (session: Session, invoice: Invoice, atMs: number): boolean =>
  isInAll(plansOf(session, invoice), (plan) => plan.outsideContract, atMs)

export const inLine = (
  invoice: Invoice,
  line: InvoiceLine,
  how: LineUse['how'],
  sentence: string,
): LineUse => ({
  invoiceId: invoice.id,
  number: invoice.number,
  customerName: invoice.customerName,
  month: invoice.month,
  state: invoice.state,
  currency: invoice.currency,
  line: line.line,
  description: line.description,
  quantity: line.quantity ?? null,
  amount: line.amount,
  asOfBatch: invoice.asOfBatch,
  how,
  sentence,
})

/** The lines of one invoice that the entry is in; where there is none, why. */
export const linesOf = (
  session: Session,
  invoice: Invoice,
  usage: UsageEntry,
): { readonly lines: LineUse[]; readonly reason: string | null } => {
  const { metric, atMs, reversal } = usage
  const plans = plansOf(session, invoice)
  const pricing = new Set(
    plans.flatMap(({ charges }) =>
      charges.filter(({ prices }) => prices.includes(metric.metric)).map(({ id }) => id),
    ),
  )
  const own = invoice.lines.filter(
    (line) => line.metric === metric.metric || (line.kind === 'charge' && pricing.has(line.chargeId)),
  )
  const counting = own.filter((line) => looksAt(plans, line, usage))
  if (counting.length === 0) {
    const outside = isInAll(plans, (plan) => plan.outsideContract, atMs)
    const unpriced = isInAll(plans, (plan) => plan.unpriced, atMs)
    return {
      lines: [],
      reason: outside
        ? `Its day is outside contract ${invoice.contractId}, so that invoice ${invoice.number} does not bill it.`
        : unpriced
          ? `Rate card ${invoice.rateCardId} has no price in effect on its day, so that invoice ${invoice.number} does not bill it.`
          : own.length > 0
            ? `Invoice ${invoice.number} has ${metric.metric} on other days only: no charge of its rate card held on the day of this record.`
            : `Rate card ${invoice.rateCardId} has no price for ${metric.metric}, so that invoice ${invoice.number} does not bill it.`,
    }
  }
  const isTakenOff =
    reversal !== undefined &&
    reversal.batchId <= invoice.asOfBatch &&
    countingMonth(session, reversal) === invoice.month
  const sentence = isTakenOff
    ? `Counted, and taken off again by entry ${nameOf(reversal)}: together they add nothing.`
    : isAdditive(metric)
      ? 'Its quantity is part of the line’s.'
      : `The line’s quantity is ${AGGREGATION_WORDS[metric.aggregation]}, and it was looked at for it.`
  const numbers = counting.map(({ line }) => line).join(' and ')
  const dependent = invoice.lines.filter(({ kind }) => kind === 'true_up')
  return {
    lines: [
      ...counting.map((line) => inLine(invoice, line, 'counted', sentence)),
      ...dependent.map((line) =>
        inLine(
          invoice,
          line,
          'depends',
          `It bills what the charges leave open of the commitment, ${counting.length === 1 ? 'line' : 'lines'} ${numbers} among them.`,
        ),
      ),
    ],
    reason: null,
  }
}
