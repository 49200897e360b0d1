/** What a price of quantities runs over: each hour or day on its own, the month, or a longer period as it grows. */
import type { Charge } from './ratecard.ts'

/** Usage is cut by it; every window is priced on its own, and the prices are summed. */
export type CutWindow = 'hour' | 'day'

/** Billed month by month, as the quantity grows: tiers go on, flat amounts and the price at zero are due once. */
export type LongWindow = 'quarter' | 'year' | 'term'

const windowIn = (charge: Charge): CutWindow | LongWindow | undefined =>
  'window' in charge ? charge.window : undefined

export const cutWindowOf = (charge: Charge): CutWindow | undefined => {
  const window = windowIn(charge)
  return window === 'hour' || window === 'day' ? window : undefined
}

export const longWindowOf = (charge: Charge): LongWindow | undefined => {
  const window = windowIn(charge)
  return window === 'hour' || window === 'day' ? undefined : window
}
