/** What a charge or a contract makes of the usage in a file: the answer of `rate`. */
import type { DecimalText } from '../../domain/decimal.ts'
import { Decimal, negateDecimal, sumDecimals, ZERO } from '../../domain/decimal.ts'
import { rateEvents } from '../../domain/invoice/from-events.ts'
import { dueOf, type Invoice, type PriceStep } from '../../domain/invoice/invoice.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import { roundToMinor } from '../../domain/money.ts'
import { type Month, monthOf, monthPeriod, type Period, toMonth } from '../../domain/period.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import { usageFromEvents } from '../../domain/pricing/events.ts'
import { formatAmount } from '../../domain/pricing/format.ts'
import { metricsOfFormula } from '../../domain/pricing/formula.ts'
import { usageNeeds } from '../../domain/pricing/needs.ts'
import { rateCharge } from '../../domain/pricing/rate.ts'
import type { Charge, RateCard, RatingSettings } from '../../domain/pricing/ratecard.ts'
import type { RatedCharge } from '../../domain/pricing/rating.ts'
import { settingsOfVersion } from '../../domain/pricing/settings.ts'
import { firstMonthOf } from '../../domain/pricing/term.ts'
import type { UsageEvent } from '../../domain/pricing/usage.ts'
import { chargeInWords } from '../../domain/pricing/words.ts'
import type { Answer } from './command-line.ts'
import { Refusal } from './failure.ts'
import { blocks, number, plain, table } from './text.ts'
import { checkZone, NOTHING_RATED, type UsageFile, type UsageHead } from './usage-file.ts'

/** Of the answer's shape, docs/formats/rating.schema.json: raised where a member changes its meaning or goes. */
export const RATING_VERSION = 1

/** Of a charge whose usage says no month: one of 31 days. */
const PLAIN_MONTH = toMonth('2026-01')
const PLAIN_SCALE = 12
const YEARS_MAX = 50

/** The metrics that a charge prices. */
export const metricsOf = (charge: Charge): readonly string[] => {
  if ('metric' in charge) return [charge.metric]
  return charge.kind === 'formula' ? metricsOfFormula(charge.formula) : []
}

/** The metrics that the file defines, and plain sums for the others that are priced or used. */
export const definitions = (head: UsageHead, named: readonly string[]): readonly Metric[] => {
  const given = (head.metrics ?? []).map(
    ({
      metric,
      name = metric,
      unit = 'unit',
      aggregation = 'sum',
      scale = PLAIN_SCALE,
      ...rest
    }): Metric => ({
      metric,
      name,
      unit,
      aggregation,
      scale,
      ...(rest.uniqueBy === undefined ? {} : { uniqueBy: rest.uniqueBy }),
    }),
  )
  const known = new Set(given.map(({ metric }) => metric))
  const others = new Set(named.filter((metric) => !known.has(metric)))
  return [
    ...given,
    ...[...others].map(
      (metric): Metric => ({ metric, name: metric, unit: 'unit', aggregation: 'sum', scale: PLAIN_SCALE }),
    ),
  ]
}

const eventsOf = (usage: UsageFile, own: string | null): readonly UsageEvent[] => {
  const unnamed = usage.events.findIndex(({ metric }) => metric === undefined)
  if (unnamed >= 0 && own === null)
    throw new Refusal(
      'metric_is_missing',
      `events[${unnamed}].metric: say it, because the charges are on ${own === null ? 'no metric or several' : 'one'}. ${NOTHING_RATED}`,
    )
  return unnamed < 0
    ? (usage.events as readonly UsageEvent[])
    : usage.events.map((event) => ({ ...event, metric: event.metric ?? own ?? '' }))
}

interface Months {
  readonly first: Month
  readonly last: Month
}

const refuseManyYears = (first: Month, last: Month): void => {
  if (Number(last.slice(0, 4)) - Number(first.slice(0, 4)) > YEARS_MAX)
    throw new Refusal(
      'months_are_too_many',
      `It is ${first} to ${last}, and at most ${YEARS_MAX} years are rated at once. Check the times and days, or give month and untilMonth. ${NOTHING_RATED}`,
    )
}

const monthsOf = (
  { month, untilMonth }: UsageHead,
  events: readonly UsageEvent[],
  timeZone: string,
  otherwise: Month,
): Months => {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { timeMs } of events) {
    from = Math.min(from, timeMs)
    to = Math.max(to, timeMs)
  }
  const first = month ?? (events.length === 0 ? otherwise : monthOf(from, timeZone))
  const last = untilMonth ?? (month !== undefined || events.length === 0 ? first : monthOf(to, timeZone))
  if (last < first)
    throw new Refusal(
      'months_are_backwards',
      `untilMonth: the usage ends (${last}) before it begins (${first}). ${NOTHING_RATED}`,
    )
  refuseManyYears(first, last)
  return { first, last }
}

