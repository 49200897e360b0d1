/** What is to be said of a month that was rated: usage without price, days without price, currencies. */
import { sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import { monthName, type Period } from '../period.ts'
import { countUnits, formatDays } from '../pricing/format.ts'
import type { DaySpan } from '../pricing/segments.ts'
import { type GivenUsage, isPricedIn } from './ask.ts'
import { type ChargeInMonth, ratedPeriods } from './line.ts'
import type { ContractMonth, PricingTerms } from './plan.ts'

export const issue = (severity: Issue['severity'], code: string, message: string): Issue => ({
  severity,
  code,
  message,
})

type QuantityOf = GivenUsage['quantityOf']

export interface IssueInput extends PricingTerms {
  /** The book's. */
  readonly currency: string
  /** Metrics that another contract of the customer prices in the month. */
  readonly pricedElsewhere?: ReadonlySet<string>
}

const usedIn = (spans: readonly Period[], metrics: readonly Metric[], quantityOf: QuantityOf): string[] =>
  metrics.flatMap((metric) => {
    const quantity = sumDecimals(spans.map((span) => quantityOf(metric, span)))
    return quantity === ZERO ? [] : [`${metric.name} ${countUnits(quantity, metric.unit)}`]
  })

const joinDays = (spans: readonly DaySpan[]): string => spans.map(formatDays).join(' and ')

const currencyIssues = ({ card, contract, currency }: IssueInput, plan: ContractMonth): Issue[] => {
  if (plan.currency === currency) return []
  return contract?.currency === undefined
    ? [
        issue(
          'error',
          'rate_card_in_another_currency',
          `Rate card ${card.name} is in ${card.currency}, the book in ${currency}. Nothing was converted; use a card in ${currency}.`,
        ),
      ]
    : [
        issue(
          'warning',
          'contract_in_another_currency',
          `Contract ${contract.id} is billed in ${plan.currency}, the book is in ${currency}: the invoice is in no total of the book.`,
        ),
      ]
}

const unpricedWords = ({ card, contract }: IssueInput): string => {
  const pinned = contract?.rateCardVersion
  if (pinned !== undefined && !card.versions.some(({ version }) => version === pinned))
    return `has no version ${pinned}, to which contract ${contract?.id} is pinned, for`
  return contract?.currency !== undefined && contract.currency !== card.currency
    ? `has no prices in ${contract.currency} on`
    : 'has no version in effect on'
}

export const planIssues = (input: IssueInput, plan: ContractMonth, quantityOf: QuantityOf): Issue[] => {
  const { card, contract, metrics, month } = input
  const issues = currencyIssues(input, plan)
  if (plan.unpriced.length > 0)
    issues.push(
      issue(
        'error',
        'no_price_in_effect',
        `Rate card ${card.name} ${unpricedWords(input)} ${joinDays(plan.unpriced)}: those days are not billed. ` +
          'Add a version that takes effect by then, or let the contract start later.',
      ),
    )
  if (contract === null || plan.outsideContract.length === 0) return issues
  if (plan.rated.length + plan.unpriced.length === 0)
    issues.push(
      issue(
        'warning',
        'contract_is_not_in_force',
        `Contract ${contract.id} does not hold on any day of ${monthName(month)}: nothing is billed.`,
      ),
    )
  const own = metrics.filter(({ metric }) => input.pricedElsewhere?.has(metric) !== true)
  for (const span of plan.outsideContract) {
    const used = usedIn([span], own, quantityOf)
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
  return issues
}

export const chargeIssues = (
  input: IssueInput,
  plan: ContractMonth,
  charges: readonly ChargeInMonth[],
  quantityOf: QuantityOf,
): Issue[] => {
  const known = new Set(input.metrics.map((metric) => metric.metric))
  const priced = plan.rated.flatMap((segment) => segment.version.charges)
  const lost = priced.filter((charge) => 'metric' in charge && !known.has(charge.metric))
  const unknown = [...new Set(lost.map((charge) => charge.id))].map((id) =>
    issue(
      'error',
      'metric_is_unknown',
      `Charge ${id} of rate card ${input.card.name} prices a metric that the book does not have. Define the metric, or change the charge.`,
    ),
  )
  const unpriced = input.metrics.flatMap((metric) => {
    if (input.pricedElsewhere?.has(metric.metric) === true) return []
    const all = ratedPeriods(plan, metric)
    const periods = all.filter((period) => !isPricedIn(charges, metric, period))
    const [used] = usedIn(periods, [metric], quantityOf)
    if (used === undefined) return []
    const days = periods.length === all.length ? '' : ` on ${joinDays(periods)}`
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
