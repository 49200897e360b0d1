/**
 * Rate cards: dated, versioned price lists. A version is never edited; a new one takes effect at its date.
 * What each kind of charge makes of a quantity, with examples: docs/pricing/README.md.
 */
import type { DecimalText } from '../decimal.ts'
import type { Rounding } from '../money.ts'

/** A tier holds the units above the previous tier's edge, up to and including its own (Stripe: "up_to"). */
export interface Tier {
  /** Upper edge in billed units; null for the last tier. */
  readonly upTo: DecimalText | null
  readonly unitAmount: DecimalText
  /** Once for a quantity that reaches into the tier (Stripe: "flat_amount"). */
  readonly flatAmount?: DecimalText
}

export interface StairStep {
  readonly upTo: DecimalText | null
  /** For the whole quantity that ends in this step. */
  readonly amount: DecimalText
}

export interface PercentTier {
  /** Upper edge of the amount; null for the last tier. */
  readonly upTo: DecimalText | null
  /** Percent of the part of the amount in this tier. */
  readonly percent: DecimalText
  readonly flatAmount?: DecimalText
}

/** What a quantity costs: a function of the quantity alone. */
export type QuantityPrice =
  /** `unitAmount` for every `per` units, fractions included: 0.40 per 1,000. */
  | { readonly kind: 'per_unit'; readonly unitAmount: DecimalText; readonly per: DecimalText }
  /** Each tier prices only the units that fall in it. */
  | { readonly kind: 'graduated'; readonly per: DecimalText; readonly tiers: readonly Tier[] }
  /** The tier in which the quantity ends prices all of it. */
  | { readonly kind: 'volume'; readonly per: DecimalText; readonly tiers: readonly Tier[] }
  /** The step in which the quantity ends has one price for all of it. */
  | { readonly kind: 'stair_step'; readonly steps: readonly StairStep[] }
  /** `amount` for every block of `size` units; the last block whole, or by its share. */
  | {
      readonly kind: 'package'
      readonly amount: DecimalText
      readonly size: DecimalText
      readonly lastBlock: 'whole' | 'prorated'
    }

/** Measured units to billed units: bytes to GB. Exact where it ends, else kept to 20 decimals, half-even. */
export interface Conversion {
  /** Billed unit, singular. */
  readonly unit: string
  /** Measured units in one billed unit, above zero. */
  readonly size: DecimalText
}

/** Billed quantities are rounded up, away from zero, to a multiple of `size`: of the period, or of each event. */
export interface Increment {
  readonly size: DecimalText
  /** A quantity above zero counts as at least this much. */
  readonly minimum?: DecimalText
  readonly of: 'period' | 'event'
}

/** Units that cost nothing. */
export interface Allowance {
  /** In billed units. A month's is prorated by days as a fee is; a term's is given once. */
  readonly quantity: DecimalText
  readonly per: 'month' | 'term'
  /** What a month leaves goes on for so many months, to at most `maximum` units carried. Only per month. */
  readonly rollOver?: { readonly months: number; readonly maximum: DecimalText | null }
  /** Charges that name the same pool draw on one allowance, in the order of the card; the first states it. */
  readonly pool?: string
}

/** Prices by the hour of the day, in the book's time zone. Hours are whole; `from` above `to` goes over midnight. */
export interface Band {
  readonly name: string
  readonly from: number
  /** Exclusive, 1 to 24. */
  readonly to: number
  /** 1 Monday to 7 Sunday; every day without it. */
  readonly weekdays?: readonly number[]
  readonly price: QuantityPrice
}

export interface MatrixCell {
  /** One a dimension, in their order; null matches every value, absent ones too. */
  readonly values: readonly (string | null)[]
  readonly price: QuantityPrice
}

/** Amounts per line and month. They are prorated by days as a fee is. */
export interface Bounds {
  readonly minimum?: DecimalText
  readonly maximum?: DecimalText
}

interface ChargeBase extends Bounds {
  readonly id: string
  readonly name: string
  /** On the amount, after the price and before minimum and maximum; 1 without it. */
  readonly multiplier?: DecimalText
}

interface UsageBase extends ChargeBase {
  readonly metric: string
  /** Only usage whose dimension has one of the values is priced; all must hold. */
  readonly filters?: readonly { readonly dimension: string; readonly values: readonly string[] }[]
  readonly convert?: Conversion
  readonly increment?: Increment
  readonly included?: Allowance
}

/** A fixed amount, prorated by days where a version or a contract holds for part of the period only. */
export interface FlatFeeCharge extends ChargeBase {
  readonly kind: 'flat_fee'
  readonly amount: DecimalText
  /** Months that one fee is for, counted from the contract's first month; 1 without it. `once`: in the first month only. */
  readonly every?: 1 | 3 | 6 | 12 | 'once'
  /** In advance: on the invoice of the month before, and the first one with the first invoice. Arrears without it. */
  readonly timing?: 'advance' | 'arrears'
  readonly proration?: Proration
}

export type Proration = 'day' | 'second' | 'none'

/** Usage is cut by it; every window is priced on its own, and the prices are summed. */
export type CutWindow = 'hour' | 'day'

/** Billed month by month, as the quantity grows: tiers go on, flat amounts and the price at zero are due once. */
export type LongWindow = 'quarter' | 'year' | 'term'

/** Priced by the month's quantity, or by that of its window. */
export type QuantityCharge = UsageBase &
  QuantityPrice & {
    readonly window?: CutWindow | LongWindow
  }