const withQuantity = (
  { quantity }: UsageHead,
  events: readonly UsageEvent[],
  metric: string | null,
  month: Month,
  timeZone: string,
): readonly UsageEvent[] => {
  if (quantity === undefined) return events
  if (metric === null)
    throw new Refusal(
      'quantity_has_no_metric',
      `quantity: it alone is of one metric; this is priced on none or on several. Give "events" with their metrics. ${NOTHING_RATED}`,
    )
  return [...events, { metric, timeMs: monthPeriod(month, timeZone).startMs, quantity }]
}

/** A quantity of distinct values is how many there are: no event tells them apart, so that they add up as it says. */
const asNumber = (
  metrics: readonly Metric[],
  { quantity }: UsageHead,
  own: string | null,
): readonly Metric[] =>
  metrics.map((each) => {
    const { uniqueBy: _, ...metric } = each
    const isNumber = quantity !== undefined && each.metric === own && each.aggregation === 'unique_count'
    return isNumber ? { ...metric, aggregation: 'sum' } : each
  })

/** Events that count for nothing: of metrics without a price, and of other months. */
const unusedEvents = (
  events: readonly UsageEvent[],
  named: readonly string[],
  rated: Period,
  levels: readonly string[],
): readonly Issue[] => {
  const others = new Map<string, number>()
  let beside = 0
  for (const { metric, timeMs } of events) {
    if (!named.includes(metric)) others.set(metric, (others.get(metric) ?? 0) + 1)
    else if (timeMs >= rated.endMs || (timeMs < rated.startMs && !levels.includes(metric))) beside += 1
  }
  const warning = (code: string, message: string): Issue => ({ severity: 'warning', code, message })
  return [
    ...[...others].map(([metric, count]) =>
      warning(
        'usage_without_price',
        `${count === 1 ? 'One event' : `${count} events`} of ${metric} ${count === 1 ? 'is' : 'are'} priced by nothing. Priced is ${named.length === 0 ? 'no metric' : named.join(', ')}.`,
      ),
    ),
    ...(beside === 0
      ? []
      : [
          warning(
            'usage_of_other_months',
            `${beside === 1 ? 'One event is' : `${beside} events are`} not of the months rated and ${beside === 1 ? 'counts' : 'count'} for nothing. Give month and untilMonth.`,
          ),
        ]),
  ]
}

const levelsOf = (charges: readonly Charge[]): readonly string[] =>
  charges.flatMap((charge) => ('values' in charge ? [charge.metric] : []))

const stepsText = (steps: readonly PriceStep[]): string =>
  table(
    [{ title: 'Step' }, { title: 'Amount', right: true }],
    steps.map(({ text, amount }) => [plain(text), number(amount)]),
  )

const issuesText = (issues: readonly Issue[]): string | null =>
  issues.length === 0
    ? null
    : issues.map(({ severity, message }) => `${severity}: ${plain(message)}`).join('\n')

const isGood = (issues: readonly Issue[]): boolean => issues.every(({ severity }) => severity !== 'error')

/** The charge's own minimum and maximum on its amount, each a step, as a line of an invoice has them. */
const bounded = (
  charge: Charge,
  rated: RatedCharge,
  currency: string,
  settings: RatingSettings,
): Pick<RatedCharge, 'amount' | 'steps'> => {
  const steps = [...rated.steps]
  let amount = rated.amount
  const move = (kind: 'minimum' | 'maximum', to: DecimalText, text: string): void => {
    steps.push({ kind, text, amount: sumDecimals([to, negateDecimal(amount)]) })
    amount = to
  }
  const { minimum, maximum } = charge
  const isOwed = !(settings.minimumAtZero === false && rated.billed === ZERO)
  if (minimum !== undefined && isOwed && new Decimal(amount).lt(minimum))
    move('minimum', minimum, `minimum of ${formatAmount(minimum, currency)}`)
  if (maximum !== undefined && new Decimal(amount).gt(maximum))
    move('maximum', maximum, `at most ${formatAmount(maximum, currency)}`)
  return { amount, steps }
}

