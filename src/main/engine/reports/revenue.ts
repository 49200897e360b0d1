/** Revenue by month and customer: the invoice where there is one, the month rated as it stands now where not. */
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import type { Month } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import type { RateCard } from '../../../domain/pricing/ratecard.ts'
import { billsContract, contractsInMonth } from '../../bill/contract-months.ts'
import { type RatingInput, rateMonths } from '../../bill/rate-months.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { billableCost } from './billable-cost.ts'
import { type Converted, inBookCurrency, monthRates } from './exchange.ts'
import { forgetLate, lateBookOf } from './late.ts'

export interface InvoiceOfMonth extends Converted {
  /** What it adds to totals in the book's currency; null where there is no rate. */
  readonly inBook: DecimalText | null
  /** `invoice`: kept in the ledger; `rated`: computed now. */
  readonly from: 'invoice' | 'rated'
}

/** A customer's invoices of a month: one, or one for each contract or address. */
export interface CustomerRevenue {
  readonly customerId: string
  readonly name: string
  readonly parts: readonly InvoiceOfMonth[]
  /** In the book's currency, at the rate of the month's last day; null where no part has one. */
  readonly total: DecimalText | null
  /** `rated` as soon as one part is. */
  readonly from: 'invoice' | 'rated'
}

export interface MonthRevenue {
  readonly byCustomer: ReadonlyMap<string, CustomerRevenue>
  readonly without: readonly { readonly customerId: string; readonly name: string; readonly reason: string }[]
}

/** All invoices of the month, kept or rated. */
export const invoicesOf = (revenue: MonthRevenue | undefined): readonly InvoiceOfMonth[] =>
  [...(revenue?.byCustomer.values() ?? [])].flatMap(({ parts }) => parts)

/** The lines of all of a customer's invoices of a month. */
export const linesOf = ({ parts }: CustomerRevenue) => ({
  lines: parts.flatMap(({ invoice }) => invoice.lines),
})

const revenueOfParts = (parts: readonly InvoiceOfMonth[]): CustomerRevenue | null => {
  const [first] = parts
  if (first === undefined) return null
  const known = parts.flatMap(({ inBook }) => inBook ?? [])
  return {
    customerId: first.invoice.customerId,
    name: first.invoice.customerName,
    parts,
    total: known.length === 0 ? null : sumDecimals(known),
    from: parts.some(({ from }) => from === 'rated') ? 'rated' : 'invoice',
  }
}

const hasChargesOnCost = (cards: readonly RateCard[], contracts: readonly Contract[]): boolean =>
  [
    ...cards.flatMap(({ versions }) =>
      versions.flatMap(({ charges, otherCurrencies }) => [
        ...charges,
        ...Object.values(otherCurrencies ?? {}).flat(),
      ]),
    ),
    ...contracts.flatMap(({ charges }) => charges ?? []),
  ].some(({ kind }) => kind === 'cost_plus')

/**
 * All that rating the months asks for, as the session has it.
 * @param options.draft a card that the session does not have, which may charge on cost where none of its cards does
 */
export const ratingInputOf = async (
  session: Session,
  months: readonly Month[],
  options: { readonly customerIds?: ReadonlySet<string>; readonly draft?: RateCard } = {},
): Promise<RatingInput> => {
  const settings = session.settings()
  // Usage is asked as of the batch that the invoice names, even while the cube is following a newer one.
  const { batchId, hash } = session.followed()
  const late = await lateBookOf(session)
  const kept = Map.groupBy(
    session.all('invoice').flatMap(({ content }) => (content.state === 'void' ? [] : [content])),
    ({ customerId }) => customerId,
  )
  const cards = session.all('rate_card').map(({ content }) => content)
  const contracts = session.all('contract').map(({ content }) => content)
  const priced = options.draft === undefined ? cards : [...cards, options.draft]
  const costOf = hasChargesOnCost(priced, contracts) ? await billableCost(session) : () => null
  return {
    months,
    timeZone: settings.timeZone,
    currency: settings.currency,
    customers: customersOf(session).filter(({ id }) => options.customerIds?.has(id) ?? true),
    contracts,
    earlierOf: (contractId) =>
      session
        .versions('contract', contractId)
        .slice(0, -1)
        .flatMap(({ content }) => content ?? []),
    cards,
    metrics: metricsOf(session),
    chainHead: hash,
    asOfBatch: batchId,
    invoicesOf: (customerId) => kept.get(customerId) ?? [],
    lateUsageOf: late.lateUsageOf,
    billedElsewhereOf: late.billedElsewhereOf,
    costOf,
    usage: (needs) => session.cube.usageCuts({ needs: [...needs], asOfBatch: batchId }),
  }
}

