import { fileURLToPath } from 'node:url'
import type { Reading, Rejected } from '../../../../src/main/collect/files/record.ts'

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url))

/** 1 June 2026: after every good record of the fixtures. */
export const NOW_MS = Date.UTC(2026, 5, 1)

export interface Exhausted<Entry> {
  readonly entries: readonly Entry[]
  readonly rejected: readonly Rejected[]
}

/** Takes a reading to its end. */
export const exhaust = async <Entry extends { readonly kind: string }>(
  reading: Reading<Entry>,
): Promise<Exhausted<Entry>> => {
  const entries: Entry[] = []
  const rejected: Rejected[] = []
  for await (const chunk of reading.chunks) {
    for (const entry of chunk) {
      if (entry.kind === 'rejected') rejected.push(entry as Rejected)
      else entries.push(entry as Entry)
    }
  }
  return { entries, rejected }
}
