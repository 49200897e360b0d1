import { z } from 'zod'
import { AGGREGATIONS, type Metric } from '../domain/metric.ts'
import {
  asOf,
  asOfAlone,
  base,
  currency,
  day,
  decimal,
  issue,
  jobStarted,
  known,
  milliseconds,
  month,
} from './common.ts'

export const metric = z.object({
  metric: z.string().trim().min(1).max(200),
  name: z.string().trim().min(1).max(200),
  unit: z.string().trim().min(1).max(60),
  aggregation: z.enum(AGGREGATIONS),
  scale: z.int().min(0).max(12),
  uniqueBy: z.string().min(1).optional(),
}) as unknown as z.ZodType<Metric>

const columnOrFixed = z.union([
  z.strictObject({ column: z.string().min(1) }),
  z.strictObject({ fixed: z.string().min(1) }),
])

/** How columns of a CSV become usage events. Times without a zone of their own are meant in `timeZone`. */
export const csvMapping = z.strictObject({
  tenant: columnOrFixed,
  metric: columnOrFixed,
  quantity: columnOrFixed,
  time: z.strictObject({
    column: z.string().min(1),
    format: z.enum(['iso', 'epoch_s', 'epoch_ms']),
    timeZone: z.string(),
  }),
  id: z.string().min(1).optional().describe('column; without it a row is known by its content'),
  dimensions: z.array(z.string().min(1)).describe('columns'),
})
export type CsvMapping = z.infer<typeof csvMapping>

export const logOptions = z.object({
  tenantFrom: z.union([
    z.literal('client'),
    z.strictObject({ segment: z.int().min(1).max(20) }),
    z.strictObject({ regex: z.string().min(1).max(500) }),
  ]),
  requestsMetric: z.string().min(1),
  bytesMetric: z.string().min(1),
})
export type LogOptions = z.infer<typeof logOptions>

export const fileKind = z.enum(['cloudevents', 'paigo', 'access_log', 'csv', 'focus'])
export type FileKind = z.infer<typeof fileKind>

/** How a file is to be read. What is left out is detected or proposed. */
export const readOptions = z.object({
  kind: fileKind.optional(),
  /** The name of the source the records belong to; ids are unique within it. */
  source: z.string().trim().min(1).max(120).optional(),
  mapping: csvMapping.optional(),
  log: logOptions.optional(),
  /** For cost: a newer delivery of the same export replaces the older (`restate`), or adds to it (`add`). */
  delivery: z.enum(['restate', 'add']).optional(),
  /**
   * For usage: a record whose id came before with another value is kept aside (`conflict`), or replaces what was
   * counted (`restate`).
   */
  sameId: z.enum(['conflict', 'restate']).optional(),
  /** Definitions of metrics the book doesn't know yet; proposed by the preview. */
  metrics: z.array(metric).optional(),
})
export type ReadOptions = z.infer<typeof readOptions>

export const filePreview = z.object({
  fileId: z.string(),
  name: z.string(),
  bytes: z.int(),
  kind: z.union([fileKind, z.literal('unknown')]),
  reason: z.string().describe('why the kind was taken, in words'),
  encoding: z.string(),
  /** Options as they will be used when nothing is changed. */
  options: readOptions,
  header: z.array(z.string()).nullable(),
  sample: z.array(z.array(z.string())).describe('first records, as cells in order of header or as one text'),
  /** What the first records become. */
  records: z.array(
    z.object({
      row: z.int(),
      what: z.string().describe('metric, or service'),
      tenant: z.string().nullable(),
      amount: z.string(),
      unit: z.string(),
      time: milliseconds,
      attributedTo: z.string().nullable(),
    }),
  ),
  rowsRead: z.int().describe('rows the preview looked at'),
  wholeFile: z.boolean().describe('whether these were all'),
  newMetrics: z.array(metric),
  /** For cost: which bills the file speaks of, and whether the ledger has them. */
  bills: z.array(
    z.object({
      provider: z.string(),
      billingAccount: z.string(),
      month,
      currency,
      billed: decimal,
      rows: z.int(),
      inLedger: z.int(),
    }),
  ),
  attribution: z.object({ attributed: decimal, unattributed: decimal, currency }).nullable(),
  issues: z.array(issue),
  importedBefore: z.object({ batchId: z.int(), recordedMs: milliseconds }).nullable(),
})
export type FilePreview = z.infer<typeof filePreview>

