/** Where a price curve is drawn, and what it comes to there. */
import { Decimal, type DecimalText, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import { monthPeriod } from '../../../domain/period.ts'
import { countUnits } from '../../../domain/pricing/format.ts'
import type { Charge, QuantityPrice } from '../../../domain/pricing/ratecard.ts'
import { unitInWords } from '../../../domain/pricing/words.ts'
import { linesOf, type TrialContext, type Typed, tryCharge, typedAt } from './trial.ts'

const STEPS = 40
/** How far above an edge a jump is over, as a share of the curve. */
const JUST_ABOVE = '0.0001'
/** Blocks of a package whose edges are drawn; of more no jump can be seen. */
const BLOCKS_MAX = 60
/** Lines of a matrix that can still be told apart. */
export const LINES_MAX = 6

const pricesOf = (charge: Charge): readonly QuantityPrice[] => {
  switch (charge.kind) {
    case 'per_unit':
    case 'graduated':
    case 'volume':
    case 'stair_step':
    case 'package':
      return [charge]
    case 'matrix':
      return charge.cells.map(({ price }) => price)
    case 'time_of_day':
      return [...charge.bands.map(({ price }) => price), charge.otherwise]
    case 'time_weighted':
    case 'formula':
      return [charge.price]
    default:
      return []
  }
}

const edgesOf = (charge: Charge): readonly DecimalText[] => {
  const ofTiers = (tiers: readonly { readonly upTo: DecimalText | null }[]) =>
    tiers.flatMap(({ upTo }) => (upTo === null ? [] : [upTo]))
  if (charge.kind === 'graduated_percentage') return ofTiers(charge.tiers)
  if (charge.kind === 'percentage') return charge.freeAmount === undefined ? [] : [charge.freeAmount]
  return pricesOf(charge).flatMap((price) => {
    if (price.kind === 'graduated' || price.kind === 'volume') return ofTiers(price.tiers)
    if (price.kind === 'stair_step') return ofTiers(price.steps)
    return []
  })
}

/** Where blocks of packages end, up to a billed quantity. */
const blocksOf = (charge: Charge, end: Decimal): readonly DecimalText[] =>
  pricesOf(charge).flatMap((price) => {
    if (price.kind !== 'package' || price.lastBlock !== 'whole') return []
    const count = end.div(price.size).floor().toNumber()
    if (count > BLOCKS_MAX) return []
    return Array.from({ length: count }, (_, index) =>
      toDecimalText(new Decimal(price.size).times(index + 1)),
    )
  })

const perOf = (charge: Charge): Decimal => {
  if (
    charge.kind === 'percentage' ||
    charge.kind === 'graduated_percentage' ||
    charge.kind === 'revenue_share'
  )
    return new Decimal(1000)
  const pers = pricesOf(charge).map((price) =>
    price.kind === 'package' ? price.size : price.kind === 'stair_step' ? '1' : price.per,
  )
  return Decimal.max(1, ...pers)
}

const HELD_MS = { second: 1000, hour: 3_600_000, day: 86_400_000 } as const

/** Billed units that one held through the month makes: hours of the month; 1 for all that is not weighted by time. */
const weightOf = (charge: Charge, context: Pick<TrialContext, 'month' | 'timeZone'>): Decimal => {
  if (charge.kind !== 'time_weighted' || charge.heldFor === 'month') return new Decimal(1)
  const { startMs, endMs } = monthPeriod(context.month, context.timeZone)
  return new Decimal(endMs - startMs).div(HELD_MS[charge.heldFor])
}

/** How billed units become the measured ones along the curve. */
interface Measure {
  /** Billed units that cost nothing and come first. */
  readonly free: DecimalText
  readonly weight: Decimal
}

const toMeasured = (charge: Charge, billed: Decimal, { free, weight }: Measure): Decimal => {
  const size = ('convert' in charge ? charge.convert?.size : undefined) ?? '1'
  return billed.plus(free).times(size).div(weight)
}

const ONE_EACH = new Decimal(1)

/**
 * Quantities from 0 in even steps (whole ones, but for what is weighted by time) to well beyond the last edge and the
 * quantity tried, which may be below zero. Edges are among them, and a quantity just above each, so that the corners and
 * jumps of the curve are where they belong. In ascending order.
 */
export const curveQuantities = (
  charge: Charge,
  tried: DecimalText | null,
  measure: Partial<Measure> = {},
): readonly DecimalText[] => {
  const own = 'included' in charge ? charge.included?.quantity : undefined
  const { free = own ?? ZERO, weight = ONE_EACH } = measure
  // Down, so that an edge that does not end in decimals is not drawn behind its jump.
  const measured = (billed: Decimal) =>
    toMeasured(charge, billed, { free, weight }).toDecimalPlaces(12, Decimal.ROUND_DOWN)
  const corners = [ZERO, ...edgesOf(charge)].map((edge) => measured(new Decimal(edge)))
  const last = Decimal.max(measured(perOf(charge).times(10)), ...corners.map((edge) => edge.times('1.5')))
  const end = tried === null ? last : Decimal.max(last, new Decimal(tried).times('1.2'))
  const even = end.div(STEPS)
  const step = weight.eq(1) ? Decimal.max(1, even.ceil()) : even.toSignificantDigits(3)
  const justAbove = end.times(JUST_ABOVE)
  const billed = end.div(measured(ONE_EACH).minus(measured(new Decimal(0))))
  const blocks = blocksOf(charge, billed).map((edge) => measured(new Decimal(edge)))
  const edges = [...corners, ...blocks].filter((edge) => edge.lte(end))
  const points = [
    ...Array.from({ length: STEPS + 1 }, (_, index) => step.times(index)),
    ...edges.flatMap((edge) => [edge, edge.plus(justAbove)]),
    ...(tried === null ? [] : [new Decimal(tried)]),
  ]
  const least = Decimal.min(0, new Decimal(tried ?? ZERO).times('1.2'))
  const below = least.isZero() ? [] : [least, ...points.map((point) => point.negated())]
  const drawn = [...points, ...below].filter((point) => point.gte(least))
  return [...new Set(drawn.map(toDecimalText))].sort((a, b) => new Decimal(a).comparedTo(b))
}

export interface CurvePoint {
  readonly quantity: DecimalText
  readonly amount: DecimalText
  /** Amount for as many units as {@link averageBasis} says, to 12 decimals: for the eye only. Null at and next to zero. */
  readonly average: DecimalText | null
}

export interface CurveLine {
  readonly key: string
  readonly label: string
  readonly points: readonly CurvePoint[]
}

const PERCENTS: ReadonlySet<Charge['kind']> = new Set(['percentage', 'graduated_percentage', 'revenue_share'])

/** What the average is the price of: as many billed units as the charge's price is for, in measured ones and in words. */
export const averageBasis = (
  charge: Charge,
  context: TrialContext,
): { readonly measured: Decimal; readonly words: string } => {
  if (charge.kind === 'formula' || charge.kind === 'cost_plus')
    return { measured: new Decimal(1), words: 'one unit' }
  const per = PERCENTS.has(charge.kind) ? new Decimal(100) : perOf(charge)
  const units = toDecimalText(per)
  return {
    measured: toMeasured(charge, per, { free: ZERO, weight: weightOf(charge, context) }),
    words: PERCENTS.has(charge.kind) ? 'an amount of 100' : countUnits(units, unitInWords(charge, context)),
  }
}

const averageOf = (amount: DecimalText, quantity: DecimalText, of: Decimal): DecimalText =>
  toDecimalText(new Decimal(amount).times(of).div(quantity).toDecimalPlaces(12))

/**
 * The price against volume: one line, or one for each cell of a matrix and each band of hours.
 * @param includedLeft of a pool, as `tryCharge` has it
 */
export const curvesOf = (
  charge: Charge,
  typed: Typed,
  context: TrialContext,
  includedLeft?: DecimalText,
): readonly CurveLine[] => {
  const lines = linesOf(charge, context.metrics).slice(0, LINES_MAX)
  const [first] = lines
  const quantities = curveQuantities(charge, first === undefined ? null : (typed.get(first.key) ?? null), {
    weight: weightOf(charge, context),
    ...(includedLeft === undefined ? {} : { free: includedLeft }),
  })
  const { measured } = averageBasis(charge, context)
  // Next to zero an average of what is due from the first unit on is beyond all others.
  const nearest = new Decimal(quantities.at(-1) ?? ZERO).times(JUST_ABOVE)
  return lines.map(({ key, label }) => ({
    key,
    label,
    points: quantities.map((quantity) => {
      const { amount } = tryCharge(charge, typedAt(charge, typed, key, quantity), context, includedLeft)
      const isNear = new Decimal(quantity).abs().lte(nearest)
      return { quantity, amount, average: isNear ? null : averageOf(amount, quantity, measured) }
    }),
  }))
}
