/** The journal for people: entries, the history of one record, what was rejected or contradicted, and corrections. */
import { z } from 'zod'
import { asOf, asOfAlone, base, decimal, jobStarted, known, milliseconds, month } from './common.ts'
import { rawRecord } from './explain.ts'

/** Why a person corrects something; kept in the title of the correction's batch. */
const reason = z.string().trim().min(1, 'a reason, in a few words').max(500)

/** Who answered a rejected or contradicting record, and when. */
const answer = z.object({
  batchId: z.int(),
  author: z.string(),
  recordedMs: milliseconds,
  /** The entry that came of it; null where none did. */
  entrySeq: z.int().nullable(),
})

const correction = z.object({
  batchId: z.int(),
  reversalSeq: z.int().nullable(),
  postedSeq: z.int().nullable(),
  sentence: z.string(),
})

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
  answer: answer.nullable(),
})

export const conflictRow = z.object({
  seq: z.int(),
  batchId: z.int(),
  /** The entry that was counted when it came. */
  existingSeq: z.int(),
  source: z.string(),
  file: z.string(),
  row: z.int(),
  message: z.string(),
  raw: z.string(),
  recordedMs: milliseconds,
  state: z.enum(['open', 'restated', 'dismissed']),
  note: z.string().nullable(),
  answer: answer.nullable(),
})

/** One step in the life of a record. */
export const recordStep = z.object({
  kind: z.enum([
    'quarantined',
    'replayed',
    'posted',
    'conflict_met',
    'first_kept',
    'restated',
    'returned',
    'reversed',
  ]),
  /** The entry of this step, of whatever table. */
  seq: z.int(),
  /** `u12` or `c12`; null where the step counts nothing by itself. */
  entryId: z.string().nullable(),
  batchId: z.int(),
  batchTitle: z.string(),
  batchHash: z.string(),
  recordedMs: milliseconds,
  author: z.string(),
  /** What happened. */
  sentence: z.string(),
  /** Why, in the words of whoever did it. */
  reason: z.string().nullable(),
  amount: decimal.nullable(),
  unit: z.string(),
  /** The month it counts in; null where it counts in none. */
  month: month.nullable(),
  /** The hash of the entry. */
  digest: z.string(),
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
        /** What counts of the record now, in a sentence, and which entry that is. */
        standing: z.object({ seq: z.int().nullable(), entryId: z.string().nullable(), sentence: z.string() }),
        /** Everything that happened to it, newest first. */
        steps: z.array(recordStep),
        /** Its entries, oldest first. */
        history: z.array(entryRow),
        conflicts: z.array(conflictRow),
        quarantined: quarantineRow.nullable(),
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
    .input(
      asOf.extend({
        state: z.enum(['open', 'answered', 'all']).default('open'),
        afterSeq: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(1000),
      }),
    )
    .output(z.array(conflictRow)),
  reverse: base
    .route({
      method: 'POST',
      path: '/ledger/entries/{seq}/reverse',
      summary: 'Take an entry’s amounts off; a closed month’s in the next open one',
    })
    .input(z.object({ seq: z.coerce.number().int().positive(), reason }))
    .output(correction),
  takeConflict: base
    .route({
      method: 'POST',
      path: '/ledger/conflicts/{seq}/take',
      summary: 'Reverse what counts under the id and post the later record in its place',
    })
    .input(z.object({ seq: z.coerce.number().int().positive(), note: reason }))
    .output(correction),
  keepFirst: base
    .route({
      method: 'POST',
      path: '/ledger/conflicts/keep-first',
      summary: 'Answer conflicts by keeping what is counted, with a reason',
    })
    .input(z.object({ seqs: z.array(z.int().positive()).min(1).max(10_000), note: reason }))
    .output(z.object({ kept: z.int(), batchId: z.int() })),
  verify: base
    .route({
      method: 'POST',
      path: '/ledger/verify',
      summary: 'Walk the whole chain and name the first entry that does not fit',
    })
    .output(jobStarted),
}
