/** What a saved query answers: one row a tenant and hour, read by the names of its columns. */
import { createHash } from 'node:crypto'
import { type DecimalText, parseDecimal } from '../../../../domain/decimal.ts'
import { SourceFailure } from '../../collector.ts'
import { parseUtcTime } from '../../files/time.ts'
import { fingerprint } from '../events.ts'

export const HOUR_MS = 3_600_000

/** A row as the engine gave it, every value as text. */
export type TextRow = Readonly<Record<string, string | null>>

export interface Counted {
  readonly hourMs: number
  readonly metric: string
  /** Null where the row names nobody. */
  readonly tenant: string | null
  readonly dimensions: Readonly<Record<string, string>>
}

export interface CountedRow extends Counted {
  readonly value: DecimalText
  /** Rows of the engine's own that were counted into this one; null where the query does not say. */
  readonly rows: string | null
}

export interface Asked {
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
}

export const idOf = ({ metric, tenant, dimensions, hourMs }: Counted): string =>
  `${metric}/${fingerprint({ ...dimensions, '': tenant ?? '' })}/${hourMs}`

/** SHA-256 of the query as it was saved, hex. */
export const queryHash = (query: string): string => createHash('sha256').update(query).digest('hex')

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

/**
 * Columns `tenant`, `hour`, `value`; `metric` where the query has several; `rows` for evidence; all others are dimensions.
 * @throws SourceFailure with the first row that is none
 */
export const readAnswer = (
  rows: readonly TextRow[],
  fixedMetric: string,
  { fromMs, untilMs }: Asked,
): readonly CountedRow[] => {
  const refuse = (row: number, why: string): never => {
    throw new SourceFailure(`Row ${row} of the query’s answer ${why}. Nothing of it was taken.`, {
      retryable: false,
    })
  }
  const seen = new Set<string>()
  return rows.map((columns, index) => {
    const row = index + 1
    const { tenant = null, hour, value, metric, rows: counted = null, ...others } = columns
    for (const [name, found] of Object.entries({ tenant: columns.tenant, hour, value }))
      if (found === undefined)
        refuse(row, `has no column ${name}. Name the columns tenant, hour and value, as in "… AS ${name}"`)
    const hourMs = parseUtcTime(hour ?? '') ?? Number.NaN
    if (Number.isNaN(hourMs)) refuse(row, `has the hour ${hour}, which is no time`)
    if (hourMs % HOUR_MS !== 0)
      refuse(row, `has the hour ${hour}, which is no whole hour: group by date_trunc('hour', …)`)
    if (hourMs < fromMs || hourMs >= untilMs)
      refuse(
        row,
        `is of ${iso(hourMs)}, and ${iso(fromMs)} to ${iso(untilMs)} UTC was asked for: the query must hold the time between {{from}} (with it) and {{until}} (without it)`,
      )
    const amount = parseDecimal(value ?? '')
    if (amount === null) return refuse(row, `has the value ${value}, which is no number`)
    const named = metric || fixedMetric
    if (named === '') refuse(row, 'has no metric: name one, or select one AS metric')
    const dimensions = Object.fromEntries(
      Object.entries(others).filter((entry): entry is [string, string] => Boolean(entry[1])),
    )
    const read = { hourMs, metric: named, tenant: tenant || null, dimensions, value: amount, rows: counted }
    const id = idOf(read)
    if (seen.has(id))
      refuse(
        row,
        `is the second of ${read.tenant ?? 'nobody'} at ${iso(hourMs)}: group by tenant, hour and every other column but value`,
      )
    seen.add(id)
    return read
  })
}
