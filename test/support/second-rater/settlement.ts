/** Commitments, tax, credits and top-ups of a contract's month. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Commitment, Contract, CreditGrant } from '../../../src/domain/pricing/contract.ts'
import { type Agreed, heldDays, type MonthOfContract, rampIn, termOf, trialEnd } from './contract-month.ts'
import { chargedDays, type Line } from './lines.ts'
import { type Minting, mint, shareOut } from './money.ts'
import {
  add,
  compare,
  decimal,
  greater,
  HUNDRED,
  lesser,
  minus,
  NOUGHT,
  ONE,
  over,
  type Rational,
  sign,
  times,
  total,
  whole,
  write,
} from './rational.ts'
import { daysIn, firstDayOf, monthOfDay, writeDay, writeMonth } from './zone.ts'

const LENGTHS = { month: 1, quarter: 3, year: 12 } as const

const commitmentsOf = ({ commitments = [], monthlyCommitment }: Contract): readonly Commitment[] =>
  monthlyCommitment === null
    ? commitments
    : [...commitments, { id: '', name: '', amount: monthlyCommitment, period: 'month', counts: null }]

const amountIn = (contract: Contract, commitment: Commitment, monthOfTerm: number): Rational =>
  decimal(rampIn(contract, monthOfTerm)?.commitments?.[commitment.id] ?? commitment.amount)

interface Period {
  /** Another one of another period. */
  readonly key: string
  /** Its last month, exclusive, counted from the contract's first. */
  readonly until: number | null
  readonly due: Rational
}

const periodOf = (
  agreed: Agreed,
  plan: MonthOfContract,
  commitment: Commitment,
  minting: Minting,
): Period => {
  const { contract, month, monthOfTerm } = plan
  const firstMonth = month - monthOfTerm
  if (commitment.period === 'term') {
    const { start, end } = termOf(agreed, firstDayOf(month) + (plan.segments[0]?.first ?? 0))
    const until = end === null ? null : monthOfDay(end - 1) - firstMonth + 1
    const last = until === null ? monthOfTerm : until - 1
    return { key: `${start}`, until, due: mint(amountIn(contract, commitment, last), minting) }
  }
  const n = LENGTHS[commitment.period]
  const from = monthOfTerm - (monthOfTerm % n)
  const shares = Array.from({ length: n }, (_, i) => {
    const of = firstMonth + from + i
    const [first, end] = heldDays(agreed, of)
    const count = n === 1 ? chargedDays(plan)[1] : end - first
    const amount = amountIn(contract, commitment, from + i)
    return over(times(amount, whole(count)), whole(n * daysIn(of)))
  })
  return { key: `${from}`, until: from + n, due: mint(total(shares), minting) }
}

/** Lines of overage and true-up; `counted` holds what counted since each period began. */
export const commitmentLines = (
  agreed: Agreed,
  plan: MonthOfContract,
  lines: readonly Line[],
  counted: Map<string, Rational>,
  minting: Minting,
): Line[] =>
  commitmentsOf(plan.contract).flatMap((commitment) => {
    // A month that is all free has no commitment, and so nothing beyond it.
    if (commitment.period === 'month' && chargedDays(plan)[1] === 0) return []
    const period = periodOf(agreed, plan, commitment, minting)
    const { id, counts, overageMultiplier } = commitment
    const inScope = lines.filter(
      (line) => counts === null || (line.kind === 'charge' && counts.includes(line.id)),
    )
    const key = `${id} ${period.key}`
    const before = counted.get(key) ?? NOUGHT
    const now = add(before, total(inScope.map(({ amount }) => amount)))
    counted.set(key, now)
    const made: Line[] = []
    if (overageMultiplier !== undefined) {
      const beyond = (sum: Rational) => greater(NOUGHT, minus(sum, period.due))
      const excess = minus(beyond(now), beyond(before))
      const amount = mint(times(excess, minus(decimal(overageMultiplier), ONE)), minting)
      made.push({ kind: 'overage', id, amount })
    }
    if (plan.isLast || plan.monthOfTerm + 1 === period.until) {
      const missing = minus(period.due, now)
      if (sign(missing) > 0) made.push({ kind: 'true_up', id, amount: missing })
    }
    return made
  })

/** A grant of the contract, of its trial or of a top-up, with what it has left. */
export interface Purse {
  grant: CreditGrant
  readonly isTrial: boolean
  left: Rational
  hasLapsed?: boolean
}

export interface Settled {
  readonly tax: Rational
  /** What each grant paid, above zero. */
  readonly paid: ReadonlyMap<string, Rational>
  /** What the drawn part of each was bought for. */
  readonly basis: ReadonlyMap<string, Rational>
}

export const pursesOf = (contract: Contract): Purse[] => [
  ...(contract.trial?.kind === 'credit'
    ? [
        {
          grant: {
            id: 'trial',
            name: 'trial',
            amount: contract.trial.amount,
            priority: 0,
            fromDay: contract.startDay,
            expiresDay: writeDay(firstDayOf(monthOfDay(trialEnd(contract) - 1) + 1)),
            scope: null,
            costBasis: '0' as CreditGrant['costBasis'],
          },
          isTrial: true,
          left: decimal(contract.trial.amount),
        },
      ]
    : []),
  ...(contract.credits ?? []).map((grant) => ({ grant, isTrial: false, left: decimal(grant.amount) })),
]

