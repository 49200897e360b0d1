import type { z } from 'zod'
import type { deliveryAttempt, invoiceRow } from '../../../contract/invoices.ts'
import { canonicalJson, type Json } from '../../../domain/canonical.ts'
import { Decimal, type DecimalText, negateDecimal, sumDecimals } from '../../../domain/decimal.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { addMonths, type Month, monthName } from '../../../domain/period.ts'
import { formatAmount, formatSignedAmount } from '../../../domain/pricing/format.ts'
import { invoiceIdOf } from '../../bill/rate-months.ts'
import { stripeApiBase } from '../../bill/stripe/api-base.ts'
import type { DeliveryJournal, DeliveryRecord } from '../../bill/stripe/record.ts'
import type { Put, Stored } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import type { JobHandle, JobResult } from '../jobs.ts'
import { notFound, refused, sentenceOf } from '../refusals.ts'
import { cubeAgrees } from '../reports/agreement.ts'
import { rateNow, revenueOf } from '../reports/revenue.ts'
import { closedMonths, customersOf, type Session } from '../session.ts'

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

/** What makes two drafts the same to a reader: everything but the head they were computed from. */
const meaning = ({ chainHead, asOfBatch, ...rest }: Invoice) => canonicalJson(rest as unknown as Json)

const runMonth = async (
  session: Session,
  month: Month,
  customerIds: readonly string[] | undefined,
  handle: JobHandle,
): Promise<JobResult> => {
  if (closedMonths(session).includes(month))
    throw refused(
      'month_is_closed',
      `${monthName(month)} is closed; its invoices stand. What came later counts in the next open month.`,
    )
  handle.progress(0, null, 'Comparing the cube with the ledger')
  const agreement = await cubeAgrees(session)
  if (!agreement.agrees)
    throw refused(
      'cube_differs',
      `${agreement.sentence} No invoice was made. Rebuild the cube in Settings, then run again.`,
    )
  handle.signal.throwIfAborted()
  handle.progress(0, null, `Rating ${monthName(month)}`)
  const [rated] = await rateNow(
    session,
    [month],
    customerIds === undefined ? {} : { customerIds: new Set(customerIds) },
  )
  if (rated === undefined) throw new Error('rateNow answers every month it is asked for')
  const kept = new Map(session.all('invoice').map((each) => [each.id, each]))
  const puts: Put[] = []
  let unchanged = 0
  let settled = 0
  for (const invoice of rated.invoices) {
    const before = kept.get(invoice.id)
    if (
      before !== undefined &&
      (before.content.state === 'approved' || before.content.state === 'delivered')
    ) {
      settled++
      continue
    }
    if (
      before !== undefined &&
      before.content.state === 'draft' &&
      meaning(before.content) === meaning(invoice)
    ) {
      unchanged++
      continue
    }
    puts.push({ kind: 'invoice', id: invoice.id, content: invoice, expectedVersion: before?.version ?? 0 })
  }
  // A draft of a customer that nothing can be rated for any more would stay in every total.
  const baseless = new Set(rated.without.map(({ customerId }) => invoiceIdOf(month, customerId)))
  const voided = [...kept.values()].flatMap(({ id, content, version }): Put[] =>
    baseless.has(id) && content.state === 'draft'
      ? [{ kind: 'invoice', id, content: { ...content, state: 'void' }, expectedVersion: version }]
      : [],
  )
  const drafts = puts.length
  puts.push(...voided)
  handle.signal.throwIfAborted()
  if (puts.length > 0) await session.put(`Invoice run ${month}`, puts)
  const { currency } = session.settings()
  const total = sumDecimals(
    session
      .all('invoice')
      .flatMap(({ content }) => (content.month === month && content.state !== 'void' ? [content.total] : [])),
  )
  const issues = rated.invoices.flatMap(({ customerName, issues: found }) =>
    found
      .filter(({ severity }) => severity === 'error')
      .map((issue) => ({ ...issue, message: `${customerName}: ${issue.message}` })),
  )
  handle.progress(rated.invoices.length, rated.invoices.length, 'Done')
  return {
    kind: 'invoice_run',
    run: {
      month,
      drafts,
      unchanged,
      kept: settled,
      total,
      currency,
      issues,
      sentence: `${monthName(month)}: ${plural(drafts, 'draft')} made or renewed${voided.length > 0 ? `, ${voided.length} without a rate card any more and voided` : ''}${unchanged > 0 ? `, ${unchanged} unchanged` : ''}${settled > 0 ? `, ${settled} approved before and left as they are` : ''}${rated.without.length > 0 ? `, ${plural(rated.without.length, 'customer')} without a rate card` : ''}. Total ${formatAmount(total, currency)} ${currency}.`,
    },
  }
}

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
    previousTotal: before?.total ?? null,
    change: changeWords(invoice, before),
    checks: [...invoice.issues],
    needsReview:
      new Decimal(invoice.total).gt(limit) || invoice.issues.some(({ severity }) => severity === 'error'),
    deliveryError: invoice.state === 'delivered' ? null : lastFailure(delivery),
  }
}

