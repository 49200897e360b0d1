/** A price of a quantity read back from the rows of a charge, with every fault named at its row and column. */
import { Decimal, type DecimalText, parseDecimal } from '../../domain/decimal.ts'
import type { QuantityPrice } from '../../domain/pricing/ratecard.ts'
import { KIND_LABELS, kindNamed } from '../../domain/pricing/synonyms.ts'
import { type Key, type Kind, type PriceKind, SHARED_PACKAGE } from './charge-columns.ts'
import type { SheetRow } from './preview.ts'

export type Complain = (
  row: SheetRow,
  key: Key,
  code: string,
  message: string,
  severity?: 'error' | 'warning',
) => void

/** What people call a kind. */
export const wordOf = (kind: Kind): string => KIND_LABELS[kind].toLowerCase()

/** The rows of one charge: what all share, and numbers of each. */
export interface Reader {
  readonly rows: readonly SheetRow[]
  readonly first: SheetRow
  readonly complain: Complain
}

/** What all rows of the charge say in a column; they may leave it out. */
export const shared = ({ rows, complain }: Reader, key: Key): string => {
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

/** The number of a cell, 0 or more; 0 where it is none and was complained of. */
export const decimal = (
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

export const flatAmountOf = (reader: Reader, row: SheetRow): { flatAmount?: DecimalText } =>
  (row.values.flatAmount ?? '') === '' ? {} : { flatAmount: decimal(reader, row, 'flatAmount') }

const perOf = (reader: Reader, rows: readonly SheetRow[]): DecimalText => {
  shared({ ...reader, rows }, 'per')
  const row = rows.find(({ values }) => (values.per ?? '') !== '') ?? reader.first
  const per = decimal(reader, row, 'per', '1' as DecimalText)
  if (per === '0')
    reader.complain(row, 'per', 'per_is_zero', 'a price per 0 units says nothing; write 1 or more.')
  return per
}

/** The edges of tiers, which must rise, the last one open. */
export const edgesOf = (reader: Reader, rows: readonly SheetRow[]): readonly (DecimalText | null)[] => {
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

export const priceOf = (
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
        ...flatAmountOf(reader, each),
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
export const namedPrice = (reader: Reader, rows: readonly SheetRow[]): QuantityPrice => {
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
