import { z } from 'zod'
import {
  type ContractBalances,
  type Invoice,
  type InvoiceLine,
  PRICE_STEP_KINDS,
  type PriceStep,
  type SettlementLine,
} from '../domain/invoice/invoice.ts'
import type { PastInvoice } from '../domain/invoice/past.ts'
import {
  asOf,
  base,
  currency,
  day,
  decimal,
  id,
  issue,
  jobStarted,
  known,
  milliseconds,
  month,
} from './common.ts'

export const priceStep: z.ZodType<PriceStep> = z.object({
  kind: z.enum(PRICE_STEP_KINDS),
  text: z.string(),
  quantity: decimal.optional(),
  unitAmount: decimal.optional(),
  per: decimal.optional(),
  amount: decimal,
}) as unknown as z.ZodType<PriceStep>

export const invoiceLine: z.ZodType<InvoiceLine> = z.object({
  line: z.int().min(1),
  kind: z.enum(['charge', 'discount', 'minimum', 'maximum', 'overage', 'true_up']),
  chargeId: z.string(),
  description: z.string(),
  metric: z.string().optional(),
  quantity: decimal.optional(),
  listAmount: decimal,
  discountAmount: decimal,
  boundsAmount: decimal.optional().describe('what its minimum adds or its maximum takes'),
  amount: decimal,
  steps: z.array(priceStep),
  contractId: z.string().optional().describe('on an invoice of several contracts'),
}) as unknown as z.ZodType<InvoiceLine>

export const settlementLine: z.ZodType<SettlementLine> = z.object({
  kind: z.enum(['tax', 'credit', 'top_up']),
  id: z.string(),
  contractId: z.string(),
  description: z.string(),
  amount: decimal.describe('what it adds to what is due: a credit is negative'),
  steps: z.array(priceStep),
  costBasis: decimal.optional().describe('of a credit: what was paid for the part drawn'),
}) as unknown as z.ZodType<SettlementLine>

const grant = z.object({
  id: z.string(),
  name: z.string(),
  amount: decimal,
  priority: z.int(),
  fromDay: day,
  expiresDay: day.nullable(),
  scope: z.array(z.string()).nullable(),
  costBasis: decimal,
})

const balanceItems = {
  allowances: z.array(z.object({ key: z.string(), month, left: decimal })).optional(),
  stocks: z.array(z.object({ key: z.string(), termStart: day, left: decimal })).optional(),
  windows: z.array(z.object({ chargeId: z.string(), start: day, billed: decimal })).optional(),
  trial: z.array(z.object({ chargeId: z.string(), left: decimal })).optional(),
  credits: z
    .array(z.object({ grantId: z.string(), amount: decimal, left: decimal, lapsed: decimal.optional() }))
    .optional(),
  topUps: z.array(grant).optional(),
  commitments: z.array(z.object({ id: z.string(), periodStart: month, counted: decimal })).optional(),
  discounts: z.array(z.object({ id: z.string(), taken: decimal })).optional(),
}

export const balances: z.ZodType<ContractBalances> = z.object({
  contractId: z.string(),
  month,
  ...balanceItems,
}) as unknown as z.ZodType<ContractBalances>

export const invoice: z.ZodType<Invoice> = z.object({
  id: z.string(),
  number: z.string(),
  customerId: z.string(),
  customerName: z.string(),
  month,
  currency,
  state: z.enum(['draft', 'approved', 'delivered', 'void']),
  lines: z.array(invoiceLine),
  total: decimal,
  rateCardId: z.string(),
  rateCardVersions: z.array(z.int()),
  contractId: z.string().nullable(),
  chainHead: z.string(),
  asOfBatch: z.int(),
  late: z
    .array(
      z.object({
        month,
        tenant: z.string(),
        metric: z.string(),
        quantity: decimal,
        afterBatch: z.int().describe('the last batch that an earlier invoice has billed of it'),
      }),
    )
    .optional()
    .describe('units of earlier months that came after their invoices, and are in this one’s lines'),
  tenantsElsewhere: z
    .array(z.string())
    .optional()
    .describe(
      'tenants whose usage of the month another customer’s invoice bills, which stood before this one',
    ),
  issues: z.array(issue),
  changes: z.array(z.string()),
  approvedBy: z.string().optional(),
  approvedAtMs: milliseconds.optional(),
  deliveredAtMs: milliseconds.optional(),
  stripeInvoiceId: z.string().optional(),
  settlement: z.array(settlementLine).optional().describe('tax, credits and top-ups, in their order'),
  due: decimal.optional().describe('total and settlement; the total without it'),
  taxBy: z.literal('stripe').optional(),
  balances: z.array(balances).optional().describe('what the month hands on to the next'),
  contractIds: z.array(z.string()).optional(),
  invoiceGroup: z.string().optional(),
  billTo: z.object({ id: z.string(), name: z.string() }).optional(),
  purchaseOrder: z.string().optional(),
  entity: z.string().optional(),
  imported: z.object({ by: z.string(), atMs: milliseconds, from: z.string() }).optional(),
}) as unknown as z.ZodType<Invoice>