/** @throws Refusal where the usage does not fit the charge. */
export const rateOneCharge = (charge: Charge, usage: UsageFile, notes: readonly string[]): Answer => {
  const { head } = usage
  const timeZone = checkZone(head.timeZone)
  const { currency = 'USD' } = head
  const settings = settingsOfVersion(head.settings, null)
  const named = metricsOf(charge)
  const own = named.length === 1 ? (named[0] ?? null) : null
  const given = eventsOf(usage, own)
  const { first: month, last } = monthsOf(head, given, timeZone, PLAIN_MONTH)
  if (last > month)
    throw new Refusal(
      'charge_is_of_one_month',
      `A charge is rated for one month, and the usage is of ${month} to ${last}. Give month, or rate a contract. ${NOTHING_RATED}`,
    )
  const events = withQuantity(head, given, own, month, timeZone)
  const defined = definitions(head, [...named, ...events.map(({ metric }) => metric)])
  const metrics = asNumber(defined, head, own)
  const period = monthPeriod(month, timeZone)
  const {
    amount: _list,
    steps: _steps,
    ...rated
  } = rateCharge({
    charge,
    usage: usageFromEvents(usageNeeds(charge, period, { timeZone, metrics }), events, metrics, timeZone),
    month,
    timeZone,
    metrics,
    currency,
    settings,
    cost: head.cost ?? null,
  })
  const { amount, steps } = bounded(charge, { ...rated, amount: _list, steps: _steps }, currency, settings)
  const issues = [...rated.issues, ...unusedEvents(events, named, period, levelsOf([charge]))]
  const rounded = roundToMinor(amount, currency, settings.rounding)
  const words = chargeInWords(charge, { metrics, currency })
  return {
    data: {
      version: RATING_VERSION,
      charge: charge.id,
      words,
      month,
      timeZone,
      currency,
      amount,
      steps,
      ...rated,
      issues,
      rounded,
      notes,
    },
    text: blocks(
      `${plain(charge.name)}, ${month}: ${words}`,
      stepsText(steps),
      `Amount ${number(amount)} ${currency}, to the minor unit ${formatAmount(rounded, currency)}.`,
      issuesText(issues),
      notes.map(plain).join('\n') || null,
    ),
    good: isGood(issues),
  }
}

const invoiceText = (invoice: Invoice): string => {
  const { currency, lines, settlement = [] } = invoice
  return blocks(
    `Invoice ${plain(invoice.number)}, ${invoice.month}`,
    ...lines.map((each) =>
      blocks(
        `${each.line}. ${plain(each.description)}: ${formatAmount(each.amount, currency)} ${currency}`,
        stepsText(each.steps),
      ),
    ),
    `Net ${formatAmount(invoice.total, currency)} ${currency}`,
    ...settlement.map(
      (each) => `${plain(each.description)}: ${formatAmount(each.amount, currency)} ${currency}`,
    ),
    settlement.length === 0 ? null : `Due ${formatAmount(dueOf(invoice), currency)} ${currency}`,
    issuesText(invoice.issues),
  )
}

/** Null where there is no invoice. @throws Refusal where an amendment changed it: amounts of two are never added. */
const oneCurrency = (invoices: readonly Invoice[]): string | null => {
  const [first] = invoices
  const other = invoices.find(({ currency }) => currency !== first?.currency)
  if (first !== undefined && other !== undefined)
    throw new Refusal(
      'currency_changes',
      `The contract is billed in ${first.currency} in ${first.month} and in ${other.currency} in ${other.month}, and amounts of two currencies are never added. Rate the months of each on their own, with month and untilMonth. ${NOTHING_RATED}`,
    )
  return first?.currency ?? null
}

/**
 * @param versions of the contract, oldest first; the last one is in force
 * @throws Refusal where the usage does not fit the contract.
 */
export const rateOneContract = (
  versions: readonly [Contract, ...Contract[]],
  card: RateCard,
  usage: UsageFile,
  notes: readonly string[],
): Answer => {
  const { head } = usage
  const timeZone = checkZone(head.timeZone)
  const contract = versions.at(-1) ?? versions[0]
  const charges = [
    ...card.versions.flatMap((version) => version.charges),
    ...versions.flatMap((version) => version.charges ?? []),
  ]
  const named = [...new Set(charges.flatMap(metricsOf))]
  const own = named.length === 1 ? (named[0] ?? null) : null
  const given = eventsOf(usage, own)
  const { first, last } = monthsOf(head, given, timeZone, firstMonthOf(versions[0]))
  const events = withQuantity(head, given, own, first, timeZone)
  const defined = definitions(head, [...named, ...events.map(({ metric }) => metric)])
  const metrics = asNumber(defined, head, own)
  const begin = firstMonthOf(versions[0])
  refuseManyYears(begin < first ? begin : first, last)
  const months = rateEvents({
    card,
    contract,
    earlier: versions.slice(0, -1),
    metrics,
    timeZone,
    events,
    firstMonth: first,
    lastMonth: last,
    ...(head.cost === undefined ? {} : { cost: head.cost }),
  }).map(({ month, invoices }) => ({
    month,
    invoices: invoices.map((invoice) => ({ ...invoice, due: dueOf(invoice) })),
  }))
  const invoices = months.flatMap((each) => each.invoices)
  const currency = oneCurrency(invoices) ?? contract.currency ?? card.currency
  const rated = {
    startMs: monthPeriod(begin < first ? begin : first, timeZone).startMs,
    endMs: monthPeriod(last, timeZone).endMs,
  }
  const issues = unusedEvents(events, named, rated, levelsOf(charges))
  return {
    data: {
      version: RATING_VERSION,
      contract: contract.id,
      timeZone,
      currency,
      amount: sumDecimals(invoices.map(({ total }) => total)),
      due: sumDecimals(invoices.map(({ due }) => due)),
      months,
      issues,
      notes,
    },
    text: blocks(...invoices.map(invoiceText), issuesText(issues), notes.map(plain).join('\n') || null),
    good: isGood(issues) && invoices.every((invoice) => isGood(invoice.issues)),
  }
}
