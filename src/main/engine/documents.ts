/** The book's documents by kind: what the ledger keeps as versioned JSON, with its types. */
import type { z } from 'zod'
import type { BookSettings } from '../../contract/book.ts'
import type { Connection } from '../../contract/connections.ts'
import type { Customer } from '../../contract/customers.ts'
import type { ingestToken } from '../../contract/ingest.ts'
import type { CsvMapping } from '../../contract/sources.ts'
import type { savedView } from '../../contract/usage.ts'
import type { AllocationPlan } from '../../domain/allocation/plan.ts'
import type { AttributionRule } from '../../domain/attribution/rule.ts'
import type { Json } from '../../domain/canonical.ts'
import type { Deal } from '../../domain/deal/deal.ts'
import type { DecimalText } from '../../domain/decimal.ts'
import type { Invoice } from '../../domain/invoice/invoice.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Month } from '../../domain/period.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import type { RateCard } from '../../domain/pricing/ratecard.ts'
import type { RateTable } from '../../domain/rates/rates.ts'
import type { DeliveryRecord } from '../bill/stripe/record.ts'

export interface DocumentKinds {
  book: BookSettings
  author: { readonly name: string }
  customer: Customer
  metric: Metric
  rules: { readonly rules: readonly AttributionRule[] }
  /** By the month it begins. */
  allocation: AllocationPlan
  rate_card: RateCard
  contract: Contract
  rates: RateTable
  deal: Deal
  invoice: Invoice
  delivery: DeliveryRecord
  month_close: {
    readonly month: Month
    readonly reason: string | null
    readonly checks: readonly { id: string; state: string; sentence: string }[]
  }
  bill_total: {
    readonly month: Month
    readonly provider: string
    readonly billingAccount: string
    readonly currency: string
    readonly total: DecimalText | null
  }
  bill_file: { readonly file: string; readonly rows: number; readonly billed: DecimalText | null }
  csv_mapping: { readonly name: string; readonly header: readonly string[]; readonly mapping: CsvMapping }
  view: z.output<typeof savedView>
  connection: Connection
  checkpoint: { readonly checkpoint: Json }
  /** The token itself is nowhere: its SHA-256, hex. */
  ingest_token: Omit<z.output<typeof ingestToken>, 'revokedMs'> & {
    readonly sha256: string
    /** Left out while it may push. */
    readonly revokedMs?: number
  }
}
export type DocumentKind = keyof DocumentKinds

/** One version of a document, with who wrote it and when. */
export interface Stored<Content> {
  readonly id: string
  /** Counted from 1. */
  readonly version: number
  readonly content: Content
  readonly batchId: number
  readonly recordedMs: number
  readonly author: string
}

/** A version to be appended. `content: null` removes the document; what it was stays in the ledger. */
export type Put = {
  [Kind in DocumentKind]: {
    readonly kind: Kind
    readonly id: string
    readonly content: DocumentKinds[Kind] | null
    /** The version this one follows; 0 for a new document; null where nobody can have changed it meanwhile. */
    readonly expectedVersion: number | null
  }
}[DocumentKind]
