/** What a charge or a contract makes of usage, with every step: no book is needed. */

import type { Command } from 'commander'
import type { z } from 'zod'
import { charge as chargeSchema, rateCardFile } from '../../../contract/rate-cards.ts'
import type { RatingUsage } from '../../../contract/rating-usage.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { rateEvents } from '../../../domain/invoice/from-events.ts'
import { dueOf, type Invoice, type PriceStep } from '../../../domain/invoice/invoice.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { roundToMinor } from '../../../domain/money.ts'
import { isTimeZone, type Month, monthOf, monthPeriod } from '../../../domain/period.ts'
import { usageFromEvents } from '../../../domain/pricing/events.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { metricsOfFormula } from '../../../domain/pricing/formula.ts'
import { usageNeeds } from '../../../domain/pricing/needs.ts'
import { chargeInOwnWords, inOwnWords } from '../../../domain/pricing/own-words.ts'
import { rateCharge } from '../../../domain/pricing/rate.ts'
import type { Charge, RateCard } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import type { UsageEvent } from '../../../domain/pricing/usage.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { type Answer, type CommandLine, finish } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { Refusal, WrongUse } from '../failure.ts'
import { contractFile, ratingUsageFile } from '../formats.ts'
import { blocks, number, plain, table } from '../text.ts'

interface RateOptions {
  readonly charge?: string
  readonly contract?: string
  readonly card?: string
  readonly usage: string
}

const DEFAULT_UNIT = 'unit'

const metricsOf = (charge: Charge): readonly string[] => {
  if ('metric' in charge) return [charge.metric]
  return charge.kind === 'formula' ? metricsOfFormula(charge.formula) : []
}

/** The metrics that the file defines, and plain sums for the others that are priced or used. */
const definitions = (usage: RatingUsage, named: readonly string[]): readonly Metric[] => {
  const given = usage.metrics ?? []
  const known = new Set(given.map(({ metric }) => metric))
  const others = new Set(named.filter((metric) => !known.has(metric)))
  return [
    ...given,
    ...[...others].map(
      (metric): Metric => ({ metric, name: metric, unit: DEFAULT_UNIT, aggregation: 'sum', scale: 12 }),
    ),
  ]
}

const zoneOf = (usage: RatingUsage): string => {
  const timeZone = usage.timeZone ?? 'UTC'
  if (!isTimeZone(timeZone))
    throw new Refusal(
      'time_zone_is_unknown',
      `${timeZone} is no IANA time zone, like Europe/Berlin. Nothing was rated.`,
    )
  return timeZone
}

const eventsOf = (usage: RatingUsage, own: string | null): readonly UsageEvent[] =>
  (usage.events ?? []).map(({ metric, time, quantity, tenant, dimensions }, index) => {
    const name = metric ?? own
    if (name === null)
      throw new Refusal(
        'metric_is_missing',
        `events[${index}]: say its metric, because the charges are on several. Nothing was rated.`,
      )
    return {
      metric: name,
      timeMs: Date.parse(time),
      quantity,
      ...(tenant === undefined ? {} : { tenant }),
      ...(dimensions === undefined ? {} : { dimensions }),
    }
  })

const monthsOf = (
  usage: RatingUsage,
  events: readonly UsageEvent[],
  timeZone: string,
): { readonly first: Month; readonly last: Month } => {
  const times = events.map(({ timeMs }) => timeMs)
  const first =
    usage.month ??
    (times.length === 0
      ? null
      : monthOf(
          times.reduce((a, b) => Math.min(a, b)),
          timeZone,
        ))
  if (first === null)
    throw new Refusal(
      'month_is_missing',
      'The usage says neither a month nor an event. Give "month", like "2026-10". Nothing was rated.',
    )
  const last =
    usage.untilMonth ??
    (usage.month !== undefined || times.length === 0
      ? first
      : monthOf(
          times.reduce((a, b) => Math.max(a, b)),
          timeZone,
        ))
  if (last < first)
    throw new Refusal(
      'months_are_backwards',
      `The usage ends (${last}) before it begins (${first}). Nothing was rated.`,
    )
  return { first, last }
}

const withQuantity = (
  usage: RatingUsage,
  events: readonly UsageEvent[],
  metric: string | undefined,
  month: Month,
  timeZone: string,
): readonly UsageEvent[] => {
  if (usage.quantity === undefined) return events
  if (metric === undefined)
    throw new Refusal(
      'quantity_has_no_metric',
      'A quantity alone is of one metric; this is priced on none or on several. Give "events" with their metrics. Nothing was rated.',
    )
  return [...events, { metric, timeMs: monthPeriod(month, timeZone).startMs, quantity: usage.quantity }]
}

const checked = (charges: readonly Charge[], metrics: readonly Metric[]): void => {
  const issues = validateRateCardVersion(
    { version: 1, effectiveFrom: '2000-01-01', charges },
    metrics,
  ).filter(({ severity }) => severity === 'error')
  const [first] = issues
  if (first !== undefined) throw new Refusal('charge_is_wrong', `${first.message} Nothing was rated.`, issues)
}

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

