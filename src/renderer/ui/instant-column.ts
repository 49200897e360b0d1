import type { Column } from './data-table.tsx'
import { DASH, formatInstant } from './format.ts'

/**
 * A column of instants: sorted, searched, copied and exported in UTC, shown in the book's time zone.
 * @param ms of a row; null where there is none
 * @param words what is shown of one, such as its day alone
 */
export const instantColumn = <Row>(
  key: string,
  title: string,
  ms: (row: Row) => number | null,
  timeZone: string,
  words: (ms: number, timeZone: string) => string = formatInstant,
): Column<Row> => ({
  key,
  title,
  kind: 'date',
  value: (row) => {
    const at = ms(row)
    return at === null ? null : new Date(at).toISOString()
  },
  render: (row) => {
    const at = ms(row)
    return at === null ? DASH : words(at, timeZone)
  },
})
