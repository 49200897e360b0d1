/** How a price comes about, step by step, in words: the units of every tier, step and block, and what they cost. */
import { type DecimalText, integerToDecimal, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { difference, isNegative, magnitudeOf } from './exact.ts'
import { countUnits, countWeighted, formatPrice, groupDigits, pricePhrase } from './format.ts'
import { blocksBegun, type CompiledPrice, priceOf, tierOf, unitsInTier } from './quantity-price.ts'

export interface StepWords {
  readonly unit: string
  readonly currency: string
  /** Whether prices are percents of amounts (then `per` is 100). */
  readonly isPercent?: boolean
  /** Quantities are summed over windows that were priced one by one. */
  readonly window?: 'hour' | 'day'
  /** Which units were priced already: those of the days before, without it. */
  readonly before?: string
  /** Whether quantities are weighted by time: those are rounded in words. */
  readonly isWeighted?: boolean
}

const counted = (words: { readonly isWeighted?: boolean }) =>
  words.isWeighted === true ? countWeighted : countUnits

/** A part of a price: the units of a tier, the flat amount of one, the blocks begun, what was rated before. */
interface Piece {
  readonly kind: 'tier' | 'per_unit' | 'tier_fee' | 'volume' | 'stair_step' | 'package' | 'before'
  /** Index of the tier; zero where there is none. */
  readonly tier: number
  readonly units: bigint
  readonly amount: bigint
  /** Blocks begun, or how often a flat amount is due. */
  readonly times: bigint
  readonly areFirst: boolean
}

const signed = (of: (quantity: bigint) => bigint, quantity: bigint): bigint =>
  quantity < 0n ? -of(-quantity) : of(quantity)

const cumulativePieces = (compiled: CompiledPrice, start: bigint | null, end: bigint): readonly Piece[] => {
  const from = start ?? 0n
  const low = from < end ? from : end
  const flatAt = (index: number, quantity: bigint): bigint => {
    const tier = compiled.tiers[index]
    if (tier === undefined) return 0n
    if (quantity === 0n) return index === 0 ? compiled.atZero : 0n
    return signed((size) => (size > tier.above ? tier.flat : 0n), quantity)
  }
  return compiled.tiers.flatMap((tier, index): Piece[] => {
    const units =
      signed((size) => unitsInTier(tier, size), end) - signed((size) => unitsInTier(tier, size), from)
    const fee = flatAt(index, end) - (start === null ? 0n : flatAt(index, start))
    const areFirst = tier.above === 0n && low <= 0n
    const kind = compiled.source.kind === 'per_unit' ? 'per_unit' : 'tier'
    return [
      ...(units === 0n
        ? []
        : [{ kind, tier: index, units, amount: units * tier.price, times: 0n, areFirst } as const]),
      ...(fee === 0n
        ? []
        : [
            {
              kind: 'tier_fee',
              tier: index,
              units: 0n,
              amount: fee,
              times: fee < 0n ? -1n : 1n,
              areFirst,
            } as const,
          ]),
    ]
  })
}

const wholePieces = (compiled: CompiledPrice, end: bigint): readonly Piece[] => {
  const size = end < 0n ? -end : end
  const sign = end < 0n ? -1n : 1n
  const base = { units: end, areFirst: false }
  if (compiled.blocks !== null) {
    if (end === 0n) return []
    const times = compiled.blocks.share === null ? sign * blocksBegun(compiled.blocks.size, size) : 0n
    return [{ ...base, kind: 'package', tier: 0, amount: priceOf(compiled, end), times }]
  }
  const isStep = compiled.source.kind === 'stair_step'
  if (end === 0n)
    return compiled.atZero === 0n
      ? []
      : [{ ...base, kind: isStep ? 'stair_step' : 'tier_fee', tier: 0, amount: compiled.atZero, times: 1n }]
  const tier = tierOf(compiled, size)
  const index = compiled.tiers.indexOf(tier)
  const fee = sign * tier.flat
  if (isStep) return [{ ...base, kind: 'stair_step', tier: index, amount: fee, times: sign }]
  return [
    { ...base, kind: 'volume', tier: index, amount: end * tier.price, times: 0n },
    ...(fee === 0n
      ? []
      : [{ ...base, kind: 'tier_fee' as const, tier: index, units: 0n, amount: fee, times: sign }]),
  ]
}

/** @param start null where nothing was rated before: then the price at zero is due with the first units. */
const piecesBetween = (compiled: CompiledPrice, start: bigint | null, end: bigint): readonly Piece[] => {
  if (start === end) return []
  if (compiled.isCumulative) return cumulativePieces(compiled, start, end)
  const before = start === null ? 0n : priceOf(compiled, start)
  const pieces = wholePieces(compiled, end)
  if (start === null || (start === 0n && before === 0n)) return pieces
  return [...pieces, { kind: 'before', tier: 0, units: -start, amount: -before, times: 0n, areFirst: false }]
}

const edgeWords = (compiled: CompiledPrice, index: number): string => {
  const { upTo } = compiled.tiers[index] ?? { upTo: null }
  if (upTo !== null) return `up to ${groupDigits(integerToDecimal(upTo, compiled.quantityScale))}`
  const above = compiled.tiers[index]?.above ?? 0n
  return above === 0n ? '' : `above ${groupDigits(integerToDecimal(above, compiled.quantityScale))}`
}

const priceWords = (unitAmount: DecimalText, per: DecimalText, words: StepWords): string => {
  if (words.isPercent !== true) return pricePhrase({ unitAmount, per }, words.unit, words.currency)
  return unitAmount === ZERO ? 'free' : `${groupDigits(unitAmount)} %`
}

const times = (count: bigint, noun: string): string =>
  `${groupDigits(count.toString())} ${count === 1n ? noun : `${noun}s`}`

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)

