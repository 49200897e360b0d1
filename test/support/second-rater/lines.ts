/** The lines of a contract's month: charges, discounts, bounds of lines and of the invoice. */
import type { Metric } from '../../../src/domain/metric.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { openMonth, type Stocks } from './allowances.ts'
import { type Answer, answer } from './charge.ts'
import {
  type Agreed,
  heldDays,
  lastDayOf,
  type MonthOfContract,
  type Segment,
  termOf,
} from './contract-month.ts'
import { added, holdsOn, takes } from './discounts.ts'
import { shareOfDays } from './fees.ts'
import { type Minting, mint } from './money.ts'
import {
  add,
  decimal,
  greater,
  HUNDRED,
  lesser,
  minus,
  NOUGHT,
  negate,
  over,
  type Rational,
  sign,
  times,
  total,
} from './rational.ts'
import { isSpread, longFeesBefore, spreadFeeParts } from './spread-fees.ts'
import { chargeIn, multipliersOf, percentOn, withRamp } from './terms.ts'
import { daysIn, firstDayOf, writeDay, writeMonth } from './zone.ts'

export interface Line {
  readonly kind: 'charge' | 'discount' | 'minimum' | 'maximum' | 'overage' | 'true_up'
  readonly id: string
  /** Rounded. */
  readonly amount: Rational
}

export interface Used {
  readonly events: readonly UsageEvent[]
  readonly metrics: readonly Metric[]
  readonly timeZone: string
  /** The customer's cost of a month, by its name; unknown where it is not there. */
  readonly costs?: { readonly [month: string]: string }
}

/** What goes from month to month, changed in place. */
export interface Carried extends Stocks {
  readonly trialUnits: Map<string, Rational>
  readonly discounts: Map<string, Rational>
  /** What is to be said of the month, by name. */
  readonly issues: Set<string>
  /** By charge: units billed since a quarter, a year or the term began, and when that was. */
  readonly accrued: Map<string, { readonly since: number; readonly units: Rational }>
}

/** The first day of the period over which a charge is priced, where that is longer than a month. */
const accruesSince = (agreed: Agreed, plan: MonthOfContract, charge: Charge | undefined): number | null => {
  const window = charge !== undefined && 'window' in charge ? charge.window : undefined
  if (window === 'term')
    return termOf(agreed, firstDayOf(plan.month) + (plan.segments[0] as Segment).first).start
  const months = window === 'quarter' ? 3 : window === 'year' ? 12 : 0
  return months === 0 ? null : firstDayOf(plan.month - (plan.monthOfTerm % months))
}

interface Draft {
  readonly id: string
  /** Of each part of the month: what it comes to, zero where it is free, and the percent that it is less. */
  readonly parts: readonly {
    readonly amount: Rational
    readonly percent: Rational
    readonly isFree: boolean
  }[]
  /** Null where no day has one. */
  readonly minimum: Rational | null
  readonly maximum: Rational | null
  readonly hasUsage: boolean
}

/** Whether days can be taken off again: of levels and of what adds up, not of the highest, the last, the different. */
const isSum = (charge: Charge, metrics: readonly Metric[]): boolean => {
  if (charge.kind === 'seat' || charge.kind === 'time_weighted') return true
  const isOther = ({ aggregation }: Metric) => aggregation !== 'sum'
  if (charge.kind === 'formula')
    return !metrics.some((one) => isOther(one) && charge.formula.includes(one.metric))
  if (charge.kind === 'cost_plus') return false
  return !('metric' in charge) || !metrics.some((one) => isOther(one) && one.metric === charge.metric)
}

const costIn = ({ costs }: Used, { month }: MonthOfContract): Rational | null => {
  const cost = costs?.[writeMonth(month)]
  return cost === undefined ? null : decimal(cost)
}

type Opened = ReturnType<typeof openMonth>

