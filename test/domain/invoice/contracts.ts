/** Bills months of a contract one after the other, each opening with the balances of the one before. */
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import { buildInvoices, rateContract } from '../../../src/domain/invoice/build.ts'
import type { ContractBalances, Invoice } from '../../../src/domain/invoice/invoice.ts'
import type { PricingTerms } from '../../../src/domain/invoice/plan.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Contract, CreditGrant } from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d, METRICS } from '../pricing/cards.ts'

export const contractOf = (changes: Partial<Contract> = {}): Contract => ({
  id: 'acme-1',
  customerId: 'acme',
  rateCardId: 'api',
  startDay: '2026-01-01',
  endDay: null,
  discountPercent: d('0'),
  chargeDiscounts: {},
  monthlyCommitment: null,
  ...changes,
})

/** 1.00 a call, and a fee. */
export const CALL: Charge = {
  kind: 'per_unit',
  id: 'calls',
  name: 'Calls',
  metric: 'api.calls',
  unitAmount: d('1'),
  per: d('1'),
}
export const STORE: Charge = {
  kind: 'per_unit',
  id: 'storage',
  name: 'Storage',
  metric: 'storage',
  unitAmount: d('1'),
  per: d('1'),
}
export const fee = (amount: string, id = 'fee'): Charge => ({
  kind: 'flat_fee',
  id,
  name: id,
  amount: d(amount),
})

export const grant = (id: string, value: string, changes: Partial<CreditGrant> = {}): CreditGrant => ({
  id,
  name: id,
  amount: d(value),
  priority: 1,
  fromDay: '2026-01-01',
  expiresDay: null,
  scope: null,
  costBasis: d('0'),
  ...changes,
})

export type Usage = { readonly [metric: string]: string }

/** The invoices of one month; usage is that of each stretch of days asked for. */
export const monthOf = (
  contract: Contract,
  month: string,
  usage: Usage,
  options: {
    charges?: readonly Charge[]
    card?: RateCard
    earlier?: readonly Contract[]
    opening?: ContractBalances | null
  } = {},
): readonly Invoice[] => {
  const terms: PricingTerms = {
    card: options.card ?? cardOf(['2020-01-01', [...(options.charges ?? [CALL])]]),
    contract,
    ...(options.earlier === undefined ? {} : { earlier: options.earlier }),
    metrics: METRICS,
    month: toMonth(month),
    timeZone: 'UTC',
  }
  const given = usageToAskFor(terms).map((need) => ({
    ...need,
    rows: [{ startMs: need.startMs, keys: [], quantity: d(usage[need.metric] ?? '0'), events: 1 }],
  }))
  const rated = rateContract({ ...terms, currency: 'USD', usage: given, opening: options.opening ?? null })
  return buildInvoices([rated], (billTo) => ({
    id: billTo?.id ?? 'I',
    number: billTo?.id ?? 'I',
    customer: { id: 'acme', name: 'Acme' },
    chainHead: '',
    asOfBatch: 1,
    previousInvoice: null,
  }))
}

export const invoiceOf = (...input: Parameters<typeof monthOf>): Invoice => {
  const [invoice] = monthOf(...input)
  if (invoice === undefined) throw new Error('no invoice')
  return invoice
}

/** Months one after the other, from the contract's first. */
export const run = (
  contract: Contract,
  calls: readonly string[],
  options: Parameters<typeof monthOf>[3] = {},
): readonly Invoice[] => {
  let opening: ContractBalances | null = null
  return calls.map((quantity, index) => {
    const [year = 0, first = 0] = contract.startDay.split('-').map(Number)
    const at = first - 1 + index
    const month = `${year + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
    const invoice = invoiceOf(contract, month, { 'api.calls': quantity }, { ...options, opening })
    opening = invoice.balances?.[0] ?? null
    return invoice
  })
}

export const amounts = (invoice: Invoice) => invoice.lines.map(({ chargeId, amount }) => [chargeId, amount])
