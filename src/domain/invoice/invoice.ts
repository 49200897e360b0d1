/** Invoices: a snapshot of what was rated, so that it can always be shown as it was. */
import type { DecimalText } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Month } from '../period.ts'

/** One step of a price, as Explain reads it out: "next 9,000,000 calls at 0.40 per 1,000 → 3,600.00". */
export interface PriceStep {
  readonly kind: 'flat_fee' | 'tier' | 'per_unit' | 'proration' | 'discount' | 'commitment' | 'rounding'
  /** In words, without the amount. */
  readonly text: string
  /** Units in this step, where it has any. */
  readonly quantity?: DecimalText
  readonly unitAmount?: DecimalText
  readonly per?: DecimalText
  /** What the step adds (or takes): exact, unrounded. The steps of a line add up to its amount. */
  readonly amount: DecimalText
}

export interface InvoiceLine {
  /** Counted from 1 within the invoice. */
  readonly line: number
  readonly kind: 'charge' | 'true_up'
  readonly chargeId: string
  readonly description: string
  readonly metric?: string
  /** The period's quantity in units of the metric. */
  readonly quantity?: DecimalText
  /** Before discount, exact. */
  readonly listAmount: DecimalText
  /** What discounts take, exact, zero or negative. */
  readonly discountAmount: DecimalText
  /** Rounded once to the minor unit; the only amount that is summed. */
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
}

/** Units of an earlier month that came after its invoice stood; they are in the quantities of this one's lines. */
export interface LateUsage {
  /** The month that the usage belongs to. */
  readonly month: Month
  readonly tenant: string
  readonly metric: string
  /** In units of the metric; negative where more was reversed than came. */
  readonly quantity: DecimalText
  /** The last batch that an earlier invoice has billed of them: entries after it, up to `asOfBatch`, are these. */
  readonly afterBatch: number
}

export type InvoiceState = 'draft' | 'approved' | 'delivered' | 'void'

export interface Invoice {
  readonly id: string
  readonly number: string
  readonly customerId: string
  readonly customerName: string
  readonly month: Month
  readonly currency: string
  readonly state: InvoiceState
  readonly lines: readonly InvoiceLine[]
  /** The sum of the lines' rounded amounts. */
  readonly total: DecimalText
  readonly rateCardId: string
  readonly rateCardVersions: readonly number[]
  readonly contractId: string | null
  /** The ledger's chain head the invoice was computed from. */
  readonly chainHead: string
  /** The last batch whose entries were counted. */
  readonly asOfBatch: number
  /** Left out where there is none. */
  readonly late?: readonly LateUsage[]
  readonly issues: readonly Issue[]
  /** The words that say why it changed since the month before. */
  readonly changes: readonly string[]
  readonly approvedBy?: string
  readonly approvedAtMs?: number
  readonly deliveredAtMs?: number
  readonly stripeInvoiceId?: string
}
