/** What `rate` fills in where a file leaves it out: ids, names and the like, on which no amount depends. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PLAIN_METRIC = 'units'
const WITHOUT_METRIC: readonly unknown[] = ['flat_fee', 'formula', 'cost_plus', undefined]

/** A contract that names no card; its card is then the one that is given. */
export const NO_CARD = 'none'

export const plainCharge = (given: unknown, id: string): unknown => {
  if (!isObject(given)) return given
  const own = { id, ...given }
  return {
    name: own.id,
    ...own,
    ...(WITHOUT_METRIC.includes(given.kind) || 'metric' in own ? {} : { metric: PLAIN_METRIC }),
  }
}

type Fill = (given: Record<string, unknown>, id: string) => unknown

const named: Fill = (given, id) => ({ id, name: given.id ?? id, ...given })

const listed = (
  given: Record<string, unknown>,
  key: string,
  word: string,
  fill: Fill,
): Record<string, unknown> => {
  const list = given[key]
  if (!Array.isArray(list)) return {}
  return { [key]: list.map((each: unknown, at) => (isObject(each) ? fill(each, `${word}-${at + 1}`) : each)) }
}

/** A rate card's own charges, and those of a contract. */
export const plainCharges = (given: Record<string, unknown>): Record<string, unknown> => ({
  ...given,
  ...listed(given, 'charges', 'charge', plainCharge),
})

export const plainContract = (given: unknown): unknown => {
  if (!isObject(given)) return given
  const tax =
    isObject(given.tax) && 'percent' in given.tax ? { kind: 'external', name: 'Tax', ...given.tax } : null
  return {
    id: 'contract',
    customerId: 'customer',
    rateCardId: NO_CARD,
    ...plainCharges(given),
    ...listed(given, 'discounts', 'discount', named),
    ...listed(given, 'commitments', 'commitment', (each, id) => ({
      counts: null,
      ...(named(each, id) as object),
    })),
    // What was paid for credit decides revenue, never what is due.
    ...listed(given, 'credits', 'credit', (each, id) => ({
      fromDay: given.startDay,
      costBasis: each.amount,
      ...(named(each, id) as object),
    })),
    ...(tax === null ? {} : { tax }),
  }
}
