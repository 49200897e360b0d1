/**
 * What a draft rate card would change: the same months of the same usage rated twice by the same rules, once at today's
 * prices and once at the draft's. Net revenue is compared: what an invoice comes to before tax and credits.
 */
import { Decimal, type DecimalText, less, sumDecimals, toDecimalText, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { formatPercent } from '../margin.ts'
import { type Month, monthName } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import { formatAmount, formatSignedAmount } from '../pricing/format.ts'
import type { RateCard } from '../pricing/ratecard.ts'

/** One customer's month on one side. */
export interface SimulatedMonth {
  readonly customerId: string
  readonly month: Month
  readonly invoices: readonly {
    readonly currency: string
    readonly total: DecimalText
    readonly issues: readonly Issue[]
  }[]
  /** Why nothing could be rated. */
  readonly reason?: string
}

/** Months of a customer that count on neither side, since one of them could not be rated. */
export interface NotCompared {
  readonly side: 'before' | 'after' | 'both'
  readonly months: readonly Month[]
  readonly reason: string
}

export interface SimulatedCustomer {
  readonly customerId: string
  readonly name: string
  /** Null with the amounts, where no month could be compared. */
  readonly currency: string | null
  readonly months: number
  readonly before: DecimalText | null
  readonly after: DecimalText | null
  readonly change: DecimalText | null
  /** Of what is paid today, half-even to one decimal; null where that is not above zero. */
  readonly percent: DecimalText | null
  readonly notCompared: readonly NotCompared[]
}

export interface SimulatedTotal {
  readonly currency: string
  readonly before: DecimalText
  readonly after: DecimalText
  readonly change: DecimalText
  readonly percent: DecimalText | null
  /** Customers that would pay more, less, or to the cent the same. */
  readonly more: number
  readonly less: number
  readonly same: number
}

export interface SimulationBucket {
  readonly key: string
  readonly words: string
  readonly customers: number
}

export interface Simulation {
  /** Largest change first, whichever way; those that could not be compared last. */
  readonly customers: readonly SimulatedCustomer[]
  /** One a currency: amounts of two are never added. */
  readonly totals: readonly SimulatedTotal[]
  /** Customers by percent of change, from the largest fall to the largest rise; every bucket, empty ones too. */
  readonly buckets: readonly SimulationBucket[]
  /** Customers with months that were left out. */
  readonly notCompared: number
}

/** Edges of the distribution in percent; an edge belongs to the smaller change. */
const EDGES = [5, 10, 25, 50] as const
const UNCHANGED = 'unchanged'
const FROM_NOTHING = 'from-nothing'

const rangeWords = (index: number): string => {
  const [low = 0, high] = [EDGES[index - 1], EDGES[index]]
  return high === undefined ? `> ${low} %` : `${low}–${high} %`
}
const RANGES = [...EDGES, Infinity].map((_, index) => index)
const BUCKETS: readonly Omit<SimulationBucket, 'customers'>[] = [
  ...RANGES.toReversed().map((index) => ({ key: `less-${index}`, words: `${rangeWords(index)} less` })),
  { key: UNCHANGED, words: 'the same' },
  ...RANGES.map((index) => ({ key: `more-${index}`, words: `${rangeWords(index)} more` })),
  { key: FROM_NOTHING, words: 'paid nothing' },
]

const bucketOf = ({ before, change }: SimulatedCustomer): string | null => {
  if (before === null || change === null) return null
  if (change === ZERO) return UNCHANGED
  if (!new Decimal(before).gt(0)) return FROM_NOTHING
  const size = new Decimal(change).abs().times(100)
  const found = EDGES.findIndex((edge) => size.lte(new Decimal(before).times(edge)))
  return `${change.startsWith('-') ? 'less' : 'more'}-${found === -1 ? EDGES.length : found}`
}

const percentOf = (change: DecimalText, before: DecimalText): DecimalText | null => {
  const base = new Decimal(before)
  return base.gt(0) ? toDecimalText(new Decimal(change).times(100).div(base).toDecimalPlaces(1)) : null
}
/** Why a month of one side has no figure. */
const reasonsOf = (side: SimulatedMonth | undefined): readonly string[] => {
  if (side === undefined) return ['Nothing was rated.']
  const errors = side.invoices.flatMap(({ issues }) =>
    issues.flatMap(({ severity, message }) => (severity === 'error' ? [message] : [])),
  )
  return [...(side.reason === undefined ? [] : [side.reason]), ...errors]
}

interface ComparedMonth {
  readonly month: Month
  readonly amounts: {
    readonly currency: string
    readonly before: DecimalText
    readonly after: DecimalText
  } | null
  readonly missing: readonly { readonly side: NotCompared['side']; readonly reason: string }[]
}

const compareMonth = (
  month: Month,
  before: SimulatedMonth | undefined,
  after: SimulatedMonth | undefined,
): ComparedMonth => {
  const [was, would] = [reasonsOf(before), reasonsOf(after)]
  const reasons = [...new Set([...was, ...would])]
  const missing = reasons.map((reason) => ({
    reason,
    side: !was.includes(reason)
      ? ('after' as const)
      : would.includes(reason)
        ? ('both' as const)
        : ('before' as const),
  }))
  const currencies = new Set(
    [before, after].flatMap((side) => side?.invoices.map(({ currency }) => currency) ?? []),
  )
  const [currency] = currencies
  if (missing.length > 0) return { month, amounts: null, missing }
  if (currency === undefined || currencies.size > 1) {
    const words = [...currencies].join(' and ')
    const reason = currency === undefined ? 'Nothing was rated.' : `Amounts in ${words} are not compared.`
    return { month, amounts: null, missing: [{ side: 'both', reason }] }
  }
  const totalOf = (side: SimulatedMonth | undefined) =>
    sumDecimals(side?.invoices.map(({ total }) => total) ?? [])
  return { month, amounts: { currency, before: totalOf(before), after: totalOf(after) }, missing: [] }
}

const notComparedOf = (months: readonly ComparedMonth[]): readonly NotCompared[] =>
  [
    ...Map.groupBy(
      months.flatMap(({ month, missing }) => missing.map((each) => ({ month, ...each }))),
      ({ side, reason }) => `${side} ${reason}`,
    ).values(),
  ].flatMap((group) => {
    const [first] = group
    return first === undefined
      ? []
      : [{ side: first.side, reason: first.reason, months: group.map(({ month }) => month) }]
  })

/** One row for each currency of the customer's; one without amounts where no month could be compared. */
const rowsOf = (
  customer: { readonly id: string; readonly name: string },
  months: readonly ComparedMonth[],
): readonly SimulatedCustomer[] => {
  const notCompared = notComparedOf(months)
  const head = { customerId: customer.id, name: customer.name }
  const byCurrency = Map.groupBy(
    months.flatMap(({ amounts }) => amounts ?? []),
    ({ currency }) => currency,
  )
  if (byCurrency.size === 0) {
    const none = { currency: null, months: 0, before: null, after: null, change: null, percent: null }
    return notCompared.length === 0 ? [] : [{ ...head, ...none, notCompared }]
  }
  return [...byCurrency].map(([currency, amounts]) => {
    const before = sumDecimals(amounts.map((each) => each.before))
    const after = sumDecimals(amounts.map((each) => each.after))
    const change = less(after, before)
    const percent = percentOf(change, before)
    return { ...head, currency, months: amounts.length, before, after, change, percent, notCompared }
  })
}

const totalOf = (currency: string, rows: readonly SimulatedCustomer[]): SimulatedTotal => {
  const before = sumDecimals(rows.map((row) => row.before ?? ZERO))
  const after = sumDecimals(rows.map((row) => row.after ?? ZERO))
  const change = less(after, before)
  const same = rows.filter((row) => row.change === ZERO).length
  const fewer = rows.filter((row) => row.change?.startsWith('-')).length
  return {
    currency,
    before,
    after,
    change,
    percent: percentOf(change, before),
    more: rows.length - same - fewer,
    less: fewer,
    same,
  }
}

const sizeOf = ({ change }: SimulatedCustomer) =>
  change === null ? new Decimal(-1) : new Decimal(change).abs()

/**
 * Compares the two sides. A month counts where both of them could be rated; else on neither, and it says why.
 * @param before each customer's months at today's prices; `after` the same months at the draft's
 */
export const compareSimulated = (input: {
  readonly customers: readonly { readonly id: string; readonly name: string }[]
  readonly before: readonly SimulatedMonth[]
  readonly after: readonly SimulatedMonth[]
}): Simulation => {
  const keyOf = ({ customerId, month }: SimulatedMonth) => `${month} ${customerId}`
  const [before, after] = [input.before, input.after].map(
    (side) => new Map(side.map((each) => [keyOf(each), each])),
  ) as [Map<string, SimulatedMonth>, Map<string, SimulatedMonth>]
  const months = Map.groupBy(new Map([...before, ...after]).values(), ({ customerId }) => customerId)
  const rows = input.customers.flatMap((customer) =>
    rowsOf(
      customer,
      (months.get(customer.id) ?? [])
        .toSorted((a, b) => (a.month < b.month ? -1 : 1))
        .map((each) => compareMonth(each.month, before.get(keyOf(each)), after.get(keyOf(each)))),
    ),
  )
  const counts = Map.groupBy(rows, bucketOf)
  const compared = rows.filter(({ currency }) => currency !== null)
  return {
    customers: rows.toSorted((a, b) => sizeOf(b).comparedTo(sizeOf(a)) || a.name.localeCompare(b.name)),
    totals: [...Map.groupBy(compared, ({ currency }) => currency ?? '')].map(([currency, own]) =>
      totalOf(currency, own),
    ),
    buckets: BUCKETS.map((bucket) => ({ ...bucket, customers: counts.get(bucket.key)?.length ?? 0 })),
    notCompared: new Set(
      rows.flatMap(({ customerId, notCompared }) => (notCompared.length === 0 ? [] : [customerId])),
    ).size,
  }
}

/** The totals as a sentence or two. */
export const simulationWords = ({ totals, notCompared }: Simulation, months: readonly Month[]): string => {
  const [first, last] = [months[0], months.at(-1)]
  const range =
    first === undefined || last === undefined
      ? ''
      : `${monthName(first)}${first === last ? '' : ` to ${monthName(last)}`}: `
  const sums = totals.map(
    ({ currency, before, after, change, percent, more, less: fewer, same }) =>
      `${formatAmount(before, currency)} ${currency} today, ${formatAmount(after, currency)} with the draft (${change === ZERO ? 'no change' : formatSignedAmount(change, currency)}${percent === null || change === ZERO ? '' : `, ${formatPercent(percent)}`}). ${more} would pay more, ${fewer} less, ${same} the same.`,
  )
  const left =
    notCompared === 0
      ? ''
      : ` ${notCompared} ${notCompared === 1 ? 'customer has' : 'customers have'} months that could not be rated on both sides; they are in no total.`
  return `${range}${sums.length === 0 ? 'nothing could be compared.' : sums.join(' ')}${left}`
}

/** The version of the card in force on the day: its first where none is yet, null where it has none. */
export const versionOn = (card: RateCard, day: string): number | null =>
  (card.versions.findLast(({ effectiveFrom }) => effectiveFrom <= day) ?? card.versions[0])?.version ?? null

/** A contract at one version of one card for every month; its own terms stay, a pin of its own too. */
const pinnedTo = (contract: Contract, version: number | null): Contract =>
  contract.rateCardVersion !== undefined || version === null
    ? contract
    : { ...contract, rateCardVersion: version }

/**
 * A contract on both sides. Today's side has the version of its card in force today in every month, so that an earlier
 * change of prices is no part of what the draft changes.
 * @param draft the card with the draft as its last version
 * @param everybody whether contracts for other cards, and pinned ones, would be for the draft too
 */
export const simulatedContract = (
  contract: Contract,
  cards: readonly RateCard[],
  draft: RateCard,
  today: string,
  everybody: boolean,
): { readonly before: Contract; readonly after: Contract } => {
  const card = cards.find(({ id }) => id === contract.rateCardId)
  const before = pinnedTo(contract, card === undefined ? null : versionOn(card, today))
  const last = draft.versions.at(-1)?.version ?? null
  if (everybody && last !== null)
    return { before, after: { ...contract, rateCardId: draft.id, rateCardVersion: last } }
  return { before, after: contract.rateCardId === draft.id ? pinnedTo(contract, last) : before }
}
