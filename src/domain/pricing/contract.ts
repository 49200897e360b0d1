/** What one customer agreed. Versioned in the ledger: an amendment is a new version. */
import type { DecimalText } from '../decimal.ts'

export interface Contract {
  readonly id: string
  readonly customerId: string
  readonly rateCardId: string
  /** First day `YYYY-MM-DD` on which the contract holds. */
  readonly startDay: string
  /** Exclusive last day; null while it runs on. */
  readonly endDay: string | null
  /** Percent off every charge, 0 to 100. */
  readonly discountPercent: DecimalText
  /** Percent off one charge by its id, in place of the overall discount. */
  readonly chargeDiscounts: { readonly [chargeId: string]: DecimalText }
  /** The least the customer pays a month after discounts; null for none. The gap is billed as a true-up line. */
  readonly monthlyCommitment: DecimalText | null
  /** The deal this contract was won with. */
  readonly dealId?: string
}
