/** What a price of quantities runs over: each hour or day on its own, the month, or a longer period as it grows. */
import type { Charge, CutWindow, LongWindow } from './ratecard.ts'

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
