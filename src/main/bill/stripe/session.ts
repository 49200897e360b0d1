/** One attempt at a delivery: its calls, and the record that grows with them. */
import type Stripe from 'stripe'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { DeliveryError, describeStripeError, type Problem, withoutKeys } from './failure.ts'
import { itemsOf } from './plan.ts'
import type {
  DeliveryAttempt,
  DeliveryJournal,
  DeliveryRecord,
  ReadingStep,
  SentCall,
  WritingStep,
} from './record.ts'

export interface Session {
  readonly record: () => DeliveryRecord
  /** Changes the record in memory; kept by the next save. */
  readonly note: (change: Partial<DeliveryRecord>) => void
  /** Changes the record and appends it to the journal. */
  readonly save: (change: Partial<DeliveryRecord>) => Promise<void>
  readonly read: <T>(
    call: Call<ReadingStep>,
    send: () => Promise<T>,
    tell: (answer: T) => string,
  ) => Promise<T>
  readonly write: <T>(
    call: Call<WritingStep>,
    send: (options: Stripe.RequestOptions) => Promise<T>,
    tell: (answer: T) => string,
  ) => Promise<T>
  /** Ends the attempt and saves. */
  readonly end: (failure: DeliveryError | null) => Promise<void>
}

interface Call<Step> {
  readonly step: Step
  readonly path: string
  readonly params: object
}

/** The answer's request id, which the library hides in a property of its own. */
const requestIdOf = (answer: unknown): string | null => {
  const last = (answer as { lastResponse?: { requestId?: string } } | null)?.lastResponse
  return last?.requestId ?? null
}

export const openSession = (options: {
  readonly record: DeliveryRecord
  readonly journal: DeliveryJournal
  readonly nowMs: () => number
  readonly signal: AbortSignal
}): Session => {
  const { journal, nowMs, signal } = options
  const startedAtMs = nowMs()
  const former = options.record.attempts
  const calls: SentCall[] = []
  let record = options.record

  const attempt = (end: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
    startedAtMs,
    endedAtMs: null,
    calls: [...calls],
    failure: null,
    ...end,
  })
  const save = async (change: Partial<DeliveryRecord>, end?: Partial<DeliveryAttempt>): Promise<void> => {
    record = { ...record, ...change, attempts: [...former, attempt(end)], revision: record.revision + 1 }
    await journal.save(record)
  }
  const failed = (step: string, problem: Problem): void => {
    const key = record.keys[step]
    if (problem.spendsKey && key)
      record = { ...record, keys: { ...record.keys, [step]: { ...key, spent: true } } }
  }

  const perform = async <T>(
    call: Call<ReadingStep | WritingStep>,
    method: 'GET' | 'POST',
    send: (options: Stripe.RequestOptions) => Promise<T>,
    tell: (answer: T) => string,
  ): Promise<T> => {
    // A call under way is let finish: an answer thrown away would leave unknown what it made.
    if (signal.aborted) throw new DeliveryError('cancelled', 'The delivery was cancelled.')
    const idempotencyKey = method === 'POST' ? (record.keys[call.step]?.key ?? null) : null
    if (method === 'POST' && idempotencyKey === null)
      throw new Error(`assertion: no idempotency key for ${call.step}`)
    const sent = {
      step: call.step,
      method,
      path: call.path,
      params: { ...call.params },
      idempotencyKey,
      sentAtMs: nowMs(),
    }
    try {
      const answer = await send(idempotencyKey === null ? {} : { idempotencyKey })
      calls.push({ ...sent, answer: { kind: 'ok', text: tell(answer), requestId: requestIdOf(answer) } })
      return answer
    } catch (error) {
      const problem = describeStripeError(error)
      if (problem === null) throw error
      calls.push({
        ...sent,
        answer: { kind: 'error', text: problem.what, status: problem.status, requestId: problem.requestId },
      })
      failed(call.step, problem)
      throw error
    }
  }

  return {
    record: () => record,
    note: (change) => {
      record = { ...record, ...change }
    },
    save: (change) => save(change),
    read: (call, send, tell) => perform(call, 'GET', send, tell),
    write: (call, send, tell) => perform(call, 'POST', send, tell),
    end: (failure) =>
      save(
        { state: failure === null ? 'delivered' : 'failed' },
        {
          endedAtMs: nowMs(),
          failure:
            failure === null
              ? null
              : { code: failure.code, message: failure.message, retryable: failure.retryable },
        },
      ),
  }
}

/** What exists in Stripe and what does not, in words. */
const inventory = (record: DeliveryRecord, invoice: Invoice, finalize: boolean) => {
  const lines = itemsOf(invoice).map(({ line }) => String(line))
  const there = lines.filter((line) => record.stripeItemIds[line] !== undefined)
  const missing = lines.filter((line) => record.stripeItemIds[line] === undefined)
  const isDraft = record.stripeStatus === null || record.stripeStatus === 'draft'
  const made: string[] = []
  const notMade: string[] = []
  if (record.stripeCustomerId === null) notMade.push('the customer')
  else made.push(`customer ${record.stripeCustomerId}`)
  if (record.stripeInvoiceId === null) notMade.push('the invoice')
  else made.push(`invoice ${record.stripeInvoiceId} (${record.stripeStatus ?? 'draft'})`)
  if (there.length > 0) made.push(`${there.length} of ${lines.length} lines`)
  if (missing.length > 0 && isDraft)
    notMade.push(missing.length === 1 ? `line ${missing[0]}` : `lines ${missing.join(', ')}`)
  if (finalize && isDraft) notMade.push('its finalization')
  return { made, notMade }
}

/**
 * The failure of an attempt as one whole message. Returns null where the error is neither a refusal nor Stripe's:
 * a bug or a journal that failed, to be thrown on as it is.
 */
export const toDeliveryError = (
  error: unknown,
  record: DeliveryRecord,
  invoice: Invoice,
  finalize: boolean,
): DeliveryError | null => {
  const problem = describeStripeError(error)
  const refusal = error instanceof DeliveryError ? error : null
  if (problem === null && refusal === null) return null
  const { made, notMade } = inventory(record, invoice, finalize)
  const state = [
    made.length > 0 ? `In Stripe: ${made.join(', ')}.` : 'Nothing was made in Stripe.',
    notMade.length > 0 ? `Not known to be there: ${notMade.join(', ')}.` : '',
  ]
  const message = [
    `Invoice ${invoice.number} was not delivered.`,
    problem?.what ?? refusal?.message ?? '',
    ...state,
    problem?.next ?? '',
  ]
  const code = problem?.code ?? refusal?.code ?? 'stripe_failed'
  return new DeliveryError(code, withoutKeys(message.filter((part) => part !== '').join(' ')), made, notMade)
}
