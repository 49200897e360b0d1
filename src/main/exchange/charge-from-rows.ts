/** A charge read back from its rows, with every fault named at its row and column. */
import { charge as chargeSchema } from '../../contract/rate-cards.ts'
import type { Charge } from '../../domain/pricing/ratecard.ts'
import { KIND_LABELS, kindNamed } from '../../domain/pricing/synonyms.ts'
import {
  ANY,
  DAYS,
  foreignTo,
  type Kind,
  OTHERWISE,
  SHARED_PACKAGE,
  splitAt,
  takesSeveralRows,
  unescaped,
} from './charge-columns.ts'
import { readOptions } from './charge-options.ts'
import { hasError, type SheetRow } from './preview.ts'
import {
  type Complain,
  decimal,
  edgesOf,
  flatAmountOf,
  namedPrice,
  priceOf,
  type Reader,
  shared,
  wordOf,
} from './price-from-rows.ts'

/** Rows that follow each other with one text in "Applies to"; an empty cell goes on with the one above. */
const partsOf = (
  rows: readonly SheetRow[],
): readonly (readonly [part: string, rows: readonly SheetRow[]])[] => {
  const parts: [string, SheetRow[]][] = []
  for (const row of rows) {
    const part = row.values.part ?? ''
    const open = parts.at(-1)
    if (open !== undefined && (part === '' || part === open[0])) open[1].push(row)
    else parts.push([part, [row]])
  }
  return parts
}

const matrixCells = (reader: Reader) =>
  partsOf(reader.rows).map(([part, rows]) => ({
    values: splitAt(part, '|').map((value) => (value.toLowerCase() === ANY ? null : unescaped(value))),
    price: namedPrice(reader, rows),
  }))

const bandOf = (reader: Reader, part: string, rows: readonly SheetRow[]) => {
  const [name = '', hours = '', days = ''] = splitAt(part, '|')
  const found = /^(\d{1,2})\s*-\s*(\d{1,2})$/.exec(hours)
  const weekdays = days
    .split(',')
    .map((day) => day.trim())
    .filter((day) => day !== '')
    .map((day) => DAYS.findIndex((each) => each.toLowerCase() === day.slice(0, 3).toLowerCase()) + 1)
  if (found === null || weekdays.includes(0))
    reader.complain(
      rows[0] ?? reader.first,
      'part',
      'band_is_unclear',
      `"${part}" is no band; write it as "Nights | 22-6 | Mon, Tue", or "${OTHERWISE}" for all other hours.`,
    )
  return {
    name: unescaped(name),
    from: Number(found?.[1] ?? 0),
    to: Number(found?.[2] ?? 24),
    ...(weekdays.length === 0 ? {} : { weekdays }),
    price: namedPrice(reader, rows),
  }
}

const bandsOf = (reader: Reader) => {
  const parts = partsOf(reader.rows)
  const otherwise = parts.find(([part]) => part.toLowerCase() === OTHERWISE)
  if (otherwise === undefined)
    reader.complain(
      reader.first,
      'part',
      'otherwise_is_missing',
      `add a row that applies to "${OTHERWISE}": the price of all other hours.`,
    )
  return {
    bands: parts.filter((part) => part !== otherwise).map(([part, rows]) => bandOf(reader, part, rows)),
    otherwise: namedPrice(reader, otherwise?.[1] ?? [reader.first]),
  }
}

/** The members of a kind that stand in columns of their own. */
const membersOf = (reader: Reader, kind: Kind): object => {
  const { first, rows } = reader
  switch (kind) {
    case 'flat_fee':
      return { amount: decimal(reader, first, 'amount') }
    case 'matrix':
      return { cells: matrixCells(reader) }
    case 'time_of_day':
      return bandsOf(reader)
    case 'time_weighted':
      return { values: 'level', price: namedPrice(reader, rows) }
    case 'formula':
      return { price: namedPrice(reader, rows) }
    case 'percentage':
    case 'revenue_share':
      return { percent: decimal(reader, first, 'percent') }
    case 'cost_plus':
      return { markupPercent: decimal(reader, first, 'percent') }
    case 'graduated_percentage': {
      const edges = edgesOf(reader, rows)
      return {
        tiers: rows.map((row, index) => ({
          upTo: edges[index] ?? null,
          percent: decimal(reader, row, 'percent'),
          ...flatAmountOf(reader, row),
        })),
      }
    }
    case 'seat':
      return { unitAmount: decimal(reader, first, 'unitAmount'), proration: 'none', values: 'level' }
    case 'dynamic':
      return {}
    default: {
      const isShared = kind === 'package' && shared(reader, 'price').toLowerCase() === SHARED_PACKAGE
      return priceOf(reader, rows, kind, isShared)
    }
  }
}

const kindOf = (reader: Reader): Kind | null => {
  const text = shared(reader, 'kind')
  const named = kindNamed(text)
  const [only, ...others] = named?.meanings ?? []
  if (named === null || only === undefined) {
    const words = Object.values(KIND_LABELS).map((label) => label.toLowerCase())
    reader.complain(
      reader.first,
      'kind',
      'kind_is_unknown',
      `"${text}" is no kind of charge; write ${words.join(', ')}.`,
    )
    return null
  }
  if (others.length > 0) {
    reader.complain(reader.first, 'kind', 'kind_is_ambiguous', named.sentence)
    return null
  }
  if (named.sentence !== '')
    reader.complain(reader.first, 'kind', 'kind_is_anothers', named.sentence, 'warning')
  return only.kind
}

/** The charge that rows with one ID say; null where its kind or its shape is none. */
export const chargeFromRows = (
  rows: readonly SheetRow[],
  metrics: ReadonlySet<string>,
  complain: Complain,
): Charge | null => {
  const [first] = rows
  if (first === undefined) return null
  const reader = { rows, first, complain }
  const id = first.values.id ?? ''
  const name = shared(reader, 'name')
  if (name === '')
    complain(first, 'name', 'charge_name_is_missing', 'the charge has no name; the invoice line needs one.')
  const kind = kindOf(reader)
  if (kind === null) return null
  for (const row of rows)
    for (const key of foreignTo(kind))
      if ((row.values[key] ?? '') !== '')
        complain(
          row,
          key,
          'value_does_not_belong',
          `a ${wordOf(kind)} charge has none; leave the cell empty.`,
        )
  if (!takesSeveralRows(kind) && rows[1] !== undefined)
    complain(
      rows[1],
      'id',
      'charge_id_is_used_twice',
      `the charge "${id}" is already in row ${first.row}; only charges with tiers, cells or bands take several rows. Give it its own ID.`,
    )
  const counts = !foreignTo(kind).includes('metric')
  const metric = counts ? shared(reader, 'metric') : ''
  if (counts && !metrics.has(metric))
    complain(
      first,
      'metric',
      'metric_is_unknown',
      metric === ''
        ? 'the charge has no metric; write the one it prices.'
        : `there is no metric "${metric}"; write one of the book's metrics: ${[...metrics].join(', ')}.`,
    )
  const options = readOptions(shared(reader, 'options'))
  for (const problem of options.problems) complain(first, 'options', 'option_is_unclear', problem)
  const said = {
    kind,
    id,
    name,
    ...(counts ? { metric } : {}),
    ...membersOf(reader, kind),
    ...options.members,
  }
  const read = chargeSchema.safeParse(said)
  if (read.success) return read.data
  // What a cell has no number for is said there already.
  if (!rows.some((row) => hasError(row.issues)))
    for (const { path, message } of read.error.issues)
      complain(first, 'options', 'charge_is_not_whole', `${path.join(' ') || 'the charge'}: ${message}.`)
  return null
}
