/**
 * Rating: what one charge makes of the usage of some days, exact and unrounded, with the steps that lead there. The rules
 * are docs/pricing/README.md's. A month that is cut is rated as R(all so far) − R(all before), by this charge.
 */
import { type DecimalText, decimalsOf, integerToDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { rateCost } from './cost-plus.ts'
import { rateEventPrices } from './event-prices.ts'
import { difference, isNegative, mostDecimals, product, toScaled } from './exact.ts'
import { prorate, rateFee } from './fee.ts'
import { countUnits } from './format.ts'
import { levelSteps } from './level-steps.ts'
import { ratePercentage } from './percentage.ts'
import { type Portion, type PortionedCharge, portionsOf } from './portions.ts'
import {
  conversionStep,
  includedStep,
  multiplierStep,
  type StepWords,
  stepsBetween,
  stepsOfWindows,
} from './price-steps.ts'
import { compilePrice, priceOf } from './quantity-price.ts'
import type { Charge, DynamicCharge, LongWindow, PercentageCharge } from './ratecard.ts'
import type { RatedCharge, RateInput } from './rating.ts'
import type { MetricUsage } from './usage.ts'
import { cutWindowOf, longWindowOf } from './window.ts'

export { prorate } from './fee.ts'
export { priceCurve } from './one-quantity.ts'
export type { RatedCharge, RateInput } from './rating.ts'

type Listed = RatedCharge

const NO_USAGE = { quantity: null, billed: null, includedUsed: ZERO, issues: [] } as const

const metricsOf = (charge: Charge, input: RateInput): readonly MetricUsage[] =>
  'metric' in charge ? input.usage.filter((each) => each.metric === charge.metric) : input.usage

const before = (charge: Charge, input: RateInput): readonly MetricUsage[] | null => {
  if (input.before === undefined) return null
  return 'metric' in charge ? input.before.filter((each) => each.metric === charge.metric) : input.before
}

const unitOf = (charge: Charge, input: RateInput): string =>
  'metric' in charge ? (input.metrics.find(({ metric }) => metric === charge.metric)?.unit ?? 'unit') : 'unit'

/** What is measured: of a charge weighted by time the unit held so long. */
const measuredUnitOf = (charge: Charge, metricUnit: string): string =>
  charge.kind === 'time_weighted' && charge.heldFor !== 'month'
    ? `${metricUnit}-${charge.heldFor}`
    : metricUnit

/** What a price is per: of a converted charge its own unit, of one weighted by time the unit held so long. */
export const billedUnitOf = (charge: Charge, metricUnit: string): string => {
  if (charge.kind === 'formula') return charge.unit
  if ('convert' in charge && charge.convert !== undefined) return charge.convert.unit
  return measuredUnitOf(charge, metricUnit)
}

const sumOf = (portions: readonly Portion[], of: (portion: Portion) => DecimalText): DecimalText =>
  sumDecimals(portions.map(of))

const notesOf = (
  charge: PortionedCharge,
  now: Portion,
  earlier: Portion | undefined,
  words: { readonly unit: string; readonly measuredUnit: string; readonly isWeighted?: boolean },
): readonly PriceStep[] => {
  const left = (of: (portion: Portion) => DecimalText) =>
    earlier === undefined ? of(now) : difference(of(now), of(earlier))
  const increment = 'increment' in charge ? charge.increment : undefined
  const size = increment === undefined ? '' : `in steps of ${countUnits(increment.size, words.unit)}`
  return [
    ...conversionStep(
      left((portion) => portion.measured),
      left((portion) => portion.converted),
      left((portion) => portion.units),
      {
        ...words,
        isConverted: 'convert' in charge && charge.convert !== undefined,
        increment: `rounded up ${increment?.of === 'event' ? 'event by event ' : ''}${size} to`,
      },
    ),
    ...includedStep(
      left((portion) => portion.used),
      words,
    ),
  ]
}

interface Priced {
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
}

const monthsBeforeStep = (billed: DecimalText, window: LongWindow = 'term', unit: string): PriceStep => ({
  kind: 'usage',
  text: `after ${countUnits(billed, unit)} of the months before in this ${window}`,
  amount: ZERO,
})

const pricePortions = (
  charge: PortionedCharge,
  now: readonly Portion[],
  earlier: readonly Portion[] | null,
  input: RateInput,
): Priced => {
  const measuredUnit = measuredUnitOf(charge, unitOf(charge, input))
  const unit = billedUnitOf(charge, unitOf(charge, input))
  const isWeighted = charge.kind === 'seat' || charge.kind === 'time_weighted'
  const isPercent = charge.kind === 'graduated_percentage' || charge.kind === 'revenue_share'
  const window = cutWindowOf(charge)
  const longWindow = longWindowOf(charge)
  const isOne = charge.kind !== 'matrix' && charge.kind !== 'time_of_day' && window === undefined
  const settings = isOne ? input.settings : { ...input.settings, tierFeeAtZero: false }
  const words: StepWords = {
    unit,
    currency: input.currency,
    isPercent,
    isWeighted,
    ...(window ? { window } : {}),
    ...(longWindow === undefined ? {} : { before: 'billed before' }),
  }
  const find = (key: string) => earlier?.find((portion) => portion.key === key)
  if (window !== undefined) return priceWindows(charge, now, earlier, { words, measuredUnit, settings })
  const amounts: DecimalText[] = []
  const steps = now.flatMap((portion) => {
    const last = find(portion.key)
    if (!isOne && last !== undefined && last.billed === portion.billed && last.used === portion.used)
      return []
    const carried = longWindow === undefined ? undefined : input.billedBefore
    const scale = mostDecimals([portion.billed, last?.billed ?? ZERO, carried ?? ZERO])
    const compiled = compilePrice(portion.price, scale, settings ?? {})
    const monthsBefore = toScaled(carried ?? ZERO, compiled.quantityScale)
    const end = monthsBefore + toScaled(portion.billed, compiled.quantityScale)
    const start =
      last === undefined && carried === undefined
        ? null
        : monthsBefore + toScaled(last?.billed ?? ZERO, compiled.quantityScale)
    const from = start === null ? 0n : priceOf(compiled, start)
    amounts.push(integerToDecimal(priceOf(compiled, end) - from, compiled.amountScale))
    return [
      ...notesOf(charge, portion, last, { unit, measuredUnit, isWeighted }),
      ...(carried === undefined || carried === ZERO ? [] : [monthsBeforeStep(carried, longWindow, unit)]),
      ...stepsBetween(compiled, start, end, words),
    ].map((step) => ({ ...step, text: `${portion.label}${step.text}` }))
  })
  // A formula may have had a value before and have none now.
  for (const portion of earlier ?? []) {
    if (now.some(({ key }) => key === portion.key)) continue
    const compiled = compilePrice(portion.price, decimalsOf(portion.billed), settings)
    const taken = priceOf(compiled, toScaled(portion.billed, compiled.quantityScale))
    const amount = integerToDecimal(-taken, compiled.amountScale)
    amounts.push(amount)
    steps.push({ kind: 'before', text: 'less what the days before came to', amount })
  }
  const none: PriceStep = { kind: 'usage', text: countUnits(ZERO, unit), quantity: ZERO, amount: ZERO }
  return { amount: sumDecimals(amounts), steps: steps.length === 0 ? [none] : steps }
}

/** Days begin with a window, so windows of the days before are rated already and stay as they are. */
const priceWindows = (
  charge: PortionedCharge,
  now: readonly Portion[],
  earlier: readonly Portion[] | null,
  terms: {
    readonly words: StepWords
    readonly measuredUnit: string
    readonly settings: RateInput['settings']
  },
): Priced => {
  const { words, measuredUnit, settings } = terms
  const rated = new Set(earlier?.map((portion) => portion.key))
  const own = now.filter((portion) => !rated.has(portion.key))
  const price = own[0]?.price
  const none: PriceStep = { kind: 'usage', text: countUnits(ZERO, words.unit), quantity: ZERO, amount: ZERO }
  if (price === undefined) return { amount: ZERO, steps: [none] }
  const compiled = compilePrice(price, mostDecimals(own.map((portion) => portion.billed)), settings)
  const quantities = own.map((portion) => toScaled(portion.billed, compiled.quantityScale))
  const used = own.filter((portion) => portion.billed !== ZERO).length
  const total = {
    ...(own[0] as Portion),
    measured: sumOf(own, (portion) => portion.measured),
    converted: sumOf(own, (portion) => portion.converted),
    units: sumOf(own, (portion) => portion.units),
    used: sumOf(own, (portion) => portion.used),
  }
  const count: PriceStep = {
    kind: 'usage',
    text: `${countUnits(String(used) as DecimalText, words.window ?? 'hour')} with billed usage, each priced on its own`,
    amount: ZERO,
  }
  const amount = quantities.reduce((sum, quantity) => sum + priceOf(compiled, quantity), 0n)
  return {
    amount: integerToDecimal(amount, compiled.amountScale),
    steps: [
      ...notesOf(charge, total, undefined, { unit: words.unit, measuredUnit }),
      count,
      ...stepsOfWindows(compiled, quantities, words),
    ],
  }
}

/** A fee for the platform is due by the days rated, used or not. */
const platformFee = (charge: PortionedCharge, input: RateInput): Priced => {
  if (charge.kind !== 'revenue_share' || charge.platformFee === undefined) return { amount: ZERO, steps: [] }
  const { platformFee: fee } = charge
  const days = input.days
  const amount = days === undefined ? fee : prorate(fee, days)
  const whole: PriceStep = { kind: 'flat_fee', text: 'platform fee for the month', amount: fee }
  const proration: PriceStep = {
    kind: 'proration',
    text: `prorated: ${days?.count} of ${days?.ofMonth} days`,
    amount: difference(amount, fee),
  }
  return { amount, steps: amount === fee ? [whole] : [whole, proration] }
}

const ratePortioned = (charge: PortionedCharge, input: RateInput): Listed => {
  const earlierUsage = before(charge, input)
  const usage = metricsOf(charge, input)
  const now = portionsOf(charge, [...(earlierUsage ?? []), ...usage], input)
  const earlier = earlierUsage === null ? null : portionsOf(charge, earlierUsage, input)
  const priced = pricePortions(charge, now.list, earlier?.list ?? null, input)
  const fee = platformFee(charge, input)
  const left = (of: (portion: Portion) => DecimalText) =>
    difference(sumOf(now.list, of), sumOf(earlier?.list ?? [], of))
  // What parts below zero take is not used up.
  const usedOf = (list: readonly Portion[]) =>
    sumOf(
      list.filter(({ used }) => !isNegative(used)),
      (portion) => portion.used,
    )
  const own = earlier === null ? now : portionsOf(charge, usage, input)
  const measured = left((portion) => portion.measured)
  const notes =
    own.levels === null
      ? []
      : levelSteps(
          own.levels,
          {
            quantity: measured,
            before: earlier?.list[0]?.measured ?? null,
            unit: unitOf(charge, input),
          },
          input,
        )
  return {
    amount: sumDecimals([priced.amount, fee.amount]),
    steps: [...formulaNote(charge, now.list, earlier?.list, input), ...notes, ...priced.steps, ...fee.steps],
    quantity: charge.kind === 'formula' ? null : measured,
    billed: left((portion) => portion.units),
    includedUsed: difference(usedOf(now.list), usedOf(earlier?.list ?? [])),
    ...(longWindowOf(charge) === undefined ? {} : { netBilled: left((portion) => portion.billed) }),
    issues: charge.kind === 'formula' ? now.issues : own.issues,
  }
}

const formulaNote = (
  charge: PortionedCharge,
  now: readonly Portion[],
  earlier: readonly Portion[] | undefined,
  input: RateInput,
): readonly PriceStep[] => {
  if (charge.kind !== 'formula') return []
  const value = difference(
    sumOf(now, (portion) => portion.units),
    sumOf(earlier ?? [], (portion) => portion.units),
  )
  const quantities = input.usage.map((each) => {
    const unit = input.metrics.find(({ metric }) => metric === each.metric)?.unit ?? 'unit'
    return `${each.metric} ${countUnits(sumDecimals(each.rows.map((row) => row.quantity)), unit)}`
  })
  const given = quantities.length === 0 ? '' : ` (${quantities.join(', ')})`
  return [
    { kind: 'usage', text: `${charge.formula}${given} is ${countUnits(value, charge.unit)}`, amount: ZERO },
  ]
}

const rateEvents = (charge: PercentageCharge | DynamicCharge, input: RateInput): Listed => {
  const earlier = before(charge, input)?.flatMap((each) => each.rows) ?? null
  const own = metricsOf(charge, input).flatMap((each) => each.rows)
  const rows = [...(earlier ?? []), ...own]
  const words = { unit: billedUnitOf(charge, unitOf(charge, input)), currency: input.currency }
  const rated =
    charge.kind === 'percentage'
      ? { ...ratePercentage(charge, rows, earlier, words), issues: [] }
      : rateEventPrices(charge, rows, earlier, words)
  return { ...rated, quantity: sumDecimals(own.map((row) => row.quantity)), includedUsed: ZERO }
}

const listOf = (charge: Charge, input: RateInput): Listed => {
  switch (charge.kind) {
    case 'flat_fee':
      return { ...NO_USAGE, ...rateFee(charge, input) }
    case 'cost_plus':
      return { ...NO_USAGE, ...rateCost(charge, input) }
    case 'percentage':
    case 'dynamic':
      return rateEvents(charge, input)
    default:
      return ratePortioned(charge, input)
  }
}

/**
 * Rates one charge for the days given: its price, then the charge's own multiplier, then the factors in their order.
 * The steps add up to the amount exactly, and there is always at least one. Discounts, minimum and maximum are the
 * contract's.
 * @throws RangeError where the charge is malformed (see `validateRateCardVersion`).
 */
export const rateCharge = (input: RateInput): RatedCharge => {
  const listed = listOf(input.charge, input)
  const own = {
    words: 'multiplier of the charge',
    multiplier: input.charge.multiplier ?? ('1' as DecimalText),
  }
  let { amount } = listed
  const steps = [...listed.steps]
  for (const { words, multiplier } of [own, ...(input.factors ?? [])]) {
    const multiplied = product(amount, multiplier)
    steps.push(...multiplierStep(amount, multiplied, multiplier, words))
    amount = multiplied
  }
  return { ...listed, amount, steps }
}

/** What a discount of `percent` takes off the amount, exact: zero or negative where the amount is positive. */
export const discountOf = (amount: DecimalText, percent: DecimalText): DecimalText => {
  const scale = decimalsOf(amount)
  const percentScale = decimalsOf(percent)
  const taken = toScaled(amount, scale) * toScaled(percent, percentScale)
  return integerToDecimal(-taken, scale + percentScale + 2)
}
