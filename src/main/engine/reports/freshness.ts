/** Which sources are late: judged by how long ago their newest service day was. */
import type { Session, SourceTotals } from '../session.ts'

/** A source is late when its newest data is older than this. Files come by hand, at most monthly. */
export const LATE_AFTER_MS = 40 * 24 * 60 * 60 * 1000

export interface SourceFreshness extends SourceTotals {
  readonly lagMs: number
  readonly late: boolean
}

export const freshnessOf = (session: Session): readonly SourceFreshness[] => {
  const nowMs = session.clock.nowMs()
  return session.sources().map((source) => {
    const lagMs = Math.max(0, nowMs - source.lastServiceMs)
    return { ...source, lagMs, late: lagMs > LATE_AFTER_MS }
  })
}
