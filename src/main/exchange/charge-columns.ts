/** The columns in which a workbook says charges, and which of them each kind uses. */
import type { Charge, QuantityPrice } from '../../domain/pricing/ratecard.ts'
import type { TemplateColumn } from './preview.ts'

export type Kind = Charge['kind']
export type PriceKind = QuantityPrice['kind']

export const CHARGE_COLUMNS = [
  { key: 'id', title: 'Charge ID', required: true },
  { key: 'name', title: 'Charge name', required: true },
  { key: 'kind', title: 'Kind', required: true },
  { key: 'metric', title: 'Metric', required: false },
  { key: 'per', title: 'Per', required: false },
  { key: 'upTo', title: 'Tier up to', required: false },
  { key: 'unitAmount', title: 'Unit amount', required: false },
  { key: 'amount', title: 'Amount', required: false },
  { key: 'flatAmount', title: 'Flat amount', required: false },
  { key: 'percent', title: 'Percent', required: false },
  { key: 'part', title: 'Applies to', required: false },
  { key: 'price', title: 'Price by', required: false },
  { key: 'options', title: 'Options', required: false },
  { key: 'currency', title: 'Currency', required: false },
] as const satisfies readonly TemplateColumn[]
export type Key = (typeof CHARGE_COLUMNS)[number]['key']

export const titleOf = (key: Key): string => CHARGE_COLUMNS.find((column) => column.key === key)?.title ?? key

const TIERED: readonly Key[] = ['per', 'upTo', 'unitAmount', 'flatAmount']
const ANY_PRICE: readonly Key[] = [...TIERED, 'amount', 'price']

/** Columns beside id, name, kind, options and currency that say something for a kind; the others must be empty. */
const USED: Readonly<Record<Kind, readonly Key[]>> = {
  flat_fee: ['amount'],
  per_unit: ['metric', 'per', 'unitAmount'],
  graduated: ['metric', ...TIERED],
  volume: ['metric', ...TIERED],
  stair_step: ['metric', 'upTo', 'amount'],
  package: ['metric', 'per', 'amount', 'price'],
  matrix: ['metric', 'part', ...ANY_PRICE],
  time_of_day: ['metric', 'part', ...ANY_PRICE],
  time_weighted: ['metric', ...ANY_PRICE],
  formula: ANY_PRICE,
  percentage: ['metric', 'percent'],
  graduated_percentage: ['metric', 'upTo', 'percent', 'flatAmount'],
  revenue_share: ['metric', 'percent'],
  seat: ['metric', 'unitAmount'],
  dynamic: ['metric'],
  cost_plus: ['percent'],
}

export const foreignTo = (kind: Kind): readonly Key[] =>
  CHARGE_COLUMNS.map(({ key }) => key).filter(
    (key) => !['id', 'name', 'kind', 'options', 'currency'].includes(key) && !USED[kind].includes(key),
  )

const SEVERAL_ROWS: ReadonlySet<Kind> = new Set([
  'graduated',
  'volume',
  'stair_step',
  'graduated_percentage',
  'matrix',
  'time_of_day',
  'time_weighted',
  'formula',
])

export const takesSeveralRows = (kind: Kind): boolean => SEVERAL_ROWS.has(kind)

/** The word in the column "Price by" for a package whose last block counts by its share. */
export const SHARED_PACKAGE = 'package by share'

export const OTHERWISE = 'otherwise'
export const ANY = 'any'
export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

/** What separates, or means something of itself, is written behind a backslash. */
export const escaped = (text: string): string => text.replace(/[\\;|:]/g, (sign) => `\\${sign}`)

export const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1')

/** The parts between separators that no backslash stands before; still escaped, without spaces around them. */
export const splitAt = (text: string, separator: ';' | '|' | ':'): readonly string[] => {
  const parts = ['']
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === separator) parts.push('')
    else parts[parts.length - 1] += sign === '\\' ? text.slice(at, ++at + 1) : sign
  }
  return parts.map((part) => part.trim())
}
