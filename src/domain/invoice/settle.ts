/** What turns net into due: tax, prepaid credit, top-ups. None of it is revenue. */
import {
  Decimal,
  type DecimalText,
  decimalsOf,
  integerToDecimal,
  less,
  negateDecimal,
  sumDecimals,
  toDecimalText,
  ZERO,
} from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { minorUnits, roundToMinor } from '../money.ts'
import { addDays, addMonths, addMonthsToDay, toMonth } from '../period.ts'
import type { Contract, CreditGrant } from '../pricing/contract.ts'
import { toScaled } from '../pricing/exact.ts'
import { formatAmount } from '../pricing/format.ts'
import { trialEndOf } from '../pricing/term.ts'
import { splitExactly } from '../split.ts'
import { isInScope, shareByAmounts } from './discounts.ts'
import type { ContractBalances, CreditBalance, InvoiceLine, SettlementLine } from './invoice.ts'
import { roundingStep } from './line.ts'
import type { ContractMonth } from './plan.ts'

const positive = (value: DecimalText): DecimalText => (value.startsWith('-') ? ZERO : value)
const smallest = (...values: readonly DecimalText[]): DecimalText =>
  values.reduce((a, b) => (new Decimal(b).lt(a) ? b : a))

const TRIAL = 'trial'

