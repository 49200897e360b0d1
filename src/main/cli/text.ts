/** Answers for people: plain text, aligned columns, numbers exact and grouped. */
import { groupDigits } from '../../domain/pricing/format.ts'

/** What has no price, no cost or no name shows a dash, never 0. */
export const DASH = '–'

/** Text from records, without what a terminal would obey: control characters and escape sequences. */
export const plain = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

/** A decimal with every digit it has, grouped; a dash for null. */
export const number = (text: string | null): string => (text === null ? DASH : groupDigits(text))

export const count = (value: number): string => groupDigits(String(value))

export const percent = (text: string | null): string => (text === null ? DASH : `${groupDigits(text)} %`)

/** `1 row`, `5,000 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** UTC milliseconds as `2026-10-31 14:05 UTC`. */
export const instant = (ms: number | null): string =>
  ms === null ? DASH : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

export interface Column {
  readonly title: string
  /** Numbers align on the right. */
  readonly right?: boolean
}

const width = (text: string): number => [...text].length

/** A table with a header, columns two spaces apart; totals are set apart by a rule of their own. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  total?: readonly string[],
): string => {
  const header = columns.map(({ title }) => plain(title))
  const body = rows.map((row) => row.map(plain))
  const totals = total === undefined ? [] : [total.map(plain)]
  const widths = columns.map((_, at) =>
    Math.max(...[header, ...body, ...totals].map((row) => width(row[at] ?? ''))),
  )
  const line = (row: readonly string[]) =>
    columns
      .map(({ right }, at) => {
        const cell = row[at] ?? ''
        const gap = ' '.repeat((widths[at] ?? 0) - width(cell))
        return right === true ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  const rule = line(widths.map((each) => '-'.repeat(each)))
  const isApart = body.length > 0 && totals.length > 0
  return [line(header), rule, ...body.map(line), ...(isApart ? [rule] : []), ...totals.map(line)].join('\n')
}

/** Blocks of an answer, an empty line between; empty blocks are left out. */
export const blocks = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join('\n\n')

/** What saving a document that the book has already is answered with. */
export const sameAs = (version: number): string => `Nothing was changed: version ${version} says the same.`
