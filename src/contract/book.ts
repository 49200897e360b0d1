import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import {
  asOfAlone,
  base,
  currency,
  decimal,
  issue,
  jobStarted,
  milliseconds,
  month,
  percent,
} from './common.ts'
import { simulation } from './simulation.ts'

export const bookSettings = z.object({
  name: z.string().trim().min(1).max(120),
  /** The currency of reports, invoices and margins. */
  currency,
  /** IANA time zone of billing periods. Fixed once the book holds entries. */
  timeZone: z.string(),
  /** Which of FOCUS's costs margins are made of. */
  costBasis: z.enum(['billed', 'effective']),
  /** A margin under this share of revenue is shown as below floor and refused without a reason in deals. */
  marginFloorPercent: percent,
  /** Unattributed cost above this share of the bill keeps a month from closing. */
  unattributedLimitPercent: percent,
  /** Invoices above this total are listed as needing a second look. */
  invoiceReviewLimit: decimal,
  /** Where invoices are delivered; null means Stripe's own address. */
  stripeApiBase: z.url().nullable(),
  /** Days a customer has to pay, printed on Stripe's invoice. */
  daysUntilDue: z.int().min(0).max(365),
  /** Whether Stripe's invoice is finalised on delivery or left there as a draft. */
  finalizeInStripe: z.boolean(),
})
export type BookSettings = z.infer<typeof bookSettings>

export const bookStatus = z.object({
  open: z.boolean(),
  directory: z.string(),
  program: z.string(),
  /** Who acts: the name that approvals and closes are recorded under. */
  author: z.string(),
  demo: z.boolean(),
  /** Why nothing can be written, and what to do about it; null where the book can be written. */
  readOnly: z.string().nullable(),
  /** Why figures are behind the ledger (a full disk, a damaged page); null where they are not. */
  trouble: z.string().nullable(),
  settings: bookSettings.nullable(),
  settingsVersion: z.int(),
  /** The last batch and the hash that stands for everything before it. */
  head: z.object({
    batchId: z.int(),
    hash: z.string(),
    recordedMs: milliseconds.nullable(),
    entries: z.int(),
  }),
  months: z.array(
    z.object({ month, closed: z.boolean(), usageEvents: z.int(), costEntries: z.int(), invoices: z.int() }),
  ),
  /** The month screens open with: the latest that has data; null in an empty book. */
  currentMonth: month.nullable(),
  freshness: z.array(
    z.object({
      source: z.string(),
      kind: z.string(),
      lastRecordedMs: milliseconds,
      lastServiceMs: milliseconds,
      late: z.boolean(),
    }),
  ),
  openQuarantine: z.int(),
  openConflicts: z.int(),
  /** Whether a Stripe key can be had, without saying what it is. */
  stripeKey: z.object({ available: z.boolean(), sentence: z.string(), canStore: z.boolean() }),
})
export type BookStatus = z.infer<typeof bookStatus>

export const jobProgress = z.object({
  done: z.number(),
  total: z.number().nullable(),
  /** What `done` counts: bytes, rows, invoices, entries. */
  unit: z.string(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  text: z.string(),
})

export const importResult = z.object({
  batchId: z.int().nullable(),
  file: z.string(),
  /** Rows of the file that hold a record: added + duplicate + conflict + quarantined. */
  rows: z.int(),
  added: z.int(),
  duplicate: z.int(),
  conflict: z.int(),
  quarantined: z.int(),
  /** Entries appended; one row may make more than one. */
  entriesAdded: z.int(),
  restated: z.object({ stayed: z.int(), vanished: z.int(), added: z.int() }).nullable(),
  /** Usage that replaced an older value of the same id. */
  replaced: z.int(),
  /** Entries of closed months, counted in the next open one. */
  late: z.int(),
  currencies: z.array(z.object({ currency, billed: decimal, effective: decimal })),
  metrics: z.array(z.object({ metric: z.string(), events: z.int(), quantity: decimal })),
  issues: z.array(issue),
  /** One sentence that sums it up. */
  sentence: z.string(),
})
export type ImportResult = z.infer<typeof importResult>

export const verifyResult = z.object({
  ok: z.boolean(),
  batches: z.int(),
  entries: z.int(),
  head: z.string(),
  fault: z
    .object({
      batchId: z.int().nullable(),
      seq: z.int().nullable(),
      table: z.string().nullable(),
      sentence: z.string(),
    })
    .nullable(),
  cubeAgrees: z.boolean(),
  sentence: z.string(),
})

export const runResult = z.object({
  month,
  drafts: z.int(),
  unchanged: z.int(),
  kept: z.int().describe('approved or delivered already, left as they are'),
  total: decimal,
  currency,
  issues: z.array(issue),
  sentence: z.string(),
})

export const deliverResult = z.object({
  delivered: z.int(),
  failed: z.array(z.object({ invoiceId: z.string(), message: z.string(), retryable: z.boolean() })),
  sentence: z.string(),
})

export const jobResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('import'), import: importResult }),
  z.object({ kind: z.literal('verify'), verify: verifyResult }),
  z.object({ kind: z.literal('invoice_run'), run: runResult }),
  z.object({ kind: z.literal('deliver'), deliver: deliverResult }),
  z.object({
    kind: z.literal('backup'),
    directory: z.string(),
    bytes: z.int(),
    batchId: z.int(),
    entries: z.int(),
    head: z.string(),
    sentence: z.string(),
  }),
  z.object({
    kind: z.literal('restore'),
    directory: z.string(),
    batchId: z.int(),
    entries: z.int(),
    head: z.string(),
    /** Batches of the book of today that the restored one has not; null where they are not of one book. */
    missingBatches: z.int().nullable(),
    sentence: z.string(),
  }),
  z.object({ kind: z.literal('rebuild_cube'), sentence: z.string() }),
  z.object({ kind: z.literal('collect'), sentence: z.string(), added: z.int() }),
  z.object({ kind: z.literal('simulation'), simulation }),
])

