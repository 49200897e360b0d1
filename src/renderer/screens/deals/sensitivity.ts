/** How the margin answers to discount and volume: the two things a negotiation moves. */

import { belowFloor, type ModelInput, modelScenario } from '../../../domain/deal/model.ts'
import { Decimal, type DecimalText, toDecimalText } from '../../../domain/decimal.ts'

export interface SensitivityCell {
  readonly growthPercent: DecimalText
  readonly marginPercent: DecimalText | null
  readonly isBelowFloor: boolean | null
}

export interface SensitivityRow {
  readonly discountPercent: DecimalText
  /** Whether these are the scenario's own terms. */
  readonly isOwn: boolean
  readonly cells: readonly SensitivityCell[]
}

const DISCOUNT_STEPS = [-10, -5, 0, 5, 10]
const GROWTH_STEPS = [-2, -1, 0, 1, 2]

/** The overall discount in steps of 5 points around the scenario's, by growth in steps of 1 point around its. */
export const sensitivityOf = (input: ModelInput, floorPercent: DecimalText): readonly SensitivityRow[] => {
  const { terms } = input
  const around = (center: DecimalText, steps: readonly number[]) =>
    steps.map((step) => new Decimal(center).plus(step))
  const discounts = around(terms.discountPercent, DISCOUNT_STEPS).filter(
    (value) => value.gte(0) && value.lte(100),
  )
  const growths = around(terms.monthlyGrowthPercent, GROWTH_STEPS).filter((value) => value.gt(-100))
  return discounts.map((discount) => {
    const discountPercent = toDecimalText(discount)
    return {
      discountPercent,
      isOwn: discount.eq(terms.discountPercent),
      cells: growths.map((growth) => {
        const monthlyGrowthPercent = toDecimalText(growth)
        const model = modelScenario({ ...input, terms: { ...terms, discountPercent, monthlyGrowthPercent } })
        return {
          growthPercent: monthlyGrowthPercent,
          marginPercent: model.totals.marginPercent,
          isBelowFloor: belowFloor(model, floorPercent),
        }
      }),
    }
  })
}
