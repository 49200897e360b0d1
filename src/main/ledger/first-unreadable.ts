/** Which entry is the first that a damaged page keeps from being read: verification reads many at once and knows only where they begin. */
import type { Ledger } from './open.ts'
import { readEntry } from './read.ts'
import { machineCode } from './refusal.ts'

/** Entries looked at one by one, which is more than are verified at once. */
const LOOKED_AT_MAX = 8192

/** The first entry from `seq` on that cannot be read; null where all that were looked at can. */
export const firstUnreadable = (ledger: Ledger, seq: number): number | null => {
  for (let at = seq; at < seq + LOOKED_AT_MAX; at++)
    try {
      readEntry(ledger, at)
    } catch (error) {
      if (machineCode(error).startsWith('SQLITE_CORRUPT')) return at
      throw error
    }
  return null
}