const draftOf = (
  agreed: Agreed,
  used: Used,
  plan: MonthOfContract,
  id: string,
  opened: Opened,
  carried: Carried,
): Draft => {
  const days = daysIn(plan.month)
  const having = plan.segments.filter((segment) => chargeIn(segment, id))
  const spread = spreadFeeParts(agreed, plan, id, used.timeZone)
  // A fee that the month has no more: only days of earlier months are due.
  if (having.length === 0) return { id, parts: spread, minimum: null, maximum: null, hasUsage: true }
  const firstCharge = chargeIn(having[0] as Segment, id) as Charge
  const sums = isSum(firstCharge, used.metrics)
  // What is no sum is the first version's for the whole month.
  const segments = sums ? having : plan.segments
  const isOnTrialFirst = plan.segments[0]?.isOnTrial === true
  // What is no sum is rated once, over all days that count; where all are on trial it takes no included units.
  const counting = segments.filter(({ isOnTrial, contract }) => !isOnTrial || contract.trial?.kind !== 'days')
  const isLeftOut = !sums && counting.length === 0
  const rated = sums ? segments : (isLeftOut ? segments : counting).slice(0, 1)
  const lastDay = lastDayOf(agreed)
  const trialLeft = carried.trialUnits.get(id) ?? NOUGHT
  const accruedIn = (charge: Charge | undefined): Rational | undefined => {
    const known = carried.accrued.get(id)
    return known?.since === accruesSince(agreed, plan, charge) ? known?.units : undefined
  }
  let net = NOUGHT
  let usedUnits = NOUGHT
  let trialUsed = NOUGHT
  const gaps = segments
    .slice(1)
    .map(({ first }, i) => [(segments[i] as Segment).end, first] as const)
    .filter(([first, end]) => first < end)
  const ofMonth = rated.map((segment, i) => {
    const charge = withRamp(plan, segment, sums ? (chargeIn(segment, id) as Charge) : firstCharge)
    const hasTrialUnits = sums ? segment.isOnTrial : isOnTrialFirst
    const extra = hasTrialUnits ? trialLeft : trialUsed
    // What is whole is of the version on the first day.
    const isWhole = charge.kind === 'flat_fee' && (charge.proration === 'none' || charge.every === 'once')
    const firstDay = segment.first
    const endDay = sums ? segment.end : ((isLeftOut ? segments : counting).at(-1) as Segment).end
    const soFar = accruedIn(charge)
    const rate = (includedLeft: Rational): Answer =>
      isSpread(charge) || (isWhole && segment !== plan.segments[0])
        ? {
            amount: NOUGHT,
            billed: NOUGHT,
            net: NOUGHT,
            includedUsed: NOUGHT,
            measured: NOUGHT,
            issues: new Set(),
          }
        : answer({
            charge,
            ...used,
            month: writeMonth(plan.month),
            firstDay,
            endDay,
            ...(i > 0 && sums ? { beforeFrom: (segments[0] as Segment).first, gaps } : {}),
            settings: { ...segment.version.settings, ...segment.contract.settings },
            includedLeft,
            ...(soFar === undefined ? {} : { soFar }),
            multipliers: multipliersOf(plan, segment, id),
            cost: costIn(used, plan),
            monthOfTerm: plan.monthOfTerm,
            term: {
              startDay: (agreed.contracts[0] as Contract).startDay,
              endDay: lastDay === null ? null : writeDay(lastDay),
            },
          })
    const rates = rate(add(opened.left(charge), extra))
    for (const issue of rates.issues) carried.issues.add(issue)
    usedUnits = add(usedUnits, rates.includedUsed)
    net = add(net, rates.net)
    // The trial's are used before others: as many as would be if there were no others.
    if (hasTrialUnits) trialUsed = add(trialUsed, rate(trialLeft).includedUsed)
    return {
      amount: segment.isFree ? NOUGHT : rates.amount,
      percent: percentOn(plan, segment, id),
      isFree: segment.isFree,
      billed: rates.billed,
    }
  })
  const parts = spread.length > 0 ? spread : ofMonth
  const accruing = segments
    .map((segment) => chargeIn(segment, id))
    .findLast((one) => accruesSince(agreed, plan, one) !== null)
  const since = accruesSince(agreed, plan, accruing)
  if (since !== null) carried.accrued.set(id, { since, units: add(accruedIn(accruing) ?? NOUGHT, net) })
  carried.trialUnits.set(id, minus(trialLeft, trialUsed))
  opened.use(firstCharge, isLeftOut ? NOUGHT : greater(NOUGHT, minus(usedUnits, trialUsed)))
  const charged = segments.filter(({ isFree }) => !isFree)
  const statedIn = (segment: Segment) => (sums ? chargeIn(segment, id) : firstCharge)
  const bound = (which: 'minimum' | 'maximum') =>
    total(
      charged.map((segment) =>
        shareOfDays(
          decimal(statedIn(segment)?.[which] ?? '0'),
          segment.first,
          segment.end - segment.first,
          days,
        ),
      ),
    )
  const isFee = firstCharge.kind === 'flat_fee' || firstCharge.kind === 'cost_plus'
  return {
    id,
    parts,
    minimum: charged.some((segment) => statedIn(segment)?.minimum !== undefined) ? bound('minimum') : null,
    maximum:
      charged.length > 0 && charged.every((segment) => statedIn(segment)?.maximum !== undefined)
        ? bound('maximum')
        : null,
    hasUsage: isFee || ofMonth.some(({ billed }) => sign(billed) !== 0),
  }
}

const bounded = (amount: Rational, draft: Draft, plan: MonthOfContract): Rational => {
  if (plan.segments.every(({ isFree }) => isFree)) return amount
  const owes = draft.hasUsage || plan.settings.minimumAtZero !== false
  const raised = owes && draft.minimum !== null ? greater(amount, draft.minimum) : amount
  return draft.maximum === null ? raised : lesser(raised, draft.maximum)
}

