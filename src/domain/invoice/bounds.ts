/** Minimum and maximum of a line, and of the invoice: amounts a month, for the days that are charged. */
import { Decimal, type DecimalText, less, negateDecimal, sumDecimals, ZERO } from '../decimal.ts'
import { roundToMinor } from '../money.ts'
import { formatAmount } from '../pricing/format.ts'
import type { DaysOfMonth } from '../pricing/rating.ts'
import type { InvoiceLine, PriceStep } from './invoice.ts'
import { type DraftLine, roundingStep } from './line.ts'
import { type ChargePart, type ContractMonth, type ContractSegment, shareOf } from './plan.ts'

const daysOf = (segment: ContractSegment, plan: ContractMonth): DaysOfMonth => ({
  first: Number(segment.startDay.slice(8)) - 1,
  count: segment.free === null ? segment.days : 0,
  ofMonth: plan.daysInMonth,
})

/**
 * The parts by the month's own days: a fee may be for days of others, which have bounds of their own, and what is rated
 * whole may have days that are free.
 */
const partsInMonth = ({ charge }: DraftLine, plan: ContractMonth): readonly ChargePart[] => {
  const [first] = charge.parts
  if (first === undefined) return []
  if (!charge.isCut)
    return plan.rated
      .filter(({ startMs }) => startMs >= first.segment.startMs)
      .map((segment) => ({ segment, charge: first.charge }))
  if (charge.parts.every(({ feeDays }) => feeDays === undefined)) return charge.parts
  return plan.rated.flatMap((segment) =>
    segment.version.charges
      .filter(({ id, kind }) => id === charge.id && kind === 'flat_fee')
      .map((own) => ({ segment, charge: own })),
  )
}

/** The sum of the charged parts' shares; null where none of them, or for a maximum not every one, has the bound. */
const boundOf = (line: DraftLine, plan: ContractMonth, bound: 'minimum' | 'maximum'): DecimalText | null => {
  const parts = partsInMonth(line, plan).filter(({ segment }) => segment.free === null)
  const shares = parts.flatMap((part) => {
    const amount = part.charge[bound]
    return amount === undefined ? [] : [shareOf(amount, daysOf(part.segment, plan))]
  })
  if (shares.length === 0 || (bound === 'maximum' && shares.length < parts.length)) return null
  return sumDecimals(shares)
}

const moved = (line: DraftLine, to: DecimalText, step: Omit<PriceStep, 'amount'>): DraftLine => {
  const amount = less(to, line.left)
  return {
    ...line,
    left: to,
    boundsAmount: sumDecimals([line.boundsAmount, amount]),
    steps: [...line.steps, { ...step, amount }],
  }
}

const prorated = ({ count, ofMonth }: { count: number; ofMonth: number }): string =>
  count === ofMonth ? '' : `, for ${count} of ${ofMonth} days`

/** The line, raised to its minimum, then cut at its maximum. Nothing where its days are free. */
export const boundLine = (line: DraftLine, plan: ContractMonth): DraftLine => {
  const { currency, settings } = plan
  const count = partsInMonth(line, plan).reduce((sum, { segment }) => sum + daysOf(segment, plan).count, 0)
  if (count === 0) return line
  const days = prorated({ count, ofMonth: plan.daysInMonth })
  const minimum = boundOf(line, plan, 'minimum')
  const maximum = boundOf(line, plan, 'maximum')
  const isOwed = minimum !== null && !(settings.minimumAtZero === false && line.isUnused)
  const raised =
    isOwed && new Decimal(line.left).lt(minimum)
      ? moved(line, minimum, {
          kind: 'minimum',
          text: `minimum of ${formatAmount(minimum, currency)}${days}`,
        })
      : line
  return maximum !== null && new Decimal(raised.left).gt(maximum)
    ? moved(raised, maximum, { kind: 'maximum', text: `at most ${formatAmount(maximum, currency)}${days}` })
    : raised
}

/** The lines that keep the sum of an invoice's lines within the contract's bounds. */
export const boundInvoice = (plan: ContractMonth, net: DecimalText): readonly Omit<InvoiceLine, 'line'>[] => {
  const { contract, charged, currency, rounding } = plan
  if (contract === null || charged.count === 0) return []
  const lines: Omit<InvoiceLine, 'line'>[] = []
  const bound = (kind: 'minimum' | 'maximum', stated: DecimalText | undefined) => {
    if (stated === undefined) return
    const share = shareOf(stated, charged)
    const due = roundToMinor(share, currency, rounding)
    const sum = sumDecimals([net, ...lines.map(({ amount }) => amount)])
    const gap = less(due, sum)
    if (gap === ZERO || gap.startsWith('-') !== (kind === 'maximum')) return
    const step = roundingStep(share, currency, rounding)
    lines.push({
      kind,
      chargeId: 'invoice',
      description:
        kind === 'minimum' ? 'Up to the minimum of the invoice' : 'Down to the maximum of the invoice',
      listAmount: gap,
      discountAmount: ZERO,
      amount: gap,
      steps: [
        { kind, text: `${kind} of the invoice (contract ${contract.id})${prorated(charged)}`, amount: share },
        ...(step === null ? [] : [step]),
        { kind, text: 'less the lines before', amount: negateDecimal(sum) },
      ],
    })
  }
  bound('minimum', contract.invoiceMinimum)
  bound('maximum', contract.invoiceMaximum)
  return lines
}
