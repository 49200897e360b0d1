/** What one customer agreed. Versioned in the ledger: an amendment is a new version with its effective day. */
import type { DecimalText } from '../decimal.ts'
import type { Charge, RatingSettings } from './ratecard.ts'

/** Which charges something is about; all of the contract's where null. */
export type ChargeScope = readonly string[] | null

interface DiscountBase {
  readonly id: string
  /** As the invoice says it. */
  readonly name: string
  /** The charges it is taken from. `invoice`: the sum of the lines after their own discounts. */
  readonly on: { readonly kind: 'charges'; readonly chargeIds: ChargeScope } | { readonly kind: 'invoice' }
  /** Days `[fromDay, untilDay)` of the service month's first day on which it holds; open without them. */
  readonly fromDay?: string
  readonly untilDay?: string
  /** The most it takes a month, and over the contract's life. */
  readonly maximumPerMonth?: DecimalText
  readonly maximumInAll?: DecimalText
  /** The code it was given for. */
  readonly coupon?: string
}

/** Stacked in the order in which they stand, each on what the one before left, each rounded, never below zero. */
export type Discount =
  | (DiscountBase & { readonly kind: 'percent'; readonly percent: DecimalText })
  /** A month; what it cannot take is lost. On several charges it is shared by their amounts, largest remainder. */
  | (DiscountBase & { readonly kind: 'amount'; readonly amount: DecimalText })
  /** Percent by the month's spend on the charges in scope: the tier it ends in, on all of it; or each tier on its part. */
  | (DiscountBase & {
      readonly kind: 'spend'
      readonly mode: 'volume' | 'graduated'
      readonly tiers: readonly { readonly upTo: DecimalText | null; readonly percent: DecimalText }[]
    })

/** The least a customer pays over each period; what is missing at its end is a true-up line of its last month. */
export interface Commitment {
  readonly id: string
  readonly name: string
  readonly amount: DecimalText
  /** Counted from the contract's first month. A first or last part of a month counts by its days. */
  readonly period: 'month' | 'quarter' | 'year' | 'term'
  readonly counts: ChargeScope
  /** Charges in scope beyond the commitment of the period cost this many times their rate. */
  readonly overageMultiplier?: DecimalText
}

/** The id of {@link Contract.monthlyCommitment} beside those of the listed commitments. */
export const MONTHLY_COMMITMENT = 'commitment'

/** Prepaid credit, drawn down by priority, then what expires first, then the earlier grant, then by id. */
export interface CreditGrant {
  readonly id: string
  readonly name: string
  readonly amount: DecimalText
  /** Lower goes first. */
  readonly priority: number
  readonly fromDay: string
  /** Exclusive; null for one that never expires. */
  readonly expiresDay: string | null
  readonly scope: ChargeScope
  /** What the customer paid for it; zero for a promotion. Revenue is recognised at this share as it is drawn. */
  readonly costBasis: DecimalText
}

/**
 * Buys credit whenever the balance after an invoice is below the threshold: `amount` of it, or what is missing to `upTo`.
 * Exactly one of the two is there.
 */
export interface TopUp {
  readonly threshold: DecimalText
  readonly amount?: DecimalText
  /** Not below the threshold. */
  readonly upTo?: DecimalText
  readonly expiresMonths: number | null
}

/** From this month of the term on (counted from 1), until the next step: what differs from the contract's own. */
export interface RampStep {
  readonly fromMonth: number
  /** On every charge's list amount. */
  readonly multiplier?: DecimalText
  readonly discountPercent?: DecimalText
  /** Amount of the commitment with this id. */
  readonly commitments?: { readonly [commitmentId: string]: DecimalText }
  /** Amount of a flat fee by charge id. */
  readonly fees?: { readonly [chargeId: string]: DecimalText }
}

export type Trial =
  /** Usage and fees of the first days cost nothing. */
  | { readonly kind: 'days'; readonly days: number }
  /** Credit that expires with the trial. */
  | { readonly kind: 'credit'; readonly amount: DecimalText; readonly days: number }
  /** Billed units by charge that cost nothing, given once, in the first days. */
  | {
      readonly kind: 'usage'
      readonly quantities: { readonly [chargeId: string]: DecimalText }
      readonly days: number
    }

/** `external`: a rate somebody else determined, shown and added. `stripe`: left to Stripe Tax at delivery. */
export type Tax =
  | { readonly kind: 'none' }
  | { readonly kind: 'stripe' }
  | { readonly kind: 'external'; readonly name: string; readonly percent: DecimalText }

/** A part of the contract that is billed on an invoice of its own. */
export interface BillTo {
  /** Part of the invoice's number: letters, digits, dash. */
  readonly id: string
  readonly name: string
  readonly purchaseOrder?: string
  readonly entity?: string
  readonly chargeIds: readonly string[]
}

export interface Contract {
  readonly id: string
  readonly customerId: string
  readonly rateCardId: string
  /** First day `YYYY-MM-DD` on which the contract holds. */
  readonly startDay: string
  /** Exclusive last day; null while it runs on. */
  readonly endDay: string | null
  /** Percent off every charge, 0 to 100: taken first, exact, before {@link discounts}. */
  readonly discountPercent: DecimalText
  /** Percent off one charge by its id, in place of the overall discount. */
  readonly chargeDiscounts: { readonly [chargeId: string]: DecimalText }
  /** The least the customer pays a month after discounts; null for none. The gap is billed as a true-up line. */
  readonly monthlyCommitment: DecimalText | null
  /** The deal this contract was won with. */
  readonly dealId?: string

  /** Pinned version of the card; follows the card's versions without it. */
  readonly rateCardVersion?: number
  /** Currency of the card's prices that holds; the card's own without it. */
  readonly currency?: string
  /** Charges of its own: one with the id of a card's charge takes its place. */
  readonly charges?: readonly Charge[]
  /** On the list rate, by charge id; `*` for all others. */
  readonly multipliers?: { readonly [chargeId: string]: DecimalText }
  readonly discounts?: readonly Discount[]
  readonly commitments?: readonly Commitment[]
  readonly credits?: readonly CreditGrant[]
  readonly topUp?: TopUp
  readonly ramp?: readonly RampStep[]
  /** List amounts rise by this percent at every so many months of the term, compound. */
  readonly uplift?: { readonly percent: DecimalText; readonly everyMonths: number }
  /** Months of the term, counted from 1, in which charges cost nothing. Commitments do not count them. */
  readonly freeMonths?: readonly number[]
  readonly trial?: Trial
  readonly invoiceMinimum?: DecimalText
  readonly invoiceMaximum?: DecimalText
  readonly tax?: Tax
  readonly settings?: RatingSettings
  /** Several invoices of one contract; charges that none names are on the first. */
  readonly billTo?: readonly BillTo[]
  /** Contracts of one customer with the same word here are on one invoice. */
  readonly invoiceGroup?: string
  readonly purchaseOrder?: string
  readonly renewal?: { readonly kind: 'ends' } | { readonly kind: 'renews'; readonly months: number }
  /** What this version changes and from which day, where it amends another. */
  readonly amendment?: { readonly effectiveDay: string; readonly note: string }
}
