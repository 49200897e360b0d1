/**
 * How a value becomes a spreadsheet cell. A spreadsheet number is a double and holds 15 significant digits,
 * so this is the one place where a decimal leaves exactness, and only on its way out of the house.
 */
import { Decimal, type DecimalText, parseDecimal } from '../../domain/decimal.ts'
import { minorUnits } from '../../domain/money.ts'
import { isMonth } from '../../domain/period.ts'
import { isDay } from './day.ts'

export type ColumnKind = 'text' | 'money' | 'quantity' | 'percent' | 'count' | 'date' | 'month'

export interface TableColumn {
  readonly key: string
  readonly title: string
  /**
   * `money`, `quantity`, `count`: exact decimal text. `percent`: in percent, `12.5` is 12.5 %.
   * `date`: `YYYY-MM-DD`; `month`: `YYYY-MM`. A value that does not fit its kind is written as text.
   */
  readonly kind: ColumnKind
  /** Named in the header: `Quantity (GB)`. */
  readonly unit?: string
  /** Named in the header; sets the decimals shown. Required for amounts of one currency. */
  readonly currency?: string
  /** Decimals shown, where the kind's own number is not right: unit prices. */
  readonly decimals?: number
}

/** The most significant digits a spreadsheet keeps and shows. */
export const SPREADSHEET_DIGITS = 15
/** The most characters a cell holds (Excel specifications and limits). */
const CELL_TEXT_MAX = 32_767

export type CellContent = string | number | Date | null

const significantDigits = (decimal: DecimalText): number =>
  decimal.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length

const wholeDigits = (decimal: DecimalText): number => (decimal.replace('-', '').split('.')[0] ?? '').length

/** The double nearest to the decimal at 15 significant digits, half-even. */
export const toDouble = (decimal: Decimal | DecimalText): number =>
  new Decimal(decimal).toSignificantDigits(SPREADSHEET_DIGITS, Decimal.ROUND_HALF_EVEN).toNumber()

/**
 * The number that stands for the text in a cell, or null where it must stay text to stay true: no number at
 * all, a quantity of more than 15 digits, or an amount so large that 15 digits do not reach its minor unit.
 * A finer amount is rounded at its 15th digit, far below the minor unit, so that columns can be added up.
 */
export const numberFor = (column: TableColumn, text: string): number | null => {
  const decimal = parseDecimal(text)
  if (decimal === null) return null
  if (column.kind === 'percent') return toDouble(new Decimal(decimal).div(100))
  if (significantDigits(decimal) <= SPREADSHEET_DIGITS) return Number(decimal)
  const reachesMinorUnit = wholeDigits(decimal) + minorUnits(column.currency ?? '') <= SPREADSHEET_DIGITS
  return column.kind === 'money' && reachesMinorUnit ? toDouble(decimal) : null
}

/** Excel counts days from 1900 with a leap day that never was; earlier dates than these stay text. */
const FIRST_DATE = '1901-01-01'

/** The day as the UTC midnight that exceljs writes as a date; null where the text is no day. */
const dateFor = (day: string): Date | null =>
  isDay(day) && day >= FIRST_DATE ? new Date(`${day}T00:00:00.000Z`) : null

/** Text that a workbook's XML can hold: lone surrogates and non-characters make Excel "repair" the file. */
const cellText = (text: string): string => {
  const clean = text.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
  return clean.length > CELL_TEXT_MAX ? `${clean.slice(0, CELL_TEXT_MAX - 1).toWellFormed()}…` : clean
}

/** The content of one cell. Null stays empty: the dash belongs to the screen. */
export const contentFor = (column: TableColumn, value: string | null): CellContent => {
  if (value === null) return null
  switch (column.kind) {
    case 'text':
      return cellText(value)
    case 'date':
      return dateFor(value) ?? cellText(value)
    case 'month':
      return (isMonth(value) ? dateFor(`${value}-01`) : null) ?? cellText(value)
    default:
      return numberFor(column, value) ?? cellText(value)
  }
}

const grouped = (decimals: number): string => (decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}`)

/** The most decimals a quantity column shows; the cell keeps them all. */
const QUANTITY_DECIMALS_SHOWN_MAX = 6

/**
 * The column's number format. Text columns get `@`, with which a cell that begins with `=` stays text even
 * when somebody edits it in Excel.
 * @param decimals the most decimals among the column's values; used for quantities.
 */
export const formatFor = (column: TableColumn, decimals = 0): string => {
  switch (column.kind) {
    case 'text':
      return '@'
    case 'money':
      return grouped(column.decimals ?? minorUnits(column.currency ?? ''))
    case 'quantity':
      return grouped(column.decimals ?? Math.min(decimals, QUANTITY_DECIMALS_SHOWN_MAX))
    case 'count':
      return grouped(0)
    case 'percent':
      return `${(column.decimals ?? 1) === 0 ? '0' : `0.${'0'.repeat(column.decimals ?? 1)}`}%`
    case 'date':
      return 'yyyy-mm-dd'
    case 'month':
      return 'yyyy-mm'
  }
}

/** `Revenue (USD)`, `Quantity (GB)`. */
export const headerOf = ({ title, unit, currency }: TableColumn): string =>
  unit !== undefined ? `${title} (${unit})` : currency !== undefined ? `${title} (${currency})` : title

export const isNumeric = (kind: ColumnKind): boolean =>
  kind === 'money' || kind === 'quantity' || kind === 'count' || kind === 'percent'

const WIDTH_MIN = 9
const WIDTH_MAX = 60

/** A width in characters that shows the header with its filter button, and the longest of the texts. */
export const widthFor = (column: TableColumn, values: Iterable<string | null>): number => {
  const shown = column.decimals ?? (column.kind === 'money' ? minorUnits(column.currency ?? '') : 0)
  let longest = headerOf(column).length + 3
  for (const value of values) {
    if (value === null) continue
    const whole = value.split('.')[0] ?? ''
    const length = isNumeric(column.kind)
      ? Math.ceil(whole.length * 1.34) +
        (column.kind === 'quantity' ? value.length - whole.length : shown + 1)
      : value.length
    longest = Math.max(longest, length + 1)
  }
  return Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, longest))
}

/**
 * A sheet name that Excel accepts and that is not among those taken: at most 31 characters, none of
 * `[]:*?/\`, no apostrophe at either end, not "History". Adds itself to `taken`.
 */
export const sheetName = (title: string, taken: Set<string>): string => {
  const clean = cellText(title)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here
    .replace(/[[\]:*?/\\\u0000-\u001f]/g, ' ')
    .replace(/^[' ]+|[' ]+$/g, '')
  const base = clean === '' || clean.toLowerCase() === 'history' ? `Sheet ${clean}`.trim() : clean
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : ` ${count}`
    const name = `${base.slice(0, 31 - suffix.length).replace(/[' ]+$/, '')}${suffix}`
    if (taken.has(name.toLowerCase())) continue
    taken.add(name.toLowerCase())
    return name
  }
}

/** Column number, from 1, as letters: 27 is `AA`. */
export const columnLetters = (column: number): string => {
  let letters = ''
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}
