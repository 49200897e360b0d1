/** Exactly what a delivery would send, and where, without sending anything. */
import { dueOf } from '../../../domain/invoice/invoice.ts'
import { formatMinor } from '../../../domain/money.ts'
import { STRIPE_API_BASE } from './api-base.ts'
import { DeliveryError } from './failure.ts'
import * as plan from './plan.ts'
import type { DeliveryRecord } from './record.ts'

export interface PreviewedCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** As they go over the wire: `metadata[countinghouse_line]` → `1`. */
  readonly parameters: Readonly<Record<string, string>>
  /** What the call is for, and when it is left out. */
  readonly note: string
}

export interface DeliveryPreview {
  readonly destination: string
  readonly ready: boolean
  /** What will happen, or why it cannot. */
  readonly sentence: string
  readonly calls: readonly PreviewedCall[]
}

/** Stand for ids that Stripe gives on the way. */
export const CUSTOMER_PLACEHOLDER = '(id of the customer in Stripe)'
export const INVOICE_PLACEHOLDER = '(id of the invoice in Stripe)'

/** Nested parameters as form fields. Arrays are not used by any call of a delivery. */
export const flatParameters = (params: object, prefix = ''): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]): [string, string][] => {
      const key = prefix === '' ? name : `${prefix}[${name}]`
      return typeof value === 'object' && value !== null
        ? Object.entries(flatParameters(value, key))
        : [[key, String(value)]]
    }),
  )

/**
 * The calls in their order. `record` is what a former attempt left, so that what exists is not shown as to be
 * made. `nowMs` only dates the search for customers made lately.
 */
export const previewDelivery = (
  terms: plan.DeliveryTerms & {
    readonly apiBase?: string
    readonly record: DeliveryRecord | null
    readonly nowMs: number
  },
): DeliveryPreview => {
  const { invoice, customer, record } = terms
  const destination = terms.apiBase ?? STRIPE_API_BASE
  try {
    plan.checkTerms(terms)
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    return { destination, ready: false, sentence: error.message, calls: [] }
  }
  const call = (method: 'GET' | 'POST', path: string, params: object, note: string): PreviewedCall => ({
    method,
    path: `/v1${path}`,
    parameters: flatParameters(params),
    note,
  })
  const knownCustomer = customer.stripeCustomerId ?? record?.stripeCustomerId ?? null
  const customerId = knownCustomer ?? CUSTOMER_PLACEHOLDER
  const knownInvoice = record?.stripeInvoiceId ?? null
  const invoiceId = knownInvoice ?? INVOICE_PLACEHOLDER
  const made = new Set(Object.keys(record?.stripeItemIds ?? {}))
  const total = `${formatMinor(dueOf(invoice), invoice.currency)} ${invoice.currency}`

  const calls = [
    ...(knownCustomer === null
      ? [
          call(
            'GET',
            '/customers/search',
            plan.customerSearchParams(customer),
            `Is ${customer.name} in Stripe already, by our id?`,
          ),
          call(
            'GET',
            '/customers',
            plan.recentCustomersParams(terms.nowMs),
            'Else among those made in the last two hours, which search may not know.',
          ),
          ...(customer.email === null
            ? []
            : [
                call(
                  'GET',
                  '/customers',
                  plan.customersByEmailParams(customer.email),
                  'Else by its e-mail address; one found is marked with our id.',
                ),
              ]),
          call(
            'POST',
            '/customers',
            plan.customerCreateParams(customer),
            'Makes the customer; left out where one was found.',
          ),
        ]
      : [
          call(
            'GET',
            `/customers/${knownCustomer}`,
            {},
            `${customer.name} is known in Stripe; is it still there?`,
          ),
        ]),
    ...(knownInvoice === null
      ? [
          call(
            'GET',
            '/invoices',
            plan.invoicesOfCustomerParams(customerId),
            'Is this invoice in Stripe already? Left out for a new customer.',
          ),
          call(
            'POST',
            '/invoices',
            plan.invoiceCreateParams(terms, customerId),
            `Makes the draft of ${total}.`,
          ),
        ]
      : [
          call('GET', `/invoices/${knownInvoice}`, {}, 'The invoice a former attempt made.'),
          call(
            'GET',
            '/invoiceitems',
            plan.linesOfInvoiceParams(knownInvoice),
            'Which lines it has already.',
          ),
        ]),
    ...plan
      .itemsOf(invoice)
      .filter((line) => !made.has(String(line.line)))
      .map((line) =>
        call(
          'POST',
          '/invoiceitems',
          plan.lineCreateParams(terms, line, customerId, invoiceId),
          `Line ${line.line}: ${formatMinor(line.amount, invoice.currency)} ${invoice.currency}.`,
        ),
      ),
    call('GET', `/invoices/${invoiceId}`, {}, `Is Stripe's total ${total}?`),
    call(
      'GET',
      `/invoices/${invoiceId}/lines`,
      { limit: 100 },
      `Has it ${plan.itemsOf(invoice).length} lines with our amounts?`,
    ),
    ...(terms.finalize
      ? [
          call(
            'POST',
            `/invoices/${invoiceId}/finalize`,
            plan.finalizeParams(),
            'Only where both agree: from then on it cannot be changed in Stripe.',
          ),
          call('GET', `/invoices/${invoiceId}`, {}, 'The same check once more.'),
          call('GET', `/invoices/${invoiceId}/lines`, { limit: 100 }, 'The same check once more.'),
        ]
      : []),
  ]
  const count = plan.itemsOf(invoice).length
  const lines = count === 1 ? '1 line' : `${count} lines`
  const sentence = [
    `${invoice.number} for ${customer.name}, ${total} in ${lines}, ${terms.finalize ? 'is made and finalized in Stripe' : 'is made in Stripe as a draft'}, due ${terms.daysUntilDue} days later. Stripe sends nothing to the customer by itself.`,
    ...plan.notesOf(terms),
  ].join(' ')
  return { destination, ready: true, sentence, calls }
}
