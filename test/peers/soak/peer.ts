/** What the soak asks of each peer: to be worked with and read by a source for an hour, and to say what it holds. */

import type { ConnectionConfig } from '../../../src/contract/connections.ts'
import { type DecimalText, sumDecimals } from '../../../src/domain/decimal.ts'
import { type Month, monthOf, monthsBetween } from '../../../src/domain/period.ts'
import type { House } from '../../main/engine/house.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** `metric tenant` to its total; of cost, `billed account`. */
export type Totals = Readonly<Record<string, DecimalText>>

export interface SoakSource {
  readonly name: string
  readonly kind: string
  readonly config: ConnectionConfig
  readonly everyMinutes: number
  /** By field. */
  readonly secrets?: Readonly<Record<string, string>>
}

export interface SoakPeer {
  /** Null where the peer pushes by itself. */
  readonly source: SoakSource | null
  /** What happens in the ten simulated minutes that begin then; `step` counts from 0. */
  readonly work: (step: number, fromMs: number) => Promise<void>
  /** What the peer learns of the hour only after it. */
  readonly late?: (startMs: number) => Promise<void>
  /** Called each time the engine has a book open, and before it closes. */
  readonly opened?: (house: House) => Promise<void>
  readonly closing?: () => Promise<void>
  /** The peer is gone, and comes back with all that it held. */
  readonly outage?: { readonly begin: () => Promise<void>; readonly end: () => Promise<void> }
  /** What the peer itself holds, asked of it. */
  readonly own: () => Promise<Totals>
  /** The same of the ledger. */
  readonly kept: (house: House) => Promise<Totals>
  readonly close: () => Promise<void>
}

/** Sums by key, whatever order they come in. */
export const totalsOf = (rows: Iterable<readonly [key: string, value: DecimalText]>): Totals => {
  const sums: Record<string, DecimalText> = {}
  for (const [key, value] of rows) sums[key] = sumDecimals([sums[key] ?? ('0' as DecimalText), value])
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Months that the simulated hour, the real one before it and what is settled after it may be in. */
export const monthsAround = (startMs: number): readonly Month[] =>
  monthsBetween(monthOf(startMs - 3 * HOUR, 'UTC'), monthOf(startMs + 3 * HOUR, 'UTC'))

/** The ledger's usage of metrics by tenant. */
export const keptUsage =
  (startMs: number, ...metrics: readonly string[]) =>
  async (house: House): Promise<Totals> => {
    const months = monthsAround(startMs)
    const rows: (readonly [string, DecimalText])[] = []
    for (const metric of metrics) {
      const report = await house.client.usage.query({
        metric,
        from: months[0] as Month,
        to: months.at(-1) as Month,
        grain: 'month',
        groupBy: ['tenant'],
        filters: [],
        compare: 'none',
      })
      for (const { keys, total } of report.rows) rows.push([`${metric} ${keys[0]}`, total])
    }
    return totalsOf(rows)
  }

/** One CloudEvent, without the end of its line. */
export const eventText = (metric: string, tenant: string, id: string, atMs: number, value: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/soak',
    type: metric,
    subject: tenant,
    time: new Date(atMs).toISOString(),
    data: { value },
  })

/** Values by tenant of events that a peer holds as lines, each id once. */
export const eventTotals = (texts: readonly string[]): Totals => {
  const seen = new Map<string, readonly [string, DecimalText]>()
  for (const line of texts.flatMap((text) => text.split('\n')).filter((text) => text !== '')) {
    const { id, type, subject, data } = JSON.parse(line)
    seen.set(id, [`${type} ${subject}`, data.value])
  }
  return totalsOf(seen.values())
}
