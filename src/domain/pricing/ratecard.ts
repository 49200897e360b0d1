/** Rate cards: dated, versioned price lists. A version is never edited; a new one takes effect at its date. */
import type { DecimalText } from '../decimal.ts'

/** A fixed amount per month, prorated by days where a version holds for part of the month only. */
export interface FlatFeeCharge {
  readonly kind: 'flat_fee'
  readonly id: string
  readonly name: string
  readonly amount: DecimalText
}

/** `unitAmount` for every `per` units of the metric, fractions included: 0.40 per 1,000. */
export interface PerUnitCharge {
  readonly kind: 'per_unit'
  readonly id: string
  readonly name: string
  readonly metric: string
  readonly unitAmount: DecimalText
  readonly per: DecimalText
}

/**
 * Graduated tiers: each tier prices only the units that fall in it. A tier holds the units above the
 * previous tier's `upTo` and up to its own, its own edge included (Stripe: "up_to"); the last has no edge.
 */
export interface GraduatedCharge {
  readonly kind: 'graduated'
  readonly id: string
  readonly name: string
  readonly metric: string
  readonly per: DecimalText
  readonly tiers: readonly Tier[]
}

export interface Tier {
  /** Inclusive upper edge in units; null for the last tier. */
  readonly upTo: DecimalText | null
  readonly unitAmount: DecimalText
}

export type Charge = FlatFeeCharge | PerUnitCharge | GraduatedCharge

export interface RateCardVersion {
  /** Counted from 1. */
  readonly version: number
  /** Day `YYYY-MM-DD` in the book's time zone from whose start the version holds, until the next one's. */
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  readonly note?: string
}

export interface RateCard {
  readonly id: string
  readonly name: string
  readonly currency: string
  /** In order of version; `effectiveFrom` never falls. Of two with one date the later version holds. */
  readonly versions: readonly RateCardVersion[]
}
