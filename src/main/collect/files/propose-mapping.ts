/** A mapping for a CSV nobody has mapped yet, guessed from its titles and first rows; the user has the last word. */
import { parseDecimal } from '../../../domain/decimal.ts'
import type { CsvUsageMapping, TimeFormat } from './csv-usage.ts'
import { parseEpoch, parseZonedTime } from './time.ts'

/** Words by which titles name a part, the surest first. Titles are compared without case, blanks and `_-.`. */
const SYNONYMS = {
  tenant:
    'tenantid tenant customerid customer customername accountid account accountname organizationid organisationid orgid organization organisation org subject clientid client workspaceid workspace projectid project userid user company team',
  metric:
    'metric metricname eventname event eventtype meter metername meterid dimensionid dimension usagetype type feature product sku',
  quantity:
    'quantity qty usage usageamount usagequantity value recordvalue amount count total units calls requests hours bytes number consumed',
  time: 'timestamp time datetime eventtime usagetime occurredat createdat date usagedate day start starttime from period',
  id: 'eventid id recordid uuid idempotencykey transactionid requestid rowid',
} as const
type Part = keyof typeof SYNONYMS

export interface MappingProposal {
  /** Null where a part could not be guessed. */
  readonly mapping: CsvUsageMapping | null
  /** The column guessed for each part. */
  readonly columns: Readonly<Record<Part, string | null>>
  /** Parts that the user must name. */
  readonly missing: readonly Part[]
}

const plain = (title: string): string => title.toLowerCase().replace(/[\s_.-]/g, '')

/**
 * Proposes a mapping. `sampleRows` are some first rows: a quantity must be a number in each of them, a time
 * must be readable, and an id must not repeat. Times without a zone are proposed as UTC.
 */
export const proposeMapping = (
  header: readonly string[],
  sampleRows: readonly (readonly string[])[],
): MappingProposal => {
  const valuesOf = (title: string) => {
    const place = header.indexOf(title)
    return sampleRows.map((row) => row[place]?.trim() ?? '').filter((value) => value !== '')
  }
  const isNumeric = (title: string) => valuesOf(title).every((value) => parseDecimal(value) !== null)
  const formatOf = (title: string): TimeFormat | null => timeFormat(valuesOf(title))
  const isUnique = (title: string) => new Set(valuesOf(title)).size === valuesOf(title).length

  const taken = new Set<string>()
  const find = (part: Part, fits: (title: string) => boolean): string | null => {
    const found = SYNONYMS[part]
      .split(' ')
      .flatMap((word) => header.filter((title) => plain(title) === word))
      .find((title) => !taken.has(title) && fits(title))
    if (found !== undefined) taken.add(found)
    return found ?? null
  }
  const onlyOne = (titles: readonly string[]): string | null => {
    const [only, ...others] = titles.filter((title) => title !== '' && !taken.has(title))
    if (only === undefined || others.length > 0) return null
    taken.add(only)
    return only
  }

  const time = find('time', (title) => formatOf(title) !== null)
  const id = find('id', isUnique)
  const tenant = find('tenant', () => true)
  const metric = find('metric', (title) => !isNumeric(title) || valuesOf(title).length === 0)
  const hasSamples = sampleRows.length > 0
  const quantity = find('quantity', isNumeric) ?? (hasSamples ? onlyOne(header.filter(isNumeric)) : null)

  const columns = { tenant, metric, quantity, time, id }
  // A table with one column per metric names the metric in that column's title.
  const metricFrom = metric === null ? (quantity === null ? null : { fixed: quantity }) : { column: metric }
  const missing = (['tenant', 'quantity', 'time'] as const).filter((part) => columns[part] === null)
  if (tenant === null || quantity === null || time === null || metricFrom === null)
    return { mapping: null, columns, missing }
  const mapping: CsvUsageMapping = {
    tenant: { column: tenant },
    metric: metricFrom,
    quantity: { column: quantity },
    time: { column: time, format: formatOf(time) ?? 'iso', timeZone: 'UTC' },
    ...(id === null ? {} : { id }),
    dimensions: header.filter((title, i) => title !== '' && !taken.has(title) && header.indexOf(title) === i),
  }
  return { mapping, columns, missing }
}

/** The format that all values have; `iso` where there are none. */
const timeFormat = (values: readonly string[]): TimeFormat | null => {
  if (values.every((value) => parseZonedTime(value, 'UTC') !== null)) return 'iso'
  if (!values.every((value) => parseEpoch(value, 'ms') !== null)) return null
  // Milliseconds have thirteen digits from 2001 to 2286, seconds ten.
  return values.every((value) => value.split('.')[0]?.length === 13) ? 'epoch_ms' : 'epoch_s'
}
