/** From one entry up to every figure it is part of: its cell, the margin, each invoice line, or why there is none. */
import type { z } from 'zod'
import type { entryUses, lineUse } from '../../../contract/invoices.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import { compileRules } from '../../../domain/attribution/match.ts'
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import type { Invoice, InvoiceLine } from '../../../domain/invoice/invoice.ts'
import { chargesInMonth, ratedPeriods } from '../../../domain/invoice/line.ts'
import { isAdditive, type Metric } from '../../../domain/metric.ts'
import { dayOf, type Month, monthName, monthOf } from '../../../domain/period.ts'
import { formatAmount, groupDigits } from '../../../domain/pricing/format.ts'
import { planMonth } from '../../../domain/pricing/segments.ts'
import { contractInMonth } from '../../bill/rate-months.ts'
import { type Entry, historyOfRecord, readEntry } from '../../ledger/read.ts'
import { readAttributeSet, readBill, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import { notFound } from '../refusals.ts'
import { customersOf, documentsOf, metricsOf, type Session } from '../session.ts'
import { costOf, poolOf } from './month-cost.ts'

export type EntryUses = z.output<typeof entryUses>
type LineUse = z.output<typeof lineUse>

const AGGREGATION_WORDS = {
  sum: 'a sum',
  max: 'a maximum',
  last: 'a last value',
  unique_count: 'a count of distinct values',
}

const nameOf = ({ table, seq }: Pick<Entry, 'table' | 'seq'>): string =>
  `${table === 'usage_event' ? 'u' : 'c'}${seq}`

/** The month that an entry counts in, by the book's calendar and its bill's month. */
export const countingMonth = (session: Session, entry: Entry): Month => {
  const { columns } = entry
  const { timeZone } = session.settings()
  if (columns.posted_ms !== null) return monthOf(Number(columns.posted_ms), timeZone)
  if (entry.table === 'usage_event') return monthOf(Number(columns.start_ms), timeZone)
  const bill = readBill(session.ledger, Number(columns.bill_no))
  if (bill === null) throw new Error(`the bill ${columns.bill_no} of entry ${entry.seq} is not in the ledger`)
  return bill.month as Month
}

/** The reversal of the entry, where there is one. */
const reversalOf = (session: Session, entry: Entry): Entry | undefined =>
  entry.table !== 'usage_event' && entry.table !== 'cost_entry'
    ? undefined
    : historyOfRecord(session.ledger, entry.table, entry.seq, session.asOf).find(
        ({ columns }) => columns.correction === 'reversal' && columns.corrects === entry.seq,
      )

/** What is to be said of every entry that corrects or is corrected. */
const correctionSentences = (session: Session, entry: Entry, reversal: Entry | undefined): string[] => {
  const { columns } = entry
  if (columns.correction === 'reversal')
    return [
      `It is the reversal of entry ${nameOf({ ...entry, seq: Number(columns.corrects) })}: what that one adds, it takes off.`,
    ]
  return reversal === undefined
    ? []
    : [
        `It was reversed by entry ${nameOf(reversal)} in batch ${reversal.batchId}, which takes it off in ${monthName(countingMonth(session, reversal))}.`,
      ]
}

interface UsageEntry {
  readonly entry: Entry
  readonly tenant: string
  readonly metric: Metric
  /** When it counts. */
  readonly atMs: number
  readonly month: Month
  readonly reversal: Entry | undefined
}

/** Whether figures looked at the entry, as of a batch at which the ledger had it: the rule of the cube's README. */
const isLookedAt = ({ entry, metric, reversal }: UsageEntry, asOfBatch: number): boolean =>
  isAdditive(metric) ||
  (entry.columns.posted_ms === null &&
    entry.columns.correction !== 'reversal' &&
    (reversal === undefined || reversal.columns.posted_ms !== null || reversal.batchId > asOfBatch))

/** How a line of an invoice is made: which charge of the prices of then looks at the entry's day, and how the days fall. */
const planOf = (session: Session, invoice: Invoice) => {
  const { asOfBatch } = invoice
  const then = documentsOf(session.ledger, { asOfBatch }, session.head)
  const card = then.all('rate_card').find(({ id }) => id === invoice.rateCardId)?.content
  const contract = then.all('contract').find(({ id }) => id === invoice.contractId)?.content ?? null
  if (card === undefined) return null
  const plan = planMonth({ card, contract, month: invoice.month, timeZone: session.settings().timeZone })
  return { plan, charges: chargesInMonth(plan, metricsOf({ all: then.all, measures: session.measures })) }
}

/** Whether a line's charge looks at the instant: it may hold on some days of the month only. */
const looksAt = (
  rating: ReturnType<typeof planOf>,
  line: InvoiceLine,
  metric: Metric,
  atMs: number,
): boolean => {
  const charge = rating?.charges.find(
    (each) => each.id === line.chargeId && each.metric?.metric === metric.metric,
  )
  // Prices that can't be found any more: the line names the metric, and that is all there is to go by.
  if (rating === null || charge === undefined) return true
  const periods = isAdditive(metric)
    ? charge.parts.map(({ segment }) => segment)
    : ratedPeriods(rating.plan, metric)
  return periods.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs)
}