/** A trial's credit holds in every month that has a day of the trial. */
const trialGrant = (contract: Contract): readonly CreditGrant[] => {
  const { trial, startDay } = contract
  if (trial?.kind !== 'credit') return []
  const lastMonth = toMonth(addDays(trialEndOf(contract), -1).slice(0, 7))
  return [
    {
      id: TRIAL,
      name: 'Trial credit',
      amount: trial.amount,
      priority: Number.MIN_SAFE_INTEGER,
      fromDay: startDay,
      expiresDay: `${addMonths(lastMonth, 1)}-01`,
      scope: null,
      costBasis: ZERO,
    },
  ]
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const inOrder = (a: CreditGrant, b: CreditGrant): number =>
  a.priority - b.priority ||
  compare(a.expiresDay ?? '~', b.expiresDay ?? '~') ||
  compare(a.fromDay, b.fromDay) ||
  compare(a.id, b.id)

/** A grant with what it has left. */
export interface OpenGrant {
  readonly grant: CreditGrant
  readonly left: DecimalText
  readonly lapsed: DecimalText
}

/** All grants of a contract as a month finds them, in the order in which they pay. */
export const openGrants = (
  contract: Contract | null,
  opening: ContractBalances | null,
): readonly OpenGrant[] =>
  contract === null
    ? []
    : [...trialGrant(contract), ...(contract.credits ?? []), ...(opening?.topUps ?? [])]
        .sort(inOrder)
        .map((grant) => {
          const kept = opening?.credits?.find(({ grantId }) => grantId === grant.id)
          const lapsed = kept?.lapsed ?? ZERO
          // An amendment may have changed what was granted; what was drawn stays drawn.
          const left =
            kept === undefined
              ? grant.amount
              : lapsed !== ZERO
                ? ZERO
                : positive(sumDecimals([kept.left, grant.amount, negateDecimal(kept.amount)]))
          return { grant, left, lapsed }
        })

const isInForce = ({ fromDay, expiresDay }: CreditGrant, day: string): boolean =>
  fromDay <= day && (expiresDay === null || day < expiresDay)

export interface Settled {
  readonly lines: readonly SettlementLine[]
  readonly due: DecimalText
  readonly grants: readonly OpenGrant[]
}

type Payable = Pick<InvoiceLine, 'kind' | 'chargeId' | 'amount'>

const taxLine = (plan: ContractMonth, contract: Contract, base: DecimalText): SettlementLine | null => {
  const { tax } = contract
  if (tax?.kind !== 'external') return null
  const { currency, rounding } = plan
  const exact = toDecimalText(new Decimal(base).times(tax.percent).div(100))
  const step = roundingStep(exact, currency, rounding)
  return {
    kind: 'tax',
    id: tax.name,
    contractId: contract.id,
    description: `${tax.name} ${tax.percent} %`,
    amount: roundToMinor(exact, currency, rounding),
    steps: [
      {
        kind: 'tax',
        text: `${tax.name}: ${tax.percent} % of ${formatAmount(base, currency)}`,
        amount: exact,
      },
      ...(step === null ? [] : [step]),
    ],
  }
}

/** An amount of any sign by weights, of the minor unit; nothing where no weight is positive. */
const splitByAmounts = (total: DecimalText, amounts: readonly DecimalText[], currency: string) => {
  const weights = amounts.map(positive)
  if (weights.every((weight) => weight === ZERO)) return amounts.map(() => ZERO)
  const scale = Math.max(...weights.map(decimalsOf))
  const minor = minorUnits(currency)
  return splitExactly(
    toScaled(total, minor),
    weights.map((weight) => toScaled(weight, scale)),
  ).map((part) => integerToDecimal(part, minor))
}

/** What a drawn part was bought for: shares of the whole, so that a grant drawn in full has cost its basis. */
const basisOf = (
  { amount, costBasis }: CreditGrant,
  drawn: DecimalText,
  { currency, rounding }: ContractMonth,
): DecimalText =>
  amount === ZERO
    ? ZERO
    : roundToMinor(new Decimal(costBasis).times(drawn).div(amount).toDecimalPlaces(20), currency, rounding)

const drawnOf = ({ grant, left, lapsed }: OpenGrant): DecimalText =>
  sumDecimals([grant.amount, negateDecimal(left), negateDecimal(lapsed)])

/**
 * Draws on the grants, in their order, for what the lines and their tax come to.
 * @param day the service month's last day.
 */
const draw = (
  plan: ContractMonth,
  contract: Contract,
  grants: readonly OpenGrant[],
  lines: readonly Payable[],
  tax: DecimalText,
  day: string,
): Pick<Settled, 'lines' | 'grants'> => {
  const { currency } = plan
  const amounts = lines.map(({ amount }) => amount)
  const taxes = splitByAmounts(tax, amounts, currency)
  let open = amounts.map((amount, index) => positive(sumDecimals([positive(amount), taxes[index] ?? ZERO])))
  let due = positive(sumDecimals([...amounts, tax]))
  const drawn: SettlementLine[] = []
  const after = grants.map((each): OpenGrant => {
    const { grant, left } = each
    if (!isInForce(grant, day) || left === ZERO || due === ZERO) return each
    const inScope = open.map((amount, index) => {
      const line = lines[index]
      const isPayable =
        grant.scope === null || (line?.kind === 'charge' && isInScope(grant.scope, line.chargeId))
      return isPayable ? amount : ZERO
    })
    const paid = smallest(left, due, grant.scope === null ? due : sumDecimals(inScope))
    if (paid === ZERO) return each
    const shares = shareByAmounts(paid, inScope, currency)
    open = open.map((amount, index) => less(amount, shares[index] ?? ZERO))
    due = less(due, paid)
    const now: OpenGrant = { ...each, left: less(left, paid) }
    drawn.push({
      kind: 'credit',
      id: grant.id,
      contractId: contract.id,
      description: `${grant.name}: credit applied`,
      amount: negateDecimal(paid),
      steps: [
        {
          kind: 'credit',
          text: `${formatAmount(paid, currency)} of ${formatAmount(left, currency)} left of ${grant.name}${grant.expiresDay === null ? '' : `, which expires on ${grant.expiresDay}`}`,
          amount: negateDecimal(paid),
        },
      ],
      costBasis: less(basisOf(grant, drawnOf(now), plan), basisOf(grant, drawnOf(each), plan)),
    })
    return now
  })
  return { lines: drawn, grants: after }
}

/** Tax and credits of one invoice's lines; the grants come back as it leaves them. */
export const settle = (
  plan: ContractMonth,
  lines: readonly Payable[],
  grants: readonly OpenGrant[],
  day: string,
): Settled => {
  const { contract, settings } = plan
  const net = sumDecimals(lines.map(({ amount }) => amount))
  if (contract === null) return { lines: [], due: net, grants }
  const isBefore = settings.creditsApply === 'before_tax'
  if (isBefore) {
    const credits = draw(plan, contract, grants, lines, ZERO, day)
    const left = sumDecimals([net, ...credits.lines.map(({ amount }) => amount)])
    const tax = taxLine(plan, contract, left)
    return {
      lines: [...credits.lines, ...(tax === null ? [] : [tax])],
      due: sumDecimals([left, tax?.amount ?? ZERO]),
      grants: credits.grants,
    }
  }
  const tax = taxLine(plan, contract, net)
  const credits = draw(plan, contract, grants, lines, tax?.amount ?? ZERO, day)
  const settled = [...(tax === null ? [] : [tax]), ...credits.lines]
  return {
    lines: settled,
    due: sumDecimals([net, ...settled.map(({ amount }) => amount)]),
    grants: credits.grants,
  }
}

export interface Closed {
  readonly topUp: SettlementLine | null
  readonly balances: Pick<ContractBalances, 'credits' | 'topUps'>
  readonly issues: readonly Issue[]
}

/** The credit that is bought where `left` is below the threshold; null where it is not. */
const boughtIn = (
  { currency, month, rounding }: ContractMonth,
  { topUp }: Contract,
  left: DecimalText,
): CreditGrant | null => {
  if (topUp === undefined || new Decimal(left).gte(topUp.threshold)) return null
  const fromDay = `${addMonths(month, 1)}-01`
  const amount = topUp.amount ?? roundToMinor(less(topUp.upTo ?? ZERO, left), currency, rounding)
  return {
    id: `top-up-${month}`,
    name: `Top-up of ${month}`,
    amount,
    priority: 0,
    fromDay,
    expiresDay: topUp.expiresMonths === null ? null : addMonthsToDay(fromDay, topUp.expiresMonths),
    scope: null,
    costBasis: amount,
  }
}

/** Grants that an amendment took away: of what was drawn alone, so that one which comes back is not granted twice. */
const withdrawn = (opening: ContractBalances | null, ids: ReadonlySet<string>): readonly CreditBalance[] =>
  (opening?.credits ?? [])
    .filter(({ grantId }) => !ids.has(grantId))
    .map((each) =>
      each.lapsed === undefined ? { ...each, amount: less(each.amount, each.left), left: ZERO } : each,
    )

/** Lapses what is over, buys a top-up where little is left, and says what each grant has left. */
export const closeCredits = (
  plan: ContractMonth,
  grants: readonly OpenGrant[],
  opening: ContractBalances | null,
  day: string,
): Closed => {
  const { contract, currency } = plan
  if (contract === null) return { topUp: null, balances: {}, issues: [] }
  const issues: Issue[] = []
  const next = addDays(day, 1)
  const closed = grants.map((each): OpenGrant => {
    const { grant, left } = each
    if (left === ZERO || grant.expiresDay === null || grant.expiresDay > next) return each
    issues.push({
      severity: 'warning',
      code: 'credit_lapsed',
      message: `${formatAmount(left, currency)} ${currency} of ${grant.name} (contract ${contract.id}) were left when it expired on ${grant.expiresDay}: they lapse.`,
    })
    return { grant, left: ZERO, lapsed: left }
  })
  const left = sumDecimals(closed.map((each) => each.left))
  const bought = boughtIn(plan, contract, left)
  const description = `Top-up of prepaid credit`
  const topUps = [...(opening?.topUps ?? []), ...(bought === null ? [] : [bought])]
  const all = [...closed, ...(bought === null ? [] : [{ grant: bought, left: bought.amount, lapsed: ZERO }])]
  const credits = [
    ...all.map(
      ({ grant: { id, amount }, left: kept, lapsed }): CreditBalance => ({
        grantId: id,
        amount,
        left: kept,
        ...(lapsed === ZERO ? {} : { lapsed }),
      }),
    ),
    ...withdrawn(opening, new Set(all.map(({ grant: { id } }) => id))),
  ]
  return {
    topUp:
      bought === null
        ? null
        : {
            kind: 'top_up',
            id: bought.id,
            contractId: contract.id,
            description,
            amount: bought.amount,
            steps: [
              {
                kind: 'credit',
                text: `${formatAmount(left, currency)} left, below ${formatAmount(contract.topUp?.threshold ?? ZERO, currency)}: ${formatAmount(bought.amount, currency)} bought`,
                amount: bought.amount,
              },
            ],
          },
    balances: {
      ...(credits.length === 0 ? {} : { credits }),
      ...(topUps.length === 0 ? {} : { topUps }),
    },
    issues,
  }
}
