/** Usage that a collector measured, as the CloudEvents lines that it hands on (docs/formats/usage.md). */
import { createHash } from 'node:crypto'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Period } from '../../../domain/period.ts'

export interface Measured extends Period {
  /** Of the fact at its source: the same however often it is read. */
  readonly id: string
  readonly metric: string
  /** Null where the source names none: the record is then quarantined, not dropped. */
  readonly tenant: string | null
  readonly value: DecimalText
  readonly dimensions: Readonly<Record<string, string>>
}

/** One line, without its end. @param origin what the collector is, as the event's `source` */
export const eventLine = (
  origin: string,
  { id, metric, tenant, value, startMs, endMs, dimensions }: Measured,
): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: origin,
    type: metric,
    ...(tenant === null ? {} : { subject: tenant }),
    time: new Date(startMs).toISOString(),
    data: {
      value,
      ...(endMs > startMs
        ? { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString() }
        : {}),
      dimensions,
    },
  })

/** A short name for a set of labels, the same in whatever order they come. */
export const fingerprint = (labels: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))))
    .digest('base64url')
    .slice(0, 22)
