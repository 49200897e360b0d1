/** Explain: from a figure down to the records under it, and from a record up to the invoice lines it is in. */
import { z } from 'zod'
import { asOf, base, currency, day, decimal, milliseconds, month } from './common.ts'
import { invoiceLine } from './invoices.ts'

export const rawRecord = z.object({
  kind: z.enum(['usage', 'cost']),
  seq: z.int(),
  entryId: z.string().describe('u<seq> or c<seq>'),
  batchId: z.int(),
  source: z.string(),
  file: z.string(),
  recordedMs: milliseconds,
  digest: z.string(),
  correction: z.string().nullable(),
  corrects: z.int().nullable(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })).describe('the entry, parsed'),
  raw: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .describe('the record as it came, field by field'),
  rawText: z.string(),
})

export const usageExplanation = z.object({
  title: z.string(),
  metric: z.string(),
  unit: z.string(),
  aggregation: z.string(),
  total: decimal,
  events: z.int(),
  days: z.array(z.object({ day, quantity: decimal, events: z.int() })),
  tenants: z.array(z.object({ tenant: z.string(), quantity: decimal, events: z.int() })),
  batches: z.array(
    z.object({
      batchId: z.int(),
      title: z.string(),
      recordedMs: milliseconds,
      events: z.int(),
      quantity: decimal,
    }),
  ),
  chainHead: z.string(),
})

export const usageScope = asOf.extend({
  metric: z.string(),
  month: month.optional(),
  from: month.optional(),
  to: month.optional(),
  day: day.optional(),
  customerId: z.string().optional(),
  tenant: z.string().optional(),
  filters: z.array(z.object({ field: z.string(), values: z.array(z.string().nullable()) })).optional(),
  batchId: z.coerce.number().int().optional(),
  /** Of what is asked as of a moment, only what was known at this batch: an invoice's own. */
  asOfBatch: z.coerce.number().int().optional(),
  /** Of the tenants that this invoice bills, in place of those that its customer has now. */
  invoiceId: z.string().optional(),
})
export type UsageScope = z.infer<typeof usageScope>

export const costScope = asOf.extend({
  month: month.optional(),
  from: month.optional(),
  to: month.optional(),
  day: day.optional(),
  filters: z.array(z.object({ field: z.string(), values: z.array(z.string().nullable()) })),
  asOfBatch: z.coerce.number().int().optional(),
})
export type CostScope = z.infer<typeof costScope>

/** An invoice line that an entry is in. */
export const lineUse = z.object({
  invoiceId: z.string(),
  number: z.string(),
  customerName: z.string(),
  month,
  state: z.enum(['draft', 'approved', 'delivered', 'void']),
  currency,
  line: z.int(),
  description: z.string(),
  quantity: decimal.nullable(),
  amount: decimal,
  /** The last batch the invoice was computed from. */
  asOfBatch: z.int(),
  /** `counted`: its quantity is part of the line's; `depends`: the line's amount follows from lines that count it. */
  how: z.enum(['counted', 'depends']),
  sentence: z.string(),
})

/** The figures that one entry is part of. */
export const entryUses = z.object({
  seq: z.int(),
  entryId: z.string(),
  /** Where it counts, and what else is to be known of it; one sentence each. */
  sentences: z.array(z.string()),
  usage: z
    .object({
      metric: z.string(),
      metricName: z.string(),
      tenant: z.string(),
      customerId: z.string().nullable(),
      customerName: z.string().nullable(),
      month,
      day,
      /** Whether any figure changes by it. */
      counts: z.boolean(),
      /** Its tenant's quantity of the metric in the month. */
      scope: usageScope,
    })
    .nullable(),
  cost: z
    .object({
      rule: z.string().nullable().describe('the rule that claims it, in words'),
      tenant: z.string().nullable(),
      customerId: z.string().nullable(),
      customerName: z.string().nullable(),
      month,
      currency,
      /** The direct cost of its customer in the month, as the margin table shows it. */
      directCost: decimal.nullable(),
      /** The month’s cost of its service. */
      scope: costScope,
    })
    .nullable(),
  lines: z.array(lineUse),
  /** Why an invoice, or every one, lacks it. */
  reasons: z.array(z.string()),
})

/** A page of the entries behind a figure: those after a seq. */
const recordsPage = asOf.extend({
  afterSeq: z.int().optional(),
  limit: z.int().min(1).max(500).default(100),
})

