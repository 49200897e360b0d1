/** The program's invoices of a contract, month after month, and where they disagree with the second rater's. */
import { type DecimalText, ZERO } from '../../../src/domain/decimal.ts'
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import {
  buildInvoices,
  closingOf,
  type RatedContract,
  rateContract,
} from '../../../src/domain/invoice/build.ts'
import type { ContractBalances, Invoice } from '../../../src/domain/invoice/invoice.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { usageFromEvents } from '../../../src/domain/pricing/events.ts'
import { answerContract, type ContractQuestion, type InvoiceAnswer } from './contract.ts'
import { SHARED_ISSUES } from './product-charge.ts'
import { add, compare, decimal, NOUGHT, negate, type Rational, sign, total, write } from './rational.ts'
import { monthOfDay, readDay, writeMonth } from './zone.ts'

/** A contract, and another of the same customer that is on one invoice with it. */
export interface ContractCase extends ContractQuestion {
  readonly beside?: ContractQuestion
}

interface RatedMonth {
  readonly rated: RatedContract
  readonly closing: ContractBalances | null
}

const monthsByProgram = ({
  card,
  otherCards,
  contracts,
  events,
  metrics,
  timeZone,
  months,
  costs,
}: ContractQuestion): RatedMonth[] => {
  const contract = contracts.at(-1) as Contract
  const firstMonth = monthOfDay(readDay((contracts[0] as Contract).startDay))
  let opening: ContractBalances | null = null
  return Array.from({ length: months }, (_, i) => {
    const terms = {
      card,
      ...(otherCards === undefined ? {} : { otherCards }),
      contract,
      earlier: contracts.slice(0, -1),
      metrics,
      month: toMonth(writeMonth(firstMonth + i)),
      timeZone,
    }
    const rated = rateContract({
      ...terms,
      usage: usageFromEvents(usageToAskFor(terms), events, metrics, timeZone),
      currency: card.currency,
      costOf: () => (costs?.[terms.month] ?? null) as DecimalText | null,
      opening,
    })
    opening = closingOf(rated)
    return { rated, closing: opening }
  })
}

const invoicesOf = (rated: readonly RatedContract[]): readonly Invoice[] =>
  buildInvoices(rated, (billTo) => ({
    id: billTo?.id ?? '',
    number: billTo?.id ?? '',
    customer: { id: 'customer', name: 'customer' },
    chainHead: '',
    asOfBatch: 0,
    previousInvoice: null,
  }))

/** Amounts by what they are for; of commitments only by kind, for one has no name. */
const tallied = (entries: readonly (readonly [string, Rational])[]): string =>
  entries
    .filter(([key, amount]) => key.startsWith('charge') || sign(amount) !== 0)
    .map(([key, amount]) => `${key} ${write(amount)}`)
    .sort()
    .join(', ')

interface Said {
  readonly lines: string
  readonly settlement: string
  readonly net: string
  readonly due: string
}

const said = (answers: readonly InvoiceAnswer[]): Said => ({
  lines: tallied(
    answers.flatMap(({ lines }) =>
      lines.map(
        ({ kind, id, amount }) =>
          [kind === 'true_up' || kind === 'overage' ? kind : `${kind} ${id}`, amount] as const,
      ),
    ),
  ),
  settlement: tallied(
    answers.flatMap(({ tax, paid, basis, topUp }) => [
      ['tax', tax] as const,
      ...[...paid].map(([id, amount]) => [`credit ${id}`, negate(amount)] as const),
      ...[...basis].map(([id, amount]) => [`basis ${id}`, amount] as const),
      ['top_up', topUp] as const,
    ]),
  ),
  net: write(total(answers.map(({ net }) => net))),
  due: write(total(answers.map(({ due }) => due))),
})

const got = (invoice: Invoice | undefined): Said => ({
  lines: tallied(
    (invoice?.lines ?? []).map(({ kind, chargeId, amount }) => [
      kind === 'true_up' || kind === 'overage' ? kind : `${kind} ${chargeId}`,
      decimal(amount),
    ]),
  ),
  settlement: tallied(
    (invoice?.settlement ?? []).flatMap(({ kind, id, amount, costBasis }) => [
      [kind === 'credit' ? `credit ${id}` : kind, decimal(amount)] as const,
      ...(costBasis === undefined ? [] : [[`basis ${id}`, decimal(costBasis)] as const]),
    ]),
  ),
  net: invoice?.total ?? '0',
  due: invoice?.due ?? invoice?.total ?? '0',
})

const difference = (expected: Said, found: Said): string | null => {
  for (const what of ['lines', 'settlement', 'net', 'due'] as const)
    if (expected[what] !== found[what]) return `${what}: expected ${expected[what]}, got ${found[what]}`
  return null
}

const sumOf = (amounts: readonly DecimalText[]): Rational => total(amounts.map(decimal))

/**
 * Every line, and what settles it, is the sum of its steps; a line is its list amount with discounts, bounds and one
 * rounding. Said of the first that is not.
 */
