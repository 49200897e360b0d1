/** Usage of a running month as its forecast has it: asked as usual, and put together by the rule of `domain/invoice/forecast`. */
import { type ForecastPlan, forecastParts, mergeRows, rowsOfDays } from '../../domain/invoice/forecast.ts'
import type { Metric } from '../../domain/metric.ts'
import type { AnsweredRow, AskedUsage, AskUsage } from './usage-asked.ts'

/** Answers each need with the days that are over and, for each day left, those of the day that it is like. */
export const forecastUsage =
  (ask: AskUsage, plan: ForecastPlan, metrics: readonly Metric[]): AskUsage =>
  async (needs) => {
    const asked: AskedUsage[] = []
    const place = (need: AskedUsage) => asked.push(need) - 1
    const planned = needs.map((need) => {
      const parts = need.afterBatch === undefined ? forecastParts(need, plan, metrics) : null
      return {
        need,
        whole: parts === null ? place(need) : null,
        past: parts?.past == null ? null : place(parts.past),
        likes: (parts?.likes ?? []).map(({ days, need: like }) => ({ days, place: place(like) })),
      }
    })
    const { rows, openings } = await ask(asked)
    const byPlace = Map.groupBy(rows, ({ index }) => index)
    const rowsAt = (at: number | null): readonly AnsweredRow[] => (at === null ? [] : (byPlace.get(at) ?? []))
    const found = planned.flatMap(({ need, whole, past, likes }, index) => {
      if (whole !== null) return rowsAt(whole).map((row) => ({ ...row, index }))
      const all = [
        ...rowsAt(past),
        ...likes.flatMap(({ place: at, days }) => rowsOfDays(rowsAt(at), days, need, plan.timeZone)),
      ].map((row) => ({ ...row, index }))
      return [...Map.groupBy(all, ({ tenant }) => tenant).values()].flatMap((own) => mergeRows(own, need))
    })
    const indexes = new Map(planned.map(({ whole }, index) => [whole, index]))
    return {
      rows: found,
      openings: openings.flatMap((opening) => {
        const index = indexes.get(opening.index)
        return index === undefined ? [] : [{ ...opening, index }]
      }),
    }
  }
