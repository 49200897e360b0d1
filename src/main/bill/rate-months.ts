/** Rates months for many customers with one question to the cube: the draft invoices of a run, or a live preview. */
import type { Customer } from '../../contract/customers.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import { buildInvoice, segmentsToAskFor } from '../../domain/invoice/build.ts'
import type { Invoice, LateUsage } from '../../domain/invoice/invoice.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import { addMonths, type Month, monthName } from '../../domain/period.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import { countUnits } from '../../domain/pricing/format.ts'
import type { RateCard } from '../../domain/pricing/ratecard.ts'

export interface QuantityRequest {
  readonly metric: string
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

export interface QuantityAnswer {
  /** Index of the request. */
  readonly index: number
  readonly tenant: string
  readonly quantity: DecimalText
}

export interface RatingInput {
  readonly months: readonly Month[]
  readonly timeZone: string
  readonly currency: string
  readonly customers: readonly Customer[]
  readonly contracts: readonly Contract[]
  readonly cards: readonly RateCard[]
  readonly metrics: readonly Metric[]
  readonly chainHead: string
  readonly asOfBatch: number
  /** The customer's invoice of a month as it is kept; null where there is none or it is void. */
  readonly invoiceOf: (customerId: string, month: Month) => Invoice | null
  /** What the customer's invoice of the month bills of earlier months (`late-usage.ts`). */
  readonly lateUsageOf: (customerId: string, month: Month) => readonly LateUsage[]
  /** By tenant; whose a tenant is, `customers` says: as of then, where the rating is of a past batch. */
  readonly quantities: (requests: readonly QuantityRequest[]) => Promise<readonly QuantityAnswer[]>
}

export interface RatedMonth {
  readonly month: Month
  readonly invoices: readonly Invoice[]
  /** Customers that nothing could be rated for, and why. */
  readonly without: readonly { readonly customerId: string; readonly name: string; readonly reason: string }[]
}

export const invoiceIdOf = (month: Month, customerId: string): string => `${month}.${customerId}`

/** Whether any day of the month lies within the contract. */
export const holdsInMonth = (contract: Contract, month: Month): boolean =>
  contract.startDay < `${addMonths(month, 1)}-01` &&
  (contract.endDay === null || contract.endDay > `${month}-01`)

/** The customer's contract of a month; a customer has at most one, which saving a contract sees to. */
export const contractInMonth = (
  contracts: readonly Contract[],
  customerId: string,
  month: Month,
): Contract | null =>
  contracts.find((contract) => contract.customerId === customerId && holdsInMonth(contract, month)) ?? null

/** What is added to a request's own quantity: late usage counts from the first day that is rated, as 0007 has it. */
const lateQuantity = (
  late: readonly LateUsage[],
  asked: readonly QuantityRequest[],
  request: QuantityRequest,
): readonly DecimalText[] =>
  asked.find(({ metric }) => metric === request.metric) === request
    ? late.flatMap(({ metric, quantity }) => (metric === request.metric ? [quantity] : []))
    : []

/** "55 calls"; "55 units of calls" where the metric names no unit of its own. */
export const unitsOf = ({ unit, name }: Metric, quantity: DecimalText): string =>
  unit === 'unit' ? `${countUnits(quantity, unit)} of ${name}` : countUnits(quantity, unit)

/** The sentence of each month and metric. */
const lateIssues = (late: readonly LateUsage[], metrics: readonly Metric[]): Issue[] =>
  [...Map.groupBy(late, ({ month, metric }) => `${month} ${metric}`).values()].flatMap((items) => {
    const [first] = items
    const metric = metrics.find((each) => each.metric === first?.metric)
    if (first === undefined || metric === undefined) return []
    const units = unitsOf(metric, sumDecimals(items.map(({ quantity }) => quantity)))
    return [
      {
        severity: 'warning',
        code: 'late_usage_is_billed',
        message: `${units} of ${monthName(first.month)} came after that month’s invoice was made; they are billed here as an adjustment.`,
      },
    ]
  })

/**
 * Drafts for every customer with a contract in the month. A customer without usage still gets its flat fees and
 * commitment. Quantities are those of all the customer's tenants.
 */
export const rateMonths = async (input: RatingInput): Promise<readonly RatedMonth[]> => {
  const cards = new Map(input.cards.map((card) => [card.id, card]))
  const requests: QuantityRequest[] = []
  const indexes = new Map<string, number>()
  const ask = (request: QuantityRequest): number => {
    const key = `${request.startMs} ${request.endMs} ${request.metric}`
    const known = indexes.get(key)
    if (known !== undefined) return known
    indexes.set(key, requests.length)
    requests.push(request)
    return requests.length - 1
  }
  const planned = input.months.map((month) => {
    const without: { customerId: string; name: string; reason: string }[] = []
    const customers = input.customers.flatMap((customer) => {
      const contract = contractInMonth(input.contracts, customer.id, month)
      const card = contract === null ? undefined : cards.get(contract.rateCardId)
      if (contract === null || card === undefined) {
        const reason =
          contract === null
            ? 'No rate card is assigned for this month. Assign one on the customer’s page.'
            : `Its contract names the rate card ${contract.rateCardId}, which does not exist. Assign another.`
        without.push({ customerId: customer.id, name: customer.name, reason })
        return []
      }
      const terms = { card, contract, metrics: input.metrics, month, timeZone: input.timeZone }
      const asked = segmentsToAskFor(terms).map((request) => ({ ...request, index: ask(request) }))
      return [{ customer, terms, asked }]
    })
    return { month, customers, without }
  })

  const owners = new Map(input.customers.flatMap(({ id, tenants }) => tenants.map((tenant) => [tenant, id])))
  const byIndexAndCustomer = new Map<string, DecimalText>()
  for (const answer of requests.length === 0 ? [] : await input.quantities(requests)) {
    const owner = owners.get(answer.tenant)
    if (owner === undefined) continue
    const key = `${answer.index} ${owner}`
    byIndexAndCustomer.set(key, sumDecimals([byIndexAndCustomer.get(key) ?? ZERO, answer.quantity]))
  }

  return planned.map(({ month, customers, without }) => ({
    month,
    without,
    invoices: customers.map(({ customer, terms, asked }) => {
      const late = input.lateUsageOf(customer.id, month)
      const invoice = buildInvoice({
        ...terms,
        id: invoiceIdOf(month, customer.id),
        number: `${month.replace('-', '')}-${customer.id}`,
        customer: { id: customer.id, name: customer.name },
        currency: input.currency,
        quantities: asked.map((request) => ({
          ...request,
          quantity: sumDecimals([
            byIndexAndCustomer.get(`${request.index} ${customer.id}`) ?? ZERO,
            ...lateQuantity(late, asked, request),
          ]),
        })),
        chainHead: input.chainHead,
        asOfBatch: input.asOfBatch,
        previousInvoice: input.invoiceOf(customer.id, addMonths(month, -1)),
      })
      return late.length === 0
        ? invoice
        : { ...invoice, late, issues: [...invoice.issues, ...lateIssues(late, input.metrics)] }
    }),
  }))
}
