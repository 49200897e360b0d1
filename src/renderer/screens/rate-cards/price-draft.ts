/** The price of a quantity while it is being typed. */
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import type { PercentTier, QuantityPrice } from '../../../domain/pricing/ratecard.ts'
import type { PriceKind } from './kinds.ts'

export interface TierDraft {
  /** Empty for the open tier at the end. */
  readonly upTo: string
  readonly unitAmount: string
  /** Of a tier beside its unit amount, or the whole amount of a step; empty for none. */
  readonly flatAmount: string
  readonly percent: string
}

/** All kinds in one, so that changing the kind keeps what was typed. */
export interface PriceDraft {
  readonly kind: PriceKind
  /** Unit amount, or the amount of a block. */
  readonly amount: string
  readonly per: string
  /** Units in a block. */
  readonly size: string
  readonly lastBlock: 'whole' | 'prorated'
  readonly tiers: readonly TierDraft[]
}

export const OPEN_TIER: TierDraft = { upTo: '', unitAmount: '0', flatAmount: '', percent: '0' }

export const NEW_PRICE: PriceDraft = {
  kind: 'per_unit',
  amount: '',
  per: '1',
  size: '1',
  lastBlock: 'whole',
  tiers: [OPEN_TIER],
}

/** Text that is no number stays as typed, for the validation to name. */
export const asDecimal = (text: string): DecimalText => parseDecimal(text) ?? (text.trim() as DecimalText)

export const isBlank = (text: string): boolean => text.trim() === ''

/** A member where something was typed, and none where nothing was. */
export const optional = <Name extends string>(
  name: Name,
  text: string,
): { readonly [member in Name]?: DecimalText } =>
  (isBlank(text) ? {} : { [name]: asDecimal(text) }) as { readonly [member in Name]?: DecimalText }

const edgeOf = (text: string): DecimalText | null => (isBlank(text) ? null : asDecimal(text))

export const fromPrice = (price: QuantityPrice): PriceDraft => {
  switch (price.kind) {
    case 'per_unit':
      return { ...NEW_PRICE, amount: price.unitAmount, per: price.per }
    case 'graduated':
    case 'volume':
      return {
        ...NEW_PRICE,
        kind: price.kind,
        per: price.per,
        tiers: price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
          ...OPEN_TIER,
          upTo: upTo ?? '',
          unitAmount,
          flatAmount: flatAmount ?? '',
        })),
      }
    case 'stair_step':
      return {
        ...NEW_PRICE,
        kind: price.kind,
        tiers: price.steps.map(({ upTo, amount }) => ({
          ...OPEN_TIER,
          upTo: upTo ?? '',
          flatAmount: amount,
        })),
      }
    case 'package':
      return {
        ...NEW_PRICE,
        kind: price.kind,
        amount: price.amount,
        size: price.size,
        lastBlock: price.lastBlock,
      }
  }
}

export const toPrice = (draft: PriceDraft): QuantityPrice => {
  const per = asDecimal(draft.per)
  switch (draft.kind) {
    case 'per_unit':
      return { kind: 'per_unit', unitAmount: asDecimal(draft.amount), per }
    case 'graduated':
    case 'volume':
      return {
        kind: draft.kind,
        per,
        tiers: draft.tiers.map((tier) => ({
          upTo: edgeOf(tier.upTo),
          unitAmount: asDecimal(tier.unitAmount),
          ...optional('flatAmount', tier.flatAmount),
        })),
      }
    case 'stair_step':
      return {
        kind: 'stair_step',
        steps: draft.tiers.map((tier) => ({ upTo: edgeOf(tier.upTo), amount: asDecimal(tier.flatAmount) })),
      }
    case 'package':
      return {
        kind: 'package',
        amount: asDecimal(draft.amount),
        size: asDecimal(draft.size),
        lastBlock: draft.lastBlock,
      }
  }
}

export const fromPercentTiers = (tiers: readonly PercentTier[]): readonly TierDraft[] =>
  tiers.map(({ upTo, percent, flatAmount }) => ({
    ...OPEN_TIER,
    upTo: upTo ?? '',
    percent,
    flatAmount: flatAmount ?? '',
  }))

export const toPercentTiers = (tiers: readonly TierDraft[]): readonly PercentTier[] =>
  tiers.map((tier) => ({
    upTo: edgeOf(tier.upTo),
    percent: asDecimal(tier.percent),
    ...optional('flatAmount', tier.flatAmount),
  }))

/** A tier before the open one; its edge is left for the person to say. */
export const addTier = (tiers: readonly TierDraft[]): readonly TierDraft[] => [
  ...tiers.slice(0, -1),
  { ...(tiers.at(-1) ?? OPEN_TIER), upTo: '' },
  tiers.at(-1) ?? OPEN_TIER,
]