const storedInvoice = (session: Session, id: string): Stored<Invoice> => {
  const stored = session.one('invoice', id)
  if (stored === null) throw notFound(`There is no invoice ${id}. Run its month first.`)
  return stored
}

/** Says what changed since the draft was made; null where it would come out the same. */
const stalenessOf = async (session: Session, invoice: Invoice): Promise<string | null> => {
  if (invoice.asOfBatch >= session.followed().batchId) return null
  const [rated] = await rateNow(session, [invoice.month], { customerIds: new Set([invoice.customerId]) })
  const now = rated?.invoices[0]
  if (now === undefined) return 'The customer has no rate card for this month any more.'
  if (
    now.total === invoice.total &&
    now.lines.every((line, index) => line.quantity === invoice.lines[index]?.quantity)
  )
    return null
  const difference = sumDecimals([now.total, negateDecimal(invoice.total)])
  const what = `it would now be ${formatAmount(now.total, now.currency)} ${now.currency} (${difference === '0' ? 'the same total' : formatSignedAmount(difference, now.currency)})`
  return invoice.state === 'draft'
    ? `Usage, prices or rules changed after this draft was made: ${what}. Run the month again.`
    : `Usage, prices or rules changed after this invoice was approved: ${what}. It stands as approved; close the month, and what came late counts in the next.`
}

const attemptsOf = (record: DeliveryRecord | null): z.output<typeof deliveryAttempt>[] =>
  (record?.attempts ?? []).map((attempt, index, all) => {
    const last = index === all.length - 1
    const outcome = attempt.failure !== null ? 'failed' : attempt.endedAtMs === null ? 'running' : 'delivered'
    return {
      atMs: attempt.startedAtMs,
      outcome,
      message:
        attempt.failure?.message ??
        (outcome === 'delivered'
          ? `Delivered with ${plural(attempt.calls.length, 'call')} to Stripe.`
          : 'Cut off before its end; delivering again goes on from there.'),
      retryable: attempt.failure?.retryable ?? outcome === 'running',
      stripeCustomerId: last ? (record?.stripeCustomerId ?? null) : null,
      stripeInvoiceId: last ? (record?.stripeInvoiceId ?? null) : null,
    }
  })

const journalOf = (session: Session): DeliveryJournal => ({
  load: async (invoiceId) => session.one('delivery', invoiceId)?.content ?? null,
  save: async (record) => {
    await session.put(`Delivery of ${record.invoiceNumber}`, [
      { kind: 'delivery', id: record.invoiceId, content: record, expectedVersion: record.revision - 1 },
    ])
  },
})

const customerFor = (session: Session, invoice: Invoice) => {
  const stored = session.one('customer', invoice.customerId)
  return {
    id: invoice.customerId,
    name: stored?.content.name ?? invoice.customerName,
    email: stored?.content.email ?? null,
    stripeCustomerId: stored?.content.stripeCustomerId ?? null,
  }
}

const baseFor = (engine: EngineState, session: Session): string => {
  try {
    return stripeApiBase(session.settings().stripeApiBase, engine.environment)
  } catch (error) {
    throw refused('stripe_address_is_wrong', sentenceOf(error))
  }
}

/** Loaded when something is about to be delivered: the library takes 34 MB and a tenth of a second. */
const stripeRoom = async () => ({
  ...(await import('../../bill/stripe/client.ts')),
  ...(await import('../../bill/stripe/deliver.ts')),
  ...(await import('../../bill/stripe/failure.ts')),
  ...(await import('../../bill/stripe/preview.ts')),
})

const deliveries = new WeakMap<Session, Promise<unknown>>()

/** One delivery job after the other, so that two invoices of a new customer never make it twice in Stripe. */
const inTurn = <Result>(session: Session, work: () => Promise<Result>): Promise<Result> => {
  const result = (deliveries.get(session) ?? Promise.resolve()).then(work)
  deliveries.set(
    session,
    result.catch(() => undefined),
  )
  return result
}

