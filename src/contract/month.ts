import { z } from 'zod'
import { asOf, base, currency, decimal, issue, known, milliseconds, month } from './common.ts'

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

const excelKind = z
  .enum(['customers', 'rate_card', 'rules', 'past_invoices'])
  .describe(
    'past_invoices: issued elsewhere, of a workbook or of JSON as docs/formats/past-invoices.md has it',
  )

export const excel = {
  template: base
    .route({ method: 'GET', path: '/excel/templates/{kind}', summary: 'A template with examples' })
    .input(
      z.object({
        kind: excelKind,
        rateCardId: z
          .string()
          .optional()
          .describe('with kind rate_card: the newest version of this card instead of an empty form'),
        format: z.enum(['xlsx', 'csv']).default('xlsx').describe('csv of a rate card’s version only'),
      }),
    )
    .output(fileOut),
  preview: base
    .route({
      method: 'POST',
      path: '/excel/preview',
      summary: 'What a workbook would change, row by row; changes nothing',
    })
    .input(z.object({ fileId: z.string(), kind: excelKind }))
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
    .input(z.object({ fileId: z.string(), kind: excelKind }))
    .output(z.object({ sentence: z.string() })),
}
