/** Invoices: a snapshot of what was rated, so that it can always be shown as it was. */
import type { DecimalText } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Month } from '../period.ts'
import type { CreditGrant } from '../pricing/contract.ts'

export const PRICE_STEP_KINDS = [
  'flat_fee',
  'tier',
  'per_unit',
  'proration',
  'discount',
  'minimum',
  'maximum',
  'commitment',
  'rounding',
  'tax',
  'credit',
  // What was measured and made of it before a price: amount zero.
  'usage',
  'included',
  'tier_fee',
  'volume',
  'stair_step',
  'package',
  'percentage',
  'event_fee',
  'event_price',
  'cost_plus',
  'multiplier',
  // What the same price made of the month's days rated before, taken off again.
  'before',
] as const

/** One step of a price, as Explain reads it out: "next 9,000,000 calls at 0.40 per 1,000 → 3,600.00". */
export interface PriceStep {
  readonly kind: (typeof PRICE_STEP_KINDS)[number]
  /** In words, without the amount. */
  readonly text: string
  /** Units in this step, where it has any. */
  readonly quantity?: DecimalText
  readonly unitAmount?: DecimalText
  readonly per?: DecimalText
  /** What the step adds (or takes): exact, unrounded. The steps of a line add up to its amount. */
  readonly amount: DecimalText
}

/** `discount`, `minimum`, `maximum`: of the invoice as a whole. */
export type LineKind = 'charge' | 'discount' | 'minimum' | 'maximum' | 'overage' | 'true_up'

export interface InvoiceLine {
  /** Counted from 1 within the invoice. */
  readonly line: number
  readonly kind: LineKind
  /** Of the charge, the discount or the commitment; `invoice` for bounds of the invoice. */
  readonly chargeId: string
  readonly description: string
  readonly metric?: string
  /** The period's quantity in units of the metric; one weighted by time in 12 digits, exact in its steps. */
  readonly quantity?: DecimalText
  /** Before discount, exact. */
  readonly listAmount: DecimalText
  /** What discounts take, exact, zero or negative. */
  readonly discountAmount: DecimalText
  /** What the line's minimum adds or its maximum takes, exact; left out where nothing. */
  readonly boundsAmount?: DecimalText
  /** Rounded once to the minor unit; the only amount that is summed. */
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
  /** Of which contract, on an invoice of several. */
  readonly contractId?: string
}

/** What turns the net into what is due: never revenue. */
export interface SettlementLine {
  readonly kind: 'tax' | 'credit' | 'top_up'
  /** The tax's name, the grant's id. */
  readonly id: string
  readonly contractId: string
  readonly description: string
  /** What it adds to what is due: a credit is negative. Of the minor unit. */
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
  /** Of a credit: the part of what it was bought for, recognised as revenue as it is drawn. */
  readonly costBasis?: DecimalText
}

/** What a month hands on to the next, of one contract. */
export interface ContractBalances {
  readonly contractId: string
  /** The month at whose end they stand. */
  readonly month: Month
  /** Billed units carried over, by charge or pool (`pool:name`) and the month that gave them. */
  readonly allowances?: readonly { readonly key: string; readonly month: Month; readonly left: DecimalText }[]
  /** Units given once for a term, by charge or pool and the term's first day. */
  readonly stocks?: readonly {
    readonly key: string
    readonly termStart: string
    readonly left: DecimalText
  }[]
  /** Units billed by prices that run over a quarter, a year or the term, since the day on which it began. */
  readonly windows?: readonly {
    readonly chargeId: string
    readonly start: string
    readonly billed: DecimalText
  }[]
  /** Billed units of a trial that are left, by charge. */
  readonly trial?: readonly { readonly chargeId: string; readonly left: DecimalText }[]
  readonly credits?: readonly CreditBalance[]
  /** Grants that top-ups bought. */
  readonly topUps?: readonly CreditGrant[]
  /** The sum of the lines in scope since the period's first month. */
  readonly commitments?: readonly {
    readonly id: string
    readonly periodStart: Month
    readonly counted: DecimalText
  }[]
  /** What discounts with a maximum over the contract's life have taken. */
  readonly discounts?: readonly { readonly id: string; readonly taken: DecimalText }[]
}

export interface CreditBalance {
  readonly grantId: string
  /** As it was granted. */
  readonly amount: DecimalText
  readonly left: DecimalText
  /** What it had left when it expired. */
  readonly lapsed?: DecimalText
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
  /** Tenants whose usage of the month another customer's invoice bills, which stood before; left out where none. */
  readonly tenantsElsewhere?: readonly string[]
  readonly issues: readonly Issue[]
  /** The words that say why it changed since the month before. */
  readonly changes: readonly string[]
  readonly approvedBy?: string
  readonly approvedAtMs?: number
  readonly deliveredAtMs?: number
  readonly stripeInvoiceId?: string

  /** Tax, credits and top-ups, in the order in which they apply; left out where there are none. */
  readonly settlement?: readonly SettlementLine[]
  /** Total and settlement; the total where it is left out. */
  readonly due?: DecimalText
  /** Stripe adds tax at delivery: `due` is before it. */
  readonly taxBy?: 'stripe'
  /** One for each contract that has anything to hand on. */
  readonly balances?: readonly ContractBalances[]
  /** All contracts, where it bills several; {@link contractId} is the first. */
  readonly contractIds?: readonly string[]
  readonly invoiceGroup?: string
  /** Where a contract is billed on several invoices: which one this is. */
  readonly billTo?: { readonly id: string; readonly name: string }
  readonly purchaseOrder?: string
  readonly entity?: string
  /** Issued elsewhere and brought in: never rated again. */
  readonly imported?: { readonly by: string; readonly atMs: number; readonly from: string }
}

/** What the customer is to pay: the total, tax and top-ups, less credits. */
export const dueOf = (invoice: Pick<Invoice, 'due' | 'total'>): DecimalText => invoice.due ?? invoice.total
