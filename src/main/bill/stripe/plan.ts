/** What is sent to Stripe, as data: pure, and the same for the preview and for the delivery. */
import type Stripe from 'stripe'
import { Decimal, type DecimalText, sumDecimals, toDecimalText } from '../../../domain/decimal.ts'
import { dueOf, type Invoice } from '../../../domain/invoice/invoice.ts'
import { formatMinor } from '../../../domain/money.ts'
import { monthName, monthPeriod } from '../../../domain/period.ts'
import { toStripeAmount } from './amount.ts'
import { DeliveryError, type DeliveryFailureCode } from './failure.ts'

/** The customer as the book knows it. */
export interface DeliveryCustomer {
  readonly id: string
  readonly name: string
  readonly email: string | null
  /** Set where the user, or a former delivery, named the customer in Stripe. */
  readonly stripeCustomerId: string | null
}

export interface DeliveryTerms {
  readonly invoice: Invoice
  readonly customer: DeliveryCustomer
  /** Whole days from the making of the Stripe invoice to its due date. */
  readonly daysUntilDue: number
  /** Finalize the invoice in Stripe; otherwise it stays a draft there. */
  readonly finalize: boolean
  /** The book's billing time zone: the invoice's month becomes the lines' period. */
  readonly timeZone: string
}

/** Our ids in Stripe's metadata: what a retry, or a lost book, finds its objects by. */
export const METADATA = {
  customer: 'countinghouse_customer',
  invoice: 'countinghouse_invoice',
  number: 'countinghouse_number',
  month: 'countinghouse_month',
  chainHead: 'countinghouse_chain_head',
  line: 'countinghouse_line',
  charge: 'countinghouse_charge',
} as const

/** What becomes an invoice item in Stripe. */
export interface StripeItem {
  /** Counted from 1 within the invoice; settlement goes on where the lines end. */
  readonly line: number
  readonly chargeId: string
  readonly description: string
  readonly amount: DecimalText
}

/**
 * The invoice as Stripe's items: its lines, then tax by its name, credits as negative amounts and top-ups, so that what
 * is due there is what is due here.
 */
export const itemsOf = ({ lines, settlement = [] }: Invoice): readonly StripeItem[] => [
  ...lines,
  ...settlement.map(({ id, description, amount }, index) => ({
    line: lines.length + 1 + index,
    chargeId: id,
    description,
    amount,
  })),
]

/** docs.stripe.com/changelog/2016-02-22/no-more-than-250-invoice-items */
const LINES_MAX = 250
/** docs.stripe.com/changelog/2018-10-31/descriptions-invoice-line-items-character-limit */
const DESCRIPTION_CHARACTERS_MAX = 500
const CUSTOMER_NAME_CHARACTERS_MAX = 256
/** Search can be up to an hour behind (docs.stripe.com/api/customers/search); lists are not. */
const SEARCH_LAG_MAX_SECONDS = 2 * 3600

const clip = (text: string, charactersMax: number): string => {
  const characters = Array.from(text)
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`
}

/**
 * Refuses what must not, or cannot, be sent, before anything is.
 * @throws DeliveryError
 */
export const checkTerms = ({ invoice, daysUntilDue }: DeliveryTerms): void => {
  const refuse = (code: DeliveryFailureCode, message: string): never => {
    throw new DeliveryError(
      code,
      `Invoice ${invoice.number} was not delivered: ${message} Nothing was sent to Stripe.`,
    )
  }
  if (invoice.state !== 'approved' && invoice.state !== 'delivered')
    refuse('invoice_is_not_approved', `it is ${invoice.state}. Only approved invoices are delivered.`)
  if (invoice.lines.length === 0) refuse('invoice_has_no_lines', 'it has no lines.')
  const items = itemsOf(invoice)
  if (items.length > LINES_MAX)
    refuse(
      'invoice_has_too_many_lines',
      `it has ${items.length} lines and Stripe takes at most ${LINES_MAX}. Merge charges in the rate card and run the month again.`,
    )
  const sum = toDecimalText(invoice.lines.reduce((total, line) => total.plus(line.amount), new Decimal(0)))
  if (sum !== invoice.total)
    refuse(
      'invoice_total_is_not_the_sum_of_its_lines',
      `its total is ${invoice.total} ${invoice.currency} and its lines add up to ${sum}. Run the month again and report this.`,
    )
  const due = sumDecimals(items.map(({ amount }) => amount))
  if (due !== dueOf(invoice))
    refuse(
      'invoice_total_is_not_the_sum_of_its_lines',
      `${dueOf(invoice)} ${invoice.currency} is due, and its lines with tax and credits add up to ${due}. Run the month again and report this.`,
    )
  // Stripe: "incompatible invoice items (… negative amounts …) cannot be added to automatic tax invoices".
  const negative = invoice.taxBy === 'stripe' ? items.find(({ amount }) => amount.startsWith('-')) : undefined
  if (negative !== undefined)
    refuse(
      'negative_line_with_stripe_tax',
      `its tax is left to Stripe, which takes no negative amounts then, and line ${negative.line} (${negative.description}) is ${negative.amount} ${invoice.currency}. Give the contract an external rate of tax, or take the credit out, and run the month again.`,
    )
  if (!Number.isSafeInteger(daysUntilDue) || daysUntilDue < 0)
    refuse(
      'days_until_due_is_not_possible',
      `${daysUntilDue} is no number of days until it is due. Correct it in Settings.`,
    )
  for (const line of items) {
    try {
      toStripeAmount(line.amount, invoice.currency)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      refuse(
        'amount_cannot_be_sent',
        `line ${line.line} cannot be sent: ${error.message}. Correct the price and run the month again.`,
      )
    }
  }
}

/** What follows from the amounts and is easily overlooked, in sentences. */
export const notesOf = ({ invoice, finalize }: DeliveryTerms): readonly string[] => {
  const total = `${formatMinor(dueOf(invoice), invoice.currency)} ${invoice.currency}`
  const sign = new Decimal(dueOf(invoice)).comparedTo(0)
  if (sign === 0)
    return finalize ? ['The total is zero: Stripe marks the invoice paid when it is finalized.'] : []
  if (sign > 0) return []
  return [
    finalize
      ? `The total is ${total}: when it is finalized, Stripe keeps the amount as the customer's credit and takes it off its next invoice.`
      : `The total is ${total}: finalizing it in Stripe would make it a credit of the customer.`,
  ]
}