/** By up to three dimensions; the first cell that matches takes the usage, and its usage is priced together. */
export interface MatrixCharge extends UsageBase {
  readonly kind: 'matrix'
  readonly dimensions: readonly string[]
  readonly cells: readonly MatrixCell[]
}

/** The first band that holds takes the usage of its hours; what none takes has `otherwise`. */
export interface TimeOfDayCharge extends UsageBase {
  readonly kind: 'time_of_day'
  readonly bands: readonly Band[]
  readonly otherwise: QuantityPrice
}

/** Percent of amounts that events carry as their quantity: payments, transfers. */
export interface PercentageCharge extends UsageBase {
  readonly kind: 'percentage'
  readonly percent: DecimalText
  readonly fixedPerEvent?: DecimalText
  /**
   * The first events of the month, by their time, that cost nothing. With `freeAmount` too, both end where the first of
   * them does. Zero is as left out.
   */
  readonly freeEvents?: number
  /** Events cost nothing while their sum, by their time, is not above this; the one that crosses it, its part above. */
  readonly freeAmount?: DecimalText
  /** Of each event that is not free, percent and fixed part together. */
  readonly minimumPerEvent?: DecimalText
  readonly maximumPerEvent?: DecimalText
}

/** Graduated tiers of percent over the month's sum. */
export interface GraduatedPercentageCharge extends UsageBase {
  readonly kind: 'graduated_percentage'
  readonly tiers: readonly PercentTier[]
}

/** Percent of the customer's revenue, measured as a metric, and a fee for the platform. */
export interface RevenueShareCharge extends UsageBase {
  readonly kind: 'revenue_share'
  readonly percent: DecimalText
  readonly platformFee?: DecimalText
}

/** Seats held, priced by the month: the most of the month, the most of each day, or to the second. */
export interface SeatCharge extends Omit<UsageBase, 'included'> {
  readonly kind: 'seat'
  readonly unitAmount: DecimalText
  readonly proration: Proration
  /** What an event says: how many seats there are now, or how many came and went. */
  readonly values: 'level' | 'change'
  readonly included?: Allowance
}

/** Units weighted by how long they are held: gigabytes through the month, machines by the hour. */
export interface TimeWeightedCharge extends UsageBase {
  readonly kind: 'time_weighted'
  readonly values: 'level' | 'change'
  /** One billed unit is one unit held so long; `month`: the average over the month. */
  readonly heldFor: 'second' | 'hour' | 'day' | 'month'
  readonly price: QuantityPrice
}

/** The event says its price (of one unit) or its amount in one of its dimensions, as decimal text. */
export interface DynamicCharge extends UsageBase {
  readonly kind: 'dynamic'
  readonly dimension: string
  readonly carries: 'unit_price' | 'amount'
}

/** Billed units from several metrics by a formula: `max(api.calls / 1000, storage.gb)`. */
export interface FormulaCharge extends ChargeBase {
  readonly kind: 'formula'
  readonly formula: string
  /** Billed unit, singular. */
  readonly unit: string
  readonly price: QuantityPrice
  readonly included?: Allowance
}

/** The customer's cost to serve of the month, marked up: cost × (1 + markup). Markup is a share of cost. */
export interface CostPlusCharge extends ChargeBase {
  readonly kind: 'cost_plus'
  readonly markupPercent: DecimalText
  readonly costs: 'direct' | 'direct_and_allocated'
}

export type UsageCharge =
  | QuantityCharge
  | MatrixCharge
  | TimeOfDayCharge
  | PercentageCharge
  | GraduatedPercentageCharge
  | RevenueShareCharge
  | SeatCharge
  | TimeWeightedCharge
  | DynamicCharge

export type Charge = FlatFeeCharge | UsageCharge | FormulaCharge | CostPlusCharge

/** Where products of this field disagree. Each has examples in docs/pricing/settings.md. */
export interface RatingSettings {
  /** Of a line, to the currency's minor unit; half-even without it. */
  readonly rounding?: Rounding
  /** Whose tier a volume or stair-step quantity exactly at an edge is: the lower one's without it. */
  readonly edgeUnit?: 'lower' | 'upper'
  /**
   * Whether the first tier's flat amount, or the first step, is due at zero usage. New cards say it (`settingsOfVersion`): due
   * by default. A version without it is of before, when it was not due.
   */
  readonly tierFeeAtZero?: boolean
  /** Whether a line's minimum is due at zero usage; due without it. */
  readonly minimumAtZero?: boolean
  /** Whether minimum and maximum of a line look at its amount after discounts or before; after without it. */
  readonly boundsApply?: 'after_discounts' | 'before_discounts'
  /** Whether prepaid credits pay the net amount or the amount with tax; with tax without it. */
  readonly creditsApply?: 'after_tax' | 'before_tax'
}

export interface RateCardVersion {
  /** Counted from 1. */
  readonly version: number
  /** Day `YYYY-MM-DD` in the book's time zone from whose start the version holds, until the next one's. */
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  /** The same charges by id with prices in other currencies. */
  readonly otherCurrencies?: { readonly [currency: string]: readonly Charge[] }
  readonly settings?: RatingSettings
  readonly note?: string
}

export interface RateCard {
  readonly id: string
  readonly name: string
  readonly currency: string
  /** Public offerings are anybody's; a private one is for the customers it names. Public without it. */
  readonly privateTo?: readonly string[]
  /** In order of version; `effectiveFrom` never falls. Of two with one date the later version holds. */
  readonly versions: readonly RateCardVersion[]
}