/** An invoice that was issued elsewhere, as a file gives it (docs/formats/past-invoices.md). */
export const pastInvoice: z.ZodType<PastInvoice> = z.strictObject({
  number: z.string().trim().min(1).max(120),
  customerId: id,
  contractId: id.optional().describe('the customer’s only contract of the month without it'),
  month,
  currency,
  lines: z
    .array(
      z.strictObject({
        description: z.string().trim().min(1).max(500),
        amount: decimal,
        chargeId: id.optional(),
        metric: z.string().optional(),
        quantity: decimal.optional(),
      }),
    )
    .min(1)
    .max(250),
  total: decimal.describe('the sum of the lines: net, without tax'),
  balances: z
    .strictObject(balanceItems)
    .optional()
    .describe('what the month handed on; the rest opens as new'),
}) as unknown as z.ZodType<PastInvoice>

/** The most invoices that are imported at once. */
export const PAST_INVOICES_MAX = 10_000

export const pastInvoices = z.array(pastInvoice).min(1).max(PAST_INVOICES_MAX)

export const invoiceRow = z.object({
  id: z.string(),
  number: z.string(),
  version: z.int(),
  customerId: z.string(),
  customerName: z.string(),
  month,
  currency,
  state: z.enum(['draft', 'approved', 'delivered', 'void']),
  total: decimal.describe('net revenue'),
  due: decimal.describe('with tax and top-ups, less credits'),
  imported: z.boolean().describe('issued elsewhere and brought in'),
  previousTotal: decimal.nullable(),
  change: z.string().describe('against the month before, in words'),
  checks: z.array(issue),
  needsReview: z.boolean(),
  deliveryError: z.string().nullable(),
})

export const deliveryPreview = z.object({
  destination: z.string().describe('address the calls go to'),
  ready: z.boolean(),
  sentence: z.string(),
  calls: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      parameters: z.record(z.string(), z.string()),
      note: z.string(),
    }),
  ),
})

export const deliveryAttempt = z.object({
  atMs: milliseconds,
  outcome: z.enum(['running', 'delivered', 'failed']),
  message: z.string(),
  retryable: z.boolean(),
  stripeCustomerId: z.string().nullable(),
  stripeInvoiceId: z.string().nullable(),
})

/** An invoice beside what it comes to when it is rated again. */
export const recomputation = z.object({
  invoiceId: z.string(),
  number: z.string(),
  currency,
  issuedAsOfBatch: z.int().describe('the batch the invoice was computed from'),
  equal: z.boolean().describe('every line has the same quantity and comes to the same cent'),
  invoiced: decimal,
  /** Null where nothing could be rated. */
  recomputed: decimal.nullable(),
  difference: decimal,
  lines: z.array(
    z.object({
      /** Null for a line that the invoice has not. */
      line: z.int().nullable(),
      description: z.string(),
      invoicedQuantity: decimal.nullable(),
      recomputedQuantity: decimal.nullable(),
      invoiced: decimal.nullable(),
      recomputed: decimal.nullable(),
      difference: decimal,
      equal: z.boolean(),
      sentence: z.string(),
    }),
  ),
  sentence: z.string(),
  asOf: known,
})

