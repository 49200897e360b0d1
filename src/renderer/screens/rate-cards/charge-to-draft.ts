/** A charge as text to be typed over. */
import type { DecimalText } from '../../../domain/decimal.ts'
import type {
  Allowance,
  Charge,
  Conversion,
  CutWindow,
  Increment,
  LongWindow,
} from '../../../domain/pricing/ratecard.ts'
import { type ChargeDraft, EMPTY, type ExtrasDraft, type FilterDraft } from './charge-draft.ts'
import { fromPercentTiers, fromPrice, NEW_PRICE } from './price-draft.ts'

interface Extras {
  readonly multiplier?: DecimalText
  readonly minimum?: DecimalText
  readonly maximum?: DecimalText
  readonly filters?: readonly FilterDraft[]
  readonly convert?: Conversion
  readonly increment?: Increment
  readonly included?: Allowance
  readonly window?: CutWindow | LongWindow
}

const fromExtras = (charge: Extras): ExtrasDraft => {
  const { convert, increment, included } = charge
  return {
    multiplier: charge.multiplier ?? '',
    minimum: charge.minimum ?? '',
    maximum: charge.maximum ?? '',
    filters: charge.filters ?? [],
    convertUnit: convert?.unit ?? '',
    convertSize: convert?.size ?? '',
    incrementSize: increment?.size ?? '',
    incrementMinimum: increment?.minimum ?? '',
    incrementOf: increment?.of ?? 'period',
    included: included?.quantity ?? '',
    includedPer: included?.per ?? 'month',
    rollOverMonths: included?.rollOver === undefined ? '' : String(included.rollOver.months),
    rollOverMaximum: included?.rollOver?.maximum ?? '',
    pool: included?.pool ?? '',
    window: charge.window ?? '',
  }
}

export const fromCharge = (charge: Charge): ChargeDraft => {
  const { id, kind, name } = charge
  const common = {
    ...EMPTY,
    ...fromExtras(charge as Extras),
    id,
    kind,
    name,
    metric: 'metric' in charge ? charge.metric : '',
  }
  switch (charge.kind) {
    case 'flat_fee':
      return {
        ...common,
        price: { ...NEW_PRICE, amount: charge.amount },
        every: charge.every === undefined ? '' : (String(charge.every) as ChargeDraft['every']),
        timing: charge.timing ?? '',
        proration: charge.proration ?? '',
      }
    case 'matrix':
      return {
        ...common,
        dimensions: charge.dimensions,
        cells: charge.cells.map(({ values, price }) => ({
          values: values.map((value) => value ?? ''),
          price: fromPrice(price),
        })),
      }
    case 'time_of_day':
      return {
        ...common,
        bands: charge.bands.map((band) => ({
          ...band,
          weekdays: band.weekdays ?? [],
          price: fromPrice(band.price),
        })),
        price: fromPrice(charge.otherwise),
      }
    case 'percentage':
      return {
        ...common,
        percent: charge.percent,
        fixedPerEvent: charge.fixedPerEvent ?? '',
        freeEvents: charge.freeEvents === undefined ? '' : String(charge.freeEvents),
        freeAmount: charge.freeAmount ?? '',
        minimumPerEvent: charge.minimumPerEvent ?? '',
        maximumPerEvent: charge.maximumPerEvent ?? '',
      }
    case 'graduated_percentage':
      return { ...common, price: { ...NEW_PRICE, tiers: fromPercentTiers(charge.tiers) } }
    case 'revenue_share':
      return { ...common, percent: charge.percent, platformFee: charge.platformFee ?? '' }
    case 'seat':
      return {
        ...common,
        price: { ...NEW_PRICE, amount: charge.unitAmount },
        proration: charge.proration,
        values: charge.values,
      }
    case 'time_weighted':
      return { ...common, values: charge.values, heldFor: charge.heldFor, price: fromPrice(charge.price) }
    case 'dynamic':
      return { ...common, dimension: charge.dimension, carries: charge.carries }
    case 'formula':
      return { ...common, formula: charge.formula, unit: charge.unit, price: fromPrice(charge.price) }
    case 'cost_plus':
      return { ...common, percent: charge.markupPercent, costs: charge.costs }
    default:
      return { ...common, price: fromPrice(charge) }
  }
}
