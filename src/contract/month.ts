import { z } from 'zod'
import {
  asOf,
  asOfAlone,
  base,
  currency,
  decimal,
  issue,
  jobStarted,
  known,
  milliseconds,
  month,
} from './common.ts'
import { rawRecord } from './invoices.ts'

export const billRow = z.object({
  provider: z.string(),
  billingAccount: z.string(),
  month,
  currency,
  ledgerBilled: decimal,
  attributed: decimal,
  unattributed: decimal,
  entries: z.int(),
  /** The total typed from the provider's invoice; null until somebody did. */
  billTotal: decimal.nullable(),
  billTotalVersion: z.int(),
  billTotalBy: z.string().nullable(),
  /** The sum of the newest file that delivered this bill. */
  fileTotal: decimal.nullable(),
  difference: decimal.nullable(),
})

export const closeCheck = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['passed', 'open', 'not_applicable']),
  sentence: z.string(),
  blocking: z.boolean(),
  /** Path and search of the screen with the evidence. */
  link: z.string(),
})

export const monthState = z.object({
  month,
  closed: z.boolean(),
  closedBy: z.string().nullable(),
  closedAtMs: milliseconds.nullable(),
  reason: z.string().nullable(),
  mayClose: z.boolean(),
  checks: z.array(closeCheck),
  bills: z.array(billRow),
  /** What came after the close and counts in the next open month. */
  adjustments: z.object({
    usageEvents: z.int(),
    costEntries: z.int(),
    billed: decimal,
    postedTo: month.nullable(),
  }),
  currency,
  asOf: known,
})

export const reconcile = {
  month: base
    .route({ method: 'GET', path: '/months/{month}', summary: 'The checks of a month and its bills' })
    .input(asOf.extend({ month }))
    .output(monthState),
  setBillTotal: base
    .route({
      method: 'PUT',
      path: '/months/{month}/bill-totals',
      summary: 'Type the total of a provider’s bill',
    })
    .input(
      z.object({
        month,
        provider: z.string(),
        billingAccount: z.string(),
        currency,
        /** Null takes it back. */
        total: decimal.nullable(),
        expectedVersion: z.int(),
      }),
    )
    .output(monthState),
  close: base
    .route({
      method: 'POST',
      path: '/months/{month}/close',
      summary: 'Lock the month; what arrives later counts in the next open one',
    })
    .input(
      z.object({
        month,
        reason: z.string().max(2000).optional().describe('needed where a blocking check is open'),
      }),
    )
    .output(monthState),
}

export const entryRow = z.object({
  seq: z.int(),
  entryId: z.string(),
  table: z.string(),
  batchId: z.int(),
  recordedMs: milliseconds,
  serviceMs: milliseconds.nullable(),
  tenant: z.string().nullable(),
  what: z.string(),
  amount: z.string(),
  unit: z.string(),
  correction: z.string().nullable(),
  corrects: z.int().nullable(),
})

export const batchRow = z.object({
  batchId: z.int(),
  kind: z.string(),
  title: z.string(),
  recordedMs: milliseconds,
  author: z.string(),
  entries: z.int(),
  counts: z.record(z.string(), z.int()),
  hash: z.string(),
})

export const quarantineRow = z.object({
  seq: z.int(),
  batchId: z.int(),
  recordedMs: milliseconds,
  source: z.string(),
  reader: z.string(),
  file: z.string(),
  row: z.int(),
  column: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  raw: z.string(),
  state: z.enum(['open', 'replayed', 'dismissed']),
  note: z.string().nullable(),
})

