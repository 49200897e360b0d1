/** Random contracts, their card and months of usage. What the rules leave to the reader is not drawn together. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import type {
  ChargeScope,
  Commitment,
  Contract,
  CreditGrant,
  Discount,
  RampStep,
  Trial,
} from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard, RateCardVersion } from '../../../src/domain/pricing/ratecard.ts'
import { type Random, randomFrom } from '../../faults/simulation/random.ts'
import type { ContractQuestion } from './contract.ts'
import { CURRENCIES, drawSettings } from './draw-case.ts'
import { drawCharge, drawDecimal, drawEdges, FACTORS, text } from './draw-charge.ts'
import { drawEvents, METRICS, ZONES } from './draw-usage.ts'
import { mintingOf } from './money.ts'
import { daysIn, firstDayOf, monthOfDay, readDay, readMonth, writeDay, writeMonth } from './zone.ts'

export type ContractCase = ContractQuestion

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

const isPlainFee = (charge: Charge): boolean =>
  charge.kind !== 'flat_fee' ||
  ((charge.every ?? 1) === 1 && charge.timing !== 'advance' && charge.proration !== 'none')

/** What a pool holds where the charge that states it is dropped within a month, the rules do not say. */
const isPooled = (charge: Charge): boolean => 'included' in charge && charge.included?.pool !== undefined

interface Terms {
  readonly random: Random
  readonly ids: readonly string[]
  readonly decimals: number
  /** Days since 1970 of the contract's first day, and the months that are rated. */
  readonly start: number
  readonly months: number
}

const money = ({ random, decimals }: Terms, end: number): DecimalText => drawDecimal(random, end, decimals)
const scopeOf = ({ random, ids }: Terms): ChargeScope =>
  random.chance(50) ? null : random.shuffled(ids).slice(0, random.between(1, ids.length))
const dayIn = ({ random, start, months }: Terms): string => writeDay(start + random.below(months * 31))