export const explain = {
  line: base
    .route({
      method: 'GET',
      path: '/explain/invoices/{invoiceId}/lines/{line}',
      summary: 'Why an invoice line is what it is',
    })
    .input(asOf.extend({ invoiceId: z.string(), line: z.coerce.number().int() }))
    .output(
      z.object({
        title: z.string(),
        currency,
        line: invoiceLine,
        rateCardName: z.string(),
        rateCardVersions: z.array(z.int()),
        usage: usageExplanation.nullable(),
        chainHead: z.string(),
        asOfBatch: z.int(),
        /** What arrived since, in words; null where nothing did. */
        lateSince: z.string().nullable(),
        /** How much of the quantity belongs to earlier months, in words; null where none does. */
        lateIncluded: z.string().nullable(),
        text: z.string().describe('the whole explanation as text, for copying'),
        formula: z.string().nullable().describe('the amount as a formula a spreadsheet computes'),
      }),
    ),
  usage: base
    .route({ method: 'POST', path: '/explain/usage', summary: 'Why a quantity is what it is' })
    .input(usageScope)
    .output(usageExplanation),
  cost: base
    .route({ method: 'POST', path: '/explain/cost', summary: 'Why a cost is what it is' })
    .input(costScope)
    .output(
      z.object({
        title: z.string(),
        currency,
        billed: decimal,
        effective: decimal,
        /** Of the records that have one; null where none has. */
        contracted: decimal.nullable(),
        list: decimal.nullable(),
        contractedUnknown: z.int().describe('records without a contracted cost'),
        listUnknown: z.int().describe('records without a list cost'),
        entries: z.int(),
        services: z.array(
          z.object({
            service: z.string().nullable(),
            billed: decimal,
            effective: decimal,
            contracted: decimal.nullable(),
            list: decimal.nullable(),
            entries: z.int(),
          }),
        ),
        rules: z.array(
          z.object({ ruleId: z.string().nullable(), words: z.string(), billed: decimal, entries: z.int() }),
        ),
        chainHead: z.string(),
      }),
    ),
  revenue: base
    .route({
      method: 'GET',
      path: '/explain/revenue/{month}',
      summary: 'Why revenue is what it is: the customers of the month, or the lines of one',
    })
    .input(asOf.extend({ month, customerId: z.string().optional() }))
    .output(
      z.object({
        title: z.string(),
        currency,
        /** Null where nothing could be invoiced or rated. */
        total: decimal.nullable(),
        customers: z.array(
          z.object({
            customerId: z.string(),
            name: z.string(),
            total: decimal,
            /** The invoice it comes from; null where the month was rated now. */
            invoiceId: z.string().nullable(),
            state: z.string(),
          }),
        ),
        /** Of one customer only, and of its invoices in the book's currency. */
        lines: z.array(
          z.object({
            /** The invoice it is on; null where the month was rated now. */
            invoiceId: z.string().nullable(),
            number: z.string(),
            line: invoiceLine,
          }),
        ),
        /** By which rates invoices in other currencies are in the total, or that they are not. */
        notes: z.array(z.string()),
        chainHead: z.string(),
        asOfBatch: z.int().nullable(),
      }),
    ),
  usageRecords: base
    .route({ method: 'POST', path: '/explain/usage/records', summary: 'The entries behind a quantity' })
    .input(recordsPage.extend({ scope: usageScope }))
    .output(
      z.object({
        records: z.array(
          z.object({
            seq: z.int(),
            tenant: z.string(),
            quantity: decimal,
            startMs: milliseconds,
            batchId: z.int(),
            late: z.boolean(),
            correction: z.string().nullable(),
          }),
        ),
        more: z.boolean(),
      }),
    ),
  costRecords: base
    .route({ method: 'POST', path: '/explain/cost/records', summary: 'The entries behind a cost' })
    .input(recordsPage.extend({ scope: costScope }))
    .output(
      z.object({
        records: z.array(
          z.object({
            seq: z.int(),
            service: z.string(),
            resource: z.string().nullable(),
            tenant: z.string().nullable(),
            billed: decimal,
            effective: decimal,
            startMs: milliseconds,
            batchId: z.int(),
            correction: z.string().nullable(),
          }),
        ),
        more: z.boolean(),
      }),
    ),
  record: base
    .route({
      method: 'GET',
      path: '/explain/records/{seq}',
      summary: 'One entry, and the record it came from, field by field',
    })
    .input(asOf.extend({ seq: z.coerce.number().int() }))
    .output(rawRecord),
  uses: base
    .route({
      method: 'GET',
      path: '/explain/records/{seq}/uses',
      summary: 'Every invoice line and figure that one entry is part of, or why none is',
    })
    .input(asOf.extend({ seq: z.coerce.number().int() }))
    .output(entryUses),
  /** For scripts: an invoice line (`<invoice>/<line>`), an entry (`u12`, `c12`), an invoice or a batch (`b3`). */
  byId: base
    .route({ method: 'GET', path: '/explain/{+id}', summary: 'Explain whatever the id names' })
    .input(asOf.extend({ id: z.string() }))
    .output(z.object({ kind: z.string(), text: z.string(), data: z.unknown() })),
}