/** What the version of the month grants otherwise: what was drawn stays drawn. */
export const regrant = (purses: Purse[], { credits = [] }: Contract): void => {
  const isTaken = ({ grant, isTrial }: Purse) =>
    !isTrial && !grant.id.startsWith('top-up-') && credits.every(({ id }) => id !== grant.id)
  for (const purse of purses.filter((each) => isTaken(each) && !each.hasLapsed)) {
    const drawn = write(minus(decimal(purse.grant.amount), purse.left)) as CreditGrant['amount']
    purse.grant = { ...purse.grant, amount: drawn }
    purse.left = NOUGHT
  }
  for (const grant of credits) {
    const purse = purses.find((each) => each.grant.id === grant.id)
    if (purse === undefined) {
      purses.push({ grant, isTrial: false, left: decimal(grant.amount) })
      continue
    }
    const more = minus(decimal(grant.amount), decimal(purse.grant.amount))
    purse.left = purse.hasLapsed ? NOUGHT : greater(NOUGHT, add(purse.left, more))
    purse.grant = grant
  }
}

const byOrder = (a: Purse, b: Purse): number => {
  if (a.isTrial !== b.isTrial) return a.isTrial ? -1 : 1
  const never = '9999'
  const [x, y] = [a.grant, b.grant]
  const texts = (p: string, q: string) => (p < q ? -1 : p > q ? 1 : 0)
  return (
    x.priority - y.priority ||
    texts(x.expiresDay ?? never, y.expiresDay ?? never) ||
    texts(x.fromDay, y.fromDay) ||
    texts(x.id, y.id)
  )
}

/** Of all that was drawn so far. */
const basisOf = ({ grant, left }: Purse, minting: Minting): Rational => {
  const amount = decimal(grant.amount)
  if (sign(amount) === 0) return NOUGHT
  return mint(over(times(decimal(grant.costBasis), minus(amount, left)), amount), minting)
}

const isOver = ({ grant }: Purse, day: string) => grant.expiresDay !== null && grant.expiresDay <= day

export const settle = (
  plan: MonthOfContract,
  lines: readonly Line[],
  purses: Purse[],
  minting: Minting,
): Settled => {
  const { contract, settings, month } = plan
  const lastDay = writeDay(firstDayOf(month + 1) - 1)
  const net = total(lines.map(({ amount }) => amount))
  const percent = contract.tax?.kind === 'external' ? decimal(contract.tax.percent) : NOUGHT
  const taxOf = (amount: Rational) => mint(over(times(amount, percent), HUNDRED), minting)
  const isBeforeTax = settings.creditsApply === 'before_tax'
  const fullTax = isBeforeTax ? NOUGHT : taxOf(net)
  const positive = lines.filter(({ amount }) => sign(amount) > 0)
  const shares = shareOut(
    greater(fullTax, NOUGHT),
    positive.map(({ amount }) => amount),
    minting,
  )
  const owed = positive.map(({ amount }, i) => add(amount, shares[i] as Rational))
  let whole = greater(NOUGHT, add(net, fullTax))
  const paid = new Map<string, Rational>()
  const basis = new Map<string, Rational>()
  for (const purse of purses.toSorted(byOrder)) {
    const { grant } = purse
    if (grant.fromDay > lastDay || isOver(purse, lastDay)) continue
    const scope = positive.flatMap((line, i) =>
      grant.scope === null || (line.kind === 'charge' && grant.scope.includes(line.id)) ? [i] : [],
    )
    const lefts = scope.map((i) => owed[i] as Rational)
    const payable = grant.scope === null ? whole : lesser(whole, total(lefts))
    const amount = lesser(purse.left, payable)
    if (sign(amount) <= 0) continue
    const from = shareOut(amount, lefts, minting)
    for (const [at, i] of scope.entries()) owed[i] = minus(owed[i] as Rational, from[at] as Rational)
    const basisBefore = basisOf(purse, minting)
    purse.left = minus(purse.left, amount)
    basis.set(grant.id, minus(basisOf(purse, minting), basisBefore))
    whole = minus(whole, amount)
    paid.set(grant.id, amount)
  }
  const tax = isBeforeTax ? taxOf(minus(net, total(paid.values()))) : fullTax
  return { tax, paid, basis }
}

/** What is over lapses, and is said; the top-up that is bought where little is left, zero where none is. */
export const closePurses = (
  plan: MonthOfContract,
  purses: Purse[],
  minting: Minting,
  issues: Set<string>,
): Rational => {
  const nextDay = writeDay(firstDayOf(plan.month + 1))
  for (const purse of purses) {
    if (sign(purse.left) === 0 || !isOver(purse, nextDay)) continue
    purse.left = NOUGHT
    purse.hasLapsed = true
    issues.add('credit_lapsed')
  }
  return toppedUp(plan, purses, minting)
}

const toppedUp = ({ contract, month }: MonthOfContract, purses: Purse[], minting: Minting): Rational => {
  const { topUp } = contract
  const left = total(purses.map((purse) => purse.left))
  if (!topUp || compare(left, decimal(topUp.threshold)) >= 0) return NOUGHT
  const { expiresMonths } = topUp
  const bought =
    topUp.amount === undefined
      ? mint(minus(decimal(topUp.upTo ?? '0'), left), minting)
      : decimal(topUp.amount)
  purses.push({
    grant: {
      id: `top-up-${writeMonth(month)}`,
      name: 'top-up',
      amount: write(bought) as DecimalText,
      priority: 0,
      fromDay: writeDay(firstDayOf(month + 1)),
      expiresDay: expiresMonths === null ? null : writeDay(firstDayOf(month + 1 + expiresMonths)),
      scope: null,
      costBasis: write(bought) as DecimalText,
    },
    isTrial: false,
    left: bought,
  })
  return bought
}
