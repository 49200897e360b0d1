/** Included units from month to month: what rolls over, what is given once for the term, and pools. */
import type { Allowance, Charge } from '../../../src/domain/pricing/ratecard.ts'
import { shareOfDays } from './fees.ts'
import { decimal, lesser, minus, type Rational, sign, total } from './rational.ts'

interface Lot {
  readonly month: number
  readonly left: Rational
}

/** Carried to the next month, by charge or pool; what is for a term, by its first day too. */
export interface Stocks {
  readonly lots: Map<string, readonly Lot[]>
  readonly terms: Map<string, Rational>
}

interface Opened {
  readonly stated: Allowance
  /** The oldest first; a term's stock is one lot. */
  lots: readonly Lot[]
}

export const allowanceOf = (charge: Charge): Allowance | undefined =>
  'included' in charge ? charge.included : undefined

const keyOf = (charge: Charge): string => {
  const pool = allowanceOf(charge)?.pool
  return pool === undefined ? charge.id : `pool:${pool}`
}

/** The stocks that a month's charges draw on, in their order; `held` are the contract's days. */
export const openMonth = (
  stocks: Stocks,
  month: number,
  held: readonly [number, number],
  days: number,
  termStart: number,
) => {
  const ofTerm = (key: string) => `${key} ${termStart}`
  const opened = new Map<string, Opened>()
  const open = (charge: Charge): Opened | null => {
    const stated = allowanceOf(charge)
    if (!stated) return null
    const key = keyOf(charge)
    const known = opened.get(key)
    if (known) return known
    const quantity = decimal(stated.quantity)
    const own = shareOfDays(quantity, held[0], held[1] - held[0], days)
    const lots =
      stated.per === 'term'
        ? [{ month: 0, left: stocks.terms.get(ofTerm(key)) ?? quantity }]
        : [...young(stated, stocks.lots.get(key) ?? [], month), { month, left: own }]
    const fresh = { stated, lots }
    opened.set(key, fresh)
    return fresh
  }
  return {
    left: (charge: Charge): Rational => {
      const stated = allowanceOf(charge)
      // What goes no further is as much as the version that prices the days says.
      if (stated?.per === 'month' && !stated.pool && !stated.rollOver)
        return shareOfDays(decimal(stated.quantity), held[0], held[1] - held[0], days)
      return total(open(charge)?.lots.map(({ left }) => left) ?? [])
    },
    use: (charge: Charge, units: Rational) => {
      const stock = open(charge)
      if (!stock) return
      let rest = units
      stock.lots = stock.lots.map(({ month: of, left }) => {
        const used = lesser(left, rest)
        rest = minus(rest, used)
        return { month: of, left: minus(left, used) }
      })
    },
    close: () => {
      for (const [key, { stated, lots }] of opened) {
        if (stated.per === 'term') stocks.terms.set(ofTerm(key), total(lots.map(({ left }) => left)))
        else stocks.lots.set(key, carried(stated, lots, month + 1))
      }
    },
  }
}

/** Lots that are not too old, also where the months between had no such charge. */
const young = ({ rollOver }: Allowance, lots: readonly Lot[], month: number): readonly Lot[] =>
  lots.filter((lot) => rollOver !== undefined && lot.month + rollOver.months >= month)

/** What goes on into a month: not what is too old, and of the rest the newest up to the maximum. */
const carried = ({ rollOver }: Allowance, lots: readonly Lot[], into: number): readonly Lot[] => {
  if (!rollOver) return []
  let room = rollOver.maximum === null ? null : decimal(rollOver.maximum)
  const kept: Lot[] = []
  for (const lot of lots.toReversed()) {
    if (lot.month + rollOver.months < into) continue
    const left = room === null ? lot.left : lesser(lot.left, room)
    if (room !== null) room = minus(room, left)
    if (sign(left) > 0) kept.unshift({ month: lot.month, left })
  }
  return kept
}
