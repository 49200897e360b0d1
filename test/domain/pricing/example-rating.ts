/** Rates the worked examples of docs/pricing with the functions that rate invoices. */
import {
  type DecimalText,
  parseDecimal,
  sumDecimals,
  toDecimalText,
  ZERO,
} from '../../../src/domain/decimal.ts'
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import { buildInvoices, closingOf, rateContract } from '../../../src/domain/invoice/build.ts'
import type { ContractBalances, Invoice, PriceStep } from '../../../src/domain/invoice/invoice.ts'
import { roundToMinor } from '../../../src/domain/money.ts'
import { addDays, startOfDay, toMonth } from '../../../src/domain/period.ts'
import { usageFromEvents } from '../../../src/domain/pricing/events.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import type { RatedCharge } from '../../../src/domain/pricing/rating.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import type { Terms } from './example-tables.ts'
import { rateEvents } from './rating.ts'

/** A month that is cut is cut before this day, counted from 0. */
export const CUT_DAY = 15
const HOUR = 3_600_000
const MINUTE = 60_000

const EVENT = /^(?:(\d{4}-\d\d-\d\d)(T\S+)? )?(-?[\d,.]+)(?: ([A-Za-z][\w.-]*))?(?: \((.*)\))?$/

const number = (text: string): DecimalText => {
  const value = parseDecimal(text.replaceAll(',', ''))
  if (value === null) throw new Error(`"${text}" is no number`)
  return value
}

const dimensionsOf = (text: string | undefined): Record<string, string> =>
  Object.fromEntries((text ?? '').split(', ').flatMap((pair) => (pair === '' ? [] : [pair.split(': ')])))

const eventsOf = (text: string, terms: Terms, firstMs: number): readonly UsageEvent[] =>
  text === '' || text === 'none'
    ? []
    : text.split('; ').map((each, index) => {
        const found = EVENT.exec(each)
        if (found === null) throw new Error(`"${each}" is no usage`)
        const [, day, clock, quantity = '', metric, list] = found
        const { tenant, ...dimensions } = dimensionsOf(list)
        const given = day === undefined ? null : startOfDay(day, terms.timeZone)
        return {
          metric: metric ?? terms.metrics[0]?.metric ?? '',
          timeMs: clock === undefined ? (given ?? firstMs + index * MINUTE) : Date.parse(`${day}${clock}`),
          quantity: number(quantity),
          dimensions,
          ...(tenant === undefined ? {} : { tenant }),
        }
      })

/** Usage as a table gives it; "17 then 5" is 17 in the days up to the 15th, 5 after. */
export const readUsage = (text: string, terms: Terms) => {
  const [first = '', second] = text.split(' then ')
  const start = (day: number) => startOfDay(addDays(`${terms.month}-01`, day), terms.timeZone) + 12 * HOUR
  return {
    isCut: second !== undefined,
    events: [...eventsOf(first, terms, start(1)), ...eventsOf(second ?? '', terms, start(CUT_DAY + 3))],
  }
}

export const rateExampleCharge = (charge: Charge, usage: string, terms: Terms): RatedCharge => {
  const { month, timeZone, currency, metrics, settings, cost } = terms
  const { isCut, events } = readUsage(usage, terms)
  const from = isCut ? { from: CUT_DAY } : {}
  return rateEvents(charge, events, { month, timeZone, currency, metrics, settings, cost, ...from })
}

export interface ExampleInvoice {
  /** The first, or only one. */
  readonly invoice: Invoice
  /** One for each address of the contract. */
  readonly invoices: readonly Invoice[]
  readonly closing: ContractBalances | null
}

export const cardOfExample = ({ versions, settings, currency }: Terms): RateCard => ({
  id: 'card',
  name: 'Card',
  currency,
  versions: versions.map(({ from, charges }, index) => ({
    version: index + 1,
    effectiveFrom: from,
    charges,
    settings,
  })),
})

export const buildExample = (
  terms: Terms,
  usage: string,
  opening: ContractBalances | null,
): ExampleInvoice => {
  const { month, timeZone, metrics, currency, contract, earlier, cost } = terms
  const { isCut, events } = readUsage(usage, terms)
  if (isCut) throw new Error('an invoice is of the whole month: give days in place of "then"')
  const pricing = {
    card: cardOfExample(terms),
    contract,
    earlier,
    metrics,
    month,
    timeZone,
  }
  const needs = usageToAskFor(pricing)
  const customer = { id: 'customer', name: 'Customer' }
  const rated = rateContract({
    ...pricing,
    currency,
    usage: usageFromEvents(needs, events, metrics, timeZone),
    opening,
    costOf: () => cost,
  })
  const invoices = buildInvoices([rated], () => ({
    id: 'I-1',
    number: '1',
    customer,
    chainHead: '',
    asOfBatch: 0,
    previousInvoice: null,
  }))
  const [invoice] = invoices
  if (invoice === undefined) throw new Error('there is no invoice')
  return { invoice, invoices, closing: closingOf(rated) }
}

const LINE_KINDS: Readonly<Record<string, string>> = {
  discount: 'discount',
  minimum: 'minimum',
  maximum: 'maximum',
  overage: 'overage',
  'true-up': 'true_up',
}
const SETTLEMENT_KINDS: Readonly<Record<string, string>> = {
  tax: 'tax',
  credits: 'credit',
  'top-up': 'top_up',
}

