/** The shapes of rating one charge: what goes in, and what comes out with the steps that lead there. */
import type { DecimalText } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import type { Month } from '../period.ts'
import type { Charge, RatingSettings } from './ratecard.ts'
import type { MetricUsage } from './usage.ts'

/** Days of a month: `first` counted from 0. */
export interface DaysOfMonth {
  readonly first: number
  readonly count: number
  readonly ofMonth: number
}

/** A factor on the list amount, with the words for its step. */
export interface Factor {
  readonly words: string
  readonly multiplier: DecimalText
}

/** A customer's cost of a month, in the currency of its prices; null where it is unknown, or a sentence that says why. */
export type CustomerCost = DecimalText | null | { readonly unknown: string }

export interface RateInput {
  readonly charge: Charge
  /** Of the rated days, as `usageNeeds` asked for it. */
  readonly usage: readonly MetricUsage[]
  /** Of this month's days that were rated before these, cut in the same way: tiers and free units go on. */
  readonly before?: readonly MetricUsage[]
  readonly month: Month
  readonly timeZone: string
  /** The days rated; the whole month when left out. */
  readonly days?: DaysOfMonth
  readonly metrics: readonly Metric[]
  readonly currency: string
  readonly settings?: RatingSettings
  /**
   * Billed units that cost nothing, left at the start of the month (rolled over, shared by a pool, prorated); what the
   * charge's own `included` says when left out.
   */
  readonly includedLeft?: DecimalText
  /**
   * Billed units, after included ones, of the months before in the price's quarter, year or term; left out in its first
   * month.
   */
  readonly billedBefore?: DecimalText
  /** Of the contract, its ramp and uplift; the charge's own multiplier goes first. */
  readonly factors?: readonly Factor[]
  /** For `cost_plus`. */
  readonly cost?: CustomerCost
  /** Days rated of a fee in advance or for several months, which may be other months'; all that are due without it. */
  readonly feeDays?: { readonly startDay: string; readonly endDay: string }
  /** For `every`: months of the term before this one; a calendar year's without a contract. */
  readonly monthOfTerm?: number
  /** The contract's days, for fees of several months or in advance, with {@link monthOfTerm}; without them it has no first or last day. */
  readonly term?: { readonly startDay: string; readonly endDay: string | null }
}

export interface RatedCharge {
  /** Before discounts, minimum and maximum; the sum of the steps' amounts exactly. */
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
  /** Measured quantity of the rated days in the metric's unit; null for fees, formulas and cost. */
  readonly quantity: DecimalText | null
  /** Billed units (converted, incremented, before included units are taken off); null for fees and cost. */
  readonly billed: DecimalText | null
  /** Billed units that {@link RateInput.includedLeft} paid. */
  readonly includedUsed: DecimalText
  /** Billed units after included ones, of a price that runs over a quarter, a year or the term. */
  readonly netBilled?: DecimalText
  readonly issues: readonly Issue[]
}