export const ledger = {
  search: base
    .route({
      method: 'POST',
      path: '/ledger/search',
      summary: 'Entries by id, tenant, metric, service, amount, batch or time',
    })
    .input(
      asOf.extend({
        text: z
          .string()
          .max(500)
          .optional()
          .describe('u12, c12, a tenant, a metric, a service, or an amount'),
        kind: z.enum(['usage', 'cost', 'document', 'any']).default('any'),
        batchId: z.int().optional(),
        fromMs: milliseconds.optional(),
        toMs: milliseconds.optional(),
        beforeSeq: z.int().optional(),
        limit: z.int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ rows: z.array(entryRow), more: z.boolean() })),
  history: base
    .route({
      method: 'GET',
      path: '/ledger/entries/{seq}/history',
      summary: 'Everything the ledger says of one record',
    })
    .input(asOf.extend({ seq: z.coerce.number().int() }))
    .output(
      z.object({
        entry: rawRecord,
        history: z.array(entryRow),
        invoices: z.array(
          z.object({ invoiceId: z.string(), number: z.string(), line: z.int(), description: z.string() }),
        ),
      }),
    ),
  asOf: base
    .route({ method: 'GET', path: '/ledger/as-of', summary: 'The batch that a moment stands for' })
    .input(asOfAlone)
    .output(known),
  batches: base
    .route({ method: 'GET', path: '/ledger/batches', summary: 'Batches, newest first' })
    .input(
      asOf.extend({
        beforeBatch: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ rows: z.array(batchRow), more: z.boolean() })),
  quarantine: base
    .route({ method: 'GET', path: '/ledger/quarantine', summary: 'Rejected records with their reasons' })
    .input(
      asOf.extend({
        state: z.enum(['open', 'answered', 'all']).default('open'),
        afterSeq: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ rows: z.array(quarantineRow), open: z.int(), more: z.boolean() })),
  replay: base
    .route({
      method: 'POST',
      path: '/ledger/quarantine/{seq}/replay',
      summary: 'Read a mended record again; refused where it is still wrong',
    })
    .input(z.object({ seq: z.coerce.number().int(), raw: z.string().max(1_000_000) }))
    .output(z.object({ sentence: z.string(), batchId: z.int() })),
  dismiss: base
    .route({
      method: 'POST',
      path: '/ledger/quarantine/dismiss',
      summary: 'Answer rejected records without replaying them, with a reason',
    })
    .input(z.object({ seqs: z.array(z.int()).min(1).max(10_000), note: z.string().trim().min(1).max(2000) }))
    .output(z.object({ dismissed: z.int() })),
  conflicts: base
    .route({
      method: 'GET',
      path: '/ledger/conflicts',
      summary: 'Records whose id came again with another payload',
    })
    .input(asOfAlone)
    .output(
      z.array(
        z.object({
          seq: z.int(),
          existingSeq: z.int(),
          source: z.string(),
          file: z.string(),
          row: z.int(),
          message: z.string(),
          raw: z.string(),
          recordedMs: milliseconds,
        }),
      ),
    ),
  verify: base
    .route({
      method: 'POST',
      path: '/ledger/verify',
      summary: 'Walk the whole chain and name the first entry that does not fit',
    })
    .output(jobStarted),
}

/** What a table on the screen holds, to be written as a sheet. */
export const sheet = z.object({
  title: z.string().min(1).max(120),
  columns: z
    .array(
      z.object({
        key: z.string(),
        title: z.string(),
        kind: z.enum(['text', 'money', 'quantity', 'percent', 'count', 'date', 'month']),
        unit: z.string().optional(),
        currency: z.string().optional(),
        /** Whether a totals row sums this column. */
        total: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(1000),
  rows: z.array(z.record(z.string(), z.string().nullable())).max(1_000_000),
})

/** A file, named as it should be saved. */
export const fileOut = z.file()

export const exports_ = {
  table: base
    .route({ method: 'POST', path: '/exports/table', summary: 'A table as .xlsx or .csv' })
    .input(asOf.extend({ sheet, format: z.enum(['xlsx', 'csv']) }))
    .output(fileOut),
  month: base
    .route({ method: 'GET', path: '/exports/months/{month}', summary: 'The month workbook' })
    .input(asOf.extend({ month }))
    .output(fileOut),
}

export const excel = {
  template: base
    .route({ method: 'GET', path: '/excel/templates/{kind}', summary: 'A template with examples' })
    .input(z.object({ kind: z.enum(['customers', 'rate_card']) }))
    .output(fileOut),
  preview: base
    .route({
      method: 'POST',
      path: '/excel/preview',
      summary: 'What a workbook would change, row by row; changes nothing',
    })
    .input(z.object({ fileId: z.string(), kind: z.enum(['customers', 'rate_card']) }))
    .output(
      z.object({
        rows: z.array(
          z.object({
            row: z.int(),
            state: z.enum(['new', 'changed', 'unchanged', 'error']),
            summary: z.string(),
            issues: z.array(issue),
          }),
        ),
        issues: z.array(issue),
        mayApply: z.boolean(),
        sentence: z.string(),
      }),
    ),
  apply: base
    .route({ method: 'POST', path: '/excel/apply', summary: 'Apply a workbook, whole or not at all' })
    .input(z.object({ fileId: z.string(), kind: z.enum(['customers', 'rate_card']) }))
    .output(z.object({ sentence: z.string() })),
}