const sum = (lines: readonly { readonly amount: DecimalText }[]) =>
  sumDecimals(lines.map(({ amount }) => amount))

/** A figure of an invoice by a table's heading: a sum, a kind of line, a charge by its id, or what is left of a grant. */
const figureOfInvoice = (heading: string, { invoice, invoices, closing }: ExampleInvoice): DecimalText => {
  const address = /^due of (.+)$/.exec(heading)?.[1]
  if (address !== undefined) {
    const own = invoices.find(({ billTo }) => billTo?.id === address)
    if (own === undefined) throw new Error(`there is no invoice to ${address}`)
    return own.due ?? own.total
  }
  if (heading === 'net') return invoice.total
  if (heading === 'due') return invoice.due ?? invoice.total
  if (heading === 'carried') return sumDecimals((closing?.allowances ?? []).map(({ left }) => left))
  if (heading === 'basis')
    return sumDecimals((invoice.settlement ?? []).map(({ costBasis }) => costBasis ?? ZERO))
  const kind = LINE_KINDS[heading]
  if (kind !== undefined) return sum(invoice.lines.filter((line) => line.kind === kind))
  const settled = SETTLEMENT_KINDS[heading]
  if (settled !== undefined) return sum((invoice.settlement ?? []).filter((line) => line.kind === settled))
  const grant = /^left of (.+)$/.exec(heading)?.[1]
  if (grant !== undefined) {
    const kept = closing?.credits?.find(({ grantId }) => grantId === grant)
    if (kept === undefined) throw new Error(`there is no grant ${grant}`)
    return kept.left
  }
  const lines = invoice.lines.filter(({ kind, chargeId }) => kind === 'charge' && chargeId === heading)
  if (lines.length === 0) throw new Error(`there is no figure and no charge "${heading}"`)
  return sum(lines)
}

const figureOfCharge = (heading: string, rated: RatedCharge): DecimalText => {
  const figures: Readonly<Record<string, DecimalText | null>> = {
    amount: rated.amount,
    quantity: rated.quantity,
    billed: rated.billed,
    'included used': rated.includedUsed,
    issues: toDecimalText(rated.issues.length),
  }
  const figure = figures[heading]
  if (figure === undefined || figure === null) throw new Error(`there is no figure "${heading}" of a charge`)
  return figure
}

/** Headings that are not checked: who says it, what it is, what others make of it. */
const NOT_FIGURES = new Set(['usage', 'month', 'cost', 'source', 'example', 'there', 'what'])

export interface Compared {
  readonly heading: string
  readonly expected: DecimalText
  readonly actual: DecimalText
}

/** The terms of an example as a row has them: its month, its cost. */
export const termsOfRow = (cells: ReadonlyMap<string, string>, terms: Terms): Terms => ({
  ...terms,
  month: cells.has('month') ? toMonth(cells.get('month') ?? '') : terms.month,
  cost: cells.has('cost') ? number(cells.get('cost') ?? '') : terms.cost,
})

/** One row's figures; "12.35 rounded" is compared after rounding to the minor unit. */
export const compareRow = (
  cells: ReadonlyMap<string, string>,
  terms: Terms,
  opening: ContractBalances | null,
): {
  readonly compared: readonly Compared[]
  readonly closing: ContractBalances | null
  readonly steps: boolean
} => {
  const own = termsOfRow(cells, terms)
  const usage = cells.get('usage') ?? ''
  const headings = [...cells].filter(([heading]) => !NOT_FIGURES.has(heading))
  const compare = (figureOf: (heading: string) => DecimalText): readonly Compared[] =>
    headings.map(([heading, cell]) => {
      const [text = '', rounded] = cell.split(' ')
      const actual = figureOf(heading)
      const isRounded = rounded === 'rounded'
      return {
        heading,
        expected: number(text),
        actual: isRounded ? roundToMinor(actual, own.currency, own.settings.rounding) : actual,
      }
    })
  if (own.charge !== null) {
    const rated = rateExampleCharge(own.charge, usage, own)
    return {
      compared: compare((heading) => figureOfCharge(heading, rated)),
      closing: null,
      steps: sum(rated.steps) === rated.amount,
    }
  }
  const built = buildExample(own, usage, opening)
  return {
    compared: compare((heading) => figureOfInvoice(heading, built)),
    closing: built.closing,
    steps: built.invoice.lines.every((line) => sum(line.steps) === line.amount),
  }
}

const lineOf = (step: PriceStep): string => `${step.text}: ${step.amount}`

/** What a customer reads of an example: every step with its amount. */
export const explainExample = (terms: Terms, usage: string): string => {
  if (terms.charge !== null) {
    const rated = rateExampleCharge(terms.charge, usage, terms)
    return [...rated.steps.map(lineOf), `= ${rated.amount}`].join('\n')
  }
  const { invoice } = buildExample(terms, usage, null)
  const lines = [...invoice.lines, ...(invoice.settlement ?? [])]
  return [
    ...lines.flatMap((line) => [
      `${line.description}: ${line.amount}`,
      ...line.steps.map((step) => `  ${lineOf(step)}`),
    ]),
    `= ${invoice.due ?? invoice.total}`,
  ].join('\n')
}
