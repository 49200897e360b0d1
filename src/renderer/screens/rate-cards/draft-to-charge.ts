/** The charge that a draft says, what is wrong in it included. */
import type { Allowance, Charge, FlatFeeCharge } from '../../../domain/pricing/ratecard.ts'
import type { BandDraft, ChargeDraft, ExtrasDraft } from './charge-draft.ts'
import { asDecimal, isBlank, optional, toPercentTiers, toPrice } from './price-draft.ts'

const boundsOf = (draft: ExtrasDraft) => ({
  ...optional('multiplier', draft.multiplier),
  ...optional('minimum', draft.minimum),
  ...optional('maximum', draft.maximum),
})

/** A whole number, or one that is none for the validation to name. */
const asCount = (text: string): number => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN)

const includedOf = (draft: ExtrasDraft): { readonly included?: Allowance } =>
  isBlank(draft.included) && isBlank(draft.rollOverMonths) && isBlank(draft.pool)
    ? {}
    : {
        included: {
          quantity: asDecimal(draft.included),
          per: draft.includedPer,
          ...(isBlank(draft.rollOverMonths) || draft.includedPer === 'term'
            ? {}
            : {
                rollOver: {
                  months: asCount(draft.rollOverMonths),
                  maximum: isBlank(draft.rollOverMaximum) ? null : asDecimal(draft.rollOverMaximum),
                },
              }),
          ...(isBlank(draft.pool) ? {} : { pool: draft.pool.trim() }),
        },
      }

const usageOf = (draft: ChargeDraft) => {
  const filters = draft.filters.filter(({ dimension, values }) => !isBlank(dimension) || values.length > 0)
  return {
    metric: draft.metric,
    ...(filters.length === 0 ? {} : { filters }),
    ...(isBlank(draft.convertUnit) && isBlank(draft.convertSize)
      ? {}
      : { convert: { unit: draft.convertUnit.trim(), size: asDecimal(draft.convertSize) } }),
    ...(isBlank(draft.incrementSize) && isBlank(draft.incrementMinimum)
      ? {}
      : {
          increment: {
            size: asDecimal(draft.incrementSize),
            ...optional('minimum', draft.incrementMinimum),
            of: draft.incrementOf,
          },
        }),
    ...includedOf(draft),
    ...boundsOf(draft),
  }
}

const percentageOf = (draft: ChargeDraft) => ({
  percent: asDecimal(draft.percent),
  ...optional('fixedPerEvent', draft.fixedPerEvent),
  ...(isBlank(draft.freeEvents) ? {} : { freeEvents: asCount(draft.freeEvents) }),
  ...optional('freeAmount', draft.freeAmount),
  ...optional('minimumPerEvent', draft.minimumPerEvent),
  ...optional('maximumPerEvent', draft.maximumPerEvent),
})

const feeOf = (draft: ChargeDraft): Pick<FlatFeeCharge, 'amount' | 'every' | 'timing' | 'proration'> => ({
  amount: asDecimal(draft.price.amount),
  ...(draft.every === ''
    ? {}
    : { every: draft.every === 'once' ? 'once' : (Number(draft.every) as 1 | 3 | 6 | 12) }),
  ...(draft.timing === '' ? {} : { timing: draft.timing }),
  ...(draft.proration === '' ? {} : { proration: draft.proration }),
})

const bandOf = (band: BandDraft) => ({
  name: band.name.trim(),
  from: band.from,
  to: band.to,
  ...(band.weekdays.length === 0 ? {} : { weekdays: band.weekdays }),
  price: toPrice(band.price),
})

export const toCharge = (draft: ChargeDraft): Charge => {
  const { kind } = draft
  const base = { id: draft.id, name: draft.name.trim() }
  switch (kind) {
    case 'flat_fee':
      return { kind, ...base, ...feeOf(draft), ...boundsOf(draft) }
    case 'matrix':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        dimensions: draft.dimensions.map((dimension) => dimension.trim()),
        cells: draft.cells.map(({ values, price }) => ({
          values: values.map((value) => (isBlank(value) ? null : value)),
          price: toPrice(price),
        })),
      }
    case 'time_of_day':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        bands: draft.bands.map(bandOf),
        otherwise: toPrice(draft.price),
      }
    case 'percentage':
      return { kind, ...base, ...usageOf(draft), ...percentageOf(draft) }
    case 'graduated_percentage':
      return { kind, ...base, ...usageOf(draft), tiers: toPercentTiers(draft.price.tiers) }
    case 'revenue_share':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        percent: asDecimal(draft.percent),
        ...optional('platformFee', draft.platformFee),
      }
    case 'seat':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        unitAmount: asDecimal(draft.price.amount),
        proration: draft.proration === '' ? 'none' : draft.proration,
        values: draft.values,
      }
    case 'time_weighted':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        values: draft.values,
        heldFor: draft.heldFor,
        price: toPrice(draft.price),
      }
    case 'dynamic':
      return {
        kind,
        ...base,
        ...usageOf(draft),
        dimension: draft.dimension.trim(),
        carries: draft.carries,
      }
    case 'formula':
      return {
        kind,
        ...base,
        formula: draft.formula.trim(),
        unit: draft.unit.trim(),
        price: toPrice(draft.price),
        ...includedOf(draft),
        ...boundsOf(draft),
      }
    case 'cost_plus':
      return {
        kind,
        ...base,
        markupPercent: asDecimal(draft.percent),
        costs: draft.costs,
        ...boundsOf(draft),
      }
    default:
      return {
        ...toPrice({ ...draft.price, kind }),
        ...base,
        ...usageOf(draft),
        ...(draft.window === '' ? {} : { window: draft.window }),
      }
  }
}
