/** Rates a charge on raw events, of a whole month or of its days from one on, as the engine does it. */
import { addDays, monthPeriod, startOfDay, toMonth } from '../../../src/domain/period.ts'
import { usageFromEvents } from '../../../src/domain/pricing/events.ts'
import { usageNeeds } from '../../../src/domain/pricing/needs.ts'
import { type RateInput, rateCharge } from '../../../src/domain/pricing/rate.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { d, METRICS } from './cards.ts'

export interface RatingOptions extends Partial<RateInput> {
  readonly from?: number
  readonly until?: number
}

/** @param options `from` and `until` are days of the month counted from 0; the days before `from` are rated already. */
export const rateEvents = (charge: Charge, events: readonly UsageEvent[], options: RatingOptions = {}) => {
  const month = options.month ?? toMonth('2026-10')
  const timeZone = options.timeZone ?? 'UTC'
  const metrics = options.metrics ?? METRICS
  const whole = monthPeriod(month, timeZone)
  const ofMonth = Math.round((whole.endMs - whole.startMs) / 86_400_000)
  const { from = 0, until = ofMonth, ...rest } = options
  const start = startOfDay(addDays(`${month}-01`, from), timeZone)
  const end = until === ofMonth ? whole.endMs : startOfDay(addDays(`${month}-01`, until), timeZone)
  const usageOf = (startMs: number, endMs: number) =>
    usageFromEvents(usageNeeds(charge, { startMs, endMs }, { timeZone, metrics }), events, metrics, timeZone)
  return rateCharge({
    charge,
    usage: usageOf(start, end),
    ...(from === 0 ? {} : { before: usageOf(whole.startMs, start) }),
    ...(from === 0 && until === ofMonth ? {} : { days: { first: from, count: until - from, ofMonth } }),
    month,
    timeZone,
    metrics,
    currency: 'USD',
    ...rest,
  })
}

export const at = (
  time: string,
  quantity: string,
  dimensions: Readonly<Record<string, string>> = {},
  metric = 'api.calls',
): UsageEvent => ({ metric, timeMs: Date.parse(time), quantity: d(quantity), dimensions })

/** "2026-10-05T10:00:00Z". */
export const october = (day: number, clock = '12:00:00'): string =>
  `2026-10-${String(day).padStart(2, '0')}T${clock}Z`
