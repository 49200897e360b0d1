/** A contract's invoices from raw events, month by month, as a book that holds just these would draft them. */
import type { DecimalText } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { addMonths, type Month } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import { usageFromEvents } from '../pricing/events.ts'
import type { RateCard } from '../pricing/ratecard.ts'
import { firstMonthOf } from '../pricing/term.ts'
import type { UsageEvent } from '../pricing/usage.ts'
import { usageToAskFor } from './ask.ts'
import { buildInvoices, closingOf, rateContract } from './build.ts'
import type { ContractBalances, Invoice } from './invoice.ts'

export interface EventsInput {
  readonly card: RateCard
  readonly contract: Contract
  /** Its versions before it, oldest first, where it is an amendment. */
  readonly earlier?: readonly Contract[]
  readonly metrics: readonly Metric[]
  readonly timeZone: string
  /** All the customer's, in any order. */
  readonly events: readonly UsageEvent[]
  /** Both included. Months before, back to the contract's first, are rated too: for what they hand on. */
  readonly firstMonth: Month
  readonly lastMonth: Month
  /** Of each month, for charges on cost; null where it is unknown. */
  readonly cost?: DecimalText | null
}

export interface MonthFromEvents {
  readonly month: Month
  readonly invoices: readonly Invoice[]
}

/**
 * Rates every month of the term up to the last one asked for, each with the balances of the one before.
 * @throws RangeError where the contract is for another card.
 */
export const rateEvents = (input: EventsInput): readonly MonthFromEvents[] => {
  const { card, contract, earlier = [], metrics, timeZone, events } = input
  const months: MonthFromEvents[] = []
  let opening: ContractBalances | null = null
  const start = firstMonthOf(earlier[0] ?? contract)
  const previous = new Map<string, Invoice>()
  for (
    let month = start < input.firstMonth ? start : input.firstMonth;
    month <= input.lastMonth;
    month = addMonths(month, 1)
  ) {
    const terms = { card, contract, earlier, metrics, month, timeZone }
    const rated = rateContract({
      ...terms,
      currency: contract.currency ?? card.currency,
      usage: usageFromEvents(usageToAskFor(terms), events, metrics, timeZone),
      opening,
      costOf: () => input.cost ?? null,
    })
    opening = closingOf(rated)
    const invoices = buildInvoices([rated], (billTo) => {
      const part = billTo === null ? '' : `.${billTo.id}`
      return {
        id: `${month}.${contract.customerId}${part}`,
        number: `${month.replace('-', '')}-${contract.customerId}${part.replace('.', '-')}`,
        customer: { id: contract.customerId, name: contract.customerId },
        chainHead: '',
        asOfBatch: 0,
        previousInvoice: previous.get(part) ?? null,
      }
    })
    for (const invoice of invoices)
      previous.set(invoice.billTo === undefined ? '' : `.${invoice.billTo.id}`, invoice)
    if (month >= input.firstMonth) months.push({ month, invoices })
  }
  return months
}
