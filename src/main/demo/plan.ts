/** Which months the book spans, which customers it has, and when each story happens. */
import { addMonths, type Month, monthOf, monthsBetween } from '../../domain/period.ts'
import { CHURNED, CUSTOMERS, type DemoCustomer } from './company.ts'

export const TIME_ZONE = 'Europe/Berlin'
export const CURRENCY = 'USD'

const MONTHS = 14
/** Fewer months would cut stories off, fewer customers would lose them. */
const MONTHS_LEAST = 7
const CUSTOMERS_LEAST = 10

export interface BookSize {
  readonly months: number
  readonly customers: number
}
export const WHOLE_BOOK: BookSize = { months: MONTHS, customers: CUSTOMERS.length }

export interface DemoPlan {
  /** In order; the last is the last complete month before now. */
  readonly months: readonly Month[]
  readonly customers: readonly DemoCustomer[]
  /** First day of the new prices, in the middle of a month. */
  readonly priceChangeDay: string
  /** Months in which one service's cost came without tags. */
  readonly gapMonths: readonly Month[]
  /** Days, first and last, that one tenant's usage of the month was delivered late for. */
  readonly lateWeek: { readonly month: Month; readonly firstDay: string; readonly lastDay: string }
  /** The last day with usage of the customer that left. */
  readonly churnDay: string
  /** The month whose cost was delivered twice, and the day the provider restated. */
  readonly restated: { readonly month: Month; readonly day: string }
  /** Months up to this one are closed. */
  readonly lastClosed: Month
  /** Months up to this one have approved invoices. */
  readonly lastApproved: Month
}

/** @throws RangeError where the book would be too small for its stories. */
export const planBook = (nowMs: number, size: BookSize = WHOLE_BOOK): DemoPlan => {
  if (size.months < MONTHS_LEAST || size.customers < CUSTOMERS_LEAST)
    throw new RangeError(
      `a demo book needs at least ${MONTHS_LEAST} months and ${CUSTOMERS_LEAST} customers to tell its stories`,
    )
  const last = addMonths(monthOf(nowMs, TIME_ZONE), -1)
  const before = (count: number) => addMonths(last, -count)
  return {
    months: monthsBetween(before(size.months - 1), last),
    customers: CUSTOMERS.slice(0, size.customers),
    priceChangeDay: `${before(6)}-15`,
    gapMonths: [before(5), before(4)],
    lateWeek: { month: before(3), firstDay: `${before(3)}-08`, lastDay: `${before(3)}-14` },
    churnDay: `${before(1)}-14`,
    restated: { month: before(1), day: `${before(1)}-12` },
    lastClosed: before(3),
    lastApproved: before(1),
  }
}

/** The first month of a customer in the book. */
export const firstMonthOf = (plan: DemoPlan, customer: DemoCustomer): Month => {
  const first = plan.months[0] as Month
  if (customer.joinedMonthsAgo === null) return first
  const joined = addMonths(plan.months.at(-1) as Month, -customer.joinedMonthsAgo)
  return joined > first ? joined : first
}

/** Whether the customer uses anything on the day. */
export const usesOn = (plan: DemoPlan, customer: DemoCustomer, day: string): boolean =>
  day.slice(0, 7) >= firstMonthOf(plan, customer) && (customer.id !== CHURNED || day <= plan.churnDay)
