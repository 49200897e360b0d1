/** The contract's list of discounts: on lines, on the invoice, with their tiers and caps. */
import type { Discount } from '../../../src/domain/pricing/contract.ts'
import { type Minting, mint, shareOut } from './money.ts'
import { partsIn, tierOf } from './prices.ts'
import {
  add,
  compare,
  decimal,
  greater,
  HUNDRED,
  lesser,
  minus,
  NOUGHT,
  over,
  type Rational,
  sign,
  times,
  total,
} from './rational.ts'

/** What percent takes of each amount, rounded, and never more than there is. */
const byPercent = (lefts: readonly Rational[], percent: Rational, minting: Minting): Rational[] =>
  lefts.map((left) => {
    const take = mint(over(times(left, percent), HUNDRED), minting)
    return sign(left) < 0 ? greater(take, left) : lesser(take, left)
  })

const byAmount = (lefts: readonly Rational[], amount: Rational, minting: Minting): Rational[] => {
  const positive = lefts.map((left) => greater(left, NOUGHT))
  const rounded = mint(amount, minting)
  if (compare(rounded, total(positive)) >= 0) return positive
  return shareOut(rounded, positive, minting).map((take, i) => lesser(take, positive[i] as Rational))
}

const uncapped = (discount: Discount, lefts: readonly Rational[], minting: Minting): Rational[] => {
  if (discount.kind === 'percent') return byPercent(lefts, decimal(discount.percent), minting)
  if (discount.kind === 'amount') return byAmount(lefts, decimal(discount.amount), minting)
  const spend = total(lefts)
  if (sign(spend) <= 0) return lefts.map(() => NOUGHT)
  if (discount.mode === 'volume')
    return byPercent(lefts, decimal(tierOf(discount.tiers, spend, 'lower').percent), minting)
  const parts = partsIn(discount.tiers, spend)
  const amount = total(
    discount.tiers.map(({ percent }, i) => over(times(parts[i] as Rational, decimal(percent)), HUNDRED)),
  )
  return byAmount(lefts, amount, minting)
}

/** What the discount takes of each amount; `taken` is what it took in all months before. */
export const takes = (
  discount: Discount,
  lefts: readonly Rational[],
  taken: Rational,
  minting: Minting,
): Rational[] => {
  const found = uncapped(discount, lefts, minting)
  const { maximumPerMonth, maximumInAll } = discount
  const limits = [
    ...(maximumPerMonth === undefined ? [] : [decimal(maximumPerMonth)]),
    ...(maximumInAll === undefined ? [] : [greater(NOUGHT, minus(decimal(maximumInAll), taken))]),
  ]
  if (limits.length === 0) return found
  const limit = limits.reduce(lesser)
  return compare(total(found), limit) > 0 ? byAmount(lefts, limit, minting) : found
}

export const holdsOn = ({ fromDay, untilDay }: Discount, day: string): boolean =>
  (fromDay === undefined || fromDay <= day) && (untilDay === undefined || day < untilDay)

export const added = (book: Map<string, Rational>, id: string, amount: Rational) =>
  book.set(id, add(book.get(id) ?? NOUGHT, amount))
