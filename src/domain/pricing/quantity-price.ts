/**
 * The one place where units become money. The price of a quantity is compiled to exact integers; it is a function P
 * with P(−x) = −P(x), and the units between two positions cost P(end) − P(start). Hence pieces of a month always add
 * up to the month, and a net reversal is credited at the price of as many units.
 */
import { type DecimalText, decimalsOf, ZERO } from '../decimal.ts'
import { type Divider, divideHalfEven, dividerBy, powerOfTen, toScaled } from './exact.ts'
import type { QuantityPrice, RatingSettings } from './ratecard.ts'

/**
 * The most decimals of a price for one unit. A quotient that needs more (1 per 3) is refused by
 * `validateRateCardVersion`; in a draft that is still being typed it is cut here, half-even.
 */
export const UNIT_PRICE_DECIMALS_MAX = 40

export interface CompiledTier {
  /** Exclusive lower edge, inclusive upper edge, in units at the quantity scale; null without an edge. */
  readonly above: bigint
  readonly upTo: bigint | null
  /** For one unit, at the price scale. */
  readonly price: bigint
  /** Once, at the amount scale: a tier's flat amount, a step's amount. */
  readonly flat: bigint
  readonly unitAmount: DecimalText
  readonly flatAmount: DecimalText
}

interface Blocks {
  readonly size: bigint
  readonly amount: bigint
  /** Divides amount × quantity by the size; null where the last block is whole. */
  readonly share: Divider | null
}

export interface CompiledPrice {
  readonly source: QuantityPrice
  readonly per: DecimalText
  readonly quantityScale: number
  /** Scale of amounts. */
  readonly amountScale: number
  /** Empty for a package. */
  readonly tiers: readonly CompiledTier[]
  readonly blocks: Blocks | null
  /** Whether units of a tier cost its own price (graduated), or the last tier's price is for all of them. */
  readonly isCumulative: boolean
  readonly edgeIsOfNextTier: boolean
  /** P(0). */
  readonly atZero: bigint
}

interface PlainTier {
  readonly upTo: DecimalText | null
  readonly unitAmount: DecimalText
  readonly flatAmount: DecimalText
}

/** A package has none. */
const plainTiers = (price: QuantityPrice): readonly PlainTier[] => {
  switch (price.kind) {
    case 'per_unit':
      return [{ upTo: null, unitAmount: price.unitAmount, flatAmount: ZERO }]
    case 'graduated':
    case 'volume':
      return price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
        upTo,
        unitAmount,
        flatAmount: flatAmount ?? ZERO,
      }))
    case 'stair_step':
      return price.steps.map(({ upTo, amount }) => ({ upTo, unitAmount: ZERO, flatAmount: amount }))
    case 'package':
      return []
  }
}

const perOf = (price: QuantityPrice): DecimalText => ('per' in price ? price.per : ('1' as DecimalText))

/** Numerator and denominator of the price for one unit. @throws RangeError where `per` is not above zero. */
const unitPrice = (unitAmount: DecimalText, per: DecimalText): readonly [bigint, bigint] => {
  const scale = Math.max(decimalsOf(unitAmount), decimalsOf(per))
  const divisor = toScaled(per, scale)
  if (divisor <= 0n) throw new RangeError(`a price must be per more than zero units, not per ${per}`)
  return [toScaled(unitAmount, scale), divisor]
}

/** Decimals of the price for one unit; null where they never end or are more than the maximum. */
export const unitPriceDecimals = (unitAmount: DecimalText, per: DecimalText): number | null => {
  const [amount, divisor] = unitPrice(unitAmount, per)
  let scaled = amount
  for (let decimals = 0; decimals <= UNIT_PRICE_DECIMALS_MAX; decimals++) {
    if (scaled % divisor === 0n) return decimals
    scaled *= 10n
  }
  return null
}

const compilePackage = (
  price: QuantityPrice & { readonly kind: 'package' },
  quantityScale: number,
): CompiledPrice => {
  const scale = Math.max(quantityScale, decimalsOf(price.size))
  const own = decimalsOf(price.amount)
  const size = toScaled(price.size, scale)
  if (size <= 0n) throw new RangeError(`a block must hold more than zero units, not ${price.size}`)
  const share = price.lastBlock === 'prorated' ? dividerBy(price.size, own + scale) : null
  return {
    source: price,
    per: price.size,
    quantityScale: scale,
    amountScale: share?.scale ?? own,
    tiers: [],
    blocks: { size, amount: toScaled(price.amount, own), share },
    isCumulative: false,
    edgeIsOfNextTier: false,
    atZero: 0n,
  }
}

