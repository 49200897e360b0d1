/** Storage that each tenant uses: the objects that are there now, held since the last look or since they were put. */
import { Decimal, type DecimalText, toDecimalText } from '../../../../domain/decimal.ts'
import type { Period } from '../../../../domain/period.ts'
import { eventLine } from '../events.ts'
import type { StoredObject } from './store.ts'

const HOUR = 3_600_000
/** Decimals kept of byte-hours. */
const DECIMALS_MAX = 12

/** What the storage of one kind of store is counted as. */
export interface StorageMeter {
  /** The collector's kind, as the events' `source`. */
  readonly origin: string
  readonly metric: string
  /** Dimension that names the bucket or container. */
  readonly dimension: string
}

/** The n-th part of the key behind the prefix, of those that are folders; null where there are not so many. */
export const tenantOfKey = (key: string, prefix: string, segment: number): string | null =>
  key.slice(prefix.length).split('/').slice(0, -1)[segment - 1] || null

const hoursOf = ({ startMs, endMs }: Period): readonly Period[] => {
  const hours: Period[] = []
  for (let from = startMs; from < endMs; ) {
    const next = Math.min((Math.floor(from / HOUR) + 1) * HOUR, endMs)
    hours.push({ startMs: from, endMs: next })
    from = next
  }
  return hours
}

const byteHours = (byteMs: bigint): DecimalText =>
  toDecimalText(new Decimal(byteMs.toString()).dividedBy(HOUR).toDecimalPlaces(DECIMALS_MAX))

/** Bytes by tenant, the largest first; objects of nobody are under null. */
export const bytesByTenant = (
  objects: readonly StoredObject[],
  tenantOf: (key: string) => string | null,
): readonly (readonly [tenant: string | null, bytes: bigint])[] => {
  const sums = new Map<string | null, bigint>()
  for (const { key, size } of objects) {
    const tenant = tenantOf(key)
    sums.set(tenant, (sums.get(tenant) ?? 0n) + BigInt(size))
  }
  return [...sums].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
}

/** One event for each tenant and hour since the last look. Objects of nobody are left out. */
export const storageLines = (
  objects: readonly StoredObject[],
  since: Period,
  { origin, metric, dimension }: StorageMeter,
  name: string,
  tenantOf: (key: string) => string | null,
): readonly string[] =>
  hoursOf(since).flatMap((hour) => {
    const sums = new Map<string, bigint>()
    for (const { key, size, modifiedMs } of objects) {
      const tenant = tenantOf(key)
      const heldMs = hour.endMs - Math.max(hour.startMs, modifiedMs)
      if (tenant !== null && heldMs > 0)
        sums.set(tenant, (sums.get(tenant) ?? 0n) + BigInt(size) * BigInt(heldMs))
    }
    return [...sums].map(([tenant, byteMs]) =>
      eventLine(origin, {
        id: `${metric}/${name}/${tenant}/${hour.startMs}`,
        metric,
        tenant,
        value: byteHours(byteMs),
        dimensions: { [dimension]: name },
        ...hour,
      }),
    )
  })
