/** What arrived by source and day, in the book's time zone. */
import { addDays, dayOf, type Period, startOfDay } from '../../../domain/period.ts'
import type { Session } from '../session.ts'

/** What came from a source for one service day. */
export interface DayArrived {
  /** `YYYY-MM-DD`. */
  readonly day: string
  /** Entries posted, less those reversed since. */
  readonly records: number
  readonly lastBatchId: number
}

/** Days that have services beginning in the period, in order, by source number. */
export const arrivalsIn = async (
  session: Session,
  period: Period,
): Promise<ReadonlyMap<number, ReadonlyMap<string, DayArrived>>> => {
  const { timeZone } = session.settings()
  const quarters = await session.cube.quartersArrived(period)
  const bySource = new Map<number, Map<string, DayArrived>>()
  let current = { day: '', startMs: 0, endMs: 0 }
  for (const { sourceNo, startMs, entries, lastBatchId } of quarters) {
    if (startMs < current.startMs || startMs >= current.endMs) {
      const day = dayOf(startMs, timeZone)
      current = { day, startMs: startOfDay(day, timeZone), endMs: startOfDay(addDays(day, 1), timeZone) }
    }
    const days = bySource.get(sourceNo) ?? new Map<string, DayArrived>()
    bySource.set(sourceNo, days)
    const known = days.get(current.day)
    days.set(current.day, {
      day: current.day,
      records: entries + (known?.records ?? 0),
      lastBatchId: Math.max(lastBatchId, known?.lastBatchId ?? lastBatchId),
    })
  }
  return bySource
}
