/** What came after an invoice that stands: where it is billed instead, and in which words that is told. */
import type { Customer } from '../../../contract/customers.ts'
import { type DecimalText, less, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { lineKey } from '../../../domain/invoice/changes.ts'
import type { Invoice, LateUsage } from '../../../domain/invoice/invoice.ts'
import { AGGREGATION_WORDS, isAdditive } from '../../../domain/metric.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { groupDigits } from '../../../domain/pricing/format.ts'
import { unitsOf } from '../../bill/late-lines.ts'
import {
  type Arrival,
  lateKeyOf,
  lateUsage,
  monthsToWatch,
  type PendingLate,
  type TenantElsewhere,
  tenantsBilledBy,
} from '../../bill/late-usage.ts'
import { closedMonths, customersOf, documentsOf, metricsOf, type Session } from '../session.ts'

/** Whose tenants were whose at a batch, which never changes; by ledger. */
const tenantsThen = new WeakMap<Session['ledger'], Map<number, ReadonlyMap<string, readonly string[]>>>()

const tenantsAt = (session: Session, asOfBatch: number): ReadonlyMap<string, readonly string[]> => {
  const known = tenantsThen.get(session.ledger) ?? new Map<number, ReadonlyMap<string, readonly string[]>>()
  tenantsThen.set(session.ledger, known)
  let found = known.get(asOfBatch)
  if (found === undefined) {
    const customers = customersOf(documentsOf(session.ledger, { asOfBatch }, session.head))
    found = new Map(customers.map(({ id, tenants }) => [id, tenants]))
    known.set(asOfBatch, found)
  }
  return found
}

/** The tenants whose usage an invoice of ours bills, as the book had them when it was computed. */
export const billedTenants = (session: Session, invoice: Invoice): readonly string[] =>
  tenantsBilledBy(invoice, ({ asOfBatch, customerId }) => tenantsAt(session, asOfBatch).get(customerId) ?? [])

const rulesOf = (session: Session) => {
  const input = {
    customers: customersOf(session),
    contracts: session.all('contract').map(({ content }) => content),
    invoices: session.all('invoice').map(({ content }) => content),
    closed: new Set(closedMonths(session)),
    tenantsOf: ({ asOfBatch, customerId }: Invoice) => tenantsAt(session, asOfBatch).get(customerId) ?? [],
  }
  return { ...lateUsage(input), watched: monthsToWatch(input), tenantsOf: input.tenantsOf }
}

export interface LateBook {
  /** What the customer's invoice of the month bills of earlier months: as it stands, or as a run would have it. */
  readonly lateUsageOf: (customerId: string, month: Month) => readonly LateUsage[]
  /** Tenants of the customer whose usage of the month another's invoice bills, which stands. */
  readonly billedElsewhereOf: (customer: Customer, month: Month) => readonly TenantElsewhere[]
  /** On no invoice that stands. */
  readonly pending: readonly PendingLate[]
  /** Invoices that no run renews, by id. */
  readonly standing: ReadonlyMap<string, Invoice>
}

/** What came for closed months, by cube: nothing is added to them any more, so that it is asked for once. */
const ofClosedMonths = new WeakMap<Session['cube'], Map<string, readonly Arrival[]>>()

/** Forgets what was asked: the cube was built again, and held less while it was. */
export const forgetLate = (session: Session): void => {
  ofClosedMonths.delete(session.cube)
}

type Watched = ReturnType<typeof monthsToWatch>[number]

const arrivalsOf = async (session: Session, watched: readonly Watched[]): Promise<readonly Arrival[]> => {
  const { batchId } = session.followed()
  const closedAt = new Map(session.all('month_close').map((each) => [each.content.month, each.batchId]))
  const known = ofClosedMonths.get(session.cube) ?? new Map<string, readonly Arrival[]>()
  ofClosedMonths.set(session.cube, known)
  const keyOf = ({ month, afterBatch }: Watched) => `${month} ${afterBatch}`
  const asked = watched.filter((each) => !known.has(keyOf(each)))
  const rows =
    asked.length === 0 ? [] : await session.cube.usageAfter({ months: [...asked], asOfBatch: batchId })
  const found = Map.groupBy(
    rows.map((row): Arrival => ({ ...row, month: row.month as Month })),
    ({ month }) => month,
  )
  for (const each of asked)
    if ((closedAt.get(each.month) ?? Number.POSITIVE_INFINITY) <= batchId)
      known.set(keyOf(each), found.get(each.month) ?? [])
  return watched.flatMap((each) => known.get(keyOf(each)) ?? found.get(each.month) ?? [])
}

/** What came late for whom, as the session has it. */
export const lateBookOf = async (session: Session): Promise<LateBook> => {
  const { pending: pendingOf, standing, watched, billedElsewhere } = rulesOf(session)
  const byCustomer = Map.groupBy(standing.values(), ({ customerId }) => customerId)
  const pending = pendingOf(await arrivalsOf(session, watched))
  return {
    pending,
    standing,
    billedElsewhereOf: ({ id, tenants }, month) => billedElsewhere(id, month, tenants),
    lateUsageOf: (customerId, month) => {
      const own = (byCustomer.get(customerId) ?? []).filter((invoice) => invoice.month === month)
      return own.length > 0
        ? own.flatMap(({ late }) => late ?? [])
        : pending.flatMap((each) =>
            each.customerId === customerId && each.billedIn === month ? [each.late] : [],
          )
    },
  }
}

/**
 * Finds what a draft takes over of earlier months although another invoice bills it by now, so that the units would be
 * billed twice. Drafts are asked about in the order they are approved.
 */
export const lateUsageBilledTwice = (session: Session): ((invoice: Invoice) => LateUsage | undefined) => {
  const { billedThrough } = rulesOf(session)
  const taken = new Set<string>()
  return ({ id, late = [] }) => {
    const twice = late.find(
      (each) => taken.has(lateKeyOf(each)) || billedThrough(each, id) !== each.afterBatch,
    )
    if (twice === undefined) for (const each of late) taken.add(lateKeyOf(each))
    return twice
  }
}

/**
 * Finds a tenant whose usage a draft bills although another customer's invoice of the month does by now: it moved, and
 * the draft is from before that invoice was approved. Drafts are asked about in the order they are approved.
 */
export const tenantBilledTwice = (session: Session): ((invoice: Invoice) => TenantElsewhere | undefined) => {
  const { standing, tenantsOf } = rulesOf(session)
  const keyOf = (month: Month, tenant: string) => `${month} ${tenant}`
  const approved = new Map<string, Invoice[]>()
  const add = (invoice: Invoice) => {
    for (const tenant of tenantsBilledBy(invoice, tenantsOf)) {
      const key = keyOf(invoice.month, tenant)
      approved.set(key, [...(approved.get(key) ?? []), invoice])
    }
  }
  let months: ReadonlySet<Month> = new Set()
  return (invoice) => {
    const { customerId, month } = invoice
    if (!months.has(month)) {
      months = new Set([...months, month])
      for (const each of standing.values())
        if (each.month === month && each.state !== 'draft' && each.imported === undefined) add(each)
    }
    const [twice] = tenantsBilledBy(invoice, tenantsOf).flatMap((tenant) =>
      (approved.get(keyOf(month, tenant)) ?? [])
        .filter((each) => each.customerId !== customerId)
        .map((each): TenantElsewhere => ({ tenant, invoice: each })),
    )
    if (twice === undefined) add(invoice)
    return twice
  }
}

/** Late units of the invoice's month and customer: on other invoices that stand, and on none yet. */
const lateOf = (book: LateBook, { customerId, month }: Invoice) => ({
  billed: [...book.standing.values()].flatMap((carrier) =>
    carrier.customerId === customerId
      ? (carrier.late ?? [])
          .filter((late) => late.month === month)
          .map((late) => ({ late, where: `on invoice ${carrier.number}` }))
      : [],
  ),
  pending: book.pending.flatMap(({ late, billedIn, customerId: owner }) =>
    owner === customerId && late.month === month
      ? [
          {
            late,
            where:
              billedIn === null
                ? 'on none yet, because no open month after it has a contract'
                : `on the invoice of ${monthName(billedIn)}`,
          },
        ]
      : [],
  ),
})

/** Units of the metric that came after the invoice and are billed elsewhere, or will be. */
const lateUnits = (book: LateBook, invoice: Invoice, metric: string): DecimalText => {
  const { billed, pending } = lateOf(book, invoice)
  return sumDecimals(
    [...billed, ...pending].flatMap(({ late }) => (late.metric === metric ? [late.quantity] : [])),
  )
}

/**
 * Where it is billed what came after an invoice that stands; null where nothing came that is.
 * @param metric only of this one
 */
export const lateSentence = (
  session: Session,
  book: LateBook,
  invoice: Invoice,
  metric?: string,
): string | null => {
  const { billed, pending } = lateOf(book, invoice)
  const metrics = new Map(metricsOf(session).map((each) => [each.metric, each]))
  const wanted = [...billed, ...pending].filter(({ late }) => metric === undefined || late.metric === metric)
  const places = [...Map.groupBy(wanted, ({ late, where }) => `${late.metric} ${where}`).values()].flatMap(
    ([first, ...others]) => {
      const measured = metrics.get(first?.late.metric ?? '')
      if (first === undefined || measured === undefined) return []
      const quantity = sumDecimals([first, ...others].map(({ late }) => late.quantity))
      return [`${unitsOf(measured, quantity)} ${first.where}`]
    },
  )
  return places.length === 0 ? null : `What came late is billed as an adjustment: ${places.join(', ')}.`
}

/**
 * What an invoice that stands would say now and does not, and what becomes of the difference; null where it would say
 * the same.
 * @param now the month rated again, the invoice's own late usage included
 */
export const standingSentence = (
  session: Session,
  book: LateBook,
  invoice: Invoice,
  now: Invoice,
): string | null => {
  const late = lateSentence(session, book, invoice)
  const metrics = new Map(metricsOf(session).map((each) => [each.metric, each]))
  const before = new Map(invoice.lines.map((line) => [lineKey(line), line]))
  const kept: string[] = []
  let termsChanged =
    now.lines.filter(({ kind }) => kind === 'charge').length !==
    invoice.lines.filter(({ kind }) => kind === 'charge').length
  for (const line of now.lines.filter(({ kind }) => kind === 'charge')) {
    const was = before.get(lineKey(line))
    const metric = metrics.get(line.metric ?? '')
    if (was === undefined) termsChanged = true
    else if (line.quantity === was.quantity || metric === undefined)
      termsChanged ||= line.amount !== was.amount
    else if (isAdditive(metric))
      termsChanged ||=
        less(line.quantity ?? ZERO, was.quantity ?? ZERO) !== lateUnits(book, invoice, metric.metric)
    else
      kept.push(
        `${metric.name} was ${groupDigits(was.quantity ?? ZERO)} and is ${groupDigits(line.quantity ?? ZERO)}: ${AGGREGATION_WORDS[metric.aggregation]} can’t be added to another month, so that no invoice bills the difference.`,
      )
  }
  const parts = [
    ...(late === null ? [] : [late]),
    ...kept,
    ...(termsChanged
      ? ['Its prices, terms or tenants changed since, too: no invoice bills the difference.']
      : []),
  ]
  if (parts.length === 0) return null
  const why = invoice.state === 'draft' ? `${monthName(invoice.month)} is closed` : `it is ${invoice.state}`
  return `This invoice stands as it was computed, because ${why}. ${parts.join(' ')}`
}
