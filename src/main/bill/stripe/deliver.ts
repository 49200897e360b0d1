/** Delivers an approved invoice to Stripe: each object once, whatever happens between two calls. */
import { randomBytes } from 'node:crypto'
import type Stripe from 'stripe'
import type { DecimalText } from '../../../domain/decimal.ts'
import { dueOf, type Invoice } from '../../../domain/invoice/invoice.ts'
import { formatMinor } from '../../../domain/money.ts'
import { fromStripeAmount, toStripeAmount } from './amount.ts'
import { type SettledCustomer, settleCustomer } from './customer.ts'
import { DeliveryError, isMissing } from './failure.ts'
import * as plan from './plan.ts'
import { type DeliveryJournal, type DeliveryRecord, firstKeys, renewKeys, type TotalCheck } from './record.ts'
import { openSession, type Session, toDeliveryError } from './session.ts'

export interface DeliveryRequest extends plan.DeliveryTerms {
  readonly stripe: Stripe
  readonly journal: DeliveryJournal
  /** UTC milliseconds. */
  readonly nowMs: () => number
  /** Stops between two calls; a call under way is let finish. */
  readonly signal: AbortSignal
}

export interface Delivery {
  readonly stripeCustomerId: string
  readonly stripeInvoiceId: string
  /** Stripe's word: draft, open, paid. */
  readonly stripeStatus: string
  readonly stripeTotal: DecimalText
  readonly livemode: boolean
  /** What else there is to know, in sentences. */
  readonly notes: readonly string[]
  readonly record: DeliveryRecord
}

/**
 * Run again after any failure or crash, it takes up where the former attempt ended. The caller runs one delivery
 * of a customer at a time, and keeps `stripeCustomerId` with the customer.
 * @throws DeliveryError where Stripe or the invoice refuses, saved with the attempt; whatever the journal throws.
 */
export const deliverInvoice = async (request: DeliveryRequest): Promise<Delivery> => {
  plan.checkTerms(request)
  const { invoice, journal } = request
  const former = await journal.load(invoice.id)
  const record = former === null ? newRecord(invoice) : resumedRecord(former, invoice)
  const session = openSession({ ...request, record })
  await session.save({ state: 'started' })
  try {
    return await deliver(request, session)
  } catch (error) {
    const failure = toDeliveryError(error, session.record(), invoice, request.finalize)
    if (failure === null) throw error
    await session.end(failure)
    throw failure
  }
}

const expectedOf = (invoice: Invoice): DeliveryRecord['expected'] => ({
  total: dueOf(invoice),
  currency: invoice.currency,
  lines: plan.itemsOf(invoice).length,
})

const newRecord = (invoice: Invoice): DeliveryRecord => {
  const nonce = randomBytes(12).toString('hex')
  return {
    revision: 0,
    invoiceId: invoice.id,
    invoiceNumber: invoice.number,
    customerId: invoice.customerId,
    state: 'started',
    expected: expectedOf(invoice),
    nonce,
    keys: firstKeys(
      invoice.id,
      plan.itemsOf(invoice).map(({ line }) => line),
      nonce,
    ),
    stripeCustomerId: null,
    stripeInvoiceId: null,
    stripeItemIds: {},
    stripeStatus: null,
    livemode: null,
    check: null,
    attempts: [],
  }
}

const resumedRecord = (former: DeliveryRecord, invoice: Invoice): DeliveryRecord => {
  const { total, currency, lines } = former.expected
  const now = expectedOf(invoice)
  if (total !== now.total || currency !== now.currency || lines !== now.lines)
    throw new DeliveryError(
      'invoice_changed_since_the_first_attempt',
      `Invoice ${invoice.number} was not delivered: it is ${now.total} ${now.currency} in ${now.lines} lines, and was ${total} ${currency} in ${lines} lines when its delivery began. Void it and run the month again. Nothing was sent to Stripe now.`,
    )
  return { ...former, keys: renewKeys(former, (_, key) => key.spent) }
}