const lessPercent = (amount: Rational, percent: Rational): Rational =>
  minus(amount, over(times(amount, percent), HUNDRED))

const chargeLines = (
  drafts: readonly Draft[],
  plan: MonthOfContract,
  carried: Carried,
  minting: Minting,
): Line[] => {
  const isBefore = plan.settings.boundsApply === 'before_discounts'
  const lefts = drafts.map((draft) => {
    const list = total(draft.parts.map(({ amount }) => amount))
    const moved = isBefore ? minus(bounded(list, draft, plan), list) : NOUGHT
    const percent = draft.parts.findLast(({ isFree }) => !isFree)?.percent ?? NOUGHT
    return add(
      total(draft.parts.map((part) => lessPercent(part.amount, part.percent))),
      lessPercent(moved, percent),
    )
  })
  const firstDay = writeDay(firstDayOf(plan.month) + (plan.segments[0]?.first ?? 0))
  for (const discount of plan.contract.discounts ?? []) {
    if (discount.on.kind !== 'charges' || !holdsOn(discount, firstDay)) continue
    const { chargeIds } = discount.on
    const scope = drafts.flatMap(({ id }, i) => (chargeIds === null || chargeIds.includes(id) ? [i] : []))
    const taken = takes(
      discount,
      scope.map((i) => lefts[i] as Rational),
      carried.discounts.get(discount.id) ?? NOUGHT,
      minting,
    )
    for (const [at, i] of scope.entries()) lefts[i] = minus(lefts[i] as Rational, taken[at] as Rational)
    added(carried.discounts, discount.id, total(taken))
  }
  return drafts.map((draft, i) => {
    const left = lefts[i] as Rational
    return {
      kind: 'charge',
      id: draft.id,
      amount: mint(isBefore ? left : bounded(left, draft, plan), minting),
    }
  })
}

/** Days that are neither free nor on a trial of days; trials stand at the beginning. */
export const chargedDays = ({ segments }: MonthOfContract): readonly [first: number, count: number] => {
  const charged = segments.filter(({ isFree }) => !isFree)
  return [charged[0]?.first ?? 0, charged.reduce((sum, { first, end }) => sum + end - first, 0)]
}

const invoiceLines = (lines: Line[], plan: MonthOfContract, carried: Carried, minting: Minting) => {
  const sum = () => total(lines.map(({ amount }) => amount))
  const firstDay = writeDay(firstDayOf(plan.month) + (plan.segments[0]?.first ?? 0))
  for (const discount of plan.contract.discounts ?? []) {
    if (discount.on.kind !== 'invoice' || !holdsOn(discount, firstDay)) continue
    const [taken = NOUGHT] = takes(discount, [sum()], carried.discounts.get(discount.id) ?? NOUGHT, minting)
    added(carried.discounts, discount.id, taken)
    lines.push({ kind: 'discount', id: discount.id, amount: negate(taken) })
  }
  const [first, count] = chargedDays(plan)
  if (count === 0) return
  const bound = (amount: string) =>
    mint(shareOfDays(decimal(amount), first, count, daysIn(plan.month)), minting)
  const { invoiceMinimum, invoiceMaximum } = plan.contract
  if (invoiceMinimum !== undefined) {
    const lacks = minus(bound(invoiceMinimum), sum())
    if (sign(lacks) > 0) lines.push({ kind: 'minimum', id: 'invoice', amount: lacks })
  }
  if (invoiceMaximum !== undefined) {
    const tooMuch = minus(sum(), bound(invoiceMaximum))
    if (sign(tooMuch) > 0) lines.push({ kind: 'maximum', id: 'invoice', amount: negate(tooMuch) })
  }
}

/** All lines but those of commitments. */
export const linesOf = (
  agreed: Agreed,
  used: Used,
  plan: MonthOfContract,
  carried: Carried,
  minting: Minting,
): Line[] => {
  const ids = [...new Set(plan.segments.flatMap(({ charges }) => charges.map(({ id }) => id)))].filter(
    (id) => {
      const brings = plan.segments.find((segment) => chargeIn(segment, id))
      return brings === plan.segments[0] || isSum(chargeIn(brings as Segment, id) as Charge, used.metrics)
    },
  )
  const dropped = longFeesBefore(agreed, plan).filter(
    (id) => !ids.includes(id) && spreadFeeParts(agreed, plan, id, used.timeZone).length > 0,
  )
  const firstRated = firstDayOf(plan.month) + (plan.segments[0] as Segment).first
  const opened = openMonth(
    carried,
    plan.month,
    heldDays(agreed, plan.month),
    daysIn(plan.month),
    termOf(agreed, firstRated).start,
  )
  const drafts = [...ids, ...new Set(dropped)].map((id) => draftOf(agreed, used, plan, id, opened, carried))
  opened.close()
  const lines = chargeLines(drafts, plan, carried, minting)
  invoiceLines(lines, plan, carried, minting)
  return lines
}
