/**
 * The second rater of contracts, written from docs/pricing/README.md: month after month from the contract's first, from
 * raw events, with nothing of the program.
 */
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { byAddress } from './addresses.ts'
import { type Agreed, monthOfContract } from './contract-month.ts'
import { type Carried, type Line, linesOf, type Used } from './lines.ts'
import { mintingOf } from './money.ts'
import { add, decimal, minus, NOUGHT, type Rational, sign, total } from './rational.ts'
import { closePurses, commitmentLines, pursesOf, regrant, type Settled, settle } from './settlement.ts'
import { monthOfDay, readDay, writeMonth } from './zone.ts'

export interface ContractQuestion extends Agreed, Used {
  /** How many months from the contract's first. */
  readonly months: number
}

export interface InvoiceAnswer extends Settled {
  /** Of the contract's several invoices; null where it has one. */
  readonly address: string | null
  /** Lines of zero, but those of charges, left out. */
  readonly lines: readonly Line[]
  readonly topUp: Rational
  readonly net: Rational
  readonly due: Rational
}

export interface MonthAnswer {
  readonly month: string
  readonly invoices: readonly InvoiceAnswer[]
  /** What grants have left, by their ids. */
  readonly credits: ReadonlyMap<string, Rational>
  /** What is to be said, by name. */
  readonly issues: ReadonlySet<string>
}

/** Without what was written before a version that amends nothing. */
const inForce = (written: ContractQuestion): ContractQuestion => ({
  ...written,
  contracts: written.contracts.slice(
    Math.max(
      0,
      written.contracts.findLastIndex(({ amendment }) => amendment === undefined),
    ),
  ),
})

export const answerContract = (written: ContractQuestion): readonly MonthAnswer[] => {
  const asked = inForce(written)
  const first = asked.contracts[0] as Contract
  const trial = first.trial?.kind === 'usage' ? first.trial.quantities : {}
  const carried: Carried = {
    lots: new Map(),
    terms: new Map(),
    discounts: new Map(),
    issues: new Set(),
    accrued: new Map(),
    trialUnits: new Map(Object.entries(trial).map(([id, units]) => [id, decimal(units)])),
  }
  const counted = new Map<string, Rational>()
  const purses = pursesOf(first)
  const firstMonth = monthOfDay(readDay(first.startDay))
  return Array.from({ length: asked.months }, (_, i) => {
    const plan = monthOfContract(asked, firstMonth + i)
    const minting = mintingOf(plan.contract.currency ?? asked.card.currency, plan.settings.rounding)
    carried.issues.clear()
    regrant(purses, plan.contract)
    const charged = linesOf(asked, asked, plan, carried, minting)
    const lines = [...charged, ...commitmentLines(asked, plan, charged, counted, minting)]
    const settled = byAddress(plan.contract, lines, minting).map((part) => ({
      ...part,
      ...settle(plan, part.lines, purses, minting),
    }))
    const bought = closePurses(plan, purses, minting, carried.issues)
    if (lines.some(({ kind }) => kind === 'true_up')) carried.issues.add('below_commitment')
    const invoices = settled.map((part, at): InvoiceAnswer => {
      const net = total(part.lines.map(({ amount }) => amount))
      const topUp = at === 0 ? bought : NOUGHT
      return {
        ...part,
        topUp,
        lines: part.lines.filter(({ kind, amount }) => kind === 'charge' || sign(amount) !== 0),
        net,
        due: minus(add(add(net, part.tax), topUp), total(part.paid.values())),
      }
    })
    return {
      month: writeMonth(plan.month),
      invoices,
      credits: new Map(purses.map(({ grant, left }) => [grant.id, left])),
      issues: new Set(carried.issues),
    }
  })
}
