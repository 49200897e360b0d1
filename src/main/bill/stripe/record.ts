/**
 * What the ledger keeps of a delivery: document kind `delivery`, id = invoice id, each save a further version.
 * Keys are saved before the first call, so that a retry after a crash sends the same ones.
 */
import type { DecimalText } from '../../../domain/decimal.ts'

/** Steps that write to Stripe, and so have an idempotency key. */
export type WritingStep = 'customer' | 'claim' | 'invoice' | `line-${number}` | 'finalize'
/** Steps that only read. */
export type ReadingStep = 'find-customer' | 'find-invoice' | 'find-lines' | 'check'
export type Step = WritingStep | ReadingStep

export interface IdempotencyKey {
  /** `countinghouse:<invoice id>:<step>:v<version>:<nonce>` */
  readonly key: string
  readonly version: number
  /**
   * Stripe answered a call with this key by an error, and would repeat that answer for 24 hours. The next
   * attempt looks whether the object exists and, if not, takes the next version.
   */
  readonly spent: boolean
}

/** One call: what was sent and what came back. Never holds the API key. */
export interface SentCall {
  readonly step: Step
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
  readonly idempotencyKey: string | null
  readonly sentAtMs: number
  readonly answer: CallAnswer
}

export type CallAnswer =
  | { readonly kind: 'ok'; readonly text: string; readonly requestId: string | null }
  | {
      readonly kind: 'error'
      readonly text: string
      /** HTTP status; null where no answer came. */
      readonly status: number | null
      readonly requestId: string | null
    }

export interface DeliveryAttempt {
  readonly startedAtMs: number
  /** Null while under way, and for ever where the program died. */
  readonly endedAtMs: number | null
  readonly calls: readonly SentCall[]
  readonly failure: { readonly code: string; readonly message: string; readonly retryable: boolean } | null
}

/** Both totals side by side. */
export interface TotalCheck {
  readonly ourTotal: DecimalText
  readonly stripeTotal: DecimalText
  readonly ourLines: number
  readonly stripeLines: number
  readonly currency: string
  readonly stripeCurrency: string
  readonly fits: boolean
}

export interface DeliveryRecord {
  /** Version of the document, counted from 1; a save of a revision that exists must be refused. */
  readonly revision: number
  readonly invoiceId: string
  readonly invoiceNumber: string
  readonly customerId: string
  /** `started` stays where the program died; `failed` and `delivered` are ends of an attempt. */
  readonly state: 'started' | 'failed' | 'delivered'
  readonly expected: { readonly total: DecimalText; readonly currency: string; readonly lines: number }
  /** Random, made once per delivery: another book with the same ids never meets these keys. */
  readonly nonce: string
  readonly keys: Readonly<Record<string, IdempotencyKey>>
  readonly stripeCustomerId: string | null
  readonly stripeInvoiceId: string | null
  /** Stripe's invoice item by our line number. */
  readonly stripeItemIds: Readonly<Record<string, string>>
  /** Stripe's word: draft, open, paid, uncollectible, void. */
  readonly stripeStatus: string | null
  readonly livemode: boolean | null
  readonly check: TotalCheck | null
  readonly attempts: readonly DeliveryAttempt[]
}

/** Where the record is kept. The engine fills it with the ledger. */
export interface DeliveryJournal {
  /** The newest version, or null where this invoice was never sent. */
  readonly load: (invoiceId: string) => Promise<DeliveryRecord | null>
  /**
   * Appends the record as the document's next version; durable when the promise resolves. Must reject where
   * `record.revision` exists already: that is how two deliveries of one invoice at a time are refused.
   */
  readonly save: (record: DeliveryRecord) => Promise<void>
}

const keyOf = (invoiceId: string, step: WritingStep, version: number, nonce: string): IdempotencyKey => ({
  key: `countinghouse:${invoiceId}:${step}:v${version}:${nonce}`,
  version,
  spent: false,
})

/** Keys of all steps, at version 1. */
export const firstKeys = (
  invoiceId: string,
  lines: readonly number[],
  nonce: string,
): DeliveryRecord['keys'] => {
  const steps: WritingStep[] = [
    'customer',
    'claim',
    'invoice',
    ...lines.map((line) => `line-${line}` as const),
    'finalize',
  ]
  return Object.fromEntries(steps.map((step) => [step, keyOf(invoiceId, step, 1, nonce)]))
}

/** The record with the next version of each key that `which` picks. */
export const renewKeys = (
  record: DeliveryRecord,
  which: (step: string, key: IdempotencyKey) => boolean,
): DeliveryRecord['keys'] =>
  Object.fromEntries(
    Object.entries(record.keys).map(([step, key]) => [
      step,
      which(step, key) ? keyOf(record.invoiceId, step as WritingStep, key.version + 1, record.nonce) : key,
    ]),
  )