/**
 * Compiles a price for quantities at `quantityScale` or coarser; finer edges of tiers widen the scale.
 * @throws RangeError where `per` or a block's size is not above zero, or a tier other than the last is open, or the
 * last is not.
 */
export const compilePrice = (
  price: QuantityPrice,
  quantityScale: number,
  settings: RatingSettings = {},
): CompiledPrice => {
  if (price.kind === 'package') return compilePackage(price, quantityScale)
  const tiers = plainTiers(price)
  const per = perOf(price)
  const scale = Math.max(quantityScale, ...tiers.map((tier) => decimalsOf(tier.upTo ?? ZERO)))
  const priceScale = Math.max(
    ...tiers.map((tier) => unitPriceDecimals(tier.unitAmount, per) ?? UNIT_PRICE_DECIMALS_MAX),
  )
  const amountScale = Math.max(scale + priceScale, ...tiers.map((tier) => decimalsOf(tier.flatAmount)))
  // Prices are kept so fine that a price times a quantity is an amount at the amount scale.
  const finer = powerOfTen(amountScale - scale)
  let above = 0n
  const compiled = tiers.map((tier, index): CompiledTier => {
    const [amount, divisor] = unitPrice(tier.unitAmount, per)
    const upTo = tier.upTo === null ? null : toScaled(tier.upTo, scale)
    if ((upTo === null) !== (index === tiers.length - 1))
      throw new RangeError('the last tier of a price, and no other, must be open')
    const atPriceScale = divideHalfEven(amount * powerOfTen(priceScale), divisor)
    const unit = (atPriceScale * finer) / powerOfTen(priceScale)
    const { unitAmount, flatAmount } = tier
    const result = {
      above,
      upTo,
      price: unit,
      flat: toScaled(flatAmount, amountScale),
      unitAmount,
      flatAmount,
    }
    above = upTo ?? above
    return result
  })
  const [first] = compiled
  return {
    source: price,
    per,
    quantityScale: scale,
    amountScale,
    tiers: compiled,
    blocks: null,
    isCumulative: price.kind === 'per_unit' || price.kind === 'graduated',
    edgeIsOfNextTier: settings.edgeUnit === 'upper',
    atZero: settings.tierFeeAtZero === true && first !== undefined ? first.flat : 0n,
  }
}

/** Units of a quantity, not below zero, that are in the tier. */
export const unitsInTier = (tier: CompiledTier, quantity: bigint): bigint => {
  if (quantity <= tier.above) return 0n
  return (tier.upTo !== null && tier.upTo < quantity ? tier.upTo : quantity) - tier.above
}

/** The tier in which a quantity above zero ends. */
export const tierOf = (compiled: CompiledPrice, quantity: bigint): CompiledTier => {
  const tier = compiled.tiers.find(
    ({ upTo }) => upTo === null || (compiled.edgeIsOfNextTier ? quantity < upTo : quantity <= upTo),
  )
  if (tier === undefined) throw new RangeError('the last tier of a price must be open')
  return tier
}

/** Whole blocks that a quantity above zero begins. */
export const blocksBegun = (size: bigint, quantity: bigint): bigint => (quantity + size - 1n) / size

const priceOfPositive = (compiled: CompiledPrice, quantity: bigint): bigint => {
  const { blocks, tiers } = compiled
  if (blocks !== null)
    return blocks.share === null
      ? blocksBegun(blocks.size, quantity) * blocks.amount
      : blocks.share.divide(blocks.amount * quantity)
  if (!compiled.isCumulative) {
    const tier = tierOf(compiled, quantity)
    return quantity * tier.price + tier.flat
  }
  let amount = 0n
  for (const tier of tiers) {
    if (quantity <= tier.above) break
    amount += unitsInTier(tier, quantity) * tier.price + tier.flat
  }
  return amount
}

/** P(quantity) at the amount scale, for a quantity at the quantity scale; mirrored below zero. */
export const priceOf = (compiled: CompiledPrice, quantity: bigint): bigint => {
  if (quantity === 0n) return compiled.atZero
  return quantity > 0n ? priceOfPositive(compiled, quantity) : -priceOfPositive(compiled, -quantity)
}
