/** Commitments: what their periods owe, overage beyond them, and the true-up of what is missing at their end. */
import {
  Decimal,
  type DecimalText,
  integerToDecimal,
  less,
  negateDecimal,
  sumDecimals,
  toDecimalText,
  ZERO,
} from '../decimal.ts'
import { roundToMinor } from '../money.ts'
import { addDays, addMonths, daysOfMonth, type Month, monthName, monthsBetween, toMonth } from '../period.ts'
import { type Commitment, type Contract, MONTHLY_COMMITMENT } from '../pricing/contract.ts'
import { divideHalfEven, mostDecimals, toScaled } from '../pricing/exact.ts'
import { formatAmount } from '../pricing/format.ts'
import type { DaysOfMonth } from '../pricing/rating.ts'
import { endDayOf, entryOf, holdsInMonth, lastMonthOf, monthOfTerm, rampOf, termOn } from '../pricing/term.ts'
import { isInScope } from './discounts.ts'
import type { ContractBalances, InvoiceLine, PriceStep } from './invoice.ts'
import { roundingStep } from './line.ts'
import type { ContractMonth } from './plan.ts'

const positive = (value: DecimalText): DecimalText => (value.startsWith('-') ? ZERO : value)

const commitmentsOf = (contract: Contract): readonly Commitment[] => [
  ...(contract.monthlyCommitment === null
    ? []
    : [
        {
          id: MONTHLY_COMMITMENT,
          name: 'the monthly commitment',
          amount: contract.monthlyCommitment,
          period: 'month' as const,
          counts: null,
        },
      ]),
  ...(contract.commitments ?? []),
]

const SHARE_DECIMALS = 20

const MONTHS = { month: 1, quarter: 3, year: 12 } as const

/** The contract's days of a month. */
const heldDays = (contract: Contract, month: Month): DaysOfMonth => {
  const ofMonth = daysOfMonth(month).length
  const endDay = endDayOf(contract)
  const first = contract.startDay.startsWith(month) ? Number(contract.startDay.slice(8)) - 1 : 0
  const until = endDay?.startsWith(month) === true ? Number(endDay.slice(8)) - 1 : ofMonth
  return { first, count: until - first, ofMonth }
}

const amountIn = (contract: Contract, { id, amount }: Commitment, month: Month): DecimalText =>
  entryOf(rampOf(contract, month)?.commitments, id) ?? amount

/** Divided once, so that what ends exactly between two minor units is rounded as such. */
const shareOfPeriod = (
  parts: readonly { readonly amount: DecimalText; readonly days: DaysOfMonth }[],
  months: number,
): DecimalText => {
  const scale = mostDecimals(parts.map(({ amount }) => amount)) + SHARE_DECIMALS
  const whole = parts.reduce((product, { days }) => product * BigInt(days.ofMonth), 1n)
  const sum = parts.reduce(
    (total, { amount, days }) =>
      total + (toScaled(amount, scale) * BigInt(days.count) * whole) / BigInt(days.ofMonth),
    0n,
  )
  return integerToDecimal(divideHalfEven(sum, whole * BigInt(months)), scale)
}

interface CommitmentPeriod {
  readonly start: Month
  readonly isLast: boolean
  /** Exact. */
  readonly share: DecimalText
}

const periodOf = (plan: ContractMonth, contract: Contract, commitment: Commitment): CommitmentPeriod => {
  const { month } = plan
  if (commitment.period === 'term') {
    const term = termOn(contract, plan.rated[0]?.startDay ?? `${month}-01`)
    const last = term.endDay === null ? null : toMonth(addDays(term.endDay, -1).slice(0, 7))
    const start = toMonth(term.startDay.slice(0, 7))
    return { start, isLast: month === last, share: amountIn(contract, commitment, last ?? month) }
  }
  const count = MONTHS[commitment.period]
  const start = addMonths(month, -(monthOfTerm(contract, month) % count))
  const months = monthsBetween(start, addMonths(start, count - 1))
  const parts = months
    .filter((each) => holdsInMonth(contract, each))
    .map((each) => ({
      amount: amountIn(contract, commitment, each),
      days: count === 1 ? plan.charged : heldDays(contract, each),
    }))
  return {
    start,
    isLast: month === months.at(-1) || month === lastMonthOf(contract),
    share: shareOfPeriod(parts, count),
  }
}

/** The sum of the lines in scope: of all lines where the scope is all. */
const countedOf = (
  lines: readonly Pick<InvoiceLine, 'kind' | 'chargeId' | 'amount'>[],
  commitment: Commitment,
) =>
  sumDecimals(
    lines
      .filter(
        ({ kind, chargeId }) =>
          commitment.counts === null || (kind === 'charge' && isInScope(commitment.counts, chargeId)),
      )
      .map(({ amount }) => amount),
  )

type NewLine = Omit<InvoiceLine, 'line'>

