/** One charge of one month: which days rate it, what they come to, and what contract and bounds make of that. */
import { type DecimalText, less, negateDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { isAdditive, type Metric } from '../metric.ts'
import { type Rounding, roundToMinor } from '../money.ts'
import { type Month, toMonth } from '../period.ts'
import { formatDays } from '../pricing/format.ts'
import { metricsOfFormula } from '../pricing/formula.ts'
import { usageNeeds } from '../pricing/needs.ts'
import { discountOf, rateCharge } from '../pricing/rate.ts'
import type { Charge } from '../pricing/ratecard.ts'
import type { CustomerCost, DaysOfMonth, RatedCharge } from '../pricing/rating.ts'
import { daysBetween, type VersionSegment } from '../pricing/segments.ts'
import { discountPercentOf, factorsOf, monthOfTerm } from '../pricing/term.ts'
import type { MetricUsage, UsageNeed } from '../pricing/usage.ts'
import { feeParts, feesBefore } from './fee-days.ts'
import { isSpreadFee } from './fee-months.ts'
import type { PriceStep } from './invoice.ts'
import type { ChargePart, ContractMonth } from './plan.ts'

/** A charge as the month sees it. One whose metric changes between versions is two of these. */
export interface ChargeInMonth {
  readonly id: string
  /** By the latest version of the month. */
  readonly name: string
  /** Null for fees, formulas and cost. */
  readonly metric: Metric | null
  /** Names of the metrics it prices: its own, or a formula's. */
  readonly prices: readonly string[]
  /** Whether each part is rated on its own days; else the first part's version rates the whole. */
  readonly isCut: boolean
  /** In order of time; never empty. */
  readonly parts: readonly ChargePart[]
}

/** The days of the month for which the metric's quantity is one: a segment's, or all rated days where it is not additive. */
export const ratedPeriods = <Segment extends VersionSegment>(
  plan: { readonly rated: readonly Segment[] },
  metric: Metric,
): readonly Segment[] => (isAdditive(metric) ? plan.rated : wholeOf(plan.rated))

/** All rated days as one segment of the first one's version; without days on trial, where others are left. */
const wholeOf = <Segment extends VersionSegment>(rated: readonly Segment[]): readonly Segment[] => {
  const first = rated[0]
  const last = rated.at(-1)
  if (first === undefined || last === undefined) return []
  return [
    { ...first, endMs: last.endMs, endDay: last.endDay, days: daysBetween(first.startDay, last.endDay) },
  ]
}

const metricsOf = (charge: Charge): readonly string[] => {
  if (charge.kind === 'formula') return metricsOfFormula(charge.formula)
  return 'metric' in charge ? [charge.metric] : []
}

const isRatedInParts = (charge: Charge, known: ReadonlyMap<string, Metric>): boolean => {
  switch (charge.kind) {
    case 'flat_fee':
    case 'seat':
    case 'time_weighted':
      return true
    case 'cost_plus':
      return false
    default:
      return metricsOf(charge).every((name) => isAdditive(known.get(name) ?? { aggregation: 'sum' }))
  }
}

/**
 * The month's charges in the order of the versions that bring them. What is not a sum is rated whole by the version in
 * force at the start of the rated days, so such a charge that comes later in the month starts with the next. Charges
 * whose metric is unknown are left out.
 */
export const chargesInMonth = (plan: ContractMonth, metrics: readonly Metric[]): readonly ChargeInMonth[] => {
  const known = new Map(metrics.map((metric) => [metric.metric, metric]))
  const found = new Map<string, ChargeInMonth>()
  const afterTrial = plan.rated.filter(({ free }) => free !== 'trial')
  const [whole] = wholeOf(afterTrial.length === 0 ? plan.rated : afterTrial)
  for (const [index, segment] of plan.rated.entries()) {
    for (const charge of segment.version.charges) {
      const metric = 'metric' in charge ? known.get(charge.metric) : null
      if (metric === undefined) continue
      const isCut = isRatedInParts(charge, known)
      if (!isCut && (index > 0 || whole === undefined)) continue
      const key = JSON.stringify([charge.id, metric?.metric ?? null])
      const part = { segment: isCut || whole === undefined ? segment : whole, charge }
      const parts = [...(found.get(key)?.parts ?? []), part]
      found.set(key, { id: charge.id, name: charge.name, metric, prices: metricsOf(charge), isCut, parts })
    }
  }
  // A fee that the month has no more is due for the days on which it was there.
  for (const id of feesBefore(plan)) {
    const key = JSON.stringify([id, null])
    const parts = feeParts(plan, id)
    const last = parts.at(-1)
    if (last === undefined || found.has(key)) continue
    found.set(key, { id, name: last.charge.name, metric: null, prices: [], isCut: true, parts })
  }
  return [...found.values()].map((charge) => {
    const owed = charge.parts.some((part) => isSpreadFee(part.charge)) ? feeParts(plan, charge.id) : []
    return owed.length === 0 ? charge : { ...charge, parts: owed }
  })
}

/** The usage that a part is rated on. */
export const needsOfPart = (
  { segment, charge }: ChargePart,
  options: { readonly timeZone: string; readonly metrics: readonly Metric[] },
): readonly UsageNeed[] => usageNeeds(charge, segment, options)

/**
 * Usage of the month's days before a part, as its own charge asks for it: another version may filter or cut otherwise, and
 * its tiers and free units go on from what they would have made of those days.
 */
const needsBeforePart = (
  { parts }: ChargeInMonth,
  index: number,
  options: { readonly timeZone: string; readonly metrics: readonly Metric[] },
): readonly UsageNeed[] => {
  const part = parts[index]
  return part === undefined
    ? []
    : parts.slice(0, index).flatMap(({ segment }) => needsOfPart({ ...part, segment }, options))
}

/** All usage that a charge is rated on. */
export const needsOfCharge = (
  charge: ChargeInMonth,
  options: { readonly timeZone: string; readonly metrics: readonly Metric[] },
): readonly UsageNeed[] =>
  charge.parts.flatMap((part, index) => [
    ...needsBeforePart(charge, index, options),
    ...needsOfPart(part, options),
  ])

export type ReadUsage = (need: UsageNeed) => readonly MetricUsage[]

export interface LineTerms {
  readonly plan: ContractMonth
  readonly metrics: readonly Metric[]
  readonly timeZone: string
  readonly read: ReadUsage
  /** The customer's cost of the month; null where it is not known. */
  readonly costOf: (costs: 'direct' | 'direct_and_allocated') => CustomerCost
}

const monthIn = ({ startDay }: VersionSegment): Month => toMonth(startDay.slice(0, 7))

const daysOf = (segment: VersionSegment, plan: ContractMonth): DaysOfMonth => ({
  first: Number(segment.startDay.slice(8)) - 1,
  count: segment.days,
  ofMonth: plan.daysInMonth,
})

/** What each part of a charge comes to, in order. */
export const rateParts = (
  charge: ChargeInMonth,
  includedLeft: (part: ChargePart) => DecimalText | undefined,
  terms: LineTerms,
  billedBefore: (part: ChargePart) => DecimalText | undefined = () => undefined,
): readonly RatedCharge[] => {
  const { plan, metrics, timeZone, read } = terms
  const { month, currency } = plan
  return charge.parts.map((part, index): RatedCharge => {
    const { segment } = part
    const usage = needsOfPart(part, terms).flatMap(read)
    const before = needsBeforePart(charge, index, terms).flatMap(read)
    const left = includedLeft(part)
    const billed = billedBefore(part)
    const { contract } = segment
    return rateCharge({
      charge: part.charge,
      usage,
      ...(before.length === 0 ? {} : { before }),
      month,
      timeZone,
      days: daysOf(segment, plan),
      metrics,
      currency,
      settings: { ...segment.version.settings, ...contract?.settings },
      ...(left === undefined ? {} : { includedLeft: left }),
      ...(billed === undefined ? {} : { billedBefore: billed }),
      factors: factorsOf(contract, charge.id, monthIn(segment)),
      ...(part.feeDays === undefined ? {} : { feeDays: part.feeDays }),
      ...(part.charge.kind === 'cost_plus' ? { cost: terms.costOf(part.charge.costs) } : {}),
      ...(contract === null || plan.contractDays === null
        ? {}
        : { monthOfTerm: monthOfTerm(contract, month), term: plan.contractDays }),
    })
  })
}

/** A line before it is rounded: what stands, and how it came to that. */
export interface DraftLine {
  readonly charge: ChargeInMonth
  readonly quantity: DecimalText | null
  /** Whether no part of it billed any units; fees and cost are always used. */
  readonly isUnused: boolean
  readonly listAmount: DecimalText
  readonly discountAmount: DecimalText
  readonly boundsAmount: DecimalText
  /** What is left: list, discounts and bounds together, exact. */
  readonly left: DecimalText
  readonly steps: readonly PriceStep[]
  readonly issues: readonly Issue[]
}

/** The line with a discount's step; as it is where it takes nothing. */
export const discounted = (line: DraftLine, amount: DecimalText, text: string): DraftLine =>
  amount === ZERO
    ? line
    : {
        ...line,
        discountAmount: sumDecimals([line.discountAmount, amount]),
        left: sumDecimals([line.left, amount]),
        steps: [...line.steps, { kind: 'discount', text, amount }],
      }

const FREE_WORDS = { month: 'free month', trial: 'trial: nothing to pay for these days' }

/** Free days taken off in full. */
const withoutFreeDays = (line: DraftLine, rated: readonly RatedCharge[]): DraftLine => {
  const { parts } = line.charge
  return (['month', 'trial'] as const).reduce((left, why) => {
    const amounts = rated.filter((_, index) => parts[index]?.segment.free === why)
    return discounted(left, negateDecimal(sumDecimals(amounts.map(({ amount }) => amount))), FREE_WORDS[why])
  }, line)
}

/** Each version's percent off the days that are charged, exact. */
const withPercents = (line: DraftLine, rated: readonly RatedCharge[]): DraftLine => {
  const { parts } = line.charge
  const lastCharged = parts.findLastIndex(({ segment }) => segment.free === null)
  const sums = new Map<string, { amounts: DecimalText[]; percent: DecimalText }>()
  for (const [index, { segment }] of parts.entries()) {
    const { contract, free } = segment
    if (free !== null) continue
    const own = rated[index]?.amount ?? ZERO
    // Bounds that came before discounts are discounted with the days that are charged.
    const amount = index === lastCharged ? sumDecimals([own, line.boundsAmount]) : own
    const percent = discountPercentOf(contract, line.charge.id, monthIn(segment))
    const text = `discount ${percent} % (contract ${contract?.id ?? ''})`
    const sum = sums.get(text) ?? { amounts: [], percent }
    sum.amounts.push(amount)
    sums.set(text, sum)
  }
  let left = line
  for (const [text, { amounts, percent }] of sums)
    left = discounted(left, discountOf(sumDecimals(amounts), percent), text)
  return left
}

/** A charge over its parts, with the percentages of the contract taken off; discounts of its list come after. */
export const draftLine = (
  charge: ChargeInMonth,
  rated: readonly RatedCharge[],
  plan: ContractMonth,
  bound: (line: DraftLine) => DraftLine,
): DraftLine => {
  const steps = charge.parts.flatMap((part, index) => {
    const { segment, feeDays } = part
    const isWhole = feeDays === undefined ? segment.days === plan.daysInMonth : charge.parts.length === 1
    const prefix =
      !charge.isCut || isWhole
        ? ''
        : `${formatDays(feeDays ?? segment)}, version ${segment.version.version}: `
    return (rated[index]?.steps ?? []).map((step) => ({ ...step, text: `${prefix}${step.text}` }))
  })
  const listAmount = sumDecimals(rated.map(({ amount }) => amount))
  const quantities = rated.flatMap(({ quantity }) => quantity ?? [])
  const billed = rated.flatMap((each) => each.billed ?? [])
  const list: DraftLine = {
    charge,
    quantity: quantities.length === 0 ? null : sumDecimals(quantities),
    isUnused: billed.length > 0 && billed.every((each) => each === ZERO),
    listAmount,
    discountAmount: ZERO,
    boundsAmount: ZERO,
    left: listAmount,
    steps,
    issues: rated.flatMap(({ issues }) => issues),
  }
  const charged = withoutFreeDays(list, rated)
  return withPercents(plan.settings.boundsApply === 'before_discounts' ? bound(charged) : charged, rated)
}

/** The step that rounds once; null where there is nothing to round. */
export const roundingStep = (
  exact: DecimalText,
  currency: string,
  rounding: Rounding = 'half_even',
): PriceStep | null => {
  const amount = less(roundToMinor(exact, currency, rounding), exact)
  const text = `rounded ${rounding === 'half_even' ? 'half-even' : 'half-up'}, once`
  return amount === ZERO ? null : { kind: 'rounding', text, amount }
}
