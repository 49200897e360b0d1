import type { Metric } from '../../../src/domain/metric.ts'
import type { BillTo, Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard, RateCardVersion } from '../../../src/domain/pricing/ratecard.ts'
import { type Random, randomFrom } from '../../faults/simulation/random.ts'
import type { ContractQuestion } from './contract.ts'
import { CURRENCIES, drawSettings } from './draw-case.ts'
import { drawCharge, drawDecimal, FACTORS, text } from './draw-charge.ts'
import { commitmentOf, discountOf, grantOf, money, rampOf, type Terms, trialOf } from './draw-terms.ts'
import { drawEvents, METRICS, ZONES } from './draw-usage.ts'
import { mintingOf } from './money.ts'
import type { ContractCase } from './product-contract.ts'
import { daysIn, firstDayOf, monthOfDay, readDay, readMonth, writeDay, writeMonth } from './zone.ts'

/** Every charge has metrics of its own, so that each can be put on its edges. */
const ownNames = <T>(value: T, own: string): T =>
  JSON.parse(
    JSON.stringify(value).replace(/\b([mn])(?=[.-](sum|max|last|unique|level|dash))/g, `${own}$1`),
  ) as T

const PRICES = new Set(['unitAmount', 'amount', 'percent', 'flatAmount'])

/** The same charge at other prices: edges, units and what is included stay. */
const repriced = <T>(random: Random, value: T): T =>
  JSON.parse(JSON.stringify(value), (key, inner) =>
    PRICES.has(key) && typeof inner === 'string' ? drawDecimal(random, random.pick([1, 10, 90]), 4) : inner,
  ) as T

/** What a pool holds where the charge that states it is dropped within a month, the rules do not say. */
const isPooled = (charge: Charge): boolean => 'included' in charge && charge.included?.pool !== undefined

/** Charges of which a part of a month's usage can be free on a trial. */
const takesUnits = (charge: Charge): boolean =>
  !['flat_fee', 'cost_plus', 'percentage', 'dynamic', 'formula'].includes(charge.kind)

/** Pools, roll-over: of included units where there are any. */
const withStocks = (random: Random, charges: readonly Charge[]): Charge[] =>
  charges.map((charge) => {
    if (!('included' in charge) || !charge.included) return charge
    const { included } = charge
    return {
      ...charge,
      included: {
        ...included,
        ...(included.per === 'month' && random.chance(60)
          ? {
              rollOver: {
                months: random.between(1, 3),
                maximum: random.chance(50) ? null : drawDecimal(random, 60, 1),
              },
            }
          : {}),
        ...(random.chance(40) ? { pool: 'pool' } : {}),
      },
    }
  })

/** Versions that change, from a day on, what may change within a month, and what is the month's. */
const amendmentsOf = (
  terms: Terms,
  contract: Contract,
  charges: readonly Charge[],
  end: number | null,
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
    ...(random.chance(15) ? { rateCardVersion: 1 } : {}),
    ...(end !== null && random.chance(20) ? { endDay: writeDay(end + random.between(1, 40)) } : {}),
  }
  return [amended, ...amendmentsOf(terms, amended, charges, end)]
}

/** What two contracts on one invoice have in common. */
interface Common {
  readonly timeZone: string
  readonly currency: string
  /** Not the card's own; null where it is. */
  readonly other: string | null
  readonly firstMonth: number
}

const commonOf = (random: Random): Common => {
  const timeZone = random.pick(ZONES)
  const currency = random.pick(CURRENCIES)
  const firstMonth = readMonth(random.pick(['2026-01', '2026-02', '2027-11', '2026-08', '2027-03']))
  const other = random.chance(20) ? (currency === 'EUR' ? 'USD' : 'EUR') : null
  return { timeZone, currency, other, firstMonth }
}

/** Two invoices: every charge is on one of them, or on none and so on the first. */
const addressesOf = ({ random, ids }: Terms): readonly BillTo[] => {
  const shuffled = random.shuffled(ids)
  const [from, until] = [random.below(ids.length + 1), random.below(ids.length + 1)].toSorted((a, b) => a - b)
  return [
    { id: 'first', name: 'first', chargeIds: shuffled.slice(0, from) },
    { id: 'second', name: 'second', chargeIds: shuffled.slice(from, until) },
  ]
}

export const drawContractCase = (seed: number): ContractCase => {
  const random = randomFrom(seed)
  const common = commonOf(random)
  const drawn = drawOne(random, common, 'contract')
  const isSplit = drawn.contracts.some(({ billTo }) => billTo !== undefined)
  return random.chance(10) && !isSplit ? { ...drawn, beside: drawOne(random, common, 'beside') } : drawn
}

