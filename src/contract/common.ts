/** Shapes that every area of the contract shares. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Decimal, type DecimalText, parseDecimal } from '../domain/decimal.ts'
import type { Issue } from '../domain/issue.ts'
import type { Month } from '../domain/period.ts'

const DECIMAL = 'a decimal number, like 12.5'
const PERCENT = 'a percentage from 0 to 100'
/** What a field of either kind says where it is no text: a file's exact number can be put in its place. */
export const DECIMAL_MESSAGES: readonly string[] = [DECIMAL, PERCENT]

/** Exact decimal as text; read as canonical text. */
export const decimal = z
  .string({ error: DECIMAL })
  .regex(/^-?\d{1,60}(\.\d{1,60})?$/, {
    error: ({ input }) =>
      /^-?\d+(\.\d+)?$/.test(String(input))
        ? 'a decimal number of at most 60 digits before the point and 60 after it'
        : DECIMAL,
    abort: true,
  })
  .overwrite((text) => parseDecimal(text) ?? text) as unknown as z.ZodType<DecimalText, string>

export const percent = z
  .string({ error: PERCENT })
  .regex(/^\d{1,3}(\.\d{1,10})?$/, { error: PERCENT, abort: true })
  .refine((text) => new Decimal(text).lessThanOrEqualTo(100), PERCENT)
  .overwrite((text) => parseDecimal(text) ?? text) as unknown as z.ZodType<DecimalText, string>

export const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month, like 2026-10') as unknown as z.ZodType<Month, string>

export const day = z.iso.date({ error: 'a day, like 2026-10-31' })

export const currency = z.string().regex(/^[A-Z]{3}$/, 'a currency code of three capital letters, like USD')

/** Ids people may choose: letters, digits and - _ . : @, at most 128. */
export const id = z
  .string()
  .regex(/^[\p{L}\p{N}_.:@-]{1,128}$/u, 'letters, digits and - _ . : @ only, at most 128')

export const milliseconds = z.int().describe('UTC milliseconds since 1970')

export const issue: z.ZodType<Issue> = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  row: z.int().optional(),
  column: z.string().optional(),
}) as unknown as z.ZodType<Issue>

/**
 * Asked as of a moment: what was known then, by the entries, prices, contracts, customers, rules and invoices of then.
 * It stands for the last batch recorded by that moment; the engine resolves it once.
 */
export const asOf = z.object({
  asOf: z
    .string()
    .max(60)
    .optional()
    .describe(
      'a batch (812), a day (2026-11-02: its end) or a time (2026-11-02T09:00:00+01:00); now without it',
    ),
})

/** For a report that asks for nothing else. */
export const asOfAlone = asOf.default({})

/** What an answer rests on: the last batch that it counts. */
export const known = z.object({
  batchId: z.int(),
  recordedMs: milliseconds,
  hash: z.string().describe('of the chain up to that batch'),
})
export type Known = z.output<typeof known>

export const jobStarted = z.object({ jobId: z.string() })

/** Refusals that any procedure may answer with; each carries a sentence in `message`. */
export const base = oc.errors({
  NO_BOOK: { status: 409, message: 'No book is open.' },
  NOT_FOUND: { status: 404, message: 'There is no such record.' },
  REFUSED: {
    status: 422,
    message: 'Refused.',
    data: z.object({ code: z.string(), issues: z.array(issue).optional() }),
  },
  READ_ONLY: { status: 403, message: 'The book is open for reading only.' },
  CHANGED_MEANWHILE: {
    status: 409,
    message: 'Somebody changed this meanwhile. Look at the new version and try again.',
  },
})
