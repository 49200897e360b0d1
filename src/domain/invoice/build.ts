/** Builds a customer's draft invoice of a month from its prices and quantities. Pure: the caller fetches and keeps. */
import { Decimal, type DecimalText, negateDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import { roundToMinor } from '../money.ts'
import { type Month, monthName, type Period } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import { countUnits, formatAmount, formatDays } from '../pricing/format.ts'
import { prorate } from '../pricing/rate.ts'
import type { RateCard } from '../pricing/ratecard.ts'
import { type DaySpan, type MonthPlan, planMonth } from '../pricing/segments.ts'
import { describeChanges, shareByDays } from './changes.ts'
import type { Invoice, InvoiceLine, PriceStep } from './invoice.ts'
import {
  type ChargeInMonth,
  type ChargePart,
  chargesInMonth,
  ratedPeriods,
  rateLine,
  roundingStep,
} from './line.ts'

/** A customer's quantity that must be fetched: the metric aggregated over the half-open period. */
export interface QuantityAsked extends Period {
  readonly metric: string
}

export interface QuantityGiven extends QuantityAsked {
  /** In units of the metric; zero where there was no usage. */
  readonly quantity: DecimalText
}

export interface PricingTerms {
  readonly card: RateCard
  /** Null for a customer that pays list prices without a contract. */
  readonly contract: Contract | null
  readonly metrics: readonly Metric[]
  readonly month: Month
  readonly timeZone: string
}

export interface InvoiceInput extends PricingTerms {
  readonly id: string
  readonly number: string
  readonly customer: { readonly id: string; readonly name: string }
  /** The book's. The invoice is in the card's; where they differ an issue says so. */
  readonly currency: string
  /** At least what {@link segmentsToAskFor} lists. */
  readonly quantities: readonly QuantityGiven[]
  readonly chainHead: string
  readonly asOfBatch: number
  /** The customer's latest invoice before this month that is not void. */
  readonly previousInvoice: Invoice | null
}

/**
 * The quantities that {@link buildInvoice} needs: of every metric, priced or not, one per rated segment (one
 * for all rated days where the metric is not additive) and one per stretch of days outside the contract.
 */
export const segmentsToAskFor = (terms: PricingTerms): readonly QuantityAsked[] => {
  const plan = planMonth(terms)
  return terms.metrics.flatMap((metric) =>
    [...ratedPeriods(plan, metric), ...plan.outsideContract].map(({ startMs, endMs }) => ({
      metric: metric.metric,
      startMs,
      endMs,
    })),
  )
}

type QuantityOf = (metric: Metric, period: Period) => DecimalText

const quantityReader = (quantities: readonly QuantityGiven[]): QuantityOf => {
  const key = (metric: string, { startMs, endMs }: Period) => JSON.stringify([metric, startMs, endMs])
  const byKey = new Map(quantities.map((given) => [key(given.metric, given), given.quantity]))
  return ({ metric }, period) => {
    const quantity = byKey.get(key(metric, period))
    if (quantity === undefined)
      throw new RangeError(
        `no quantity of ${metric} was given for ${new Date(period.startMs).toISOString()} to ` +
          `${new Date(period.endMs).toISOString()}: ask for what segmentsToAskFor lists, zero included`,
      )
    return quantity
  }
}

/** Charges' lines, then the true-up where they do not reach the commitment. */
const trueUpLine = (
  plan: MonthPlan,
  contract: Contract,
  net: DecimalText,
  currency: string,
): InvoiceLine | null => {
  const commitment = contract.monthlyCommitment
  const days = plan.daysInMonth - plan.outsideContract.reduce((sum, span) => sum + span.days, 0)
  if (commitment === null || days === 0) return null
  const first = plan.outsideContract[0]?.startDay.endsWith('-01') ? (plan.outsideContract[0]?.days ?? 0) : 0
  const share = prorate(commitment, { first, count: days, ofMonth: plan.daysInMonth })
  const due = roundToMinor(share, currency)
  const gap = sumDecimals([due, negateDecimal(net)])
  if (!new Decimal(gap).gt(0)) return null
  const rounding = roundingStep(share, currency)
  const proration: PriceStep = {
    kind: 'proration',
    text: `prorated: ${days} of ${plan.daysInMonth} days`,
    amount: sumDecimals([share, negateDecimal(commitment)]),
  }
  const steps: readonly PriceStep[] = [
    { kind: 'commitment', text: `monthly commitment (contract ${contract.id})`, amount: commitment },
    ...(days === plan.daysInMonth ? [] : [proration]),
    ...(rounding ? [rounding] : []),
    { kind: 'commitment', text: 'less the charges of this invoice', amount: negateDecimal(net) },
  ]
  return {
    line: 0,
    kind: 'true_up',
    chargeId: 'commitment',
    description: 'True-up to the monthly commitment',
    listAmount: gap,
    discountAmount: ZERO,
    amount: gap,
    steps,
  }
}

const issue = (severity: Issue['severity'], code: string, message: string): Issue => ({
  severity,
  code,
  message,
})

const usedIn = (spans: readonly Period[], metrics: readonly Metric[], quantityOf: QuantityOf): string[] =>
  metrics.flatMap((metric) => {
    const quantity = sumDecimals(spans.map((span) => quantityOf(metric, span)))
    return quantity === ZERO ? [] : [`${metric.name} ${countUnits(quantity, metric.unit)}`]
  })

const joinDays = (spans: readonly DaySpan[]): string => spans.map(formatDays).join(' and ')

const planIssues = (input: InvoiceInput, plan: MonthPlan, quantityOf: QuantityOf): Issue[] => {
  const { card, contract, metrics, month } = input
  const issues: Issue[] = []
  if (card.currency !== input.currency)
    issues.push(
      issue(
        'error',
        'rate_card_in_another_currency',
        `Rate card ${card.name} is in ${card.currency}, the book in ${input.currency}. Nothing was converted; use a card in ${input.currency}.`,
      ),
    )
  if (plan.unpriced.length > 0)
    issues.push(
      issue(
        'error',
        'no_price_in_effect',
        `Rate card ${card.name} has no version in effect on ${joinDays(plan.unpriced)}: those days are not billed. ` +
          'Add a version that takes effect by then, or let the contract start later.',
      ),
    )
  if (contract !== null && plan.outsideContract.length > 0) {
    if (plan.rated.length + plan.unpriced.length === 0)
      issues.push(
        issue(
          'warning',
          'contract_is_not_in_force',
          `Contract ${contract.id} does not hold on any day of ${monthName(month)}: nothing is billed.`,
        ),
      )
    for (const span of plan.outsideContract) {
      const used = usedIn([span], metrics, quantityOf)
      if (used.length > 0)
        issues.push(
          issue(
            'warning',
            'usage_outside_contract',
            `Usage on ${formatDays(span)} is outside contract ${contract.id} and not billed: ${used.join(', ')}. ` +
              'Change the contract’s days if it should be.',
          ),
        )
    }
  }
  return issues
}

const chargeIssues = (
  input: InvoiceInput,
  plan: MonthPlan,
  charges: readonly ChargeInMonth[],
  quantityOf: QuantityOf,
): Issue[] => {
  const known = new Set(input.metrics.map((metric) => metric.metric))
  const priced = plan.rated.flatMap((segment) => segment.version.charges)
  const lost = priced.filter((charge) => charge.kind !== 'flat_fee' && !known.has(charge.metric))
  const unknown = [...new Set(lost.map((charge) => charge.id))].map((id) =>
    issue(
      'error',
      'metric_is_unknown',
      `Charge ${id} of rate card ${input.card.name} prices a metric that the book does not have. Define the metric, or change the charge.`,
    ),
  )
  const unpriced = input.metrics.flatMap((metric) => {
    const isPriced = (period: Period) =>
      charges.some(
        (charge) =>
          charge.metric?.metric === metric.metric &&
          charge.parts.some((part) => part.segment.startMs === period.startMs),
      )
    const periods = ratedPeriods(plan, metric).filter((period) => !isPriced(period))
    const [used] = usedIn(periods, [metric], quantityOf)
    if (used === undefined) return []
    const days = periods.length === ratedPeriods(plan, metric).length ? '' : ` on ${joinDays(periods)}`
    return [
      issue(
        'warning',
        'metric_without_price',
        `No charge of rate card ${input.card.name} prices metric ${metric.metric}: ${used}${days} not billed. Add a charge if it should be.`,
      ),
    ]
  })
  return [...unknown, ...unpriced]
}

/**
 * A draft: one line per charge (zero usage keeps its line), then the true-up. The order of operations is the
 * room's README's. Issues of severity `error` mean that the total is not what the customer owes.
 * @throws RangeError where a needed quantity was not given, or the contract is for another rate card.
 */
export const buildInvoice = (input: InvoiceInput): Invoice => {
  const { card, contract, customer, month } = input
  if (contract !== null && contract.rateCardId !== card.id)
    throw new RangeError(`contract ${contract.id} is for rate card ${contract.rateCardId}, not ${card.id}`)
  const { currency } = card
  const plan = planMonth(input)
  const quantityOf = quantityReader(input.quantities)
  const charges = chargesInMonth(plan, input.metrics)
  const terms = { plan, contract, currency }
  const lines = charges.map((charge, index): InvoiceLine => {
    const { metric } = charge
    const [whole] = metric === null ? [] : ratedPeriods(plan, metric)
    const quantityOfPart = (part: ChargePart): DecimalText =>
      metric === null || whole === undefined
        ? ZERO
        : quantityOf(metric, metric.aggregation === 'sum' ? part.segment : whole)
    const { quantity, ...rated } = rateLine(charge, quantityOfPart, terms)
    return {
      line: index + 1,
      kind: 'charge',
      chargeId: charge.id,
      description: charge.name,
      ...(metric === null || quantity === null ? {} : { metric: metric.metric, quantity }),
      ...rated,
    }
  })
  const issues = [...planIssues(input, plan, quantityOf), ...chargeIssues(input, plan, charges, quantityOf)]
  const net = sumDecimals(lines.map((line) => line.amount))
  const trueUp = contract === null ? null : trueUpLine(plan, contract, net, currency)
  if (trueUp !== null) {
    lines.push({ ...trueUp, line: lines.length + 1 })
    issues.push(
      issue(
        'warning',
        'below_commitment',
        `The charges of ${formatAmount(net, currency)} ${currency} are ${formatAmount(trueUp.amount, currency)} below the ` +
          `commitment of contract ${contract?.id}; line ${lines.length} bills the difference.`,
      ),
    )
  }
  return {
    id: input.id,
    number: input.number,
    customerId: customer.id,
    customerName: customer.name,
    month,
    currency,
    state: 'draft',
    lines,
    total: sumDecimals(lines.map((line) => line.amount)),
    rateCardId: card.id,
    rateCardVersions: [...new Set(plan.rated.map((segment) => segment.version.version))],
    contractId: contract?.id ?? null,
    chainHead: input.chainHead,
    asOfBatch: input.asOfBatch,
    issues,
    changes: describeChanges({
      previous: input.previousInvoice,
      month,
      currency,
      lines,
      charges,
      rerate: (charge, quantity) => rateLine(charge, shareByDays(quantity, charge.parts), terms),
    }),
  }
}