/** Without the sign: "next 9,000,000 calls at 0.40 per 1,000", "3 blocks of 1,000 calls at 5.00 each". */
const textOf = (piece: Piece, compiled: CompiledPrice, words: StepWords): string => {
  const { source, tiers, per } = compiled
  const { unit, currency, window } = words
  const count = counted(words)
  const units = count(integerToDecimal(magnitude(piece.units), compiled.quantityScale), unit)
  const tier = tiers[piece.tier]
  const unitAmount = tier?.unitAmount ?? ZERO
  const phrase = priceWords(unitAmount, per, words)
  const priced = `${units}${phrase === 'free' ? ', free' : ` at ${phrase}`}`
  const edge = edgeWords(compiled, piece.tier)
  const often = magnitude(piece.times)
  const inWindows = window === undefined ? '' : ` in ${times(often, window)}`
  switch (piece.kind) {
    case 'per_unit':
      return priced
    case 'tier':
      if (tiers.length === 1) return priced
      if (window !== undefined) return `of each ${window} the units ${edge}: ${priced}`
      if (tier?.upTo === null) return `beyond: ${priced}`
      return `${piece.areFirst ? 'first' : 'next'} ${priced}`
    case 'tier_fee': {
      const fee = formatPrice(tier?.flatAmount ?? ZERO, currency)
      return `flat amount of ${fee} of the tier${edge === '' ? '' : ` ${edge}`}${inWindows}`
    }
    case 'volume':
      return tiers.length === 1 ? priced : `all ${priced} (the tier ${edge})`
    case 'stair_step':
      return `${units}: the step${edge === '' ? '' : ` ${edge}`} at ${formatPrice(tier?.flatAmount ?? ZERO, currency)}${inWindows}`
    case 'package': {
      const amount = source.kind === 'package' ? formatPrice(source.amount, currency) : ''
      if (piece.times === 0n) return `${units} at ${amount} per ${groupDigits(per)}, by their share`
      return `${units}: ${times(often, 'block')} of ${countUnits(per, unit)} at ${amount} each`
    }
    case 'before':
      return `less ${count(integerToDecimal(-piece.units, compiled.quantityScale), unit)} ${words.before ?? 'of the days before'}, at these prices`
  }
}

/** Quantity, unit amount and per multiply to the amount wherever all three are there. */
const numbersOf = (piece: Piece, compiled: CompiledPrice): Partial<PriceStep> => {
  const quantity = integerToDecimal(piece.units, compiled.quantityScale)
  const unitAmount = compiled.tiers[piece.tier]?.unitAmount ?? ZERO
  switch (piece.kind) {
    case 'tier':
    case 'per_unit':
    case 'volume':
      return { quantity, unitAmount, per: compiled.per }
    case 'stair_step':
    case 'before':
      return { quantity }
    case 'package':
      if (compiled.source.kind !== 'package' || piece.times === 0n) return { quantity }
      return {
        quantity: piece.times.toString() as DecimalText,
        unitAmount: compiled.source.amount,
        per: '1' as DecimalText,
      }
    case 'tier_fee':
      return {}
  }
}