const drawOne = (random: Random, common: Common, id: string): ContractQuestion => {
  const { timeZone, currency, other, firstMonth } = common
  const start = firstDayOf(firstMonth) + (random.chance(60) ? 0 : random.below(daysIn(firstMonth)))
  const isLong = random.chance(8)
  const months = isLong ? random.between(12, 15) : random.between(1, 5)
  const endsAfter = random.chance(50) ? null : months
  const lastMonth = firstMonth + months - 1
  const end =
    endsAfter === null
      ? null
      : Math.max(
          start + 1,
          random.chance(50) ? firstDayOf(lastMonth + 1) : firstDayOf(lastMonth) + random.between(1, 28),
        )
  // A first term that is over before the months are, and its renewals.
  const renews = months > 1 && random.chance(20) ? random.between(1, 3) : 0
  const firstEnd = renews > 0 ? start + random.between(1, months * 20) : end
  const isFreeing = random.chance(25)
  const drawn = Array.from({ length: isLong ? 1 : random.between(1, 4) }, (_, i) => {
    const one = drawCharge(random, `c${i}`)
    return { ...one, charge: ownNames(one.charge, `c${i}`) }
  })
  const charges = withStocks(
    random,
    drawn.map(({ charge }) => charge),
  )
  const ids = charges.map(({ id }) => id)
  const terms: Terms = { random, ids, decimals: mintingOf(other ?? currency).decimals, start, months }
  const change = random.chance(40) ? start + random.between(1, months * 28) : null
  const cardSettings = drawSettings(random)
  // In another currency the card's own charges are not those that are billed.
  const listed = (own: readonly Charge[]) =>
    other === null
      ? { charges: own }
      : { charges: own.map((charge) => repriced(random, charge)), otherCurrencies: { [other]: own } }
  const changed = charges
    .filter((charge) => isPooled(charge) || random.chance(90))
    .map((charge) => repriced(random, charge))
  const versions: RateCardVersion[] = [
    {
      version: 1,
      effectiveFrom: writeDay(firstDayOf(firstMonth)),
      ...listed(charges),
      settings: cardSettings,
    },
    ...(change === null
      ? []
      : [
          {
            version: 2,
            effectiveFrom: writeDay(change),
            ...listed(changed),
            settings: random.chance(70) ? cardSettings : drawSettings(random),
          },
        ]),
  ]
  const card: RateCard = { id: 'card', name: 'card', currency, versions }
  const commitments = Array.from({ length: random.pick([0, 0, 1, 2]) }, (_, i) => commitmentOf(terms, i))
  const fees = charges.filter(({ kind }) => kind === 'flat_fee').map(({ id }) => id)
  const metered = charges.filter(takesUnits).map(({ id }) => id)
  const trial = isFreeing && random.chance(60) ? trialOf(terms, metered) : undefined
  const contract: Contract = {
    id,
    customerId: 'customer',
    rateCardId: 'card',
    ...(other === null ? {} : { currency: other }),
    startDay: writeDay(start),
    endDay: firstEnd === null ? null : writeDay(firstEnd),
    ...(renews > 0 ? { renewal: { kind: 'renews', months: renews } } : {}),
    ...(random.chance(15) ? { billTo: addressesOf(terms) } : {}),
    discountPercent: text(random.pick(['0', '0', '10', '33.33', '100', '2.5'])),
    chargeDiscounts: random.chance(25) ? { [random.pick(ids)]: drawDecimal(random, 100, 3) } : {},
    monthlyCommitment: random.chance(20) ? money(terms, 500) : null,
    ...(random.chance(15) ? { rateCardVersion: 1 } : {}),
    ...(random.chance(25)
      ? { multipliers: { [random.pick([...ids, '*'])]: text(random.pick(FACTORS)) } }
      : {}),
    ...(random.chance(20) ? { charges: [repriced(random, random.pick(charges))] } : {}),
    discounts: Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, (_, i) => discountOf(terms, i)),
    commitments,
    credits: Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, (_, i) => grantOf(terms, i)),
    ...(random.chance(15) && trial?.kind !== 'credit'
      ? {
          topUp: {
            threshold: money(terms, 100),
            ...(random.chance(50) ? { amount: money(terms, 300) } : { upTo: text('345.678') }),
            expiresMonths: random.pick([null, 1, 3]),
          },
        }
      : {}),
    ...(random.chance(30)
      ? { ramp: Array.from({ length: random.between(1, 3) }, (_, i) => rampOf(terms, i, fees, commitments)) }
      : {}),
    ...(random.chance(25)
      ? { uplift: { percent: text(random.pick(['5', '3.25', '10'])), everyMonths: random.pick([1, 2, 12]) } }
      : {}),
    ...(isFreeing && !trial ? { freeMonths: random.shuffled([1, 2, 3]).slice(0, random.between(1, 2)) } : {}),
    ...(trial ? { trial } : {}),
    ...(random.chance(20) ? { invoiceMinimum: money(terms, 400) } : {}),
    ...(random.chance(20) ? { invoiceMaximum: money(terms, 900) } : {}),
    ...(random.chance(50)
      ? { tax: { kind: 'external', name: 'VAT', percent: text(random.pick(['19', '7.7', '8.875'])) } }
      : {}),
    settings: {
      ...(random.chance(30) ? drawSettings(random) : {}),
      ...(random.chance(30) ? { creditsApply: random.pick(['after_tax', 'before_tax'] as const) } : {}),
    },
  }
  const events = drawn.flatMap(({ charge, edges }, i) =>
    Array.from({ length: months }, (_, m) => {
      const month = firstMonth + m
      // Drawn of the charge as it was, whose metrics are then renamed with it.
      const plain = drawEvents(random, original(charge, `c${i}`), edges, writeMonth(month), timeZone, [
        month === firstMonth ? start - firstDayOf(month) : 0,
        daysIn(month),
      ])
      return ownNames(plain, `c${i}`)
    }).flat(),
  )
  const metrics: Metric[] = ids.flatMap((id) => METRICS.map((metric) => ownNames(metric, id)))
  const rated = end === null || renews > 0 ? months : monthOfDay(readDay(writeDay(end - 1))) - firstMonth + 1
  const costs = Object.fromEntries(
    Array.from({ length: months }, (_, m) => [
      writeMonth(firstMonth + m),
      drawDecimal(random, 900, 4),
    ]).filter(() => random.chance(80)),
  )
  return {
    card,
    contracts: [contract, ...amendmentsOf(terms, contract, charges, renews > 0 ? null : end)],
    events,
    metrics,
    timeZone,
    costs,
    months: Math.min(months, rated),
  }
}

const original = <T>(value: T, own: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll(new RegExp(`\\b${own}(?=[mn][.-])`, 'g'), '')) as T
