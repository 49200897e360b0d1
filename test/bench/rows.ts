/** The results against their bars. */
import type { ImportResult } from './imports.ts'
import type { Results } from './results.ts'
import { SLICES } from './slices.ts'

export interface Row {
  readonly what: string
  readonly measured: string
  readonly bar: string
  /** Null where there is no bar, or nothing to compare with. */
  readonly met: boolean | null
}

export const count = (value: number): string => value.toLocaleString('en')
export const times = (ratio: number): string =>
  `${ratio >= 100 ? count(Math.round(ratio)) : ratio.toFixed(2)} ×`
export const megabytes = (bytes: number): string => `${count(Math.round(bytes / 1e6))} MB`

const IMPORT_OVER_BARE = 1
const IMPORT_OVER_POSTGRES = 4
const SLICE_MS = 150
const SLICE_OVER_POSTGRES = 20
const DURING = 3
const START_MS = 1_500
const VERIFY_PER_SECOND = 1_000_000
const RUN_MS = 3_000
const RERATE_MS = 30
const DISK_BYTES = 120
const MEMORY_BYTES = 600e6

const importRows = (what: string, result: ImportResult | undefined, hasBars: boolean): Row[] => {
  if (result === undefined) return []
  const { ours, bare, postgres, postgresLarge } = result
  const name = `${what}, ${count(result.records)}`
  const against = (peer: string, rate: { readonly perSecond: number } | null, bar: number | null): Row[] => {
    if (rate === null) return []
    const ratio = ours.perSecond / rate.perSecond
    return [
      {
        what: `${name}: against ${peer}`,
        measured: `${times(ratio)} (${count(ours.perSecond)}/s against ${count(rate.perSecond)}/s)`,
        bar: bar === null ? '' : `≥ ${bar.toFixed(1)} ×`,
        met: bar === null ? null : ratio >= bar,
      },
    ]
  }
  const rows = [
    ...against('the bare loop', bare, hasBars ? IMPORT_OVER_BARE : null),
    ...against('PostgreSQL, in batches of 100 as Lago’s', postgres, hasBars ? IMPORT_OVER_POSTGRES : null),
    ...against('PostgreSQL, in batches of 1,000', postgresLarge, null),
  ]
  return rows.length > 0
    ? rows
    : [{ what: name, measured: `${count(ours.perSecond)}/s`, bar: 'not compared', met: null }]
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
export const milliseconds = ms

const worst = <Item>(list: readonly Item[], of: (item: Item) => number): Item | null =>
  list.reduce<Item | null>((found, item) => (found === null || of(item) > of(found) ? item : found), null)

const sliceRows = ({ slices, ourSlices, postgresSlices, during, growth }: Results): Row[] => {
  const rows: Row[] = []
  const ours = slices === undefined ? ourSlices?.slices : undefined
  const p95 = SLICES.flatMap(({ name }) => {
    const found = slices?.slices[name].ours ?? ours?.[name]
    return found === undefined ? [] : [{ name, p95: found.p95, p50: found.p50 }]
  })
  const slowest = worst(p95, (each) => each.p95)
  if (slowest !== null)
    rows.push({
      what: 'slices: the slowest p95',
      measured: `${ms(slowest.p95)} (${slowest.name})`,
      bar: `≤ ${SLICE_MS} ms`,
      met: slowest.p95 <= SLICE_MS,
    })
  if (slices !== undefined) {
    const least = worst(
      SLICES.map(({ name }) => ({
        name,
        ratio: slices.slices[name].duckdb.p50 / slices.slices[name].ours.p50,
      })),
      ({ ratio }) => -ratio,
    )
    if (least !== null)
      rows.push({
        what: 'slices against raw DuckDB: the least ratio of medians',
        measured: `${times(least.ratio)} (${least.name})`,
        bar: '≥ 1.0 ×',
        met: least.ratio >= 1,
      })
  }
  if (postgresSlices !== undefined) {
    const { events } = postgresSlices
    const same =
      slices?.events === events
        ? SLICES.map(({ name }) => ({ name, p50: slices.slices[name].ours.p50 }))
        : SLICES.map(({ name }) => ({
            name,
            p50: growth?.find(({ book }) => book.events === events)?.slices.slices[name].p50 ?? Number.NaN,
          }))
    for (const [label, list] of [
      ['its unique key alone', postgresSlices.plain],
      ['an index on metric, tenant, time', postgresSlices.indexed],
    ] as const) {
      const least = worst(
        same.map(({ name, p50 }) => ({ name, ratio: list[name].p50 / p50 })),
        ({ ratio }) => -ratio,
      )
      const isBar = list === postgresSlices.plain
      if (least !== null && !Number.isNaN(least.ratio))
        rows.push({
          what: `slices against PostgreSQL with ${label}, ${count(events)} events: the least ratio`,
          measured: `${times(least.ratio)} (${least.name})`,
          bar: isBar ? `≥ ${SLICE_OVER_POSTGRES} ×` : '',
          met: isBar ? least.ratio >= SLICE_OVER_POSTGRES : null,
        })
    }
  }
  if (during !== undefined && p95.length > 0) {
    const most = worst(
      p95.map(({ name, p95: alone }) => ({ name, ratio: during.slices[name].p95 / alone })),
      ({ ratio }) => ratio,
    )
    if (most !== null)
      rows.push({
        what: `slices while ${count(during.imported)} events are imported: the largest ratio of p95`,
        measured: `${times(most.ratio)} (${most.name})`,
        bar: `≤ ${DURING} ×`,
        met: most.ratio <= DURING,
      })
  }
  return rows
}

const ratingRows = ({ rating }: Results): Row[] => {
  if (rating === undefined) return []
  const { run, again, afterMonth, sumMs, rerate, rerateSumMs, rerateRows } = rating
  const what = `${count(rating.customers)} customers × ${rating.charges} charges, ${count(rating.events)} events`
  return [
    {
      what: `a run of a month: ${what}`,
      measured: `${ms(run.wallMs)}, ${ms(run.cpuMs)} of processor (again: ${ms(again.wallMs)}, ${ms(again.cpuMs)}; with the month before to compare with: ${ms(afterMonth.wallMs)}, ${ms(afterMonth.cpuMs)}; a plain SQL sum: ${ms(sumMs)})`,
      bar: `≤ ${ms(RUN_MS)}`,
      met: run.wallMs <= RUN_MS,
    },
    {
      what: `one contract rated again for 24 months, ${count(rerateRows)} rows of usage, in ${rating.rerateIn}: median`,
      measured: `${ms(rerate.p50)} (p95 ${ms(rerate.p95)}; a plain sum of the rows: ${rerateSumMs.toFixed(2)} ms)`,
      bar: `≤ ${ms(RERATE_MS)}`,
      met: rerate.p50 <= RERATE_MS,
    },
  ]
}

/** Peaks of the engine's process by what it did. */
export const peaksOf = (results: Results): readonly { readonly what: string; readonly bytes: number }[] =>
  (
    [
      ['import', results.importSequential?.peakBytes],
      ['import, UUID ids', results.importUuid?.peakBytes],
      ['import of FOCUS rows', results.focus?.peakBytes],
      ['import of the large book', results.book?.importPeakBytes],
      ['slices', results.slices?.peakBytes ?? results.ourSlices?.peakBytes],
      ['slices while importing', results.during?.peakBytes],
      ['a run of a month', results.rating?.peakBytes],
      ['verification', results.verify?.peakBytes],
    ] as const
  ).flatMap(([what, bytes]) => (typeof bytes === 'number' ? [{ what, bytes }] : []))

export const rowsOf = (results: Results): readonly Row[] => {
  const { start, verify, disk, book, importUuid, amounts } = results
  const rows: Row[] = [
    ...importRows('import of CloudEvents', results.importSequential, true),
    ...importRows('import of CloudEvents with UUID ids', importUuid, false),
    ...importRows('import of FOCUS rows', results.focus, true),
    ...sliceRows(results),
    ...ratingRows(results),
  ]
  const events = book === undefined ? '' : `, ${count(book.events)} events`
  if (start !== undefined)
    rows.push({
      what: `start of the engine to its first answer${events}`,
      measured: `${ms(start.answeredMs)} (with its process ${ms(start.processMs)})`,
      bar: `≤ ${ms(START_MS)}`,
      met: start.answeredMs <= START_MS,
    })
  if (verify !== undefined)
    rows.push({
      what: `verify${events}`,
      measured: `${count(verify.perSecond)} entries/s`,
      bar: `≥ ${count(VERIFY_PER_SECOND)}/s`,
      met: verify.perSecond >= VERIFY_PER_SECOND,
    })
  if (disk !== undefined)
    rows.push({
      what: `disk${events}`,
      measured: `${disk.bytesPerRecord} bytes an event`,
      bar: `≤ ${DISK_BYTES} bytes`,
      met: disk.bytesPerRecord <= DISK_BYTES,
    })
  if (importUuid !== undefined)
    rows.push({
      what: `disk, ${count(importUuid.records)} events with UUID ids`,
      measured: `${importUuid.disk.bytesPerRecord} bytes an event`,
      bar: '',
      met: null,
    })
  const peak = worst(peaksOf(results), ({ bytes }) => bytes)
  if (peak !== null)
    rows.push({
      what: 'memory of the engine: the largest peak',
      measured: `${megabytes(peak.bytes)} (${peak.what})`,
      bar: `≤ ${megabytes(MEMORY_BYTES)}`,
      met: peak.bytes <= MEMORY_BYTES,
    })
  if (amounts !== undefined)
    rows.push({
      what: 'a FOCUS amount to canonical text: against `new Decimal(text)`',
      measured: `${times(amounts.oursPerSecond / amounts.barePerSecond)} (${count(amounts.oursPerSecond)}/s)`,
      bar: '',
      met: null,
    })
  return rows
}
