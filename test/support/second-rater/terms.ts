/** What the contract's version of a day makes of a charge: multipliers, percent, the ramp's fees. */
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type MonthOfContract, rampIn, type Segment } from './contract-month.ts'
import { add, decimal, HUNDRED, ONE, over, type Rational } from './rational.ts'

export const chargeIn = (segment: Segment, id: string): Charge | undefined =>
  segment.charges.find((charge) => charge.id === id)

const upliftOf = (monthOfTerm: number, { contract }: Segment): Rational[] => {
  if (!contract.uplift) return []
  const rise = add(ONE, over(decimal(contract.uplift.percent), HUNDRED))
  return Array.from({ length: Math.floor(monthOfTerm / contract.uplift.everyMonths) }, () => rise)
}

export const multipliersOf = ({ monthOfTerm }: MonthOfContract, segment: Segment, id: string): Rational[] => {
  const { contract } = segment
  const own = contract.multipliers?.[id] ?? contract.multipliers?.['*']
  const ramp = rampIn(contract, monthOfTerm)?.multiplier
  return [...(own ? [decimal(own)] : []), ...(ramp ? [decimal(ramp)] : []), ...upliftOf(monthOfTerm, segment)]
}

export const percentOn = ({ monthOfTerm }: MonthOfContract, { contract }: Segment, id: string): Rational =>
  decimal(
    contract.chargeDiscounts[id] ??
      rampIn(contract, monthOfTerm)?.discountPercent ??
      contract.discountPercent,
  )

export const withRamp = ({ monthOfTerm }: MonthOfContract, { contract }: Segment, charge: Charge): Charge => {
  const fee = rampIn(contract, monthOfTerm)?.fees?.[charge.id]
  return charge.kind === 'flat_fee' && fee !== undefined ? { ...charge, amount: fee } : charge
}
