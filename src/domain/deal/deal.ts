/** Deals: proposed contracts under modelling. */
import type { DecimalText } from '../decimal.ts'

export interface DealTerms {
  readonly rateCardId: string
  /** Percent off every charge, 0 to 100. */
  readonly discountPercent: DecimalText
  readonly chargeDiscounts: { readonly [chargeId: string]: DecimalText }
  readonly monthlyCommitment: DecimalText | null
  /** Growth of usage from each month to the next, percent; may be negative. */
  readonly monthlyGrowthPercent: DecimalText
  readonly termMonths: number
  /** First day `YYYY-MM-01` of the proposed contract. */
  readonly startDay: string
}

export interface Scenario {
  readonly name: string
  readonly terms: DealTerms
}

export type DealState = 'draft' | 'approved' | 'won' | 'lost'

export interface Deal {
  readonly id: string
  readonly name: string
  readonly customerId: string
  readonly state: DealState
  /** One to three. */
  readonly scenarios: readonly Scenario[]
  /** Index of the scenario proposed. */
  readonly chosen: number
  readonly note: string
  readonly approvedBy?: string
  readonly approvedAtMs?: number
  readonly contractId?: string
}

/** What a customer used, paid and cost in one past month: what a model extrapolates. */
export interface BaselineMonth {
  readonly month: string
  /** Aggregated quantity by metric, in units. */
  readonly quantities: { readonly [metric: string]: DecimalText }
  readonly revenue: DecimalText | null
  /** Cost to serve: direct and allocated, as margins have it; null where neither is known. */
  readonly cost: DecimalText | null
  /** Of `cost`; null where no steps allocate. */
  readonly allocatedCost?: DecimalText | null
}