/** The lines of one invoice that the entry is in; where there is none, why. */
const linesOf = (
  session: Session,
  invoice: Invoice,
  { metric, atMs, reversal }: UsageEntry,
): { readonly lines: LineUse[]; readonly reason: string | null } => {
  const own = invoice.lines.filter((line) => line.metric === metric.metric)
  const rating = planOf(session, invoice)
  const counting = own.filter((line) => looksAt(rating, line, metric, atMs))
  if (counting.length === 0) {
    const outside = rating?.plan.outsideContract.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs)
    const unpriced = rating?.plan.unpriced.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs)
    return {
      lines: [],
      reason: outside
        ? `Its day is outside contract ${invoice.contractId}, so that invoice ${invoice.number} does not bill it.`
        : unpriced
          ? `Rate card ${invoice.rateCardId} has no price in effect on its day, so that invoice ${invoice.number} does not bill it.`
          : own.length > 0
            ? `Invoice ${invoice.number} has ${metric.metric} on other days only: no charge of its rate card held on the day of this record.`
            : `Rate card ${invoice.rateCardId} has no price for ${metric.metric}, so that invoice ${invoice.number} does not bill it.`,
    }
  }
  const use = (line: InvoiceLine, how: LineUse['how'], sentence: string): LineUse => ({
    invoiceId: invoice.id,
    number: invoice.number,
    customerName: invoice.customerName,
    month: invoice.month,
    state: invoice.state,
    currency: invoice.currency,
    line: line.line,
    description: line.description,
    quantity: line.quantity ?? null,
    amount: line.amount,
    asOfBatch: invoice.asOfBatch,
    how,
    sentence,
  })
  const isTakenOff =
    reversal !== undefined &&
    reversal.batchId <= invoice.asOfBatch &&
    countingMonth(session, reversal) === invoice.month
  const sentence = isTakenOff
    ? `Counted, and taken off again by entry ${nameOf(reversal)}: together they add nothing.`
    : isAdditive(metric)
      ? 'Its quantity is part of the line’s.'
      : `The line’s quantity is ${AGGREGATION_WORDS[metric.aggregation]}, and it was looked at for it.`
  const numbers = counting.map(({ line }) => line).join(' and ')
  const dependent = invoice.lines.filter(({ kind }) => kind === 'true_up')
  return {
    lines: [
      ...counting.map((line) => use(line, 'counted', sentence)),
      ...dependent.map((line) =>
        use(
          line,
          'depends',
          `It bills what the charges leave open of the commitment, ${counting.length === 1 ? 'line' : 'lines'} ${numbers} among them.`,
        ),
      ),
    ],
    reason: null,
  }
}

const STATE_WORDS = { draft: 'a draft', approved: 'approved', delivered: 'delivered', void: 'void' } as const

const againOrStands = ({ state, month }: Invoice): string =>
  state === 'draft' ? `Run ${monthName(month)} again, and it is billed.` : 'It stands without it.'

/** Invoices of the month by whose tenant it was when each was computed. */
const invoicesOf = (session: Session, month: Month, tenant: string): readonly Invoice[] => {
  const owners = new Map<number, string | undefined>()
  return session
    .all('invoice')
    .map(({ content }) => content)
    .filter((invoice) => {
      if (invoice.month !== month) return false
      if (!owners.has(invoice.asOfBatch))
        owners.set(
          invoice.asOfBatch,
          customersOf(documentsOf(session.ledger, { asOfBatch: invoice.asOfBatch }, session.head)).find(
            ({ tenants }) => tenants.includes(tenant),
          )?.id,
        )
      return owners.get(invoice.asOfBatch) === invoice.customerId
    })
}

