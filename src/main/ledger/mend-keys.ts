/** Making the index of the pages' keys anew, where it does not fit them. */
import { fingerprintOf, type KeyRuns } from './key-runs.ts'
import { type Ledger, prepared } from './open.ts'
import { pagesForwards } from './read-pages.ts'

/** Keys written as one run, so that the memory stays bounded. */
const RUN_KEYS = 262_144

/** Whether the index has as many keys as the pages have events; verify compares each of them. */
export const hasAllKeys = (ledger: Ledger): boolean => {
  const [events, keys, kept] = prepared(
    ledger,
    `SELECT (SELECT coalesce(sum(events), 0) FROM usage_page), (SELECT total(keys) FROM usage_key_run),
       (SELECT coalesce(sum(length(bytes)), 0) / 8 FROM usage_key_part)`,
  )
    .raw()
    .get() as [number, number, number]
  return events === keys && keys === kept
}

/** Within the transaction that is open. @throws LedgerRefusal where a page is damaged. */
export const rebuildKeys = (ledger: Ledger, runs: KeyRuns): void => {
  runs.clear()
  const seqs = new Float64Array(RUN_KEYS)
  const fingerprints = new Uint32Array(RUN_KEYS)
  let count = 0
  const write = () => {
    if (count > 0) runs.write(seqs.subarray(0, count), fingerprints.subarray(0, count))
    count = 0
  }
  for (const { firstSeq, sourceNo, columns } of pagesForwards(ledger, 0, Number.MAX_SAFE_INTEGER)) {
    if (count + columns.events > RUN_KEYS) write()
    for (let i = 0; i < columns.events; i++) {
      seqs[count] = firstSeq + i
      fingerprints[count] = fingerprintOf(sourceNo, columns.keys, i)
      count++
    }
  }
  write()
}
