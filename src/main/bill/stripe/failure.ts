/** Why a delivery did not come to its end, as sentences for people, each marked worth retrying or not. */
import Stripe from 'stripe'

/** Code → worth trying again as it is. */
const CODES = {
  cancelled: true,
  rate_limited: true,
  stripe_unreachable: true,
  stripe_failed: true,
  idempotency_key_was_used_otherwise: true,
  key_refused: false,
  permission_missing: false,
  request_refused: false,
  invoice_is_not_approved: false,
  invoice_has_no_lines: false,
  invoice_has_too_many_lines: false,
  invoice_total_is_not_the_sum_of_its_lines: false,
  negative_line_with_stripe_tax: false,
  invoice_changed_since_the_first_attempt: false,
  amount_cannot_be_sent: false,
  days_until_due_is_not_possible: false,
  stripe_customer_is_gone: false,
  several_stripe_customers_fit: false,
  several_stripe_invoices_fit: false,
  stripe_invoice_is_void: false,
  stripe_invoice_belongs_to_another_customer: false,
  stripe_invoice_differs: false,
} as const satisfies Record<string, boolean>
export type DeliveryFailureCode = keyof typeof CODES

/** A typed refusal. `message` is whole: what happened, what is in Stripe, what is not, what to do next. */
export class DeliveryError extends Error {
  readonly code: DeliveryFailureCode
  readonly retryable: boolean
  /** What exists in Stripe after this attempt, in words; empty where nothing does. */
  readonly made: readonly string[]
  /** What does not, in words. */
  readonly notMade: readonly string[]

  constructor(
    code: DeliveryFailureCode,
    message: string,
    made: readonly string[] = [],
    notMade: readonly string[] = [],
  ) {
    super(message)
    this.name = 'DeliveryError'
    this.code = code
    this.retryable = CODES[code]
    this.made = made
    this.notMade = notMade
  }
}

/** Stripe repeats parts of a key in some messages; nothing that looks like one passes. */
export const withoutKeys = (text: string): string =>
  text.replace(/\b(?:sk|rk|pk|whsec)_[A-Za-z0-9_*.]+/g, '[key removed]')

export interface Problem {
  readonly code: DeliveryFailureCode
  /** What happened and what to do, without the state of the delivery. */
  readonly what: string
  readonly next: string
  /** HTTP status; null where no answer came. */
  readonly status: number | null
  readonly requestId: string | null
  /** Stripe saved this answer under the idempotency key and would give it again. */
  readonly spendsKey: boolean
}

const RETRY = 'Deliver it again; what exists in Stripe is found and reused.'

/** Reads an error of the official library; null where it is none (a bug, or a journal that failed). */
export const describeStripeError = (error: unknown): Problem | null => {
  if (!(error instanceof Stripe.errors.StripeError)) return null
  const problem = (code: DeliveryFailureCode, what: string, next: string, spendsKey = false): Problem => ({
    code,
    what,
    next,
    status: error.statusCode ?? null,
    requestId: error.requestId ?? null,
    spendsKey,
  })
  const said = withoutKeys(error.message)
    .trim()
    .replace(/[.\s]*$/, '.')
  switch (error.type) {
    case 'StripeAuthenticationError':
      return problem(
        'key_refused',
        'Stripe refused the API key.',
        'Enter a valid secret key in Settings, or set STRIPE_API_KEY, and deliver again.',
      )
    case 'StripePermissionError':
      return problem(
        'permission_missing',
        `Stripe says the API key may not do this: ${said}`,
        'Give the restricted key write access to Customers and Invoices in the Stripe Dashboard, and deliver again.',
      )
    case 'StripeRateLimitError':
      return problem('rate_limited', 'Stripe asks for fewer calls at a time.', `Wait a minute. ${RETRY}`)
    case 'StripeConnectionError':
      return problem(
        'stripe_unreachable',
        'Stripe did not answer: the connection failed or was lost.',
        `Check the network. ${RETRY}`,
      )
    case 'StripeIdempotencyError':
      return problem(
        'idempotency_key_was_used_otherwise',
        'Stripe saw this idempotency key before with other content.',
        'Deliver it again: Stripe is searched first, and a new key is used where nothing is found.',
        true,
      )
    case 'StripeInvalidRequestError':
    case 'StripeCardError':
      return problem(
        'request_refused',
        `Stripe refused ${error.param ? `the parameter "${error.param}"` : 'the request'}: ${said}`,
        'Correct the record this names and deliver again.',
        true,
      )
    default:
      // 409 says that a call with this key is under way; its answer is still to come, so the key stays.
      return error.statusCode === 409
        ? problem(
            'stripe_failed',
            'Stripe is still working on an earlier call for this invoice.',
            `Wait a minute. ${RETRY}`,
          )
        : problem(
            'stripe_failed',
            `Stripe had an error of its own: ${said}`,
            `Wait a few minutes. ${RETRY}`,
            true,
          )
  }
}

/** Stripe says the object does not exist (or was deleted). */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing'
