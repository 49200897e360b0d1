/** The Ledger screen's state in the URL. */
import { z } from 'zod'

export const TABS = ['search', 'batches', 'quarantine', 'conflicts', 'verify'] as const

export const ledgerSearch = z.object({
  tab: z.enum(TABS).default('search'),
  text: z.coerce.string().max(500).optional(),
  kind: z.enum(['any', 'usage', 'cost', 'document']).default('any'),
  batch: z.coerce.number().int().positive().optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** The entry whose record is open. */
  entry: z.coerce.number().int().positive().optional(),
  /** Which rejected records are listed. */
  state: z.enum(['open', 'answered', 'all']).default('open'),
})
export type LedgerSearch = z.output<typeof ledgerSearch>
export type SetLedgerSearch = (
  change: { [Key in keyof LedgerSearch]?: LedgerSearch[Key] | undefined },
) => void
