/**
 * What a step appends to `usage_fact` is compared with what it read of the ledger before the step is committed: a
 * number that went astray between the two would otherwise stand in the cube, unseen, until it is rebuilt. The values
 * are added up here from what was read, apart from what fills the appender, and in DuckDB from what it holds.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { UsageColumns } from '../ledger/usage-page.ts'
import { readRows } from './database.ts'
import type { UsageRow } from './feed.ts'
import type { LocalTime } from './local-time.ts'

/** What was appended is not what was read; nothing of the step is kept. */
export class ControlDiffers extends Error {
  override readonly name = 'ControlDiffers'
}

export interface UsageControl {
  page(columns: UsageColumns): void
  rows(rows: readonly UsageRow[]): void
  /** @throws ControlDiffers where the facts after `afterSeq` are not those that were read. */
  compare(connection: DuckDBConnection, afterSeq: number): Promise<void>
}

const TWO_32 = 4_294_967_296n
/** Times are added up by what is left of them, so that those of a page are a safe integer. */
const MODULUS = 1_000_003

const FACTS = `SELECT count(*), count(*) FILTER (late), sum(quantity), min(start_ms), max(start_ms), sum(start_ms % ${MODULUS}),
    min(at_ms), max(at_ms), sum(at_ms % ${MODULUS}), min(day), max(day), min(month), max(month), min(start_day), max(start_day)
  FROM usage_fact WHERE seq > $1`

/** Of the usage events of one step. */
export const usageControl = (localTime: (ms: number) => LocalTime): UsageControl => {
  let events = 0
  let late = 0
  let quantity = 0n
  let [startLeast, startMost, startRest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0n]
  let [atLeast, atMost, atRest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0n]

  const times = (startMs: number, postedMs: number): void => {
    const isLate = !Number.isNaN(postedMs)
    const atMs = isLate ? postedMs : startMs
    if (isLate) late++
    if (startMs < startLeast) startLeast = startMs
    if (startMs > startMost) startMost = startMs
    if (atMs < atLeast) atLeast = atMs
    if (atMs > atMost) atMost = atMs
  }
  const read = (): readonly unknown[] => {
    if (events === 0) return [0, 0, ...Array(13).fill(null)]
    const [first, last] = [localTime(atLeast), localTime(atMost)]
    const [firstStart, lastStart] = [localTime(startLeast), localTime(startMost)]
    return [
      ...[events, late, quantity, startLeast, startMost, startRest, atLeast, atMost, atRest],
      ...[first.day, last.day, first.month, last.month, firstStart.day, lastStart.day],
    ]
  }

  return {
    page: ({ events: count, startMs, postedMs, quantityHigh, quantityLow }) => {
      let [high, low, starts, ats] = [0, 0, 0, 0]
      for (let i = 0; i < count; i++) {
        const start = startMs[i] as number
        const posted = postedMs[i] as number
        times(start, posted)
        starts += start % MODULUS
        ats += (Number.isNaN(posted) ? start : posted) % MODULUS
        high += quantityHigh[i] as number
        low += quantityLow[i] as number
      }
      events += count
      quantity += BigInt(high) * TWO_32 + BigInt(low)
      startRest += BigInt(starts)
      atRest += BigInt(ats)
    },
    rows: (rows) => {
      for (const [, , , , high, low, startMs, , postedMs] of rows) {
        times(startMs, postedMs ?? Number.NaN)
        startRest += BigInt(startMs % MODULUS)
        atRest += BigInt((postedMs ?? startMs) % MODULUS)
        quantity += BigInt(high) * TWO_32 + BigInt(low)
        events++
      }
    },
    compare: async (connection, afterSeq) => {
      const [held] = await readRows<readonly (bigint | number | null)[]>(connection, FACTS, [
        BigInt(afterSeq),
      ])
      const [wanted, found] = [read().map(String).join(', '), (held ?? []).map(String).join(', ')]
      if (wanted === found) return
      throw new ControlDiffers(
        `The usage after entry ${afterSeq} arrived in the cube otherwise than the ledger has it, twice. The ledger is whole and nothing wrong was kept; restart Countinghouse, and rebuild the cube if this comes back. (${wanted}; ${found})`,
      )
    },
  }
}
