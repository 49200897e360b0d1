/**
 * The second rater of contracts, written from docs/pricing/README.md: month after month from the contract's first, from
 * raw events, with nothing of the program.
 */
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { type Agreed, monthOfContract } from './contract-month.ts'
import { type Carried, type Line, linesOf, type Used } from './lines.ts'
import { mintingOf } from './money.ts'
import { add, decimal, minus, type Rational, sign, total } from './rational.ts'
import { commitmentLines, pursesOf, type Settled, settle } from './settlement.ts'
import { monthOfDay, readDay, writeMonth } from './zone.ts'

export interface ContractQuestion extends Agreed, Used {
  /** How many months from the contract's first. */
  readonly months: number
}

export interface MonthAnswer extends Settled {
  readonly month: string
  /** Lines of zero, but those of charges, left out. */
  readonly lines: readonly Line[]
  readonly net: Rational
  readonly due: Rational
  /** What grants have left, by their ids. */
  readonly credits: ReadonlyMap<string, Rational>
}

export const answerContract = (asked: ContractQuestion): readonly MonthAnswer[] => {
  const first = asked.contracts[0] as Contract
  const trial = first.trial?.kind === 'usage' ? first.trial.quantities : {}
  const carried: Carried = {
    lots: new Map(),
    terms: new Map(),
    discounts: new Map(),
    trialUnits: new Map(Object.entries(trial).map(([id, units]) => [id, decimal(units)])),
  }
  const counted = new Map<string, Rational>()
  const purses = pursesOf(first)
  const firstMonth = monthOfDay(readDay(first.startDay))
  return Array.from({ length: asked.months }, (_, i) => {
    const plan = monthOfContract(asked, firstMonth + i)
    const minting = mintingOf(plan.contract.currency ?? asked.card.currency, plan.settings.rounding)
    const charged = linesOf(asked, asked, plan, carried, minting)
    const lines = [...charged, ...commitmentLines(asked, plan, charged, counted, minting)]
    const settled = settle(plan, lines, purses, minting)
    const net = total(lines.map(({ amount }) => amount))
    return {
      ...settled,
      month: writeMonth(plan.month),
      lines: lines.filter(({ kind, amount }) => kind === 'charge' || sign(amount) !== 0),
      net,
      due: minus(add(add(net, settled.tax), settled.topUp), total(settled.paid.values())),
      credits: new Map(purses.map(({ grant, left }) => [grant.id, left])),
    }
  })
}
