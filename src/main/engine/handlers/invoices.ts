import type { z } from 'zod'
import type { invoiceRow } from '../../../contract/invoices.ts'
import { Decimal, type DecimalText, negateDecimal, sumDecimals } from '../../../domain/decimal.ts'
import { dueOf, type Invoice } from '../../../domain/invoice/invoice.ts'
import { addMonths, type Month, monthName } from '../../../domain/period.ts'
import { formatAmount, formatSignedAmount } from '../../../domain/pricing/format.ts'
import { samePart } from '../../bill/contract-months.ts'
import type { DeliveryRecord } from '../../bill/stripe/record.ts'
import {
  approveInTurn,
  attemptsOf,
  baseFor,
  customerFor,
  deliverAll,
  deliverInTurn,
  storedInvoice,
  stripeRoom,
} from '../delivery.ts'
import type { Put, Stored } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { runMonth } from '../invoice-run.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { keepPastInvoices } from '../past-invoices.ts'
import { notFound, refused } from '../refusals.ts'
import { billedTwiceWords } from '../reports/billed-twice.ts'
import { exchangeWords, inBookCurrency, monthRates } from '../reports/exchange.ts'
import { runningMonth } from '../reports/forecast.ts'
import { lateBookOf, standingSentence } from '../reports/late.ts'
import { recomputeInvoice } from '../reports/recompute.ts'
import { rateNow, revenueOf } from '../reports/revenue.ts'
import { closedMonths, customersOf, type Session } from '../session.ts'

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

const changeWords = (now: Invoice, before: Invoice | undefined): string => {
  if (now.changes.length > 0) return now.changes.join(' · ')
  if (before === undefined) return 'first invoice'
  const difference = sumDecimals([now.total, negateDecimal(before.total)])
  return difference === '0' ? 'unchanged' : formatSignedAmount(difference, now.currency)
}

const lastFailure = (record: DeliveryRecord | undefined): string | null =>
  record?.attempts.at(-1)?.failure?.message ?? null

const rowOf = (
  stored: Stored<Invoice>,
  before: Invoice | undefined,
  delivery: DeliveryRecord | undefined,
  limit: DecimalText,
): z.output<typeof invoiceRow> => {
  const { content: invoice } = stored
  return {
    id: invoice.id,
    number: invoice.number,
    version: stored.version,
    customerId: invoice.customerId,
    customerName: invoice.customerName,
    month: invoice.month,
    currency: invoice.currency,
    state: invoice.state,
    total: invoice.total,
    due: dueOf(invoice),
    imported: invoice.imported !== undefined,
    previousTotal: before?.total ?? null,
    change: changeWords(invoice, before),
    checks: [...invoice.issues],
    needsReview:
      new Decimal(invoice.total).gt(limit) || invoice.issues.some(({ severity }) => severity === 'error'),
    deliveryError: invoice.state === 'delivered' ? null : lastFailure(delivery),
  }
}

/** Says what changed since the invoice was computed, and what becomes of it; null where it would come out the same. */
const stalenessOf = async (session: Session, invoice: Invoice): Promise<string | null> => {
  if (
    invoice.imported !== undefined ||
    invoice.state === 'void' ||
    invoice.asOfBatch >= session.followed().batchId
  )
    return null
  const [rated] = await rateNow(session, [invoice.month], { customerIds: new Set([invoice.customerId]) })
  const now = samePart(rated?.invoices ?? [], invoice)
  if (now === undefined) return 'The customer has no rate card for this month any more.'
  const book = await lateBookOf(session)
  const twice = invoice.state === 'draft' ? billedTwiceWords(session)(invoice) : null
  if (twice !== null) return twice
  if (book.standing.has(invoice.id)) return standingSentence(session, book, invoice, now)
  if (
    now.total === invoice.total &&
    dueOf(now) === dueOf(invoice) &&
    now.lines.every((line, index) => line.quantity === invoice.lines[index]?.quantity)
  )
    return null
  const difference = sumDecimals([now.total, negateDecimal(invoice.total)])
  return `Usage, prices or rules changed after this draft was made: it would now be ${formatAmount(now.total, now.currency)} ${now.currency} (${difference === '0' ? 'the same total' : formatSignedAmount(difference, now.currency)}). Run the month again.`
}

