/** What versions change: charges at other prices or of other kinds, grants, taxes, amendments from a day on. */
import type { Contract, CreditGrant, Tax } from '../../../src/domain/pricing/contract.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { Random } from '../../faults/simulation/random.ts'
import { drawSettings } from './draw-case.ts'
import { drawCharge, drawDecimal, FACTORS, text } from './draw-charge.ts'
import { commitmentOf, discountOf, grantOf, money, type Terms, topUpOf } from './draw-terms.ts'
import { writeDay } from './zone.ts'

/** Charges have metrics of their own, so that each can be put on its edges; some are of another's, too. */
export const ownNames = <T>(value: T, own: string): T =>
  JSON.parse(
    JSON.stringify(value).replace(/\b([mn])(?=[.-](sum|max|last|unique|level|dash))/g, `${own}$1`),
  ) as T

const PRICES = new Set(['unitAmount', 'amount', 'percent', 'flatAmount'])

/** The same charge at other prices: edges, units and what is included stay. */
export const repriced = <T>(random: Random, value: T): T =>
  JSON.parse(JSON.stringify(value), (key, inner) =>
    PRICES.has(key) && typeof inner === 'string' ? drawDecimal(random, random.pick([1, 10, 90]), 4) : inner,
  ) as T

/** Included units of a month alone: what versions that differ in them make of a stock that goes on, the rules do not say. */
const hasNoStock = (charge: Charge): boolean => {
  const included = 'included' in charge ? charge.included : undefined
  return included === undefined || (included.per === 'month' && !included.rollOver && !included.pool)
}

/** Another charge in its place, that asks for the same metric: other kinds, edges, filters, units, included units. */
export const replaced = (random: Random, charge: Charge, own: string): Charge => {
  if (!('metric' in charge) || !hasNoStock(charge)) return charge
  for (let tries = 0; tries < 12; tries++) {
    const other = ownNames(drawCharge(random, charge.id).charge, own)
    const isAlike = 'metric' in other && other.metric === charge.metric && hasNoStock(other)
    if (isAlike) return other
  }
  return charge
}

/** Another amount of each grant, and now and then one more or one less, which may come back. */
const regranted = (terms: Terms, contract: Contract): readonly CreditGrant[] => {
  const { random } = terms
  const grants = contract.credits ?? []
  const kept = grants.filter(() => random.chance(80))
  return [
    ...kept.map((grant) => (random.chance(50) ? { ...grant, amount: money(terms, 900) } : grant)),
    ...['g0', 'g more'].flatMap((id) =>
      random.chance(40) && kept.every((grant) => grant.id !== id) ? [{ ...grantOf(terms, 0), id }] : [],
    ),
  ]
}

export const taxOf = (random: Random): Tax =>
  random.chance(85)
    ? { kind: 'external', name: 'VAT', percent: text(random.pick(['19', '7.7', '8.875', '0'])) }
    : { kind: random.pick(['none', 'stripe']) }

/** Versions that change, from a day on, what may change within a month, and what is the month's. */
export const amendmentsOf = (
  terms: Terms,
  contract: Contract,
  charges: readonly Charge[],
  end: number | null,
  pins: readonly number[],
): readonly Contract[] => {
  const { random, ids, start, months } = terms
  const day = start + random.between(1, months * 28)
  if (random.chance(60) || (end !== null && day >= end)) return []
  const { charges: _, multipliers: __, ...rest } = contract
  const amended: Contract = {
    ...rest,
    amendment: { effectiveDay: writeDay(day), note: 'drawn' },
    discountPercent: text(random.pick(['0', '15', '7.5'])),
    chargeDiscounts: random.chance(25) ? { [random.pick(ids)]: drawDecimal(random, 100, 3) } : {},
    ...(random.chance(50)
      ? { multipliers: { [random.pick([...ids, '*'])]: text(random.pick(FACTORS)) } }
      : {}),
    ...(random.chance(40) ? { charges: [repriced(random, random.pick(charges))] } : {}),
    ...(random.chance(30) && contract.ramp ? { ramp: [{ fromMonth: 1, multiplier: text('0.8') }] } : {}),
    ...(random.chance(30) ? { uplift: { percent: text('4'), everyMonths: 1 } } : {}),
    ...(random.chance(20)
      ? { freeMonths: [random.between(1, 3)] }
      : contract.freeMonths
        ? { freeMonths: contract.freeMonths }
        : {}),
    ...(random.chance(20) ? { discounts: [{ ...discountOf(terms, 0), id: `discount from ${day}` }] } : {}),
    ...(random.chance(20)
      ? { commitments: [{ ...commitmentOf(terms, 0), id: `commitment from ${day}` }] }
      : {}),
    ...(random.chance(20) ? { settings: drawSettings(random) } : {}),
    ...(random.chance(20) ? { tax: { kind: 'external', name: 'VAT', percent: text('21') } } : {}),
    invoiceMinimum: money(terms, 300),
    ...(random.chance(15) ? { rateCardVersion: random.pick(pins) } : {}),
    ...(random.chance(20) && contract.trial?.kind === 'days'
      ? { trial: { kind: 'days', days: random.pick([3, 14, 40]) } }
      : {}),
    ...(random.chance(30) ? { topUp: topUpOf(terms) } : {}),
    ...(random.chance(30) ? { credits: regranted(terms, contract) } : {}),
    ...(random.chance(15) ? { rateCardId: random.pick(['card', 'other card']) } : {}),
    ...(end !== null && random.chance(20) ? { endDay: writeDay(end + random.between(1, 40)) } : {}),
  }
  return [amended, ...amendmentsOf(terms, amended, charges, end, pins)]
}
