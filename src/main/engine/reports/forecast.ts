/** What a running month's invoices come to at its end: of one customer, or of all at once. Rated when asked for, never kept. */
import type { DecimalText } from '../../../domain/decimal.ts'
import { type ForecastPlan, forecastWords, planForecast } from '../../../domain/invoice/forecast.ts'
import { type Month, monthName, monthOf } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { endDayOf } from '../../../domain/pricing/term.ts'
import { contractsInMonth } from '../../bill/contract-months.ts'
import { forecastUsage } from '../../bill/forecast-usage.ts'
import { type RatedMonth, type RatingInput, rateMonths } from '../../bill/rate-months.ts'
import { refused } from '../refusals.ts'
import type { Session } from '../session.ts'
import { ratingInputOf } from './revenue.ts'

/** The month that the book's clock is in. */
export const runningMonth = (session: Session): Month =>
  monthOf(session.clock.nowMs(), session.settings().timeZone)

/** @throws REFUSED where the month is over, or has not begun. */
export const checkRunning = (session: Session, month: Month): void => {
  const running = runningMonth(session)
  if (month !== running)
    throw refused(
      'month_is_not_running',
      `${monthName(month)} ${month < running ? 'is over: run its invoices instead' : 'has not begun'}. There is a preview of ${monthName(running)} only.`,
    )
}

/** The customer's contracts of the month as one span of days. */
const spanOf = (contracts: readonly Contract[]): { fromDay: string; untilDay: string | null } => {
  const ends = contracts.map(endDayOf)
  return {
    fromDay: contracts.map(({ startDay }) => startDay).reduce((a, b) => (a < b ? a : b)),
    untilDay: ends.includes(null) ? null : ends.reduce((a, b) => ((a ?? '') > (b ?? '') ? a : b)),
  }
}

/** The days of the month that are over and left, of a customer with these contracts. */
export const planOf = (session: Session, month: Month, contracts: readonly Contract[]): ForecastPlan =>
  planForecast({
    month,
    timeZone: session.settings().timeZone,
    nowMs: session.clock.nowMs(),
    ...spanOf(contracts),
  })

/** The month rated as the plan has it; null where no day is over. */
export const rateForecast = async (input: RatingInput, plan: ForecastPlan): Promise<RatedMonth | null> => {
  if (plan.elapsed.length === 0) return null
  const [rated] = await rateMonths({ ...input, usage: forecastUsage(input.usage, plan, input.metrics) })
  return rated ?? null
}

export interface MonthForecast {
  readonly month: Month
  /** Days of the whole month that are over. */
  readonly elapsedDays: number
  readonly daysLeft: number
  readonly words: string
  /** By invoice, net; those that no day is over of are left out. */
  readonly totals: ReadonlyMap<string, DecimalText>
}

/** By cube: what was found of the last state that was asked about. */
const cache = new WeakMap<
  Session['cube'],
  { found: { readonly key: string; readonly forecast: MonthForecast } | null }
>()

/** Forgets what was computed: the cube was built again, and held less while it was. */
export const forgetForecast = (session: Session): void => {
  cache.delete(session.cube)
}

/**
 * The forecast of every customer's invoices; computed once until something is appended or a day is over. Gives way to
 * other work, and ends where the signal says so.
 * @throws the signal's reason where it was aborted
 */
export const forecastMonth = async (
  session: Session,
  month: Month,
  signal: AbortSignal | undefined,
): Promise<MonthForecast> => {
  const { timeZone } = session.settings()
  const nowMs = session.clock.nowMs()
  const whole = planForecast({ month, timeZone, nowMs, fromDay: `${month}-01`, untilDay: null })
  const key = JSON.stringify([
    month,
    session.head().batchId,
    session.followed().batchId,
    whole.elapsed.length,
  ])
  const known = cache.get(session.cube) ?? { found: null }
  if (known.found?.key === key) return known.found.forecast
  cache.set(session.cube, known)
  const input = { ...(await ratingInputOf(session, [month])), signal }
  const byCustomer = Map.groupBy(input.contracts, ({ customerId }) => customerId)
  const planned = input.customers.flatMap((customer) => {
    const contracts = contractsInMonth(byCustomer.get(customer.id) ?? [], customer.id, month)
    return contracts.length === 0 ? [] : [{ customer, plan: planOf(session, month, contracts) }]
  })
  // Most have the whole month; those whose contract begins or ends in it are rated with those of the same days.
  const groups = Map.groupBy(planned, ({ plan }) => JSON.stringify([plan.elapsed[0], plan.days.at(-1)]))
  const totals = new Map<string, DecimalText>()
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined) continue
    const customers = group.map(({ customer }) => customer)
    const rated = await rateForecast({ ...input, customers }, first.plan)
    for (const { id, total } of rated?.invoices ?? []) totals.set(id, total)
  }
  const forecast: MonthForecast = {
    month,
    elapsedDays: whole.elapsed.length,
    daysLeft: whole.days.length,
    words: forecastWords(whole),
    totals,
  }
  known.found = { key, forecast }
  return forecast
}