const deliver = async (request: DeliveryRequest, session: Session): Promise<Delivery> => {
  const { stripe, invoice } = request
  const customer = await settleCustomer(stripe, session, request.customer, request.nowMs)
  const draft = await settleInvoice(request, session, customer)
  if (draft.status === 'draft') await settleLines(request, session, customer.id, draft)
  let checked = await check(stripe, session, invoice, draft.id)
  if (request.finalize && checked.status === 'draft') {
    const params = plan.finalizeParams()
    await session.write(
      { step: 'finalize', path: `/v1/invoices/${draft.id}/finalize`, params },
      (options) => stripe.invoices.finalizeInvoice(draft.id, params, options),
      (answer) => `${answer.id} is ${answer.status}`,
    )
    checked = await check(stripe, session, invoice, draft.id)
  }
  await session.end(null)
  return {
    stripeCustomerId: customer.id,
    stripeInvoiceId: draft.id,
    stripeStatus: checked.status ?? 'draft',
    stripeTotal: fromStripeAmount(checked.total, invoice.currency),
    livemode: checked.livemode,
    notes: plan.notesOf(request),
    record: session.record(),
  }
}

interface StripeDraft {
  readonly id: string
  readonly status: string | null
  readonly isNew: boolean
}

/** The invoice a former attempt made, by its id or by our metadata; else a new draft. */
const settleInvoice = async (
  request: DeliveryRequest,
  session: Session,
  customer: SettledCustomer,
): Promise<StripeDraft> => {
  const { stripe } = request
  const found =
    (await knownInvoice(stripe, session)) ??
    (customer.isNew ? null : await findInvoice(request, session, customer.id))
  if (found !== null) {
    session.note({ stripeInvoiceId: found.id, stripeStatus: found.status, livemode: found.livemode })
    const owner = typeof found.customer === 'string' ? found.customer : (found.customer?.id ?? null)
    if (owner !== customer.id)
      throw new DeliveryError(
        'stripe_invoice_belongs_to_another_customer',
        `It is in Stripe already as ${found.id} of customer ${owner}, and ${request.customer.name} is now ${customer.id} there. Delete or void ${found.id} in Stripe, or save ${owner} with ${request.customer.name}, and deliver again.`,
      )
    if (found.status === 'void')
      throw new DeliveryError(
        'stripe_invoice_is_void',
        `It is in Stripe as ${found.id}, which was voided there. To bill the month again, void it here too and run the month again.`,
      )
    await session.save({})
    return { id: found.id, status: found.status, isNew: false }
  }
  const params = plan.invoiceCreateParams(request, customer.id)
  const made = await session.write(
    { step: 'invoice', path: '/v1/invoices', params },
    (options) => stripe.invoices.create(params, options),
    (answer) => `made ${answer.id}`,
  )
  await session.save({ stripeInvoiceId: made.id, stripeStatus: made.status, livemode: made.livemode })
  return { id: made.id, status: made.status, isNew: true }
}

const knownInvoice = async (stripe: Stripe, session: Session): Promise<Stripe.Invoice | null> => {
  const id = session.record().stripeInvoiceId
  if (id === null) return null
  try {
    return await session.read(
      { step: 'find-invoice', path: `/v1/invoices/${id}`, params: {} },
      () => stripe.invoices.retrieve(id),
      (answer) => `${id} is ${answer.status}`,
    )
  } catch (error) {
    if (!isMissing(error)) throw error
    // Only drafts can be deleted in Stripe, so nothing of it was billed. Its keys would bring it back as an answer.
    const keys = renewKeys(session.record(), (step) => step !== 'customer' && step !== 'claim')
    await session.save({ stripeInvoiceId: null, stripeItemIds: {}, stripeStatus: null, check: null, keys })
    return null
  }
}

/** Always looked for, not only after an attempt we know of: keys expire after 24 hours, and books are restored. */
const findInvoice = async (
  { stripe, invoice }: DeliveryRequest,
  session: Session,
  stripeCustomerId: string,
): Promise<Stripe.Invoice | null> => {
  const params = plan.invoicesOfCustomerParams(stripeCustomerId)
  const found = await session.read(
    { step: 'find-invoice', path: '/v1/invoices', params },
    async () => {
      const ours: Stripe.Invoice[] = []
      for await (const each of stripe.invoices.list(params))
        if (each.metadata?.[plan.METADATA.invoice] === invoice.id) ours.push(each)
      return ours
    },
    (answer) => `${answer.length} found`,
  )
  if (found.length > 1)
    throw new DeliveryError(
      'several_stripe_invoices_fit',
      `${found.length} invoices in Stripe carry its id: ${found.map((each) => each.id).join(', ')}. Delete or void all but one and deliver again.`,
    )
  return found[0] ?? null
}

