/** Random discounts, commitments, grants, ramps and trials of a contract. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type {
  ChargeScope,
  Commitment,
  CreditGrant,
  Discount,
  RampStep,
  TopUp,
  Trial,
} from '../../../src/domain/pricing/contract.ts'
import type { Random } from '../../faults/simulation/random.ts'
import { drawDecimal, drawEdges, FACTORS, text } from './draw-charge.ts'
import { writeDay } from './zone.ts'

export interface Terms {
  readonly random: Random
  readonly ids: readonly string[]
  readonly decimals: number
  /** Days since 1970 of the contract's first day, and the months that are rated. */
  readonly start: number
  readonly months: number
}

export const money = ({ random, decimals }: Terms, end: number): DecimalText =>
  drawDecimal(random, end, decimals)
export const scopeOf = ({ random, ids }: Terms): ChargeScope =>
  random.chance(50) ? null : random.shuffled(ids).slice(0, random.between(1, ids.length))
export const dayIn = ({ random, start, months }: Terms): string => writeDay(start + random.below(months * 31))

export const discountOf = (terms: Terms, i: number): Discount => {
  const { random } = terms
  const base = {
    id: `d${i}`,
    name: `discount ${i}`,
    on: random.chance(30)
      ? ({ kind: 'invoice' } as const)
      : ({ kind: 'charges', chargeIds: scopeOf(terms) } as const),
    ...(random.chance(20) ? { fromDay: dayIn(terms) } : {}),
    ...(random.chance(20) ? { untilDay: dayIn(terms) } : {}),
    ...(random.chance(20) ? { maximumPerMonth: money(terms, 60) } : {}),
    ...(random.chance(20) ? { maximumInAll: money(terms, 120) } : {}),
  }
  const percent = () => random.pick(['10', '5', '33.333', '100', '0', '12.5', '0.1']) as DecimalText
  switch (random.pick(['percent', 'amount', 'spend'] as const)) {
    case 'percent':
      return { ...base, kind: 'percent', percent: percent() }
    case 'amount':
      return {
        ...base,
        kind: 'amount',
        amount: random.chance(80) ? money(terms, 90) : drawDecimal(random, 90, 5),
      }
    case 'spend':
      return {
        ...base,
        kind: 'spend',
        mode: random.pick(['volume', 'graduated']),
        tiers: [...drawEdges(random, random.below(3)), null].map((upTo) => ({ upTo, percent: percent() })),
      }
  }
}

export const commitmentOf = (terms: Terms, i: number): Commitment => ({
  id: `k${i}`,
  name: `commitment ${i}`,
  amount: money(terms, terms.random.pick([50, 900, 5_000])),
  period: terms.random.pick(['month', 'quarter', 'year', 'term']),
  counts: scopeOf(terms),
  ...(terms.random.chance(40)
    ? { overageMultiplier: text(terms.random.pick(['1.5', '2', '0.5', '1', '1.333'])) }
    : {}),
})

export const grantOf = (terms: Terms, i: number): CreditGrant => {
  const { random, start } = terms
  const amount = money(terms, random.pick([20, 500, 5_000]))
  return {
    id: `g${i}`,
    name: `grant ${i}`,
    amount,
    priority: random.below(3),
    fromDay: random.chance(70) ? writeDay(start) : dayIn(terms),
    expiresDay: random.chance(50) ? null : writeDay(start + random.between(1, terms.months * 31)),
    scope: scopeOf(terms),
    costBasis: random.pick([text('0'), amount, money(terms, 900)]),
  }
}

export const topUpOf = (terms: Terms): TopUp => ({
  threshold: money(terms, 100),
  ...(terms.random.chance(50) ? { amount: money(terms, 300) } : { upTo: text('345.678') }),
  expiresMonths: terms.random.pick([null, 1, 3]),
})

export const rampOf = (
  terms: Terms,
  i: number,
  fees: readonly string[],
  commitments: readonly Commitment[],
): RampStep => {
  const { random } = terms
  return {
    fromMonth: 1 + i * random.between(1, 3) + (i === 0 ? random.below(2) : 0),
    ...(random.chance(40) ? { multiplier: text(random.pick(FACTORS)) } : {}),
    ...(random.chance(40) ? { discountPercent: drawDecimal(random, 60, 2) } : {}),
    ...(random.chance(40) && commitments.length > 0
      ? { commitments: { [random.pick(commitments).id]: money(terms, 900) } }
      : {}),
    ...(random.chance(40) && fees.length > 0 ? { fees: { [random.pick(fees)]: money(terms, 300) } } : {}),
  }
}

export const trialOf = (terms: Terms, metered: readonly string[]): Trial | undefined => {
  const { random } = terms
  const days = random.pick([1, 7, 14, 30, 45])
  const kind = random.pick(['days', 'credit', 'usage'] as const)
  if (kind === 'days') return { kind, days }
  if (kind === 'credit') return { kind, days, amount: money(terms, 200) }
  if (metered.length === 0) return undefined
  return { kind, days, quantities: { [random.pick(metered)]: drawDecimal(random, 200, 1) } }
}
