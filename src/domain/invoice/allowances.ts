/** Billed units that cost nothing: carried over, given once a term, shared by a pool, or of a trial. */
import { Decimal, type DecimalText, less, sumDecimals, ZERO } from '../decimal.ts'
import { addMonths, type Month } from '../period.ts'
import type { Allowance, Charge } from '../pricing/ratecard.ts'
import { monthsFrom, termOn, trialEndOf } from '../pricing/term.ts'
import type { ContractBalances } from './invoice.ts'
import type { ChargeInMonth } from './line.ts'
import { type ChargePart, type ContractMonth, shareOf } from './plan.ts'

const positive = (value: DecimalText): DecimalText => (value.startsWith('-') ? ZERO : value)
const smaller = (a: DecimalText, b: DecimalText): DecimalText => (new Decimal(a).lt(b) ? a : b)

const includedOf = (charge: Charge): Allowance | undefined =>
  'included' in charge ? charge.included : undefined

const keyOf = (charge: Charge, { pool }: Allowance): string =>
  pool === undefined ? charge.id : `pool:${pool}`

/** What a pool's first charge states; the charge's own without a pool. */
const statedBy = (part: ChargePart, allowance: Allowance): Allowance => {
  if (allowance.pool === undefined) return allowance
  const first = part.segment.version.charges.map(includedOf).find((each) => each?.pool === allowance.pool)
  return first ?? allowance
}

interface Stock {
  readonly stated: Allowance
  /** What the month, or the term, gives. */
  readonly own: DecimalText
  readonly used: DecimalText
}

export interface Allowances {
  /** What is left for a part of a charge; undefined where it has nothing included. */
  readonly leftFor: (part: ChargePart) => DecimalText | undefined
  /** Notes what a charge took, over all its parts. */
  readonly take: (charge: ChargeInMonth, used: DecimalText) => void
  /** What the month hands on. */
  readonly close: () => Pick<ContractBalances, 'allowances' | 'stocks'>
}

/** The allowances of a month; charges take from them in their order, for pools. */
export const openAllowances = (plan: ContractMonth, opening: ContractBalances | null): Allowances => {
  const { month, held, contract } = plan
  const firstDay = plan.rated[0]?.startDay ?? `${month}-01`
  const termStart = contract === null ? `${month}-01` : termOn(contract, firstDay).startDay
  const stocks = new Map<string, Stock>()
  const lotsOf = (key: string, { rollOver }: Allowance) =>
    (opening?.allowances ?? []).filter(
      (lot) => lot.key === key && rollOver !== undefined && monthsFrom(lot.month, month) <= rollOver.months,
    )
  const carriedOf = (key: string, allowance: Allowance) =>
    sumDecimals(lotsOf(key, allowance).map(({ left }) => left))
  const ownOf = (key: string, stated: Allowance): DecimalText => {
    if (stated.per === 'month') return shareOf(stated.quantity, held)
    const kept = opening?.stocks?.find((stock) => stock.key === key && stock.termStart === termStart)
    return kept?.left ?? stated.quantity
  }
  const stockOf = (part: ChargePart) => {
    const allowance = includedOf(part.charge)
    if (allowance === undefined) return null
    const key = keyOf(part.charge, allowance)
    const stated = statedBy(part, allowance)
    return { key, stated, own: ownOf(key, stated) }
  }
  return {
    leftFor: (part) => {
      const stock = stockOf(part)
      if (stock === null) return undefined
      const used = stocks.get(stock.key)?.used ?? ZERO
      return positive(less(sumDecimals([stock.own, carriedOf(stock.key, stock.stated)]), used))
    },
    take: (charge, used) => {
      // What is stated last in the month is what is carried on from.
      const last = charge.parts.map(stockOf).findLast((stock) => stock !== null)
      if (last === undefined || last === null) return
      const before = stocks.get(last.key)?.used ?? ZERO
      stocks.set(last.key, { ...last, used: sumDecimals([before, positive(used)]) })
    },
    close: () => {
      // A charge that the month does not have keeps what it has left, of the term and of months before.
      const allowances = (opening?.allowances ?? []).filter(({ key }) => !stocks.has(key))
      const kept = (opening?.stocks ?? []).filter(
        (stock) => stock.termStart === termStart && !stocks.has(stock.key),
      )
      for (const [key, { stated, own, used }] of stocks) {
        if (stated.per === 'term') {
          kept.push({ key, termStart, left: positive(less(own, used)) })
          continue
        }
        if (stated.rollOver === undefined) continue
        allowances.push(
          ...carriedOn([...lotsOf(key, stated), { key, month, left: own }], used, stated.rollOver, month),
        )
      }
      return {
        ...(allowances.length === 0 ? {} : { allowances }),
        ...(kept.length === 0 ? {} : { stocks: kept }),
      }
    },
  }
}

type Lot = { readonly key: string; readonly month: Month; readonly left: DecimalText }

/** What lots, oldest first, have left after a use, as far as the next month may still use them. */
const carriedOn = (
  lots: readonly Lot[],
  used: DecimalText,
  { months, maximum }: NonNullable<Allowance['rollOver']>,
  month: Month,
): readonly Lot[] => {
  let open = used
  const left = [...lots]
    .sort((a, b) => a.month.localeCompare(b.month))
    .map((lot) => {
      const taken = smaller(open, lot.left)
      open = less(open, taken)
      return { ...lot, left: less(lot.left, taken) }
    })
    .filter((lot) => lot.left !== ZERO && monthsFrom(lot.month, addMonths(month, 1)) <= months)
  if (maximum === null) return left
  let excess = positive(less(sumDecimals(left.map((lot) => lot.left)), maximum))
  return left
    .map((lot) => {
      const lapsed = smaller(excess, lot.left)
      excess = less(excess, lapsed)
      return { ...lot, left: less(lot.left, lapsed) }
    })
    .filter((lot) => lot.left !== ZERO)
}

/**
 * Units of a trial that each charge has left. All of them are handed on, those that are used up too: what the opening
 * does not name would be given again.
 */
export const openTrialUnits = (
  plan: ContractMonth,
  opening: ContractBalances | null,
): Map<string, DecimalText> => {
  const trial = plan.contract?.trial
  if (trial?.kind !== 'usage') return new Map()
  const kept = new Map(opening?.trial?.map(({ chargeId, left }) => [chargeId, left]))
  return new Map(
    Object.entries(trial.quantities).map(([chargeId, units]) => [chargeId, kept.get(chargeId) ?? units]),
  )
}

/** Whether a part's days are those of a trial of usage. */
export const isOnUsageTrial = ({ segment }: ChargePart): boolean =>
  segment.contract?.trial?.kind === 'usage' && segment.startDay < trialEndOf(segment.contract)
