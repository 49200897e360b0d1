const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const count = (value: number, one: string) => `${value.toLocaleString('en')} ${one}${value === 1 ? '' : 's'}`

/** `90 minutes`, `26 hours`, `12 days`: milliseconds for a sentence, rounded down, up to two of the next unit. */
export const spanInWords = (ms: number): string =>
  ms < 2 * HOUR_MS
    ? count(Math.floor(ms / MINUTE_MS), 'minute')
    : ms < 2 * DAY_MS
      ? count(Math.floor(ms / HOUR_MS), 'hour')
      : count(Math.floor(ms / DAY_MS), 'day')
