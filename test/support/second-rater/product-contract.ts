/** The program's invoices of a contract, month after month, and where they disagree with the second rater's. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import { buildInvoice } from '../../../src/domain/invoice/build.ts'
import type { ContractBalances, Invoice } from '../../../src/domain/invoice/invoice.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { usageFromEvents } from '../../../src/domain/pricing/events.ts'
import { answerContract, type ContractQuestion, type MonthAnswer } from './contract.ts'
import { compare, decimal, NOUGHT, negate, type Rational, sign, total, write } from './rational.ts'
import { monthOfDay, readDay, writeMonth } from './zone.ts'

const invoicesByProgram = ({
  card,
  contracts,
  events,
  metrics,
  timeZone,
  months,
  costs,
}: ContractQuestion): Invoice[] => {
  const contract = contracts.at(-1) as Contract
  const firstMonth = monthOfDay(readDay((contracts[0] as Contract).startDay))
  let opening: ContractBalances | null = null
  return Array.from({ length: months }, (_, i) => {
    const terms = {
      card,
      contract,
      earlier: contracts.slice(0, -1),
      metrics,
      month: toMonth(writeMonth(firstMonth + i)),
      timeZone,
    }
    const invoice = buildInvoice({
      ...terms,
      usage: usageFromEvents(usageToAskFor(terms), events, metrics, timeZone),
      currency: card.currency,
      costOf: () => (costs?.[terms.month] ?? null) as DecimalText | null,
      opening,
      id: `${i}`,
      number: `${i}`,
      customer: { id: contract.customerId, name: contract.customerId },
      chainHead: '',
      asOfBatch: 0,
      previousInvoice: null,
    })
    opening = invoice.balances?.[0] ?? null
    return invoice
  })
}

/** Amounts by what they are for; of commitments only by kind, for one has no name. */
const tallied = (entries: readonly (readonly [string, Rational])[]): string =>
  entries
    .filter(([key, amount]) => key.startsWith('charge') || sign(amount) !== 0)
    .map(([key, amount]) => `${key} ${write(amount)}`)
    .sort()
    .join(', ')

const said = (month: MonthAnswer) => ({
  lines: tallied(
    month.lines.map(({ kind, id, amount }) => [
      kind === 'true_up' || kind === 'overage' ? kind : `${kind} ${id}`,
      amount,
    ]),
  ),
  settlement: tallied([
    ['tax', month.tax],
    ...[...month.paid].map(([id, amount]) => [`credit ${id}`, negate(amount)] as const),
    ['top_up', month.topUp],
  ]),
  net: write(month.net),
  due: write(month.due),
})

const got = (invoice: Invoice): ReturnType<typeof said> => ({
  lines: tallied(
    invoice.lines.map(({ kind, chargeId, amount }) => [
      kind === 'true_up' || kind === 'overage' ? kind : `${kind} ${chargeId}`,
      decimal(amount),
    ]),
  ),
  settlement: tallied(
    (invoice.settlement ?? []).map(({ kind, id, amount }) => [
      kind === 'credit' ? `credit ${id}` : kind,
      decimal(amount),
    ]),
  ),
  net: invoice.total,
  due: invoice.due ?? invoice.total,
})

/** Every line is the sum of its steps, and rounded; said of the first that is not. */
const stepsOf = (invoice: Invoice): string | null => {
  for (const { chargeId, kind, amount, steps } of invoice.lines) {
    const sum = total(steps.map((step) => decimal(step.amount satisfies DecimalText)))
    if (steps.length > 0 && compare(sum, decimal(amount)) !== 0)
      return `steps of ${kind} ${chargeId}: expected ${amount}, got ${write(sum)}`
  }
  return null
}

/** What the first month that the program rates otherwise is, in words; null where all agree. */
export const contractDisagreement = (asked: ContractQuestion): string | null => {
  const own = answerContract(asked)
  let invoices: Invoice[]
  try {
    invoices = invoicesByProgram(asked)
  } catch (error) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  for (const [i, month] of own.entries()) {
    const invoice = invoices[i] as Invoice
    const expected = said(month)
    const found = got(invoice)
    for (const what of ['lines', 'settlement', 'net', 'due'] as const)
      if (expected[what] !== found[what])
        return `${what}: expected ${expected[what]}, got ${found[what]} in ${month.month}`
    const steps = stepsOf(invoice)
    if (steps !== null) return `${steps} in ${month.month}`
    for (const { grantId, left } of invoice.balances?.[0]?.credits ?? []) {
      const kept = month.credits.get(grantId) ?? NOUGHT
      if (compare(kept, decimal(left)) !== 0)
        return `left of ${grantId}: expected ${write(kept)}, got ${left} in ${month.month}`
    }
  }
  return null
}
