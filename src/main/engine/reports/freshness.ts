/** Which sources are late: judged by how long ago their newest service day was. */
import type { Session, SourceTotals } from '../session.ts'

const MINUTE_MS = 60 * 1000
const DAY_MS = 24 * 60 * MINUTE_MS
/** A source of files is late when its newest data is older than this. They come by hand, at most monthly. */
const LATE_AFTER_MS = 40 * DAY_MS
/** A connected source is late when it brought nothing for three of its runs and the hour that data may take. */
export const connectedLateAfterMs = (everyMinutes: number): number => (3 * everyMinutes + 60) * MINUTE_MS
/** A day's charges begin with the day, and Cost Explorer and exports tell them up to a day after it ended. */
const COST_LATE_MS = 2 * DAY_MS

export interface SourceFreshness extends SourceTotals {
  readonly lagMs: number
  readonly late: boolean
}

export const freshnessOf = (session: Session): readonly SourceFreshness[] => {
  const nowMs = session.clock.nowMs()
  const connected = new Map(
    session
      .all('connection')
      .filter(({ content }) => !content.paused)
      .map(({ content }) => [content.name, connectedLateAfterMs(content.everyMinutes)]),
  )
  return session.sources().map((source) => {
    const lagMs = Math.max(0, nowMs - source.lastServiceMs)
    const connectedMs = connected.get(source.sourceKey)
    const limitMs =
      connectedMs === undefined ? LATE_AFTER_MS : connectedMs + (source.kind === 'cost' ? COST_LATE_MS : 0)
    return { ...source, lagMs, late: lagMs > limitMs }
  })
}