const lineOf = (
  kind: 'true_up' | 'overage',
  { id }: Commitment,
  description: string,
  amount: DecimalText,
  steps: readonly PriceStep[],
): NewLine => ({ kind, chargeId: id, description, listAmount: amount, discountAmount: ZERO, amount, steps })

const overageLine = (
  plan: ContractMonth,
  commitment: Commitment,
  due: DecimalText,
  before: DecimalText,
  total: DecimalText,
): NewLine | null => {
  const { currency, rounding } = plan
  const multiplier = commitment.overageMultiplier
  if (multiplier === undefined) return null
  const excess = less(positive(less(total, due)), positive(less(before, due)))
  const exact = toDecimalText(new Decimal(excess).times(new Decimal(multiplier).minus(1)))
  const amount = roundToMinor(exact, currency, rounding)
  if (amount === ZERO) return null
  const text = `${formatAmount(excess, currency)} beyond the commitment of ${formatAmount(due, currency)}, at ${multiplier} times the rate`
  const step = roundingStep(exact, currency, rounding)
  return lineOf('overage', commitment, `Overage beyond ${commitment.name}`, amount, [
    { kind: 'commitment', text, amount: exact },
    ...(step === null ? [] : [step]),
  ])
}

const PERIOD_WORDS = { month: 'a month', quarter: 'a quarter', year: 'a year', term: 'for the term' }

const dueSteps = (
  plan: ContractMonth,
  contract: Contract,
  commitment: Commitment,
  share: DecimalText,
): readonly PriceStep[] => {
  const { currency, rounding, charged, month } = plan
  const stated = amountIn(contract, commitment, month)
  const isMonthly = commitment.period === 'month'
  const words =
    commitment.id === MONTHLY_COMMITMENT
      ? 'monthly commitment'
      : `${commitment.name}, ${PERIOD_WORDS[commitment.period]}`
  const prorated = isMonthly
    ? `prorated: ${charged.count} of ${charged.ofMonth} days`
    : 'by the months and days of the contract'
  const step = roundingStep(share, currency, rounding)
  return [
    { kind: 'commitment', text: `${words} (contract ${contract.id})`, amount: stated },
    ...(share === stated
      ? []
      : [{ kind: 'proration' as const, text: prorated, amount: less(share, stated) }]),
    ...(step === null ? [] : [step]),
  ]
}

export interface Committed {
  readonly lines: readonly NewLine[]
  /** By line: the warning that the charges are below the commitment, once the line has its number. */
  readonly warnings: ReadonlyMap<NewLine, (line: number) => string>
  readonly commitments: NonNullable<ContractBalances['commitments']>
}

/** Overage and true-ups of a month's lines, invoice discounts and bounds among them. */
export const commit = (
  plan: ContractMonth,
  lines: readonly NewLine[],
  opening: ContractBalances | null,
): Committed => {
  const { contract, currency, rounding, charged, month } = plan
  const overages: NewLine[] = []
  const trueUps: NewLine[] = []
  const warnings = new Map<NewLine, (line: number) => string>()
  const commitments: { id: string; periodStart: Month; counted: DecimalText }[] = []
  for (const commitment of contract === null || plan.held.count === 0 ? [] : commitmentsOf(contract)) {
    if (contract === null || (commitment.period === 'month' && charged.count === 0)) continue
    const { start, isLast, share } = periodOf(plan, contract, commitment)
    const due = roundToMinor(share, currency, rounding)
    const before =
      opening?.commitments?.find(({ id, periodStart }) => id === commitment.id && periodStart === start)
        ?.counted ?? ZERO
    const now = countedOf(lines, commitment)
    const total = sumDecimals([before, now])
    const overage = overageLine(plan, commitment, due, before, total)
    if (overage !== null) overages.push(overage)
    if (!isLast) {
      commitments.push({ id: commitment.id, periodStart: start, counted: total })
      continue
    }
    const gap = less(due, total)
    if (gap === ZERO || gap.startsWith('-')) continue
    const line = lineOf('true_up', commitment, `True-up to ${commitment.name}`, gap, [
      ...dueSteps(plan, contract, commitment, share),
      { kind: 'commitment', text: 'less the charges of this invoice', amount: negateDecimal(now) },
      ...(start === month
        ? []
        : [
            {
              kind: 'commitment' as const,
              text: `less what was charged since ${monthName(start)}`,
              amount: negateDecimal(before),
            },
          ]),
    ])
    trueUps.push(line)
    const since = start === month ? '' : ` since ${monthName(start)}`
    const named = commitment.id === MONTHLY_COMMITMENT ? 'the commitment' : commitment.name
    warnings.set(
      line,
      (number) =>
        `The charges of ${formatAmount(total, currency)} ${currency}${since} are ${formatAmount(gap, currency)} below ` +
        `${named} of contract ${contract.id}; line ${number} bills the difference.`,
    )
  }
  return { lines: [...overages, ...trueUps], warnings, commitments }
}