/** Approves the drafts that are as they were shown; each other is refused with the reason. */
const approve = async (
  session: Session,
  wanted: readonly { readonly invoiceId: string; readonly expectedVersion: number }[],
) => {
  const refusals: { invoiceId: string; message: string }[] = []
  const asked = new Map(wanted.map((each) => [each.invoiceId, each]))
  const billedTwice = billedTwiceWords(session)
  const puts = [...asked.values()].flatMap(({ invoiceId, expectedVersion }): Put[] => {
    const { content: invoice, version } = storedInvoice(session, invoiceId)
    const wrong = invoice.issues.find(({ severity }) => severity === 'error')
    const reason =
      version !== expectedVersion
        ? `${invoice.number} was changed meanwhile; look at it again.`
        : invoice.state !== 'draft'
          ? `${invoice.number} is ${invoice.state} already.`
          : wrong !== undefined
            ? `${invoice.number} is not what the customer owes: ${wrong.message}`
            : billedTwice(invoice)
    if (reason !== null) {
      refusals.push({ invoiceId, message: reason })
      return []
    }
    const approved: Invoice = {
      ...invoice,
      state: 'approved',
      approvedBy: session.author,
      approvedAtMs: session.clock.nowMs(),
    }
    return [{ kind: 'invoice', id: invoiceId, content: approved, expectedVersion }]
  })
  if (puts.length > 0) await session.put(`${plural(puts.length, 'invoice')} approved`, puts)
  return { approved: puts.length, refused: refusals }
}