/** Rates the months of all (or the named) customers as the session has them. */
export const rateNow = async (
  session: Session,
  months: readonly Month[],
  options: { readonly customerIds?: ReadonlySet<string> } = {},
) => rateMonths(await ratingInputOf(session, months, options))

interface Kept {
  /** Documents as of this batch, usage as of the followed one. */
  readonly batchId: number
  readonly followedBatchId: number
  readonly months: Map<Month, MonthRevenue>
}
/** By cube: a past batch has one of its own, whichever moment it is asked for. */
const cache = new WeakMap<Session['cube'], Kept>()

/** Forgets what was computed: the cube was built again, and held less while it was. */
export const forgetRevenue = (session: Session): void => {
  cache.delete(session.cube)
  forgetLate(session)
}

/** Revenue of the months; computed once until something is appended. */
export const revenueOf = async (
  session: Session,
  months: readonly Month[],
): Promise<ReadonlyMap<Month, MonthRevenue>> => {
  const { batchId } = session.head()
  const followedBatchId = session.followed().batchId
  const cached = cache.get(session.cube)
  const isCurrent =
    cached !== undefined && cached.batchId === batchId && cached.followedBatchId === followedBatchId
  const known: Kept = isCurrent ? cached : { batchId, followedBatchId, months: new Map() }
  cache.set(session.cube, known)
  const missing = months.filter((month) => !known.months.has(month))
  if (missing.length > 0) {
    const { currency } = session.settings()
    const rateOf = monthRates(session)
    const partOf = (invoice: Invoice, from: InvoiceOfMonth['from']): InvoiceOfMonth => {
      const rate = rateOf(invoice.month, invoice.currency)
      return { invoice, from, rate, inBook: inBookCurrency(invoice.total, rate, currency) }
    }
    const kept = Map.groupBy(
      session.all('invoice').flatMap(({ content }) => (content.state === 'void' ? [] : [content])),
      ({ customerId }) => customerId,
    )
    const contracts = Map.groupBy(
      session.all('contract').map(({ content }) => content),
      ({ customerId }) => customerId,
    )
    const keptIn = (customerId: string, month: Month) =>
      (kept.get(customerId) ?? []).filter((invoice) => invoice.month === month)
    // A month whose customers all have their invoices needs no rating.
    const isInvoiced = (customerId: string, month: Month) => {
      const own = keptIn(customerId, month)
      const held = contractsInMonth(contracts.get(customerId) ?? [], customerId, month)
      return (
        own.length > 0 &&
        (held.length <= 1 || held.every(({ id }) => own.some((each) => billsContract(each, id))))
      )
    }
    const customerIds = new Set(
      customersOf(session)
        .map(({ id }) => id)
        .filter((id) => missing.some((month) => !isInvoiced(id, month))),
    )
    for (const { month, invoices, without } of await rateNow(session, missing, { customerIds })) {
      const isKept = (invoice: Invoice) =>
        isInvoiced(invoice.customerId, month) ||
        keptIn(invoice.customerId, month).some(
          (own) => own.id === invoice.id || billsContract(own, invoice.contractId ?? ''),
        )
      const parts = Map.groupBy(
        [
          ...[...kept.values()]
            .flat()
            .flatMap((invoice): InvoiceOfMonth[] =>
              invoice.month === month ? [partOf(invoice, 'invoice')] : [],
            ),
          ...invoices.flatMap((invoice): InvoiceOfMonth[] =>
            isKept(invoice) ? [] : [partOf(invoice, 'rated')],
          ),
        ],
        ({ invoice }) => invoice.customerId,
      )
      const byCustomer = new Map(
        [...parts].flatMap(([id, own]) => {
          const revenue = revenueOfParts(own)
          return revenue === null ? [] : [[id, revenue] as const]
        }),
      )
      known.months.set(month, {
        byCustomer,
        without: without.filter(({ customerId }) => !byCustomer.has(customerId)),
      })
    }
  }
  return known.months
}

/** The sum of a month's invoices; null where none could be made. */
export const totalRevenue = (revenue: MonthRevenue | undefined): DecimalText | null => {
  const totals = [...(revenue?.byCustomer.values() ?? [])].flatMap(({ total }) => total ?? [])
  return totals.length === 0 ? null : sumDecimals(totals)
}