export const files = {
  begin: base
    .route({ method: 'POST', path: '/files', summary: 'Announce a file; its bytes follow in chunks' })
    .input(z.object({ name: z.string().min(1).max(255), size: z.int().nonnegative() }))
    .output(z.object({ fileId: z.string() })),
  append: base
    .route({
      method: 'POST',
      path: '/files/{fileId}/chunks',
      summary: 'The next chunk, at most 4 MB, at its offset',
    })
    .input(
      z.object({
        fileId: z.string(),
        offset: z.coerce.number().int().nonnegative(),
        chunk: z.instanceof(Blob),
      }),
    )
    .output(z.object({ received: z.int() })),
  openPath: base
    .route({
      method: 'POST',
      path: '/files/path',
      summary: 'Read a file where it lies (only for the local command line)',
    })
    .input(z.object({ path: z.string().min(1) }))
    .output(z.object({ fileId: z.string() })),
  discard: base
    .route({ method: 'DELETE', path: '/files/{fileId}', summary: 'Forget an announced file' })
    .input(z.object({ fileId: z.string() })),
}

export const imports = {
  preview: base
    .route({
      method: 'POST',
      path: '/imports/preview',
      summary: 'What a file holds and what it would become; changes nothing',
    })
    .input(z.object({ fileId: z.string(), options: readOptions }))
    .output(filePreview),
  start: base
    .route({ method: 'POST', path: '/imports', summary: 'Import a file, all or nothing' })
    .input(z.object({ fileId: z.string(), options: readOptions }))
    .output(jobStarted),
  mappings: base
    .route({ method: 'GET', path: '/imports/mappings', summary: 'Saved column mappings' })
    .output(z.array(z.object({ name: z.string(), header: z.array(z.string()), mapping: csvMapping }))),
  saveMapping: base
    .route({
      method: 'PUT',
      path: '/imports/mappings/{name}',
      summary: 'Save a column mapping; files with this header propose it',
    })
    .input(
      z.object({ name: z.string().trim().min(1).max(80), header: z.array(z.string()), mapping: csvMapping }),
    ),
}

export const sourceCard = z.object({
  source: z.string(),
  kind: z.string(),
  lastBatch: z.object({ batchId: z.int(), title: z.string(), recordedMs: milliseconds, added: z.int() }),
  records: z.int(),
  lastServiceMs: milliseconds,
  lagMs: z.int(),
  health: z.enum(['fresh', 'late']),
  quarantined: z.int(),
  /** Records by day of service, the last 60 days up to the source's newest. */
  arrivals: z.array(z.object({ day, records: z.int() })),
})

export const sources = {
  list: base
    .route({ method: 'GET', path: '/sources', summary: 'Every source with its health' })
    .input(asOfAlone)
    .output(z.array(sourceCard)),
  arrivals: base
    .route({
      method: 'GET',
      path: '/sources/arrivals',
      summary: 'Per source and day of a month: what arrived',
    })
    .input(asOf.extend({ month }))
    .output(
      z.object({
        days: z.array(day),
        sources: z.array(
          z.object({
            source: z.string(),
            kind: z.string(),
            days: z.array(
              z.object({
                day,
                records: z.int(),
                state: z.enum(['arrived', 'late', 'missing', 'ahead', 'none']),
              }),
            ),
          }),
        ),
        asOf: known,
      }),
    ),
}

export const metrics = {
  list: base
    .route({ method: 'GET', path: '/metrics', summary: 'What is measured' })
    .input(asOfAlone)
    .output(
      z.array(
        z.object({
          definition: metric,
          version: z.int().describe('0 where the book only knows it from events'),
          events: z.int(),
          tenants: z.int(),
          firstMs: milliseconds.nullable(),
          lastMs: milliseconds.nullable(),
        }),
      ),
    ),
  save: base
    .route({ method: 'PUT', path: '/metrics/{metric}', summary: 'Define a metric, or a new version of it' })
    .input(z.object({ metric: z.string(), definition: metric, expectedVersion: z.int() }))
    .output(z.object({ version: z.int() })),
}