/** Why the month has no invoice with it. */
const withoutInvoice = (session: Session, { tenant, metric, month, atMs }: UsageEntry): string => {
  const customer = customersOf(session).find(({ tenants }) => tenants.includes(tenant))
  if (customer === undefined)
    return `No customer has the tenant ${tenant}, so that nobody is billed for it. Give the tenant to a customer and run ${monthName(month)}.`
  const invoice = session
    .all('invoice')
    .find(
      ({ content }) =>
        content.customerId === customer.id && content.month === month && content.state !== 'void',
    )?.content
  if (invoice !== undefined)
    return `Invoice ${invoice.number} (${STATE_WORDS[invoice.state]}) was computed as of batch ${invoice.asOfBatch}, when ${customer.name} did not have the tenant ${tenant}. ${againOrStands(invoice)}`
  const contracts = session.all('contract').map(({ content }) => content)
  const contract = contractInMonth(contracts, customer.id, month)
  const card = contract === null ? undefined : session.one('rate_card', contract.rateCardId)?.content
  if (contract === null || card === undefined)
    return `${customer.name} has no rate card for ${monthName(month)}, so that it is not billed. Assign one on the customer’s page and run the month.`
  const plan = planMonth({ card, contract, month, timeZone: session.settings().timeZone })
  const isPriced = chargesInMonth(plan, metricsOf(session)).some(
    (charge) =>
      charge.metric?.metric === metric.metric &&
      (!isAdditive(metric) ||
        charge.parts.some(({ segment }) => atMs >= segment.startMs && atMs < segment.endMs)),
  )
  return isPriced
    ? `${monthName(month)} has no invoice for ${customer.name} yet. Run the month, and it is billed.`
    : `Rate card ${card.name} has no price for ${metric.metric} on its day, so that no invoice will bill it. Add a charge if one should.`
}

const usageUses = (session: Session, entry: Entry): EntryUses => {
  const { columns } = entry
  const { timeZone } = session.settings()
  const tenant = readTenantName(session.ledger, Number(columns.tenant_no)) ?? ''
  const measured = readMeasure(session.ledger, Number(columns.measure_no))?.metric ?? ''
  const metric = metricsOf(session).find((each) => each.metric === measured)
  if (metric === undefined) throw new Error(`the metric ${measured} has entries but is unknown`)
  const isLate = columns.posted_ms !== null
  const atMs = Number(columns.posted_ms ?? columns.start_ms)
  const month = monthOf(atMs, timeZone)
  const reversal = reversalOf(session, entry)
  const customer = customersOf(session).find(({ tenants }) => tenants.includes(tenant))
  const own = monthName(monthOf(Number(columns.start_ms), timeZone))
  const usage: UsageEntry = { entry, tenant, metric, atMs, month, reversal }
  const counts = isLookedAt(usage, Number.MAX_SAFE_INTEGER)
  const sentences = [
    ...correctionSentences(session, entry, reversal),
    ...(isLate
      ? [
          isAdditive(metric)
            ? `${own} was closed when it came, so that it counts in ${monthName(month)}, as an adjustment.`
            : `${own} was closed when it came, and ${metric.name} is ${AGGREGATION_WORDS[metric.aggregation]}, which can’t be added to another month: it is kept, and changes no figure.`,
        ]
      : []),
    ...(counts
      ? [
          `It counts in ${metric.name} of tenant ${tenant}${customer === undefined ? ', which no customer has' : `, customer ${customer.name}`}, on ${dayOf(atMs, timeZone)}, in ${monthName(month)}.`,
        ]
      : isLate
        ? []
        : [
            `${metric.name} is ${AGGREGATION_WORDS[metric.aggregation]}, and only entries that stand are looked at for it: this one changes no figure.`,
          ]),
  ]
  const lines: LineUse[] = []
  const reasons: string[] = []
  const invoices = invoicesOf(session, month, tenant)
  for (const invoice of invoices) {
    if (!isLookedAt(usage, invoice.asOfBatch)) continue
    if (invoice.asOfBatch < entry.batchId) {
      reasons.push(
        `Invoice ${invoice.number} (${STATE_WORDS[invoice.state]}) was computed as of batch ${invoice.asOfBatch}, before this record came with batch ${entry.batchId}. ${againOrStands(invoice)}`,
      )
      continue
    }
    const found = linesOf(session, invoice, usage)
    lines.push(...found.lines)
    if (found.reason !== null) reasons.push(found.reason)
  }
  if (counts && !invoices.some(({ state }) => state !== 'void')) reasons.push(withoutInvoice(session, usage))
  if (!counts && lines.length === 0) reasons.push('No invoice has it, because no figure does.')
  return {
    seq: entry.seq,
    entryId: `u${entry.seq}`,
    sentences,
    usage: {
      metric: metric.metric,
      metricName: metric.name,
      tenant,
      customerId: customer?.id ?? null,
      customerName: customer?.name ?? null,
      month,
      day: dayOf(atMs, timeZone),
      counts,
      scope: { metric: metric.metric, tenant, month },
    },
    cost: null,
    lines: lines.sort((a, b) => b.asOfBatch - a.asOfBatch || a.line - b.line),
    reasons,
  }
}