export const invoices = {
  run: base
    .route({
      method: 'POST',
      path: '/invoice-runs',
      summary: 'Rate a month for all customers; makes or renews drafts, leaves approved ones',
    })
    .input(z.object({ month, customerIds: z.array(z.string()).optional() }))
    .output(jobStarted),
  list: base
    .route({ method: 'GET', path: '/invoices', summary: 'Invoices of a month, or all' })
    .input(asOf.extend({ month: month.optional() }))
    .output(
      z.object({
        currency,
        rows: z.array(invoiceRow),
        /** In the book's currency. */
        total: decimal,
        /** By which rates invoices in other currencies are in the total, or that they are not: a sentence each. */
        totalNotes: z.array(z.string()),
        customersWithoutInvoice: z.array(
          z.object({ customerId: z.string(), name: z.string(), reason: z.string() }),
        ),
        isRunning: z.boolean().describe('the month asked for is not over: there is a forecast of it'),
        asOf: known,
      }),
    ),
  get: base
    .route({
      method: 'GET',
      path: '/invoices/{invoiceId}',
      summary: 'One invoice with lines, checks and history',
    })
    .input(asOf.extend({ invoiceId: z.string(), version: z.coerce.number().int().optional() }))
    .output(
      z.object({
        invoice,
        version: z.int(),
        history: z.array(
          z.object({
            version: z.int(),
            state: z.string(),
            author: z.string(),
            recordedMs: milliseconds,
            total: decimal,
          }),
        ),
        attempts: z.array(deliveryAttempt),
        /** Whether usage arrived after the draft was made, in words. */
        staleness: z.string().nullable(),
        isRunning: z.boolean().describe('its month is not over: more usage of it is to come'),
        mayRenew: z.boolean().describe('a run for its customer makes this draft anew'),
        asOf: known,
      }),
    ),
  preview: base
    .route({
      method: 'GET',
      path: '/customers/{customerId}/invoice-preview',
      summary: 'The running month’s invoices so far, and as they would be at its end; nothing is kept',
    })
    .input(asOf.extend({ customerId: z.string(), month: month.optional() }))
    .output(
      z.object({
        customerId: z.string(),
        name: z.string(),
        month,
        elapsedDays: z.int().describe('days of the month under contract that are over'),
        daysLeft: z.int().describe('the running day included'),
        words: z.string().describe('how the forecast was made, or why there is none'),
        soFar: z.array(invoice).describe('as if the month ended now'),
        forecast: z.array(invoice).nullable().describe('null where no day is over yet'),
        asOf: known,
      }),
    ),
  forecast: base
    .route({
      method: 'GET',
      path: '/invoices/forecast',
      summary: 'What the running month’s invoices come to at its end; nothing is kept',
    })
    .input(asOf.extend({ month: month.optional() }))
    .output(
      z.object({
        month,
        currency,
        rows: z.array(
          z.object({
            invoiceId: z.string(),
            currency,
            total: decimal.describe('net, at the month’s end'),
            stands: z.boolean().describe('approved or delivered: what it says stays'),
          }),
        ),
        /** In the book's currency. */
        total: decimal,
        totalNotes: z.array(z.string()),
        elapsedDays: z.int().describe('days of the month that are over'),
        daysLeft: z.int().describe('the running day included'),
        words: z.string().describe('how the forecast was made, or why there is none'),
        asOf: known,
      }),
    ),
  importPast: base
    .route({
      method: 'POST',
      path: '/invoices/past',
      summary: 'Keep invoices that were issued elsewhere: all of them, or none where one is wrong',
    })
    .input(z.object({ from: z.string().trim().min(1).max(200), invoices: pastInvoices }))
    .output(z.object({ imported: z.int(), sentence: z.string() })),
  recompute: base
    .route({
      method: 'GET',
      path: '/invoices/{invoiceId}/recomputed',
      summary: 'The invoice rated again, line by line: as of its issue, or as of another moment',
    })
    .input(asOf.extend({ invoiceId: z.string() }))
    .output(recomputation),
  approve: base
    .route({
      method: 'POST',
      path: '/invoices/approve',
      summary: 'Approve drafts; recorded with name and time, never edited',
    })
    .input(
      z.object({
        invoices: z
          .array(z.object({ invoiceId: z.string(), expectedVersion: z.int() }))
          .min(1)
          .max(10_000),
      }),
    )
    .output(
      z.object({
        approved: z.int(),
        refused: z.array(z.object({ invoiceId: z.string(), message: z.string() })),
      }),
    ),
  deliveryPreview: base
    .route({
      method: 'GET',
      path: '/invoices/{invoiceId}/delivery',
      summary: 'Exactly what would be sent, and where',
    })
    .input(z.object({ invoiceId: z.string() }))
    .output(deliveryPreview),
  deliver: base
    .route({ method: 'POST', path: '/invoices/deliver', summary: 'Deliver approved invoices to Stripe' })
    .input(z.object({ invoiceIds: z.array(z.string()).min(1).max(10_000) }))
    .output(jobStarted),
}
