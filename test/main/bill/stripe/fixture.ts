/** An invoice as the book holds it, a journal in a file, and one delivery as the engine runs it. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import type { Invoice } from '../../../../src/domain/invoice/invoice.ts'
import { toMonth } from '../../../../src/domain/period.ts'
import { createStripeClient } from '../../../../src/main/bill/stripe/client.ts'
import {
  type Delivery,
  type DeliveryRequest,
  deliverInvoice,
} from '../../../../src/main/bill/stripe/deliver.ts'
import { DeliveryError } from '../../../../src/main/bill/stripe/failure.ts'
import type { DeliveryCustomer } from '../../../../src/main/bill/stripe/plan.ts'
import type { DeliveryJournal, DeliveryRecord } from '../../../../src/main/bill/stripe/record.ts'
import type { StripeStandIn } from '../../../support/stripe-stand-in.ts'

export const API_KEY = 'sk_test_51NeverPrintThisKeyAnywhere'

export const acme: DeliveryCustomer = {
  id: 'acme',
  name: 'Acme Corporation',
  email: 'billing@acme.example',
  stripeCustomerId: null,
}

/** An approved invoice of October 2026 whose lines have the given amounts. */
export const invoiceOf = (
  amounts: readonly string[],
  total: string,
  change: Partial<Invoice> = {},
): Invoice => ({
  id: 'invoice-2026-10-acme',
  number: '2026-10-0001',
  customerId: acme.id,
  customerName: acme.name,
  month: toMonth('2026-10'),
  currency: 'USD',
  state: 'approved',
  lines: amounts.map((amount, index) => ({
    line: index + 1,
    kind: 'charge',
    chargeId: `charge-${index + 1}`,
    description: `API calls, part ${index + 1}`,
    listAmount: amount as DecimalText,
    discountAmount: '0' as DecimalText,
    amount: amount as DecimalText,
    steps: [],
  })),
  total: total as DecimalText,
  rateCardId: 'standard',
  rateCardVersions: [1],
  contractId: null,
  chainHead: 'c0ffee',
  asOfBatch: 7,
  issues: [],
  changes: [],
  approvedBy: 'finance',
  approvedAtMs: Date.UTC(2026, 10, 2),
  ...change,
})

/** Three lines, one of them negative, one zero. */
export const threeLines = invoiceOf(['1200.5', '-200.25', '0'], '1000.25')

export interface FileJournal extends DeliveryJournal {
  /** Every version, in order. */
  readonly versions: () => readonly DeliveryRecord[]
  readonly text: () => string
}

/** Append-only, one version a line; a version that exists is refused, as the ledger does. */
export const fileJournal = (): FileJournal => {
  const file = join(mkdtempSync(join(tmpdir(), 'countinghouse-delivery-')), 'deliveries.jsonl')
  const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  const versions = () =>
    text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as DeliveryRecord)
  return {
    text,
    versions,
    load: async (invoiceId) => versions().findLast((version) => version.invoiceId === invoiceId) ?? null,
    save: async (record) => {
      const taken = versions().some(
        (version) => version.invoiceId === record.invoiceId && version.revision === record.revision,
      )
      if (taken) throw new Error(`delivery ${record.invoiceId} has version ${record.revision} already`)
      appendFileSync(file, `${JSON.stringify(record)}\n`)
    },
  }
}

/** Runs one delivery with a client of its own, as a program started anew would. */
export const deliver = (
  stripe: Pick<StripeStandIn, 'url'>,
  journal: DeliveryJournal,
  change: Partial<DeliveryRequest> = {},
): Promise<Delivery> =>
  deliverInvoice({
    invoice: threeLines,
    customer: acme,
    stripe: createStripeClient({
      apiKey: API_KEY,
      apiBase: stripe.url,
      networkRetriesMax: 0,
      timeoutMs: 5_000,
    }),
    journal,
    nowMs: () => Date.now(),
    daysUntilDue: 30,
    finalize: true,
    timeZone: 'Europe/Berlin',
    signal: new AbortController().signal,
    ...change,
  })

/** The refusal a delivery must end in. */
export const refusalOf = async (delivery: Promise<unknown>): Promise<DeliveryError> => {
  const error = await delivery.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DeliveryError)) throw new Error(`expected a DeliveryError, got ${String(error)}`)
  return error
}

/** What must be in Stripe after any number of attempts at `threeLines`. */
export const holdings = (stripe: StripeStandIn) => ({
  customers: stripe.state.customers.size,
  invoices: [...stripe.state.invoices.values()].map((invoice) => ({
    status: invoice.status,
    total: stripe.state.total(invoice.id),
    lines: [...stripe.state.items.values()]
      .filter((item) => item.invoice === invoice.id)
      .map((item) => [item.metadata.countinghouse_line, item.amount]),
  })),
  items: stripe.state.items.size,
})