const costUses = async (session: Session, entry: Entry): Promise<EntryUses> => {
  const { columns } = entry
  const { currency } = session.settings()
  const attributes = parseNamed<CostAttributes>(
    readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}',
  )
  const rules = session.one('rules', 'rules')?.content.rules ?? []
  const attribution = compileRules(rules)(
    attributes,
    dayOf(Number(columns.start_ms), session.settings().timeZone),
  )
  const rule = rules.find(({ id }) => id === attribution?.ruleId)
  const tenant = attribution?.tenant ?? null
  const customer = customersOf(session).find(({ tenants }) => tenant !== null && tenants.includes(tenant))
  const month = countingMonth(session, entry)
  const pool = poolOf(session, attributes, month, tenant, customer?.id ?? null)
  const isBooks = columns.currency === currency
  const cost = isBooks && customer !== undefined ? (await costOf(session, [month])).get(month) : undefined
  const bill = readBill(session.ledger, Number(columns.bill_no))
  const where = monthName(month)
  return {
    seq: entry.seq,
    entryId: `c${entry.seq}`,
    sentences: [
      ...correctionSentences(session, entry, reversalOf(session, entry)),
      ...(columns.posted_ms === null || bill === null
        ? []
        : [
            `${monthName(bill.month as Month)} was closed when it came, so that it counts in ${where}, as an adjustment.`,
          ]),
      rule === undefined
        ? pool === null
          ? `No rule claims it: it is part of the unattributed cost of ${where}.`
          : 'No rule claims it.'
        : `The rule ${rule.name} gives it to tenant ${tenant} (${describeRule(rule)}).`,
      ...(pool !== null
        ? [
            `The allocation step ${pool.name} takes it from there into its pool: it is part of the allocated cost of ${where}.`,
          ]
        : tenant === null
          ? []
          : customer === undefined
            ? [
                `No customer has the tenant ${tenant}: it is part of the direct cost of ${where}, and of no customer’s margin.`,
              ]
            : [`It is part of the direct cost and the margin of ${customer.name} in ${where}.`]),
      ...(isBooks
        ? []
        : [
            `It is in ${columns.currency}, and margins are in ${currency}: it is shown aside and never added.`,
          ]),
    ],
    usage: null,
    cost: {
      rule: rule === undefined ? null : `${rule.name}: ${describeRule(rule)}`,
      tenant,
      customerId: customer?.id ?? null,
      customerName: customer?.name ?? null,
      month,
      currency: String(columns.currency),
      directCost: customer === undefined ? null : (cost?.byCustomer.get(customer.id) ?? null),
      scope: {
        month,
        filters: [
          ...(customer === undefined ? [] : [{ field: 'customer', values: [customer.id] }]),
          { field: 'service', values: [attributes.service] },
        ],
      },
    },
    lines: [],
    reasons: ['Invoices bill usage, not cost: a cost entry is on no invoice.'],
  }
}

/** @throws NOT_FOUND where there is no usage or cost entry of that number. */
export const usesOf = async (session: Session, seq: number): Promise<EntryUses> => {
  const entry = readEntry(session.ledger, seq)?.entry
  if (entry?.table === 'usage_event') return usageUses(session, entry)
  if (entry?.table === 'cost_entry') return costUses(session, entry)
  throw notFound(`There is no usage or cost entry ${seq}.`)
}

/** The same as lines of text, for the command line. */
export const usesText = (uses: EntryUses): string[] => [
  ...uses.sentences,
  ...uses.lines.map(
    (line) =>
      `  ${line.how === 'counted' ? 'In' : 'Behind'} ${line.invoiceId}/${line.line} (${line.customerName}, ${STATE_WORDS[line.state]}, as of batch ${line.asOfBatch}): ${line.description}${
        line.quantity === null ? '' : `, ${groupDigits(line.quantity)}`
      }, ${formatAmount(line.amount, line.currency)} ${line.currency}. ${line.sentence}`,
  ),
  ...uses.reasons,
]
