/**
 * Usage that came for a month after its invoice stood. The invoice is never edited; the units are billed once, as an
 * adjustment, by the customer's invoice of the next month that is still open (docs/decisions/0007). Each invoice says
 * what it took over and from which batch on, so that the next one goes on where it ended.
 */
import type { Customer } from '../../contract/customers.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import type { Invoice, LateUsage } from '../../domain/invoice/invoice.ts'
import { addMonths, type Month } from '../../domain/period.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import { endDayOf } from '../../domain/pricing/term.ts'
import { billsContract, contractsInMonth } from './contract-months.ts'

/** Units of a metric that is a sum, as they came with a batch for a day of a month. */
export interface Arrival {
  readonly month: Month
  /** `YYYY-MM-DD` in the book's time zone. */
  readonly day: string
  readonly tenant: string
  readonly metric: string
  readonly batchId: number
  readonly quantity: DecimalText
}

export interface LateInput {
  readonly customers: readonly Customer[]
  readonly contracts: readonly Contract[]
  readonly invoices: readonly Invoice[]
  readonly closed: ReadonlySet<Month>
  /** The tenants that the invoice's customer had when it was computed. */
  readonly tenantsOf: (invoice: Invoice) => readonly string[]
}

/** A tenant whose usage of a month is on another customer's invoice. */
export interface TenantElsewhere {
  readonly tenant: string
  readonly invoice: Invoice
}

/** The tenants whose usage of its month the invoice bills. */
export const tenantsBilledBy = (invoice: Invoice, tenantsOf: LateInput['tenantsOf']): readonly string[] =>
  tenantsOf(invoice).filter((tenant) => invoice.tenantsElsewhere?.includes(tenant) !== true)

export interface PendingLate {
  readonly customerId: string
  /** The month whose invoice bills it; null where the customer has no contract in any open month after it. */
  readonly billedIn: Month | null
  readonly late: LateUsage
}

/** Whether no run renews the invoice any more: it was approved, or its month is closed. */
const stands = ({ state, month }: Invoice, closed: ReadonlySet<Month>): boolean =>
  state === 'approved' || state === 'delivered' || (state === 'draft' && closed.has(month))

/** Months with invoices of ours that stand, each with the earliest batch that one of them was computed from. */
export const monthsToWatch = (
  input: Pick<LateInput, 'invoices' | 'closed'>,
): readonly { readonly month: Month; readonly afterBatch: number }[] => {
  const earliest = new Map<Month, number>()
  for (const invoice of input.invoices)
    if (stands(invoice, input.closed) && invoice.imported === undefined)
      earliest.set(invoice.month, Math.min(invoice.asOfBatch, earliest.get(invoice.month) ?? Infinity))
  return [...earliest].map(([month, afterBatch]) => ({ month, afterBatch }))
}

type Scope = Pick<LateUsage, 'month' | 'tenant' | 'metric'>

/** Units that are billed by one invoice only have one key. */
export const lateKeyOf = ({ month, tenant, metric }: Scope): string => JSON.stringify([month, tenant, metric])