/** Makes the lines that are not there yet, in our order. */
const settleLines = async (
  request: DeliveryRequest,
  session: Session,
  stripeCustomerId: string,
  draft: StripeDraft,
): Promise<void> => {
  const { stripe, invoice } = request
  if (!draft.isNew) {
    const params = plan.linesOfInvoiceParams(draft.id)
    const items = await session.read(
      { step: 'find-lines', path: '/v1/invoiceitems', params },
      () => stripe.invoiceItems.list(params).autoPagingToArray({ limit: 10_000 }),
      (answer) => `${answer.length} found`,
    )
    const ours = items.filter((item) => item.metadata?.[plan.METADATA.invoice] === invoice.id)
    const there = Object.fromEntries(ours.map((item) => [item.metadata?.[plan.METADATA.line] ?? '', item.id]))
    // A line deleted in Stripe needs a new key: the old one would answer with the deleted line.
    const gone = Object.keys(session.record().stripeItemIds).filter((line) => there[line] === undefined)
    await session.save({
      stripeItemIds: there,
      keys: renewKeys(session.record(), (step) => gone.some((line) => step === `line-${line}`)),
    })
  }
  for (const line of plan.itemsOf(invoice)) {
    if (session.record().stripeItemIds[String(line.line)] !== undefined) continue
    const params = plan.lineCreateParams(request, line, stripeCustomerId, draft.id)
    const made = await session.write(
      { step: `line-${line.line}`, path: '/v1/invoiceitems', params },
      (options) => stripe.invoiceItems.create(params, options),
      (answer) => `made ${answer.id}`,
    )
    session.note({ stripeItemIds: { ...session.record().stripeItemIds, [String(line.line)]: made.id } })
  }
}

const money = (amount: DecimalText, currency: string, lines: number): string =>
  `${formatMinor(amount, currency)} ${currency} in ${lines} ${lines === 1 ? 'line' : 'lines'}`

/** Stripe's invoice must be ours: currency, total to the minor unit, number of lines, and each line's amount. */
const check = async (
  stripe: Stripe,
  session: Session,
  invoice: Invoice,
  id: string,
): Promise<Stripe.Invoice> => {
  const theirs = await session.read(
    { step: 'check', path: `/v1/invoices/${id}`, params: {} },
    () => stripe.invoices.retrieve(id),
    (answer) => `${answer.status}, total ${answer.total} ${answer.currency}`,
  )
  const lines = await session.read(
    { step: 'check', path: `/v1/invoices/${id}/lines`, params: { limit: 100 } },
    () => stripe.invoices.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: 10_000 }),
    (answer) => `${answer.length} lines`,
  )
  const sorted = (amounts: readonly number[]) => [...amounts].sort((a, b) => a - b).join(' ')
  const stripeCurrency = theirs.currency.toUpperCase()
  const items = plan.itemsOf(invoice)
  // What Stripe Tax adds is not ours to check.
  const stripeNet = invoice.taxBy === 'stripe' ? (theirs.total_excluding_tax ?? theirs.total) : theirs.total
  const ourMinor = items.map((line) => toStripeAmount(line.amount, invoice.currency))
  const result: TotalCheck = {
    ourTotal: dueOf(invoice),
    stripeTotal: fromStripeAmount(stripeNet, stripeCurrency),
    ourLines: items.length,
    stripeLines: lines.length,
    currency: invoice.currency,
    stripeCurrency,
    fits:
      stripeCurrency === invoice.currency &&
      stripeNet === toStripeAmount(dueOf(invoice), invoice.currency) &&
      sorted(lines.map((line) => line.amount)) === sorted(ourMinor),
  }
  session.note({ check: result, stripeStatus: theirs.status, livemode: theirs.livemode })
  if (!result.fits)
    throw new DeliveryError(
      'stripe_invoice_differs',
      `In Stripe ${id} is ${money(result.stripeTotal, stripeCurrency, lines.length)}; here it is ${money(dueOf(invoice), invoice.currency, items.length)}. ${
        theirs.status === 'draft'
          ? `It was not finalized. Look at it in Stripe, delete the draft ${id} there, and deliver again.`
          : `It is ${theirs.status} in Stripe already: void it there, or correct it by a credit note.`
      }`,
    )
  return theirs
}
