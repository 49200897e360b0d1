/** Where a price curve is drawn. */
import { Decimal, type DecimalText, toDecimalText } from '../../../domain/decimal.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'

const STEPS = 40

/**
 * Quantities from 0 in even whole steps to well beyond the last edge and the quantity tried, with the edges of
 * tiers among them, so that the corners of the curve are where they belong. In ascending order.
 */
export const curveQuantities = (charge: Charge, tried: DecimalText | null): readonly DecimalText[] => {
  const edges =
    charge.kind === 'graduated' ? charge.tiers.flatMap((tier) => (tier.upTo === null ? [] : [tier.upTo])) : []
  const per = charge.kind === 'flat_fee' ? '1' : charge.per
  const last = Decimal.max(new Decimal(per).times(10), ...edges.map((edge) => new Decimal(edge).times('1.5')))
  const end = tried === null ? last : Decimal.max(last, new Decimal(tried).times('1.2'))
  const step = Decimal.max(1, end.div(STEPS).ceil())
  const points = Array.from({ length: STEPS + 1 }, (_, index) => toDecimalText(step.times(index)))
  return [...new Set([...points, ...edges, ...(tried === null ? [] : [tried])])].sort((a, b) =>
    new Decimal(a).comparedTo(b),
  )
}
