/** Usage from any CSV by a mapping of its columns, proposed from the header and saved by the user. */
import { z } from 'zod'
import { parseDecimal } from '../../../domain/decimal.ts'
import { isTimeZone } from '../../../domain/period.ts'
import { checkNotFuture, checkNotNegative } from './cloudevents.ts'
import { contentOf } from './content.ts'
import { endsInReturns } from './csv.ts'
import type { TextSource } from './open-file.ts'
import { type CsvOptions, type CsvParser, readCsv, usageInto } from './reading.ts'
import type { ParsedUsage, Reading, RecordSink } from './record.ts'
import { type Fault, fault, fileIssue, isFault, quoted } from './rejections.ts'
import { ownText, parseEpoch, parseZonedTime, remembering } from './time.ts'

const columnTitle = z.string().min(1)
const columnOrFixed = z.union([
  z.strictObject({ column: columnTitle }),
  z.strictObject({ fixed: z.string().min(1) }),
])

/**
 * `iso`: `2026-03-01`, `2026-03-01 12:00:00`, `2026-03-01T12:00:00Z` and the like; without a zone of its own
 * the text is meant in `timeZone`. `epoch_s`, `epoch_ms`: since 1970, UTC.
 */
const TIME_FORMATS = ['iso', 'epoch_s', 'epoch_ms'] as const
export type TimeFormat = (typeof TIME_FORMATS)[number]

export const csvUsageMappingSchema = z.strictObject({
  tenant: columnOrFixed,
  metric: columnOrFixed,
  quantity: columnOrFixed,
  time: z.strictObject({
    column: columnTitle,
    format: z.enum(TIME_FORMATS),
    timeZone: z.string().refine(isTimeZone, 'not an IANA time zone').default('UTC'),
  }),
  /** The column that tells rows apart for good; without it a row is known by its content. */
  id: columnTitle.optional(),
  dimensions: z.array(columnTitle).default([]),
})
export type CsvUsageMapping = z.output<typeof csvUsageMappingSchema>

export interface CsvUsageOptions extends CsvOptions {
  readonly mapping: CsvUsageMapping
  /** The present, UTC milliseconds: later rows are rejected. */
  readonly nowMs: number
}

/** Reads usage from a CSV. A header without a mapped column refuses the whole file. */
export const readCsvUsage = (
  source: TextSource,
  options: CsvUsageOptions,
  sink: RecordSink | null = null,
): Reading<ParsedUsage> =>
  readCsv(
    source,
    (header) => {
      if (endsInReturns(header)) return fileIssue(source.name, 'lines_end_in_returns')
      const missing = mappedColumns(options.mapping).filter((column) => !header.includes(column))
      return missing.length === 0
        ? createRowParser(header, options)
        : fileIssue(source.name, 'columns_missing', {
            missing: missing.join(', '),
            found: header.join(', ').slice(0, 1_000),
          })
    },
    options,
    usageInto(sink),
  )

/** Titles of the columns that the mapping names. */
const mappedColumns = ({
  tenant,
  metric,
  quantity,
  time,
  id,
  dimensions,
}: CsvUsageMapping): readonly string[] => [
  ...[tenant, metric, quantity].flatMap((from) => ('column' in from ? [from.column] : [])),
  time.column,
  ...(id === undefined ? [] : [id]),
  ...dimensions,
]

type Cells = readonly string[]

const createRowParser = (header: Cells, { mapping, nowMs }: CsvUsageOptions): CsvParser<ParsedUsage> => {
  const own = remembering(ownText)
  const columnOf = (title: string) => {
    const place = header.indexOf(title)
    return (cells: Cells): string => cells[place]?.trim() ?? ''
  }
  const required = (from: CsvUsageMapping['tenant']) => {
    if ('fixed' in from) return () => from.fixed
    const textOf = columnOf(from.column)
    const missing = fault('value_missing', from.column)
    return (cells: Cells): string | Fault => textOf(cells) || missing
  }
  const titleOf = (from: CsvUsageMapping['quantity']) => ('column' in from ? from.column : 'quantity')
  const [tenantOf, metricOf, quantityOf] = [
    required(mapping.tenant),
    required(mapping.metric),
    required(mapping.quantity),
  ]
  const timeTextOf = required({ column: mapping.time.column })
  const readTime = remembering(timeReader(mapping.time))
  const idOf = mapping.id === undefined ? null : required({ column: mapping.id })
  const dimensionColumns = mapping.dimensions.map((title) => [title, columnOf(title)] as const)
  const contentText = contentOf(header, (cell) => cell.trim() === '')

  const parse = (cells: Cells, row: number): ParsedUsage | Fault => {
    const tenant = tenantOf(cells)
    if (isFault(tenant)) return tenant
    const metric = metricOf(cells)
    if (isFault(metric)) return metric
    const quantityText = quantityOf(cells)
    if (isFault(quantityText)) return quantityText
    const quantity = parseDecimal(quantityText)
    const quantityTitle = titleOf(mapping.quantity)
    if (quantity === null)
      return fault('quantity_not_a_number', quantityTitle, { value: quoted(quantityText) })
    const negative = checkNotNegative(quantity, quantityTitle)
    if (negative !== null) return negative
    const timeText = timeTextOf(cells)
    if (isFault(timeText)) return timeText
    const startMs = readTime(timeText)
    if (startMs === null)
      return fault('time_is_unreadable', mapping.time.column, {
        value: quoted(timeText),
        wanted: WANTED[mapping.time.format],
      })
    const inFuture = checkNotFuture(startMs, nowMs, timeText, mapping.time.column)
    if (inFuture !== null) return inFuture
    const id = idOf?.(cells)
    if (isFault(id)) return id
    const dimensions = dimensionColumns
      .map(([title, textOf]) => [title, textOf(cells)] as const)
      .filter(([, text]) => text !== '')
      .map(([title, text]) => [title, own(text)] as const)
    return {
      kind: 'usage',
      row,
      raw: cells,
      identity: id === undefined ? { kind: 'content', text: contentText(cells) } : { kind: 'id', text: id },
      tenant: own(tenant),
      metric: own(metric),
      quantityText: quantity,
      startMs,
      endMs: null,
      dimensions: Object.fromEntries(dimensions),
    }
  }
  return { parse }
}

const WANTED = {
  iso: '2026-03-01, 2026-03-01 12:00:00 or 2026-03-01T12:00:00Z',
  epoch_s: 'seconds since 1970',
  epoch_ms: 'milliseconds since 1970',
} as const satisfies Record<TimeFormat, string>

const timeReader = ({ format, timeZone }: CsvUsageMapping['time']): ((text: string) => number | null) => {
  if (format === 'iso') return (text) => parseZonedTime(text, timeZone)
  return (text) => parseEpoch(text, format === 'epoch_s' ? 's' : 'ms')
}