export const lateUsage = (input: LateInput) => {
  const { closed, contracts } = input
  const standing = input.invoices.filter((invoice) => stands(invoice, closed))
  const byId = new Map(standing.map((invoice) => [invoice.id, invoice]))
  const byMonth = Map.groupBy(standing, ({ month }) => month)
  const owners = new Map(input.customers.flatMap(({ id, tenants }) => tenants.map((each) => [each, id])))
  const carriers = Map.groupBy(
    standing.flatMap((invoice) => (invoice.late ?? []).map((late) => ({ invoice, key: lateKeyOf(late) }))),
    ({ key }) => key,
  )

  const byTenant = new Map<Month, ReadonlyMap<string, readonly Invoice[]>>()
  /** The month's invoices that billed the tenant's units: of whoever had it when they were computed. */
  const billing = (month: Month, tenant: string): readonly Invoice[] => {
    let known = byTenant.get(month)
    if (known === undefined) {
      const found = (byMonth.get(month) ?? [])
        .filter(({ imported }) => imported === undefined)
        .flatMap((invoice) => tenantsBilledBy(invoice, input.tenantsOf).map((each) => ({ each, invoice })))
      const grouped = Map.groupBy(found, ({ each }) => each)
      known = new Map([...grouped].map(([each, own]) => [each, own.map(({ invoice }) => invoice)]))
      byTenant.set(month, known)
    }
    return known.get(tenant) ?? []
  }

  /**
   * Those, or where there are none the ones of whoever has it now, to whom it brought nothing of that month. Of several
   * those with a line of the metric: each was computed from a batch of its own.
   */
  const covering = ({ month, tenant, metric }: Scope): readonly Invoice[] => {
    const own = billing(month, tenant)
    const all =
      own.length > 0
        ? own
        : (byMonth.get(month) ?? []).filter(
            ({ imported, customerId, tenantsElsewhere }) =>
              imported === undefined &&
              customerId === owners.get(tenant) &&
              tenantsElsewhere?.includes(tenant) !== true,
          )
    if (all.length < 2) return all
    const ofMetric = all.filter(({ lines }) => lines.some((line) => line.metric === metric))
    return ofMetric.length > 0 ? ofMetric : all
  }

  /** Of the tenants those whose usage of the month another customer's invoice bills, which stands. */
  const billedElsewhere = (
    customerId: string,
    month: Month,
    tenants: readonly string[],
  ): TenantElsewhere[] =>
    byMonth.has(month)
      ? tenants.flatMap((tenant) => {
          const invoice = billing(month, tenant).find((each) => each.customerId !== customerId)
          return invoice === undefined ? [] : [{ tenant, invoice }]
        })
      : []

  /** The last batch billed of a tenant's metric in a month, by invoices other than the one named; null by none. */
  const billedThrough = (scope: Scope, exceptId?: string): number | null => {
    const batches = [
      ...covering(scope),
      ...(carriers.get(lateKeyOf(scope)) ?? []).map(({ invoice }) => invoice),
    ]
      .filter(({ id }) => id !== exceptId)
      .map(({ asOfBatch }) => asOfBatch)
    return batches.length === 0 ? null : Math.max(...batches)
  }

  const lastMonth = [
    ...closed,
    ...byMonth.keys(),
    ...contracts.map(({ startDay }) => startDay.slice(0, 7) as Month),
  ].reduce((last, month) => (month > last ? month : last), '' as Month)
  const nextOpenMonth = (customerId: string, after: Month): Month | null => {
    for (let month = addMonths(after, 1); month <= addMonths(lastMonth, 1); month = addMonths(month, 1))
      if (
        !closed.has(month) &&
        !(byMonth.get(month) ?? []).some((invoice) => invoice.customerId === customerId) &&
        contractsInMonth(contracts, customerId, month).length > 0
      )
        return month
    return null
  }

  /** What is not on any invoice yet. Days outside the month's contract are billed by nobody, late or not. */
  const pending = (arrivals: readonly Arrival[]): readonly PendingLate[] =>
    [...Map.groupBy(arrivals, lateKeyOf).values()].flatMap((group): PendingLate[] => {
      const [first] = group
      const customerId = first && owners.get(first.tenant)
      const afterBatch = first === undefined ? null : billedThrough(first)
      if (first === undefined || customerId === undefined || afterBatch === null) return []
      const { month, tenant, metric } = first
      const held = contractsInMonth(contracts, customerId, month)
      const terms =
        held.length > 0
          ? held
          : contracts.filter(({ id }) => covering(first).some((invoice) => billsContract(invoice, id)))
      const isUnderContract = (day: string) =>
        terms.length === 0 ||
        terms.some((contract) => {
          const endDay = endDayOf(contract)
          return day >= contract.startDay && (endDay === null || day < endDay)
        })
      const quantity = sumDecimals(
        group
          .filter(({ batchId, day }) => batchId > afterBatch && isUnderContract(day))
          .map((arrival) => arrival.quantity),
      )
      return quantity === ZERO
        ? []
        : [
            {
              customerId,
              billedIn: nextOpenMonth(customerId, month),
              late: { month, tenant, metric, quantity, afterBatch },
            },
          ]
    })

  return { billedThrough, billedElsewhere, pending, standing: byId as ReadonlyMap<string, Invoice> }
}