const rateOneCharge = (charge: Charge, usage: RatingUsage): Answer => {
  const timeZone = zoneOf(usage)
  const currency = usage.currency ?? 'USD'
  const named = metricsOf(charge)
  const given = eventsOf(usage, named.length === 1 ? (named[0] ?? null) : null)
  const { first: month } = monthsOf(usage, given, timeZone)
  const events = withQuantity(usage, given, named.length === 1 ? named[0] : undefined, month, timeZone)
  const metrics = definitions(usage, [...named, ...events.map(({ metric }) => metric)])
  checked([charge], metrics)
  const needs = usageNeeds(charge, monthPeriod(month, timeZone), { timeZone, metrics })
  const rated = rateCharge({
    charge,
    usage: usageFromEvents(needs, events, metrics, timeZone),
    month,
    timeZone,
    metrics,
    currency,
    settings: settingsOfVersion(undefined, null),
    cost: usage.cost ?? null,
  })
  const rounded = roundToMinor(rated.amount, currency)
  const words = chargeInWords(charge, { metrics, currency })
  return {
    data: { charge: charge.id, words, month, timeZone, currency, ...rated, rounded },
    text: blocks(
      `${plain(charge.name)}, ${month}: ${words}`,
      stepsText(rated.steps),
      `Amount ${number(rated.amount)} ${currency}, to the minor unit ${formatAmount(rounded, currency)}.`,
      issuesText(rated.issues),
    ),
    good: isGood(rated.issues),
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

/** A rate card from its file: one version, of the day that the file says. */
const cardFrom = (file: z.output<typeof rateCardFile>): RateCard => {
  const { id, name, currency, privateTo, ...version } = file
  // zod gives what was left out as absent, which its types say as undefined too.
  return {
    id,
    name,
    currency,
    ...(privateTo && { privateTo }),
    versions: [{ version: 1, ...version, settings: settingsOfVersion(version.settings, null) }],
  } as RateCard
}

const rateOneContract = (
  contract: z.output<typeof contractFile>,
  card: RateCard,
  usage: RatingUsage,
): Answer => {
  const timeZone = zoneOf(usage)
  if (contract.rateCardId !== card.id)
    throw new Refusal(
      'contract_is_for_another_card',
      `Contract ${contract.id} is for rate card ${contract.rateCardId}, and the card given is ${card.id}. Nothing was rated.`,
    )
  const charges = [...card.versions.flatMap((version) => version.charges), ...(contract.charges ?? [])]
  const named = [...new Set(charges.flatMap(metricsOf))]
  const own = named.length === 1 ? (named[0] ?? null) : null
  const given = eventsOf(usage, own)
  const { first, last } = monthsOf(usage, given, timeZone)
  const events = withQuantity(usage, given, own ?? undefined, first, timeZone)
  const metrics = definitions(usage, [...named, ...events.map(({ metric }) => metric)])
  checked(card.versions[0]?.charges ?? [], metrics)
  const months = rateEvents({
    card,
    contract,
    metrics,
    timeZone,
    events,
    firstMonth: first,
    lastMonth: last,
    ...(usage.cost === undefined ? {} : { cost: usage.cost as DecimalText }),
  })
  const invoices = months.flatMap((each) => each.invoices)
  return {
    data: { contract: contract.id, timeZone, months },
    text: blocks(...invoices.map(invoiceText)),
    good: invoices.every(({ issues }) => isGood(issues)),
  }
}

export const addRateCommand = (program: Command, line: CommandLine): void => {
  const command = program
    .command('rate')
    .description('what a charge or a contract makes of usage, with every step; needs no book')
    .option('--charge <file>', 'one charge of a rate card (docs/formats/ratecard.md)')
    .option('--contract <file>', 'a contract (docs/formats/contract.md); needs its --card')
    .option('--card <file>', 'the contract’s rate card (docs/formats/ratecard.md)')
    .requiredOption('--usage <file>', 'a quantity or events (docs/formats/rating-usage.md)')
  command.action(() => {
    const { io } = line
    const options = command.opts<RateOptions>()
    if ((options.charge === undefined) === (options.contract === undefined))
      throw new WrongUse('Name either a --charge or a --contract.')
    const usage = readDocument(ratingUsageFile, options.usage, io.workingDirectory)
    if (options.charge !== undefined) {
      finish(
        line,
        command,
        rateOneCharge(
          readDocument(chargeSchema, options.charge, io.workingDirectory, chargeInOwnWords),
          usage,
        ),
      )
      return
    }
    if (options.card === undefined)
      throw new WrongUse('A --contract is rated with its rate card: name it with --card.')
    const contract = readDocument(contractFile, options.contract ?? '', io.workingDirectory, inOwnWords)
    const card = cardFrom(readDocument(rateCardFile, options.card, io.workingDirectory, inOwnWords))
    finish(line, command, rateOneContract(contract, card, usage))
  })
}
