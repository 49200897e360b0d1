/** Local days of the simulation's time zone, by Intl and nothing else. */

/** Changes its clocks on the last Sundays of March and October, at 01:00 UTC. */
export const TIME_ZONE = 'Europe/Berlin'
const HOUR_MS = 3_600_000

const format = new Intl.DateTimeFormat('sv-SE', {
  timeZone: TIME_ZONE,
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** `2027-03-28 03:00:00` */
export const localText = (ms: number): string => format.format(ms)
/** `2027-03-28` */
export const localDay = (ms: number): string => localText(ms).slice(0, 10)

/**
 * The instant of a local text. Of an hour that comes twice the first is meant; in the hour that is left out the
 * clock that was before it goes on.
 */
export const instantOf = (text: string): number => {
  const asUtc = Date.parse(`${text.replace(' ', 'T')}Z`)
  const [summer, winter] = [asUtc - 2 * HOUR_MS, asUtc - HOUR_MS]
  return localText(summer) === text ? summer : winter
}

export const startOfMonth = (month: string): number => instantOf(`${month}-01 00:00:00`)

export const addMonths = (month: string, count: number): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + count)).toISOString().slice(0, 7)

export const monthsFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addMonths(first, index))

/** The instant at which the month's clocks change; null in other months. */
export const clockChangeIn = (month: string): number | null => {
  if (!month.endsWith('-03') && !month.endsWith('-10')) return null
  const lastDay = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0, 1))
  return lastDay.getTime() - lastDay.getUTCDay() * 24 * HOUR_MS
}