export const invoicesHandlers = (engine: EngineState) => ({
  run: api.invoices.run.handler(({ input }) => {
    const session = engine.session()
    return engine.jobs.start('invoice_run', `Invoice run ${monthName(input.month)}`, 'invoices', (handle) =>
      runMonth(session, input.month, input.customerIds, handle),
    )
  }),
  list: api.invoices.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { currency, invoiceReviewLimit } = session.settings()
    const stored = session.all('invoice').filter(({ content }) => content.state !== 'void')
    const byCustomer = Map.groupBy(
      stored.map(({ content }) => content),
      ({ customerId }) => customerId,
    )
    const ofMonth = (customerId: string, month: Month) =>
      (byCustomer.get(customerId) ?? []).filter((invoice) => invoice.month === month)
    const deliveries = new Map(session.all('delivery').map(({ id, content }) => [id, content]))
    const shown = stored.filter(({ content }) => input.month === undefined || content.month === input.month)
    const without =
      input.month === undefined
        ? []
        : ((await revenueOf(session, [input.month])).get(input.month)?.without ?? [])
    const rateOf = monthRates(session)
    const parts = shown.map(({ content: invoice }) => {
      const rate = rateOf(invoice.month, invoice.currency)
      return { invoice, rate, inBook: inBookCurrency(invoice.total, rate, currency) }
    })
    return {
      currency,
      rows: shown
        .map((each) =>
          rowOf(
            each,
            samePart(ofMonth(each.content.customerId, addMonths(each.content.month, -1)), each.content),
            deliveries.get(each.id),
            invoiceReviewLimit,
          ),
        )
        .sort((a, b) => b.month.localeCompare(a.month) || new Decimal(b.total).comparedTo(a.total)),
      total: sumDecimals(parts.flatMap(({ inBook }) => inBook ?? [])),
      totalNotes: [...exchangeWords(parts)],
      customersWithoutInvoice: [
        ...without.map((each) => ({ ...each })),
        ...(input.month === undefined
          ? []
          : customersOf(session)
              .filter(
                ({ id }) =>
                  ofMonth(id, input.month as Month).length === 0 &&
                  !without.some(({ customerId }) => customerId === id),
              )
              .map(({ id, name }) => ({
                customerId: id,
                name,
                reason: 'The month was not run for it yet.',
              }))),
      ],
      isRunning: input.month === runningMonth(session),
      asOf: knownTo(session),
    }
  }),
  get: api.invoices.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const current = storedInvoice(session, input.invoiceId)
    const versions = session.versions('invoice', input.invoiceId)
    const asked =
      input.version === undefined ? current : versions.find(({ version }) => version === input.version)
    if (asked === undefined || asked.content === null)
      throw notFound(`Invoice ${current.content.number} has no version ${input.version}.`)
    return {
      invoice: asked.content,
      version: asked.version,
      history: versions.flatMap(({ version, author, recordedMs, content }) =>
        content === null ? [] : [{ version, state: content.state, author, recordedMs, total: content.total }],
      ),
      attempts: attemptsOf(session.one('delivery', input.invoiceId)?.content ?? null),
      staleness:
        asked.version === current.version
          ? await stalenessOf(session, current.content)
          : `This is version ${asked.version}; the current one is ${current.version}.`,
      isRunning: current.content.month >= runningMonth(session),
      mayRenew:
        current.content.state === 'draft' &&
        (!closedMonths(session).includes(current.content.month) ||
          billedTwiceWords(session)(current.content) !== null),
      asOf: knownTo(session),
    }
  }),
  importPast: api.invoices.importPast.handler(async ({ input }) => {
    const session = engine.session()
    const sentence = await keepPastInvoices(session, input.invoices, input.from)
    return { imported: input.invoices.length, sentence }
  }),
  recompute: api.invoices.recompute.handler(async ({ input }) =>
    recomputeInvoice(engine.session(), input.invoiceId, input.asOf),
  ),
  approve: api.invoices.approve.handler(({ input }) => {
    const session = engine.session()
    return approveInTurn(session, () => approve(session, input.invoices))
  }),
  deliveryPreview: api.invoices.deliveryPreview.handler(async ({ input }) => {
    const session = engine.session()
    const settings = session.settings()
    const { content: invoice } = storedInvoice(session, input.invoiceId)
    const key = await engine.secrets.describeSecret('STRIPE_API_KEY')
    const { previewDelivery } = await stripeRoom()
    const preview = previewDelivery({
      invoice,
      customer: customerFor(session, invoice),
      daysUntilDue: settings.daysUntilDue,
      finalize: settings.finalizeInStripe,
      timeZone: settings.timeZone,
      apiBase: baseFor(engine, session),
      record: session.one('delivery', input.invoiceId)?.content ?? null,
      nowMs: session.clock.nowMs(),
    })
    const hasKey = key.from !== null
    return {
      destination: preview.destination,
      ready: preview.ready && hasKey,
      sentence:
        hasKey || !preview.ready
          ? preview.sentence
          : `${preview.sentence} No Stripe key is known: ${key.sentence}`,
      calls: preview.calls.map((call) => ({ ...call, parameters: { ...call.parameters } })),
    }
  }),
  deliver: api.invoices.deliver.handler(({ input }) => {
    const session = engine.session()
    const drafts = input.invoiceIds.filter((id) => storedInvoice(session, id).content.state === 'draft')
    if (drafts.length > 0)
      throw refused(
        'invoice_is_not_approved',
        `${plural(drafts.length, 'invoice is', 'invoices are')} not approved: ${drafts.slice(0, 5).join(', ')}. Nothing was sent.`,
      )
    return engine.jobs.start(
      'deliver',
      `Delivery of ${plural(input.invoiceIds.length, 'invoice')}`,
      'invoices',
      (handle) => deliverInTurn(session, () => deliverAll(engine, session, input.invoiceIds, handle)),
    )
  }),
})