const toStep = (piece: Piece, compiled: CompiledPrice, words: StepWords): PriceStep => {
  const isReversed =
    piece.kind !== 'before' && (piece.units < 0n || (piece.units === 0n && piece.amount < 0n))
  const text = textOf(piece, compiled, words)
  return {
    kind: piece.kind,
    text: isReversed ? `reversed: ${text}` : text,
    ...numbersOf(piece, compiled),
    amount: integerToDecimal(piece.amount, compiled.amountScale),
  }
}

/** A price that was due for nothing: "0 calls". */
const zeroStep = (compiled: CompiledPrice, words: StepWords): PriceStep => ({
  kind: compiled.source.kind === 'graduated' ? 'tier' : compiled.source.kind,
  text: countUnits(ZERO, words.unit),
  quantity: ZERO,
  amount: ZERO,
})

/**
 * The steps from one position to another, whose amounts add up to P(end) − P(start), or to P(end) where nothing was
 * rated before (`start` null). At least one.
 */
export const stepsBetween = (
  compiled: CompiledPrice,
  start: bigint | null,
  end: bigint,
  words: StepWords,
): readonly PriceStep[] => {
  const steps = piecesBetween(compiled, start, end).map((piece) => toStep(piece, compiled, words))
  return steps.length === 0 ? [zeroStep(compiled, words)] : steps
}

/** The steps of windows that are priced one by one, summed by tier; empty where no window has units. */
export const stepsOfWindows = (
  compiled: CompiledPrice,
  quantities: readonly bigint[],
  words: StepWords,
): readonly PriceStep[] => {
  const summed = new Map<string, Piece>()
  for (const quantity of quantities)
    for (const piece of piecesBetween(compiled, null, quantity)) {
      const key = `${piece.tier} ${piece.kind} ${quantity < 0n}`
      const sum = summed.get(key)
      summed.set(
        key,
        sum === undefined
          ? piece
          : {
              ...sum,
              units: sum.units + piece.units,
              amount: sum.amount + piece.amount,
              times: sum.times + piece.times,
            },
      )
    }
  return [...summed.values()].sort((a, b) => a.tier - b.tier).map((piece) => toStep(piece, compiled, words))
}

/** "1,500,000,000 bytes are 1.5 GB", and what they are rounded up to; nothing where neither happens. */
export const conversionStep = (
  measured: DecimalText,
  converted: DecimalText,
  billed: DecimalText,
  words: {
    readonly measuredUnit: string
    readonly unit: string
    readonly isConverted: boolean
    readonly isWeighted?: boolean
    readonly increment: string
  },
): readonly PriceStep[] => {
  const count = counted(words)
  const text = words.isConverted
    ? `${count(measured, words.measuredUnit)} are ${count(converted, words.unit)}`
    : count(measured, words.measuredUnit)
  const rounded = converted === billed ? '' : `, ${words.increment} ${count(billed, words.unit)}`
  if (!words.isConverted && rounded === '') return []
  return [{ kind: 'usage', text: `${text}${rounded}`, amount: ZERO }]
}

/** "1,000 calls included". */
export const includedStep = (
  used: DecimalText,
  words: { readonly unit: string; readonly isWeighted?: boolean },
): readonly PriceStep[] => {
  if (used === ZERO) return []
  const text = `${counted(words)(magnitudeOf(used), words.unit)} included`
  return [
    { kind: 'included', text: isNegative(used) ? `reversed: ${text}` : text, quantity: used, amount: ZERO },
  ]
}

/** What a multiplier adds to an amount, exact; no step where it is 1. */
export const multiplierStep = (
  amount: DecimalText,
  multiplied: DecimalText,
  multiplier: DecimalText,
  words: string,
): readonly PriceStep[] =>
  multiplier === '1'
    ? []
    : [
        {
          kind: 'multiplier',
          text: `× ${groupDigits(multiplier)} (${words})`,
          amount: difference(multiplied, amount),
        },
      ]
