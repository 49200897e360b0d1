/** What the month workbook is made from, in exact decimal text. Amounts are in its currency where none is named. */
import type { DecimalText } from '../../domain/decimal.ts'
import type { Month } from '../../domain/period.ts'

export interface MonthWorkbookCustomer {
  readonly customerId: string
  readonly customer: string
  readonly tenants: readonly string[]
  /** What the screen shows; null where the customer has no price or no invoice. */
  readonly revenue: DecimalText | null
  /** What the screen shows, at the workbook's cost basis; null where no cost is known. */
  readonly directCost: DecimalText | null
  /** In words: "approved", "no invoice". */
  readonly state: string
}

export interface MonthWorkbookUsage {
  readonly customerId: string | null
  readonly customer: string | null
  readonly tenant: string
  readonly metric: string
  readonly unit: string
  readonly quantity: DecimalText
}

export interface MonthWorkbookCost {
  readonly provider: string
  readonly service: string
  /** Null for unattributed cost. */
  readonly tenant: string | null
  /** Null for unattributed cost, and for a tenant that belongs to no customer. */
  readonly customerId: string | null
  readonly billed: DecimalText
  /** Null where the export has no effective cost. */
  readonly effective: DecimalText | null
}

export interface MonthWorkbookLine {
  readonly invoice: string
  readonly customerId: string
  readonly customer: string
  readonly line: number
  readonly description: string
  readonly quantity: DecimalText | null
  readonly unit: string | null
  /** Of the three amounts. */
  readonly currency: string
  readonly list: DecimalText
  readonly discount: DecimalText
  /** Rounded to the minor unit. */
  readonly amount: DecimalText
  readonly state: string
}

/** An invoice of the month that counts, in its own currency and in the workbook's. */
export interface MonthWorkbookInvoice {
  readonly invoice: string
  readonly customerId: string
  readonly customer: string
  readonly state: string
  readonly currency: string
  /** Net: the sum of its lines. */
  readonly total: DecimalText
  /** By which its currency becomes the workbook's; null in the workbook's own, and where there is none. */
  readonly rate: {
    /** One unit is so many of the workbook's: numerator ÷ denominator. */
    readonly numerator: DecimalText
    readonly denominator: DecimalText
    /** In words, with its source. */
    readonly words: string
    /** Of the rate itself. */
    readonly day: string
  } | null
  /** Rounded to the minor unit; null where there is no rate. */
  readonly inReport: DecimalText | null
  /** Why it is not in the total; empty where it is. */
  readonly note: string
}

export interface MonthWorkbookInput {
  readonly book: string
  readonly month: Month
  readonly currency: string
  /** UTC milliseconds up to which what was learnt is counted. */
  readonly asOfMs: number
  readonly chainHead: string
  readonly costBasis: 'billed' | 'effective'
  readonly customers: readonly MonthWorkbookCustomer[]
  readonly usage: readonly MonthWorkbookUsage[]
  readonly costs: readonly MonthWorkbookCost[]
  readonly invoices: readonly MonthWorkbookInvoice[]
  /** Lines of the month's invoices that count; none of a void one. */
  readonly lines: readonly MonthWorkbookLine[]
  /** What the providers' bills come to; null where nobody has said. */
  readonly billTotal: DecimalText | null
}