export const job = z.object({
  jobId: z.string(),
  kind: z.enum([
    'import',
    'verify',
    'invoice_run',
    'deliver',
    'backup',
    'restore',
    'rebuild_cube',
    'collect',
    'simulation',
  ]),
  title: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  startedMs: milliseconds,
  endedMs: milliseconds.nullable(),
  progress: jobProgress,
  result: jobResult.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type Job = z.infer<typeof job>

export const listedBackup = z.object({
  /** Names the backup in a restore. */
  name: z.string(),
  directory: z.string(),
  madeMs: milliseconds,
  bytes: z.int(),
  /** Its last batch; null where it cannot be read. */
  batchId: z.int().nullable(),
  entries: z.int().nullable(),
  head: z.string().nullable(),
  /** Batches of the open book that it has not; null where there is none to compare with, or it is of another book. */
  missingBatches: z.int().nullable(),
  /** Why it cannot be restored; null where nothing speaks against it. It is verified when it is. */
  problem: z.string().nullable(),
})
export type ListedBackup = z.infer<typeof listedBackup>

/** A folder of this machine: only the command line may name one. */
const folder = z.string().min(1).max(4096)

export const book = {
  status: base
    .route({ method: 'GET', path: '/book', summary: 'The open book, its months, freshness and head' })
    .input(asOfAlone)
    .output(bookStatus),
  create: base
    .route({
      method: 'POST',
      path: '/book',
      summary: 'Make a new book in the folder the engine was started with',
    })
    .input(bookSettings.partial().extend({ name: bookSettings.shape.name, currency, timeZone: z.string() }))
    .output(bookStatus),
  saveSettings: base
    .route({ method: 'PUT', path: '/book/settings', summary: 'A new version of the settings' })
    .input(z.object({ settings: bookSettings, expectedVersion: z.int() }))
    .output(bookStatus),
  saveAuthor: base
    .route({ method: 'PUT', path: '/book/author', summary: 'The name that what follows is recorded under' })
    .input(z.object({ author: z.string().trim().min(1).max(80) }))
    .output(bookStatus),
  storeStripeKey: base
    .route({
      method: 'PUT',
      path: '/book/stripe-key',
      summary: 'Keep a Stripe key in the keychain of this machine (desktop only)',
    })
    .input(z.object({ key: z.string().min(8).max(300) }))
    .output(bookStatus),
  backup: base
    .route({
      method: 'POST',
      path: '/book/backup',
      summary: 'Copy the ledger, whole and consistent, into the book’s backups folder, and check the copy',
    })
    .input(
      z
        .object({ to: folder.optional().describe('another folder; only the command line may name one') })
        .optional(),
    )
    .output(jobStarted),
  backups: base
    .route({ method: 'GET', path: '/book/backups', summary: 'Backups in the book’s folder, newest first' })
    .output(z.array(listedBackup)),
  restore: base
    .route({
      method: 'POST',
      path: '/book/restore',
      summary: 'Verify a backup and make it a book in a new folder; never overwrites one',
    })
    .input(
      z.union([
        z.object({ backup: z.string().min(1).max(200).describe('the name of one of the book’s own') }),
        z.object({ from: folder, to: folder }).describe('only the command line may name folders'),
      ]),
    )
    .output(jobStarted),
  rebuildCube: base
    .route({
      method: 'POST',
      path: '/book/rebuild-cube',
      summary: 'Delete the derived store and build it again from the ledger',
    })
    .output(jobStarted),
}

export const jobs = {
  list: base
    .route({ method: 'GET', path: '/jobs', summary: 'Jobs of this session, newest first' })
    .output(z.array(job)),
  get: base
    .route({ method: 'GET', path: '/jobs/{jobId}', summary: 'One job' })
    .input(z.object({ jobId: z.string() }))
    .output(job),
  watch: base
    .route({ method: 'GET', path: '/jobs/{jobId}/events', summary: 'The job as it changes, until it ends' })
    .input(z.object({ jobId: z.string() }))
    .output(eventIterator(job)),
  cancel: base
    .route({
      method: 'POST',
      path: '/jobs/{jobId}/cancel',
      summary: 'Stop the job; nothing half-done is kept',
    })
    .input(z.object({ jobId: z.string() }))
    .output(job),
}
