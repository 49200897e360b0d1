/** Delivering approved invoices to Stripe as a job, with the ledger as the journal. */
import type { z } from 'zod'
import type { deliveryAttempt } from '../../contract/invoices.ts'
import type { Invoice } from '../../domain/invoice/invoice.ts'
import { stripeApiBase } from '../bill/stripe/api-base.ts'
import type { DeliveryJournal, DeliveryRecord } from '../bill/stripe/record.ts'
import type { Stored } from './documents.ts'
import type { EngineState } from './engine-state.ts'
import type { JobHandle, JobResult } from './jobs.ts'
import { notFound, refused, sentenceOf } from './refusals.ts'
import type { Session } from './session.ts'

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

/** @throws NOT_FOUND */
export const storedInvoice = (session: Session, id: string): Stored<Invoice> => {
  const stored = session.one('invoice', id)
  if (stored === null) throw notFound(`There is no invoice ${id}. Run its month first.`)
  return stored
}

/** The attempts of a delivery, oldest first. */
export const attemptsOf = (record: DeliveryRecord | null): z.output<typeof deliveryAttempt>[] =>
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

/** The customer as Stripe is told of it. */
export const customerFor = (session: Session, invoice: Invoice) => {
  const stored = session.one('customer', invoice.customerId)
  return {
    id: invoice.customerId,
    name: stored?.content.name ?? invoice.customerName,
    email: stored?.content.email ?? null,
    stripeCustomerId: stored?.content.stripeCustomerId ?? null,
  }
}

/** @throws REFUSED where the address in the settings can't be used. */
export const baseFor = (engine: EngineState, session: Session): string => {
  try {
    return stripeApiBase(session.settings().stripeApiBase, engine.environment)
  } catch (error) {
    throw refused('stripe_address_is_wrong', sentenceOf(error))
  }
}

/** Loaded when something is about to be delivered: the library takes 34 MB and a tenth of a second. */
export const stripeRoom = async () => ({
  ...(await import('../bill/stripe/client.ts')),
  ...(await import('../bill/stripe/deliver.ts')),
  ...(await import('../bill/stripe/failure.ts')),
  ...(await import('../bill/stripe/preview.ts')),
})

/** Work of a book that is done one after the other. */
const turns = () => {
  const last = new WeakMap<Session, Promise<unknown>>()
  return <Result>(session: Session, work: () => Promise<Result>): Promise<Result> => {
    const result = (last.get(session) ?? Promise.resolve()).then(work)
    last.set(
      session,
      result.catch(() => undefined),
    )
    return result
  }
}

/** Deliveries, so that two invoices of a new customer never make it twice in Stripe. */
export const deliverInTurn = turns()
/** Approvals, so that two drafts with the same late usage are never both approved. */
export const approveInTurn = turns()

/** Delivers one invoice after the other; what fails is listed and the rest goes on. */
export const deliverAll = async (
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
