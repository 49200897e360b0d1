/** Which months are closed, and where what belongs to one of them counts instead (docs/decisions/0007). */
import { addMonths } from './local-time.ts'

export interface Calendar {
  readonly close: (month: string) => void
  readonly isClosed: (month: string) => boolean
  /** Null where the month is open; else the next open month. */
  readonly postedMonthOf: (month: string) => string | null
}

export const openCalendar = (): Calendar => {
  const closed = new Set<string>()
  return {
    close: (month) => void closed.add(month),
    isClosed: (month) => closed.has(month),
    postedMonthOf: (month) => {
      let next = month
      while (closed.has(next)) next = addMonths(next, 1)
      return next === month ? null : next
    },
  }
}
