/**
 * The ECB's files of euro foreign exchange reference rates, as its page "Euro foreign exchange reference rates" offers
 * them: `eurofxref-hist.csv` and `eurofxref.csv` (out of their .zip), `eurofxref-hist.xml`, `-hist-90d.xml`, `-daily.xml`.
 */
import type { DecimalText } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { parseRate, type RateTable } from './rates.ts'

export interface EcbFile {
  /** One a year; empty where there is an error. */
  readonly tables: readonly RateTable[]
  readonly issues: readonly Issue[]
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const CURRENCY = /^[A-Z]{3}$/
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

const error = (code: string, message: string, row?: number, column?: string): Issue => ({
  severity: 'error',
  code,
  message,
  ...(row === undefined ? {} : { row }),
  ...(column === undefined ? {} : { column }),
})

const isDay = (text: string): boolean =>
  DAY.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)

/** `2026-11-25`, or as the daily CSV writes it: `25 November 2026`. */
const readDay = (text: string): string | null => {
  if (isDay(text)) return text
  const [, date = '', name = '', year = ''] = /^(\d{1,2}) ([A-Z][a-z]+) (\d{4})$/.exec(text) ?? []
  const month = MONTHS.indexOf(name) + 1
  const day = `${year}-${String(month).padStart(2, '0')}-${date.padStart(2, '0')}`
  return month > 0 && isDay(day) ? day : null
}

type Rates = Map<string, Record<string, DecimalText>>

const toTables = (rates: Rates): readonly RateTable[] => {
  const years = Map.groupBy(
    [...rates].filter(([, ofDay]) => Object.keys(ofDay).length > 0).sort(([a], [b]) => (a < b ? -1 : 1)),
    ([day]) => Number(day.slice(0, 4)),
  )
  return [...years]
    .sort(([a], [b]) => a - b)
    .map(([year, days]) => ({ source: 'ecb', base: 'EUR', year, days: Object.fromEntries(days) }))
}

const readCsv = (text: string): { readonly rates: Rates; readonly issues: Issue[] } => {
  const rates: Rates = new Map()
  const issues: Issue[] = []
  const rows = text.split(/\r?\n/).map((line) => line.split(',').map((cell) => cell.trim()))
  const [header = []] = rows
  header.forEach((title, index) => {
    if (index > 0 && title !== '' && !CURRENCY.test(title))
      issues.push(error('currency_is_unknown', `Row 1: "${title}" is not a currency code.`, 1, title))
  })
  rows.slice(1).forEach((cells, index) => {
    const row = index + 2
    if (cells.every((cell) => cell === '')) return
    const day = readDay(cells[0] ?? '')
    if (day === null) {
      issues.push(error('day_is_not_a_day', `Row ${row}: "${cells[0]}" is not a day.`, row, 'Date'))
      return
    }
    const ofDay = rates.get(day) ?? {}
    rates.set(day, ofDay)
    cells.slice(1).forEach((cell, place) => {
      const currency = header[place + 1] ?? ''
      if (cell === '' || cell === 'N/A') return
      const rate = parseRate(cell)
      if (rate === null || !CURRENCY.test(currency))
        issues.push(
          error(
            'rate_is_not_a_number',
            currency === ''
              ? `Row ${row}: "${cell}" stands under no currency.`
              : `Row ${row}, ${currency}: "${cell}" is not a rate above zero.`,
            row,
            currency,
          ),
        )
      else ofDay[currency] = rate
    })
  })
  return { rates, issues }
}

const attribute = (tag: string, name: string): string | null =>
  new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
    .exec(tag)
    ?.slice(1)
    .find((value) => value !== undefined) ?? null

const readXml = (text: string): { readonly rates: Rates; readonly issues: Issue[] } => {
  const rates: Rates = new Map()
  const issues: Issue[] = []
  let ofDay: Record<string, DecimalText> | null = null
  let row = 1
  let counted = 0
  for (const match of text.matchAll(/<Cube\b[^>]*>/g)) {
    const [tag] = match
    row += text.slice(counted, match.index).split('\n').length - 1
    counted = match.index
    const time = attribute(tag, 'time')
    const currency = attribute(tag, 'currency')
    if (time !== null) {
      ofDay = null
      if (!isDay(time))
        issues.push(error('day_is_not_a_day', `Line ${row}: "${time}" is not a day.`, row, 'time'))
      else {
        ofDay = rates.get(time) ?? {}
        rates.set(time, ofDay)
      }
    } else if (currency !== null) {
      const rate = parseRate(attribute(tag, 'rate') ?? '')
      if (rate === null || !CURRENCY.test(currency))
        issues.push(
          error(
            'rate_is_not_a_number',
            `Line ${row}: ${tag} holds no currency with a rate above zero.`,
            row,
            'rate',
          ),
        )
      else if (ofDay !== null) ofDay[currency] = rate
    }
  }
  return { rates, issues }
}

/**
 * Reads a file of the ECB's. `N/A` is no rate. One error and nothing is taken: `tables` is empty then.
 * @param text the file's text; a .zip must be unpacked before.
 */
export const readEcbFile = (text: string): EcbFile => {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (start.startsWith('PK'))
    return {
      tables: [],
      issues: [
        error('file_is_packed', 'This is a .zip. Unpack it and choose the .csv inside. Nothing was saved.'),
      ],
    }
  const isXml = start.startsWith('<')
  if (!isXml && !/^Date\s*,/.test(start))
    return {
      tables: [],
      issues: [
        error(
          'file_is_not_the_ecbs',
          'This is no file of the ECB’s reference rates: it starts neither with the column Date nor as XML. Nothing was saved. Take eurofxref-hist.csv or an XML of them from the ECB’s page of reference rates.',
        ),
      ],
    }
  const { rates, issues } = isXml ? readXml(start) : readCsv(start)
  const tables = toTables(rates)
  if (issues.length === 0 && tables.length === 0)
    issues.push(error('file_has_no_rates', 'The file holds no rates. Nothing was saved.'))
  return { tables: issues.length === 0 ? tables : [], issues }
}