/** Stripe's search language: values in single quotes, backslash escapes. */
export const customerSearchParams = (customer: DeliveryCustomer): Stripe.CustomerSearchParams => ({
  query: `metadata['${METADATA.customer}']:'${customer.id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  limit: 100,
})

export const customersByEmailParams = (email: string): Stripe.CustomerListParams => ({ email, limit: 100 })

/** Customers that search may not know yet. */
export const recentCustomersParams = (nowMs: number): Stripe.CustomerListParams => ({
  created: { gte: Math.floor(nowMs / 1000) - SEARCH_LAG_MAX_SECONDS },
  limit: 100,
})

export const customerCreateParams = (customer: DeliveryCustomer): Stripe.CustomerCreateParams => ({
  name: clip(customer.name, CUSTOMER_NAME_CHARACTERS_MAX),
  ...(customer.email === null ? {} : { email: customer.email }),
  metadata: { [METADATA.customer]: customer.id },
})

export const customerClaimParams = (customer: DeliveryCustomer): Stripe.CustomerUpdateParams => ({
  metadata: { [METADATA.customer]: customer.id },
})

export const invoicesOfCustomerParams = (stripeCustomerId: string): Stripe.InvoiceListParams => ({
  customer: stripeCustomerId,
  limit: 100,
})

/** Asked for where it is Stripe's to say; kept off where a rate was given, whatever the account's default. */
const automaticTax = ({ taxBy, settlement }: Invoice): Pick<Stripe.InvoiceCreateParams, 'automatic_tax'> => {
  if (taxBy === 'stripe') return { automatic_tax: { enabled: true } }
  return settlement?.some(({ kind }) => kind === 'tax') === true ? { automatic_tax: { enabled: false } } : {}
}

/** `discounts: ''` keeps a coupon of the Stripe customer off: our lines are net already. */
export const invoiceCreateParams = (
  terms: DeliveryTerms,
  stripeCustomerId: string,
): Stripe.InvoiceCreateParams => ({
  customer: stripeCustomerId,
  currency: terms.invoice.currency.toLowerCase(),
  auto_advance: false,
  collection_method: 'send_invoice',
  days_until_due: terms.daysUntilDue,
  pending_invoice_items_behavior: 'exclude',
  discounts: '',
  ...automaticTax(terms.invoice),
  description: `Invoice ${terms.invoice.number}, ${monthName(terms.invoice.month)}`,
  metadata: {
    [METADATA.invoice]: terms.invoice.id,
    [METADATA.number]: terms.invoice.number,
    [METADATA.month]: terms.invoice.month,
    [METADATA.chainHead]: terms.invoice.chainHead,
  },
})

export const linesOfInvoiceParams = (stripeInvoiceId: string): Stripe.InvoiceItemListParams => ({
  invoice: stripeInvoiceId,
  limit: 100,
})

/** Stripe's period is in seconds and its end is inclusive; ours is half-open. */
export const lineCreateParams = (
  { invoice, timeZone }: DeliveryTerms,
  line: StripeItem,
  stripeCustomerId: string,
  stripeInvoiceId: string,
): Stripe.InvoiceItemCreateParams => {
  const period = monthPeriod(invoice.month, timeZone)
  return {
    customer: stripeCustomerId,
    invoice: stripeInvoiceId,
    currency: invoice.currency.toLowerCase(),
    amount: toStripeAmount(line.amount, invoice.currency),
    description: clip(line.description || line.chargeId, DESCRIPTION_CHARACTERS_MAX),
    discountable: false,
    // Without it Stripe takes the item for one that automatic tax cannot be computed on.
    ...(invoice.taxBy === 'stripe' ? { tax_behavior: 'exclusive' as const } : {}),
    period: { start: Math.floor(period.startMs / 1000), end: Math.floor(period.endMs / 1000) - 1 },
    metadata: {
      [METADATA.invoice]: invoice.id,
      [METADATA.line]: String(line.line),
      [METADATA.charge]: line.chargeId,
    },
  }
}

/** `auto_advance: false`: Stripe neither sends nor collects by itself. */
export const finalizeParams = (): Stripe.InvoiceFinalizeInvoiceParams => ({ auto_advance: false })
