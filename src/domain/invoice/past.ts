/** Invoices that were issued elsewhere: checked whole, kept as they came, never rated. */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { roundToMinor } from '../money.ts'
import { type Month, monthName } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import { formatAmount } from '../pricing/format.ts'
import type { RateCard } from '../pricing/ratecard.ts'
import { currencyOf, holdsInMonth } from '../pricing/term.ts'
import type { ContractBalances, Invoice } from './invoice.ts'

export interface PastLine {
  readonly description: string
  readonly amount: DecimalText
  readonly chargeId?: string | undefined
  readonly metric?: string | undefined
  readonly quantity?: DecimalText | undefined
}

export interface PastInvoice {
  readonly number: string
  readonly customerId: string
  /** The customer's only contract of the month where it is left out. */
  readonly contractId?: string | undefined
  readonly month: Month
  readonly currency: string
  readonly lines: readonly PastLine[]
  /** The sum of the lines: net, without tax. */
  readonly total: DecimalText
  /** What the month handed on; what is not stated opens as new. */
  readonly balances?: Omit<ContractBalances, 'contractId' | 'month'> | undefined
}

/** What is imported is checked against. */
export interface KnownOfPast {
  readonly customers: readonly { readonly id: string; readonly name: string }[]
  readonly contracts: readonly Contract[]
  readonly cards: readonly RateCard[]
  /** Kept invoices that are not void. */
  readonly invoices: readonly Invoice[]
}

export interface PlacedInvoice {
  readonly past: PastInvoice
  readonly customer: { readonly id: string; readonly name: string }
  readonly contract: Contract
}

/** Everything wrong with the invoices; rows are counted from 1. Where nothing is, each with its customer and contract. */
export const placePastInvoices = (
  invoices: readonly PastInvoice[],
  known: KnownOfPast,
): { readonly issues: readonly Issue[]; readonly placed: readonly PlacedInvoice[] } => {
  const issues: Issue[] = []
  const placed: PlacedInvoice[] = []
  const numbers = new Set(known.invoices.map(({ number }) => number))
  const months = new Set<string>()
  // Years of thousands of customers come at once, so that what is known is looked up and not searched.
  const customers = new Map(known.customers.map((each) => [each.id, each]))
  const contracts = Map.groupBy(known.contracts, ({ customerId }) => customerId)
  const cards = new Map(known.cards.map((each) => [each.id, each]))
  const keyOf = (month: Month, contractId: string) => `${month} ${contractId}`
  const billed = new Map<string, Invoice>()
  for (const invoice of known.invoices)
    for (const id of [
      ...(invoice.contractId === null ? [] : [invoice.contractId]),
      ...(invoice.contractIds ?? []),
    ]) {
      const key = keyOf(invoice.month, id)
      if (!billed.has(key)) billed.set(key, invoice)
    }
  for (const [index, past] of invoices.entries()) {
    const wrong = (code: string, column: string, message: string) =>
      issues.push({ severity: 'error', code, message: `${past.number}: ${message}`, row: index + 1, column })
    if (numbers.has(past.number))
      wrong(
        'number_is_taken',
        'number',
        'there is an invoice of this number already. Numbers are given once.',
      )
    numbers.add(past.number)
    for (const [at, line] of past.lines.entries())
      if (roundToMinor(line.amount, past.currency) !== line.amount)
        wrong(
          'amount_is_too_fine',
          `lines[${at}].amount`,
          `${line.amount} is finer than the smallest unit of ${past.currency}.`,
        )
    const sum = sumDecimals(past.lines.map(({ amount }) => amount))
    if (sum !== past.total)
      wrong(
        'total_is_not_the_sum_of_the_lines',
        'total',
        `its total is ${formatAmount(past.total, past.currency)}, its lines add up to ${formatAmount(sum, past.currency)}.`,
      )
    const customer = customers.get(past.customerId)
    if (customer === undefined) {
      wrong('customer_is_unknown', 'customerId', `there is no customer ${past.customerId}. Make it first.`)
      continue
    }
    const own = (contracts.get(customer.id) ?? []).filter((contract) => holdsInMonth(contract, past.month))
    const contract =
      past.contractId === undefined
        ? own.length === 1
          ? own[0]
          : undefined
        : own.find(({ id }) => id === past.contractId)
    if (contract === undefined) {
      wrong(
        'contract_is_unknown',
        'contractId',
        own.length === 0
          ? `no contract of ${customer.name} holds in ${monthName(past.month)}. Let one start that early first.`
          : `${customer.name} has ${own.length} contracts in ${monthName(past.month)} (${own.map(({ id }) => id).join(', ')}). Name the one it is of.`,
      )
      continue
    }
    const card = cards.get(contract.rateCardId)
    const currency = card === undefined ? past.currency : currencyOf(card, contract)
    if (currency !== past.currency)
      wrong(
        'currency_differs',
        'currency',
        `it is in ${past.currency}, contract ${contract.id} in ${currency}.`,
      )
    const key = keyOf(past.month, contract.id)
    const other = billed.get(key)
    if (months.has(key) || other !== undefined)
      wrong(
        'month_is_invoiced',
        'month',
        `contract ${contract.id} has ${other === undefined ? 'another invoice in this file' : `invoice ${other.number}`} for ${monthName(past.month)} already.`,
      )
    months.add(key)
    placed.push({ past, customer, contract })
  }
  return issues.length === 0 ? { issues, placed } : { issues, placed: [] }
}

/** The invoice as it is kept. */
export const pastInvoice = (
  { past, customer, contract }: PlacedInvoice,
  kept: {
    readonly chainHead: string
    readonly asOfBatch: number
    readonly imported: NonNullable<Invoice['imported']>
  },
): Invoice => ({
  // Never the id that a run would give, so that no run takes it for its own.
  id: `${past.month}.${customer.id}.imported.${contract.id}`,
  number: past.number,
  customerId: customer.id,
  customerName: customer.name,
  month: past.month,
  currency: past.currency,
  state: 'delivered',
  lines: past.lines.map((line, index) => ({
    line: index + 1,
    kind: 'charge',
    chargeId: line.chargeId ?? `line-${index + 1}`,
    description: line.description,
    ...(line.metric === undefined || line.quantity === undefined
      ? {}
      : { metric: line.metric, quantity: line.quantity }),
    listAmount: line.amount,
    discountAmount: ZERO,
    amount: line.amount,
    steps: [{ kind: 'flat_fee', text: `as imported from ${kept.imported.from}`, amount: line.amount }],
  })),
  total: past.total,
  rateCardId: contract.rateCardId,
  rateCardVersions: [],
  contractId: contract.id,
  chainHead: kept.chainHead,
  asOfBatch: kept.asOfBatch,
  issues: [],
  changes: [`imported from ${kept.imported.from}`],
  deliveredAtMs: kept.imported.atMs,
  imported: kept.imported,
  ...(past.balances === undefined
    ? {}
    : { balances: [{ contractId: contract.id, month: past.month, ...past.balances }] }),
})