const deliverAll = async (
  engine: EngineState,
  session: Session,
  ids: readonly string[],
  handle: JobHandle,
): Promise<JobResult> => {
  const settings = session.settings()
  const apiBase = baseFor(engine, session)
  const apiKey = await engine.secrets.readSecret('STRIPE_API_KEY')
  if (apiKey === null)
    throw refused(
      'stripe_key_is_missing',
      'No Stripe key is known. Set STRIPE_API_KEY in the environment, or save a key in Settings. Nothing was sent.',
    )
  const { createStripeClient, deliverInvoice, DeliveryError } = await stripeRoom()
  const stripe = createStripeClient({ apiKey, apiBase })
  const failed: { invoiceId: string; message: string; retryable: boolean }[] = []
  let delivered = 0
  for (const [index, id] of ids.entries()) {
    if (handle.signal.aborted && delivered === 0 && failed.length === 0) handle.signal.throwIfAborted()
    if (handle.signal.aborted) break
    const { content: invoice, version } = storedInvoice(session, id)
    handle.progress(index, ids.length, `Delivering ${invoice.number}`)
    if (invoice.state === 'delivered') {
      delivered++
      continue
    }
    const terms = customerFor(session, invoice)
    try {
      const delivery = await deliverInvoice({
        invoice,
        customer: terms,
        stripe,
        journal: journalOf(session),
        nowMs: session.clock.nowMs,
        daysUntilDue: settings.daysUntilDue,
        finalize: settings.finalizeInStripe,
        timeZone: settings.timeZone,
        signal: handle.signal,
      })
      // Read again: somebody may have changed the customer while Stripe answered.
      const current = session.one('customer', invoice.customerId)
      await session.put(`Invoice ${invoice.number} delivered`, [
        {
          kind: 'invoice',
          id,
          content: {
            ...invoice,
            state: 'delivered',
            deliveredAtMs: session.clock.nowMs(),
            stripeInvoiceId: delivery.stripeInvoiceId,
          },
          expectedVersion: version,
        },
        ...(current === null || current.content.stripeCustomerId === delivery.stripeCustomerId
          ? []
          : [
              {
                kind: 'customer' as const,
                id: current.id,
                content: { ...current.content, stripeCustomerId: delivery.stripeCustomerId },
                expectedVersion: current.version,
              },
            ]),
      ])
      delivered++
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      failed.push({
        invoiceId: id,
        message: engine.secrets.redact(error.message),
        retryable: error.retryable,
      })
    }
  }
  handle.progress(ids.length, ids.length, 'Done')
  return {
    kind: 'deliver',
    deliver: {
      delivered,
      failed,
      sentence:
        `${plural(delivered, 'invoice')} delivered to Stripe${failed.length > 0 ? `, ${failed.length} not: ${failed[0]?.message}` : ''}.`.replace(
          /\.\.$/,
          '.',
        ),
    },
  }
}

export const invoicesHandlers = (engine: EngineState) => ({
  run: api.invoices.run.handler(({ input }) => {
    const session = engine.session()
    return engine.jobs.start('invoice_run', `Invoice run ${monthName(input.month)}`, 'invoices', (handle) =>
      runMonth(session, input.month, input.customerIds, handle),
    )
  }),
  list: api.invoices.list.handler(async ({ input }) => {
    const session = engine.session()
    const { currency, invoiceReviewLimit } = session.settings()
    const stored = session.all('invoice').filter(({ content }) => content.state !== 'void')
    const byId = new Map(stored.map(({ content }) => [content.id, content]))
    const deliveries = new Map(session.all('delivery').map(({ id, content }) => [id, content]))
    const shown = stored.filter(({ content }) => input.month === undefined || content.month === input.month)
    const without =
      input.month === undefined
        ? []
        : ((await revenueOf(session, [input.month])).get(input.month)?.without ?? [])
    return {
      currency,
      rows: shown
        .map((each) =>
          rowOf(
            each,
            byId.get(invoiceIdOf(addMonths(each.content.month, -1), each.content.customerId)),
            deliveries.get(each.id),
            invoiceReviewLimit,
          ),
        )
        .sort((a, b) => b.month.localeCompare(a.month) || new Decimal(b.total).comparedTo(a.total)),
      total: sumDecimals(shown.map(({ content }) => content.total)),
      customersWithoutInvoice: [
        ...without.map((each) => ({ ...each })),
        ...(input.month === undefined
          ? []
          : customersOf(session)
              .filter(
                ({ id }) =>
                  !byId.has(invoiceIdOf(input.month as Month, id)) &&
                  !without.some(({ customerId }) => customerId === id),
              )
              .map(({ id, name }) => ({
                customerId: id,
                name,
                reason: 'The month was not run for it yet.',
              }))),
      ],
    }
  }),
  get: api.invoices.get.handler(async ({ input }) => {
    const session = engine.session()
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
    }
  }),
  approve: api.invoices.approve.handler(async ({ input }) => {
    const session = engine.session()
    const refusals: { invoiceId: string; message: string }[] = []
    const asked = new Map(input.invoices.map((each) => [each.invoiceId, each]))
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
              : null
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
      (handle) => inTurn(session, () => deliverAll(engine, session, input.invoiceIds, handle)),
    )
  }),
})
