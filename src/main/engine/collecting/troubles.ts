/** Connected sources that somebody must look at, in words. */
import type { EngineState } from '../engine-state.ts'
import { connectedLateAfterMs } from '../reports/freshness.ts'
import { spanInWords } from '../span.ts'

/** One sentence a source whose last run failed, or that never brought anything; one that stopped is told as late. */
export const troublesOf = (engine: EngineState): readonly string[] => {
  const schedule = engine.schedule()
  const session = engine.session()
  const known = new Set(session.sources().map(({ sourceKey }) => sourceKey))
  return session.all('connection').flatMap(({ content, recordedMs }) => {
    const { id, name, paused, everyMinutes } = content
    const { failures, sentence } = schedule.stateOf(id)
    if (paused) return []
    if (failures > 0)
      return [
        `The source ${name} is failing (${failures === 1 ? 'once' : `${failures} times in a row`}): ${sentence ?? ''}`,
      ]
    const silentMs = session.clock.nowMs() - recordedMs
    return known.has(name) || silentMs <= connectedLateAfterMs(everyMinutes)
      ? []
      : [
          `The source ${name} has brought nothing since it was set up ${spanInWords(silentMs)} ago. Check it, and what it is told to read.`,
        ]
  })
}
