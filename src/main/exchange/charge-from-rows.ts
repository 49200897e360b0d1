/** A charge read back from its rows, with every fault named at its row and column. */
import { charge as chargeSchema } from '../../contract/rate-cards.ts'
import { Decimal, type DecimalText, parseDecimal } from '../../domain/decimal.ts'
import type { Charge, QuantityPrice } from '../../domain/pricing/ratecard.ts'
import { KIND_LABELS, kindNamed } from '../../domain/pricing/synonyms.ts'
import {
  ANY,
  DAYS,
  foreignTo,
  type Key,
  type Kind,
  OTHERWISE,
  type PriceKind,
  SHARED_PACKAGE,
  splitAt,
  takesSeveralRows,
  unescaped,
} from './charge-columns.ts'
import { readOptions } from './charge-options.ts'
import { hasError, type SheetRow } from './preview.ts'

export type Complain = (
  row: SheetRow,
  key: Key,
  code: string,
  message: string,
  severity?: 'error' | 'warning',
) => void

const wordOf = (kind: Kind): string => KIND_LABELS[kind].toLowerCase()

/** The rows of one charge: what all share, and numbers of each. */
interface Reader {
  readonly rows: readonly SheetRow[]
  readonly first: SheetRow
  readonly complain: Complain
}

const shared = ({ rows, complain }: Reader, key: Key): string => {
  const row = rows.find(({ values }) => (values[key] ?? '') !== '')
  const value = row?.values[key] ?? ''
  for (const other of rows)
    if ((other.values[key] ?? '') !== '' && other.values[key] !== value)
      complain(
        other,
        key,
        'rows_of_a_charge_disagree',
        `"${other.values[key]}" differs from "${value}" in row ${row?.row} of the same charge; write one of them in both.`,
      )
  return value
}

const decimal = (
  { complain }: Reader,
  row: SheetRow,
  key: Key,
  fallback: DecimalText | null = null,
): DecimalText => {
  const text = row.values[key] ?? ''
  const value = text === '' ? fallback : parseDecimal(text)
  if (value !== null && !value.startsWith('-')) return value
  if (text === '')
    complain(row, key, 'number_is_missing', 'a number is missing here; write one, 0 if it is free.')
  else if (value !== null)
    complain(
      row,
      key,
      'number_is_negative',
      `"${text}" is negative; a price is 0 or more, and a discount belongs to the contract.`,
    )
  else
    complain(
      row,
      key,
      'number_is_none',
      `"${text}" is no plain number; write it without currency sign and thousands separators, as 1234.56.`,
    )
  return '0' as DecimalText
}

const optional = (reader: Reader, row: SheetRow, key: 'flatAmount') =>
  (row.values[key] ?? '') === '' ? {} : { [key]: decimal(reader, row, key) }

const perOf = (reader: Reader, rows: readonly SheetRow[]): DecimalText => {
  shared({ ...reader, rows }, 'per')
  const row = rows.find(({ values }) => (values.per ?? '') !== '') ?? reader.first
  const per = decimal(reader, row, 'per', '1' as DecimalText)
  if (per === '0')
    reader.complain(row, 'per', 'per_is_zero', 'a price per 0 units says nothing; write 1 or more.')
  return per
}

/** The edges of tiers, which must rise, the last one open. */
const edgesOf = (reader: Reader, rows: readonly SheetRow[]): readonly (DecimalText | null)[] => {
  let edge = '0' as DecimalText
  return rows.map((row, index) => {
    const upTo = (row.values.upTo ?? '') === '' ? null : decimal(reader, row, 'upTo')
    const last = index === rows.length - 1
    if (upTo === null && !last)
      reader.complain(
        row,
        'upTo',
        'tier_has_no_edge',
        'only the last tier may be without an edge; write up to how many units it goes.',
      )
    if (upTo !== null && last)
      reader.complain(
        row,
        'upTo',
        'last_tier_has_an_edge',
        `units above ${upTo} would have no price; leave the last tier's edge empty, or add a tier.`,
      )
    if (upTo !== null && new Decimal(upTo).lte(edge))
      reader.complain(
        row,
        'upTo',
        'tiers_do_not_rise',
        `${upTo} is not above ${edge}, where the tier begins; put the tiers in rising order.`,
      )
    if (upTo !== null) edge = upTo
    return upTo
  })
}

const priceOf = (
  reader: Reader,
  rows: readonly SheetRow[],
  kind: PriceKind,
  isShared: boolean,
): QuantityPrice => {
  const row = rows[0] ?? reader.first
  switch (kind) {
    case 'per_unit':
      return { kind, per: perOf(reader, rows), unitAmount: decimal(reader, row, 'unitAmount') }
    case 'graduated':
    case 'volume': {
      const per = perOf(reader, rows)
      const edges = edgesOf(reader, rows)
      const tiers = rows.map((each, index) => ({
        upTo: edges[index] ?? null,
        unitAmount: decimal(reader, each, 'unitAmount'),
        ...optional(reader, each, 'flatAmount'),
      }))
      return { kind, per, tiers }
    }
    case 'stair_step': {
      const edges = edgesOf(reader, rows)
      return {
        kind,
        steps: rows.map((each, index) => ({
          upTo: edges[index] ?? null,
          amount: decimal(reader, each, 'amount'),
        })),
      }
    }
    case 'package':
      return {
        kind,
        amount: decimal(reader, row, 'amount'),
        size: perOf(reader, rows),
        lastBlock: isShared ? 'prorated' : 'whole',
      }
  }
}

const PRICES: ReadonlySet<string> = new Set(['per_unit', 'graduated', 'volume', 'stair_step', 'package'])
const isPrice = (kind: Kind): kind is PriceKind => PRICES.has(kind)

/** A price whose kind the column "Price by" says; per unit where it says nothing. */
const namedPrice = (reader: Reader, rows: readonly SheetRow[]): QuantityPrice => {
  const word = shared({ ...reader, rows }, 'price')
  const isShared = word.toLowerCase() === SHARED_PACKAGE
  const named = word === '' || isShared ? null : kindNamed(word)
  const [kind = 'per_unit', ...others] = named?.meanings.map((meaning) => meaning.kind) ?? []
  if (word !== '' && !isShared && (named === null || others.length > 0 || !isPrice(kind)))
    reader.complain(
      rows[0] ?? reader.first,
      'price',
      'price_is_unknown',
      others.length > 0
        ? (named?.sentence ?? '')
        : `"${word}" is no way to price a quantity; write ${[...PRICES].map((each) => wordOf(each as Kind)).join(', ')} or ${SHARED_PACKAGE}.`,
    )
  return priceOf(reader, rows, isShared ? 'package' : isPrice(kind) ? kind : 'per_unit', isShared)
}

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
          ...optional(reader, row, 'flatAmount'),
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
