/** Connected sources that somebody must look at, in words. */
import type { EngineState } from '../engine-state.ts'

/** One sentence a source whose last run failed. */
export const troublesOf = (engine: EngineState): readonly string[] => {
  const schedule = engine.schedule()
  return engine
    .session()
    .all('connection')
    .flatMap(({ content: { id, name, paused } }) => {
      const { failures, sentence } = schedule.stateOf(id)
      if (paused || failures === 0) return []
      return [
        `The source ${name} is failing (${failures === 1 ? 'once' : `${failures} times in a row`}): ${sentence ?? ''}`,
      ]
    })
}
