/** Which sources are late: judged by how long ago their newest service day was. */
import type { Session, SourceTotals } from '../session.ts'

const MINUTE_MS = 60 * 1000
/** A source of files is late when its newest data is older than this. They come by hand, at most monthly. */
const LATE_AFTER_MS = 40 * 24 * 60 * MINUTE_MS
/** A connected source is late when it brought nothing for three of its runs and the hour that data may take. */
const connectedLateAfterMs = (everyMinutes: number): number => (3 * everyMinutes + 60) * MINUTE_MS

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
    return { ...source, lagMs, late: lagMs > (connected.get(source.sourceKey) ?? LATE_AFTER_MS) }
  })
}