const discountOf = (terms: Terms, i: number): Discount => {
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

const commitmentOf = (terms: Terms, i: number): Commitment => ({
  id: `k${i}`,
  name: `commitment ${i}`,
  amount: money(terms, terms.random.pick([50, 900, 5_000])),
  period: terms.random.pick(['month', 'quarter', 'year', 'term']),
  counts: scopeOf(terms),
  ...(terms.random.chance(40)
    ? { overageMultiplier: text(terms.random.pick(['1.5', '2', '0.5', '1', '1.333'])) }
    : {}),
})

const grantOf = (terms: Terms, i: number): CreditGrant => {
  const { random, start } = terms
  return {
    id: `g${i}`,
    name: `grant ${i}`,
    amount: money(terms, random.pick([20, 500, 5_000])),
    priority: random.below(3),
    fromDay: random.chance(70) ? writeDay(start) : dayIn(terms),
    expiresDay: random.chance(50) ? null : writeDay(start + random.between(1, terms.months * 31)),
    scope: scopeOf(terms),
    costBasis: text('0'),
  }
}

const rampOf = (
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

const trialOf = (terms: Terms, metered: readonly string[]): Trial | undefined => {
  const { random } = terms
  const days = random.pick([1, 7, 14, 30, 45])
  const kind = random.pick(['days', 'credit', 'usage'] as const)
  if (kind === 'days') return { kind, days }
  if (kind === 'credit') return { kind, days, amount: money(terms, 200) }
  if (metered.length === 0) return undefined
  return { kind, days, quantities: { [random.pick(metered)]: drawDecimal(random, 200, 1) } }
}

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
  // Fees of several months, or in advance, the second rater does not share between amendments.
  if (
    !charges.every(isPlainFee) ||
    random.chance(60) ||
    contract.trial ||
    contract.freeMonths ||
    (end !== null && day >= end)
  )
    return []
  const { charges: _, multipliers: __, ...rest } = contract
  return [
    {
      ...rest,
      amendment: { effectiveDay: writeDay(day), note: 'drawn' },
      discountPercent: text(random.pick(['0', '15', '7.5'])),
      chargeDiscounts: random.chance(25) ? { [random.pick(ids)]: drawDecimal(random, 100, 3) } : {},
      ...(random.chance(50)
        ? { multipliers: { [random.pick([...ids, '*'])]: text(random.pick(FACTORS)) } }
        : {}),
      ...(random.chance(40) ? { charges: [repriced(random, random.pick(charges))] } : {}),
      invoiceMinimum: money(terms, 300),
    },
  ]
}

export const drawContractCase = (seed: number): ContractCase => {
  const random = randomFrom(seed)
  const timeZone = random.pick(ZONES)
  const currency = random.pick(CURRENCIES)
  const firstMonth = readMonth(random.pick(['2026-01', '2026-02', '2027-11', '2026-08', '2027-03']))
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
  const isFreeing = random.chance(25)
  const drawn = Array.from({ length: isLong ? 1 : random.between(1, 4) }, (_, i) => {
    for (;;) {
      const one = drawCharge(random, `c${i}`)
      if (!isFreeing || isPlainFee(one.charge)) return { ...one, charge: ownNames(one.charge, `c${i}`) }
    }
  })
  const charges = withStocks(
    random,
    drawn.map(({ charge }) => charge),
  )
  const ids = charges.map(({ id }) => id)
  // In another currency the card's own charges are not those that are billed.
  const other = random.chance(20) ? (currency === 'EUR' ? 'USD' : 'EUR') : null
  const terms: Terms = { random, ids, decimals: mintingOf(other ?? currency).decimals, start, months }
  const change = random.chance(40) ? start + random.between(1, months * 28) : null
  const cardSettings = drawSettings(random)
  const listed = (own: readonly Charge[]) =>
    other === null
      ? { charges: own }
      : { charges: own.map((charge) => repriced(random, charge)), otherCurrencies: { [other]: own } }
  const changed = charges
    .filter((charge) => !isPlainFee(charge) || isPooled(charge) || random.chance(90))
    .map((charge) => (isPlainFee(charge) ? repriced(random, charge) : charge))
  const versions: RateCardVersion[] = [
    {
      version: 1,
      effectiveFrom: writeDay(firstDayOf(firstMonth)),
      ...listed(charges),
      settings: cardSettings,
    },
    ...(change === null
      ? []
      : [{ version: 2, effectiveFrom: writeDay(change), ...listed(changed), settings: cardSettings }]),
  ]
  const card: RateCard = { id: 'card', name: 'card', currency, versions }
  const commitments = Array.from({ length: random.pick([0, 0, 1, 2]) }, (_, i) => commitmentOf(terms, i))
  const fees = charges.filter(({ kind }) => kind === 'flat_fee').map(({ id }) => id)
  const metered = charges.filter(takesUnits).map(({ id }) => id)
  const trial = isFreeing && random.chance(60) ? trialOf(terms, metered) : undefined
  const contract: Contract = {
    id: 'contract',
    customerId: 'customer',
    rateCardId: 'card',
    ...(other === null ? {} : { currency: other }),
    startDay: writeDay(start),
    endDay: end === null ? null : writeDay(end),
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
            amount: money(terms, 300),
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
  const rated = end === null ? months : monthOfDay(readDay(writeDay(end - 1))) - firstMonth + 1
  const costs = Object.fromEntries(
    Array.from({ length: months }, (_, m) => [
      writeMonth(firstMonth + m),
      drawDecimal(random, 900, 4),
    ]).filter(() => random.chance(80)),
  )
  return {
    card,
    contracts: [contract, ...amendmentsOf(terms, contract, charges, end)],
    events,
    metrics,
    timeZone,
    costs,
    months: Math.min(months, rated),
  }
}

const original = <T>(value: T, own: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll(new RegExp(`\\b${own}(?=[mn][.-])`, 'g'), '')) as T