const stepsOf = (invoice: Invoice): string | null => {
  for (const { kind, amount, steps, ...line } of [...invoice.lines, ...(invoice.settlement ?? [])]) {
    const id = 'chargeId' in line ? line.chargeId : line.id
    const sum = sumOf(steps.map((step) => step.amount))
    if (steps.length === 0 || compare(sum, decimal(amount)) !== 0)
      return `steps of ${kind} ${id}: expected ${amount}, got ${write(sum)}`
    if (!('listAmount' in line)) continue
    const rounding = steps.filter((step) => step.kind === 'rounding').map((step) => step.amount)
    const isRoundedOnce = rounding.length <= 1
    const parts = sumOf([line.listAmount, line.discountAmount, line.boundsAmount ?? ZERO, ...rounding])
    if (kind === 'charge' && !(isRoundedOnce && compare(parts, decimal(amount)) === 0))
      return `parts of ${kind} ${id}: expected ${amount}, got ${write(parts)}`
  }
  return null
}

/** Named by both raters. */
const SAID = [...SHARED_ISSUES, 'credit_lapsed', 'below_commitment']

const issuesOf = (expected: ReadonlySet<string>, invoices: readonly Invoice[]): string | null => {
  const found = new Set(invoices.flatMap(({ issues }) => issues.map(({ code }) => code)))
  const wrong = SAID.find((code) => expected.has(code) !== found.has(code))
  return wrong === undefined
    ? null
    : `issue ${wrong}: ${expected.has(wrong) ? 'is missing' : 'should not be'}`
}

/** What each grant has left that has anything left. */
const creditsOf = (
  expected: ReadonlyMap<string, Rational>,
  closing: ContractBalances | null,
): string | null => {
  const words = (entries: Iterable<readonly [string, Rational]>) =>
    [...entries]
      .filter(([, left]) => sign(left) !== 0)
      .map(([id, left]) => `${id} ${write(left)}`)
      .sort()
      .join(', ')
  const own = words(expected)
  const found = words((closing?.credits ?? []).map(({ grantId, left }) => [grantId, decimal(left)]))
  return own === found ? null : `credit left: expected ${own}, got ${found}`
}

const ofInvoices = (answers: readonly InvoiceAnswer[], invoices: readonly Invoice[]): string | null => {
  for (const answer of answers) {
    const invoice = invoices.find(({ billTo }) => (billTo?.id ?? null) === answer.address)
    const found = difference(said([answer]), got(invoice)) ?? (invoice ? stepsOf(invoice) : null)
    if (found !== null) return answer.address === null ? found : `${found} for ${answer.address}`
  }
  return null
}

const ofGroup = (
  answers: readonly (readonly InvoiceAnswer[])[],
  rated: readonly RatedContract[],
): string | null => {
  const [invoice, ...others] = invoicesOf(rated)
  if (invoice === undefined || others.length > 0) return `${1 + others.length} invoices of a group`
  const found = difference(said(answers.flat()), got(invoice)) ?? stepsOf(invoice)
  if (found !== null) return `${found} together`
  for (const [i, { input }] of rated.entries()) {
    const lines = invoice.lines.filter(({ contractId }) => contractId === input.contract?.id)
    const own = total(lines.map(({ amount }) => decimal(amount)))
    const net = (answers[i] ?? []).map((each) => each.net).reduce(add, NOUGHT)
    if (compare(own, net) !== 0) return `lines of contract ${i}: expected ${write(net)}, got ${write(own)}`
  }
  return null
}

const inWords = (asked: ContractCase): string | null => {
  const own = answerContract(asked)
  const months = monthsByProgram(asked)
  const besideAnswers = asked.beside ? answerContract(asked.beside) : []
  const besideMonths = asked.beside ? monthsByProgram(asked.beside) : []
  for (const [i, month] of own.entries()) {
    const { rated, closing } = months[i] as RatedMonth
    const other = besideMonths[i]
    const invoices = invoicesOf([rated])
    const found =
      ofInvoices(month.invoices, invoices) ??
      issuesOf(month.issues, invoices) ??
      creditsOf(month.credits, closing) ??
      (other ? ofGroup([month.invoices, besideAnswers[i]?.invoices ?? []], [rated, other.rated]) : null)
    if (found !== null) return `${found} in ${month.month}`
  }
  return null
}

const orThrown = (words: () => string | null): string | null => {
  try {
    return words()
  } catch (error) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

/** What the first month that the program rates otherwise is, in words; null where all agree. */
export const contractDisagreement = (asked: ContractCase): string | null => orThrown(() => inWords(asked))

/** The same of a customer without a contract; of the question's contract, which says nothing, the first month is not asked for. */
export const listDisagreement = (asked: ContractQuestion): string | null =>
  orThrown(() => {
    const { card, metrics, timeZone, events, costs } = asked
    for (const { month, invoices, issues } of answerContract(asked).slice(1)) {
      const terms = { card, contract: null, metrics, month: toMonth(month), timeZone }
      const rated = rateContract({
        ...terms,
        usage: usageFromEvents(usageToAskFor(terms), events, metrics, timeZone),
        currency: card.currency,
        costOf: () => (costs?.[month] ?? null) as DecimalText | null,
        opening: null,
      })
      const built = invoicesOf([rated])
      const found = ofInvoices(invoices, built) ?? issuesOf(issues, built)
      if (found !== null) return `${found} in ${month}`
    }
    return null
  })
