/** Where a price curve is drawn, and what it comes to there. */
import { Decimal, type DecimalText, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import type { Charge, QuantityPrice } from '../../../domain/pricing/ratecard.ts'
import { linesOf, type TrialContext, type Typed, tryCharge, typedAt } from './trial.ts'

const STEPS = 40
/** Blocks of a package whose edges are drawn. */
const BLOCKS = 10
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
    if (price.kind === 'package' && price.lastBlock === 'whole')
      return Array.from({ length: BLOCKS }, (_, index) =>
        toDecimalText(new Decimal(price.size).times(index + 1)),
      )
    return []
  })
}

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

/** Billed units as measured ones: what is included comes first, and a conversion makes them larger. */
const toMeasured = (charge: Charge, edge: DecimalText, free: DecimalText): Decimal => {
  const size = ('convert' in charge ? charge.convert?.size : undefined) ?? '1'
  return new Decimal(edge).plus(free).times(size)
}

/**
 * Quantities from 0 in even whole steps to well beyond the last edge and the quantity tried, which may be below zero.
 * Edges are among them, and a quantity just above each, so that the corners and jumps of the curve are where they
 * belong. In ascending order.
 * @param free included units that come first: the charge's own, or what a pool has left for it
 */
export const curveQuantities = (
  charge: Charge,
  tried: DecimalText | null,
  free: DecimalText = ('included' in charge ? charge.included?.quantity : undefined) ?? ZERO,
): readonly DecimalText[] => {
  const edges = [...(free === ZERO ? [] : [ZERO]), ...edgesOf(charge)].map((edge) =>
    toMeasured(charge, edge, free),
  )
  const last = Decimal.max(
    toMeasured(charge, toDecimalText(perOf(charge).times(10)), free),
    ...edges.map((edge) => edge.times('1.5')),
  )
  const end = tried === null ? last : Decimal.max(last, new Decimal(tried).times('1.2'))
  const step = Decimal.max(1, end.div(STEPS).ceil())
  const justAbove = end.times('0.0001')
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
  /** Amount ÷ quantity, to 12 decimals: for the eye only. Null at zero. */
  readonly average: DecimalText | null
}

export interface CurveLine {
  readonly key: string
  readonly label: string
  readonly points: readonly CurvePoint[]
}

const averageOf = (amount: DecimalText, quantity: DecimalText): DecimalText | null =>
  quantity === ZERO ? null : toDecimalText(new Decimal(amount).div(quantity).toDecimalPlaces(12))

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
  const quantities = curveQuantities(
    charge,
    first === undefined ? null : (typed.get(first.key) ?? null),
    includedLeft,
  )
  return lines.map(({ key, label }) => ({
    key,
    label,
    points: quantities.map((quantity) => {
      const { amount } = tryCharge(charge, typedAt(charge, typed, key, quantity), context, includedLeft)
      return { quantity, amount, average: averageOf(amount, quantity) }
    }),
  }))
}
