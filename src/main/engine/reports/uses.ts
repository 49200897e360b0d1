/** From one entry up to every figure it is part of: its cell, the margin, each invoice line, or why there is none. */
import { parseNamed } from '../../../domain/escaped-keys.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { chargesInMonth } from '../../../domain/invoice/line.ts'
import { planContractMonth } from '../../../domain/invoice/plan.ts'
import { AGGREGATION_WORDS, isAdditive } from '../../../domain/metric.ts'
import { dayOf, type Month, monthName, monthOf } from '../../../domain/period.ts'
import { formatAmount, groupDigits } from '../../../domain/pricing/format.ts'
import { contractInMonth, contractsInMonth } from '../../bill/contract-months.ts'
import { type Entry, readEntry } from '../../ledger/read.ts'
import { readAttributeSet, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import { notFound } from '../refusals.ts'
import { customersOf, documentsOf, metricsOf, type Session } from '../session.ts'
import { costUses } from './cost-uses.ts'
import { correctionSentences, type EntryUses, reversalOf } from './counting.ts'
import { type LateBook, lateBookOf } from './late.ts'
import {
  chargeLooksAt,
  inLine,
  isOutsideContract,
  type LineUse,
  linesOf,
  type UsageEntry,
} from './line-uses.ts'

/** Whether figures looked at the entry, as of a batch at which the ledger had it: the rule of the cube's README. */
const isLookedAt = ({ entry, metric, reversal }: UsageEntry, asOfBatch: number): boolean =>
  isAdditive(metric) ||
  (entry.columns.posted_ms === null &&
    entry.columns.correction !== 'reversal' &&
    (reversal === undefined || reversal.columns.posted_ms !== null || reversal.batchId > asOfBatch))

const dimensionsOf = (session: Session, { columns }: Entry): UsageEntry['dimensions'] =>
  columns.set_no === null
    ? {}
    : parseNamed<Record<string, string>>(readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}')

const STATE_WORDS = { draft: 'a draft', approved: 'approved', delivered: 'delivered', void: 'void' } as const

const againOrStands = (book: LateBook, { id, month }: Invoice): string =>
  book.standing.has(id) ? 'It stands without it.' : `Run ${monthName(month)} again, and it is billed.`

/** Invoices that bill the entry as an adjustment, because its month's invoice stood when it came. */
const adjustingInvoices = (session: Session, { entry, tenant, metric, month }: UsageEntry) =>
  session
    .all('invoice')
    .flatMap(({ content }) =>
      content.asOfBatch >= entry.batchId &&
      content.late?.some(
        (late) =>
          late.month === month &&
          late.tenant === tenant &&
          late.metric === metric.metric &&
          late.afterBatch < entry.batchId,
      )
        ? [content]
        : [],
    )

/** What becomes of an entry that came after an invoice of its month was computed. */
const cameAfter = (
  book: LateBook,
  invoice: Invoice,
  { entry, tenant, metric, month }: UsageEntry,
  adjusting: readonly Invoice[],
): string => {
  const came = `Invoice ${invoice.number} (${STATE_WORDS[invoice.state]}) was computed as of batch ${invoice.asOfBatch}, before this record came with batch ${entry.batchId}.`
  const carrier = adjusting.find(({ id }) => book.standing.has(id))
  if (carrier !== undefined)
    return `${came} It stands; invoice ${carrier.number} bills the record as an adjustment.`
  const waiting = book.pending.find(
    ({ late }) =>
      late.month === month &&
      late.tenant === tenant &&
      late.metric === metric.metric &&
      late.afterBatch < entry.batchId,
  )
  return waiting?.billedIn == null || !book.standing.has(invoice.id)
    ? `${came} ${againOrStands(book, invoice)}`
    : `${came} It stands; the invoice of ${monthName(waiting.billedIn)} bills the record as an adjustment.`
}

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
      return (
        owners.get(invoice.asOfBatch) === invoice.customerId &&
        invoice.tenantsElsewhere?.includes(tenant) !== true
      )
    })
}

/** Why the month has no invoice with it. */
const withoutInvoice = (
  session: Session,
  book: LateBook,
  { tenant, metric, month, atMs, dimensions }: UsageEntry,
): string => {
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
    return `Invoice ${invoice.number} (${STATE_WORDS[invoice.state]}) was computed as of batch ${invoice.asOfBatch}, when ${customer.name} did not have the tenant ${tenant}. ${againOrStands(book, invoice)}`
  const contracts = session.all('contract').map(({ content }) => content)
  const contract = contractInMonth(contracts, customer.id, month)
  const card = contract === null ? undefined : session.one('rate_card', contract.rateCardId)?.content
  if (contract === null || card === undefined)
    return `${customer.name} has no rate card for ${monthName(month)}, so that it is not billed. Assign one on the customer’s page and run the month.`
  const terms = { card, contract, metrics: metricsOf(session), month, timeZone: session.settings().timeZone }
  const isPriced = contractsInMonth(contracts, customer.id, month).some((each) => {
    const own = session.one('rate_card', each.rateCardId)?.content
    return (
      own !== undefined &&
      chargesInMonth(planContractMonth({ ...terms, card: own, contract: each }), terms.metrics).some(
        (charge) => charge.prices.includes(metric.metric) && chargeLooksAt(charge, atMs, dimensions),
      )
    )
  })
  return isPriced
    ? `${monthName(month)} has no invoice for ${customer.name} yet. Run the month, and it is billed.`
    : `Rate card ${card.name} has no price for ${metric.metric} on its day, so that no invoice will bill it. Add a charge if one should.`
}

const usageUses = async (session: Session, entry: Entry): Promise<EntryUses> => {
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
  const dimensions = dimensionsOf(session, entry)
  const usage: UsageEntry = { entry, tenant, metric, atMs, month, reversal, dimensions }
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
  const book = await lateBookOf(session)
  const adjusting =
    isAdditive(metric) && !invoices.some((invoice) => isOutsideContract(session, invoice, atMs))
      ? adjustingInvoices(session, usage)
      : []
  for (const invoice of adjusting)
    for (const line of invoice.lines.filter((each) => each.metric === metric.metric))
      lines.push(
        inLine(
          invoice,
          line,
          'counted',
          `It came after the invoice of ${monthName(month)} was made, and is part of this line’s quantity as an adjustment.`,
        ),
      )
  for (const invoice of invoices) {
    if (!isLookedAt(usage, invoice.asOfBatch)) continue
    if (invoice.asOfBatch < entry.batchId) {
      reasons.push(cameAfter(book, invoice, usage, adjusting))
      continue
    }
    const found = linesOf(session, invoice, usage)
    lines.push(...found.lines)
    if (found.reason !== null) reasons.push(found.reason)
  }
  if (counts && !invoices.some(({ state }) => state !== 'void'))
    reasons.push(withoutInvoice(session, book, usage))
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
