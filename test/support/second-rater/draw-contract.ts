import type { Metric } from '../../../src/domain/metric.ts'
import type { BillTo, Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard, RateCardVersion } from '../../../src/domain/pricing/ratecard.ts'
import { type Random, randomFrom } from '../../faults/simulation/random.ts'
import type { ContractQuestion } from './contract.ts'
import { CURRENCIES, drawSettings } from './draw-case.ts'
import { amendmentsOf, ownNames, replaced, repriced, taxOf } from './draw-changes.ts'
import { drawCharge, drawDecimal, FACTORS, text } from './draw-charge.ts'
import {
  commitmentOf,
  discountOf,
  grantOf,
  money,
  rampOf,
  type Terms,
  topUpOf,
  trialOf,
} from './draw-terms.ts'
import { drawEvents, METRICS, ZONES } from './draw-usage.ts'
import { mintingOf } from './money.ts'
import type { ContractCase } from './product-contract.ts'
import { daysIn, firstDayOf, monthOfDay, readDay, readMonth, writeDay, writeMonth } from './zone.ts'

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

/** Two or three invoices: every charge is on one of them, or on none and so on the first. */
const addressesOf = ({ random, ids }: Terms): readonly BillTo[] => {
  const shuffled = random.shuffled(ids)
  const [from, until] = [random.below(ids.length + 1), random.below(ids.length + 1)].toSorted((a, b) => a - b)
  return [
    { id: 'first', name: 'first', chargeIds: shuffled.slice(0, from) },
    { id: 'second', name: 'second', chargeIds: shuffled.slice(from, until) },
    ...(random.chance(40) ? [{ id: 'third', name: 'third', chargeIds: shuffled.slice(until, -1) }] : []),
  ]
}

export const drawContractCase = (seed: number): ContractCase => {
  const random = randomFrom(seed)
  const common = commonOf(random)
  const drawn = drawOne(random, common, 'contract')
  const isSplit = drawn.contracts.some(({ billTo }) => billTo !== undefined)
  return random.chance(10) && !isSplit ? { ...drawn, beside: drawOne(random, common, 'beside') } : drawn
}

/** Charges of the contract: those that the card does not have, and one in place of the card's. */
const ownOf = (
  random: Random,
  listed: readonly Charge[],
  added: readonly Charge[],
): { readonly charges?: readonly Charge[] } => {
  const own = [...(random.chance(20) ? [repriced(random, random.pick(listed))] : []), ...added]
  return own.length === 0 ? {} : { charges: own }
}

const drawOne = (random: Random, common: Common, id: string): ContractQuestion => {
  const { timeZone, currency, other, firstMonth } = common
  const start = firstDayOf(firstMonth) + (random.chance(60) ? 0 : random.below(daysIn(firstMonth)))
  const isLong = random.chance(8)
  const months = isLong
    ? random.chance(10)
      ? random.between(25, 38)
      : random.between(12, 15)
    : random.between(1, 5)
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
  const count = isLong ? 1 : random.between(1, 4)
  const names = Array.from({ length: count }, (_, i) => (i > 0 && random.chance(12) ? 'c0' : `c${i}`))
  const drawn = names.map((own, i) => {
    const one = drawCharge(random, `c${i}`)
    return { ...one, own, charge: ownNames(one.charge, own) }
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
  // Some charges come with a later version, or with the contract alone.
  const comesWith = charges.map((charge, i) =>
    i === 0 || isPooled(charge) || random.chance(80)
      ? 'card'
      : random.pick(change === null ? (['contract'] as const) : (['contract', 'change'] as const)),
  )
  const atFirst = charges.filter((_, i) => comesWith[i] === 'card')
  const ofContract = charges.filter((_, i) => comesWith[i] === 'contract')
  const changed = charges.flatMap((charge, i) => {
    if (comesWith[i] === 'contract' || (!isPooled(charge) && random.chance(10))) return []
    return [random.chance(25) ? replaced(random, charge, names[i] as string) : repriced(random, charge)]
  })
  const versions: RateCardVersion[] = [
    {
      version: 1,
      effectiveFrom: writeDay(firstDayOf(firstMonth)),
      ...listed(atFirst),
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
  const pins = versions.map(({ version }) => version)
  const otherCard: RateCard = {
    ...card,
    id: 'other card',
    versions: versions.map((version) => repriced(random, version)),
  }
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
    ...(random.chance(15) ? { rateCardVersion: random.pick(pins) } : {}),
    ...(random.chance(25)
      ? { multipliers: { [random.pick([...ids, '*'])]: text(random.pick(FACTORS)) } }
      : {}),
    ...ownOf(random, atFirst, ofContract),
    discounts: Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, (_, i) => discountOf(terms, i)),
    commitments,
    credits: Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, (_, i) => grantOf(terms, i)),
    ...(random.chance(15) && trial?.kind !== 'credit' ? { topUp: topUpOf(terms) } : {}),
    ...(random.chance(30)
      ? { ramp: Array.from({ length: random.between(1, 3) }, (_, i) => rampOf(terms, i, fees, commitments)) }
      : {}),
    ...(random.chance(25)
      ? { uplift: { percent: text(random.pick(['5', '3.25', '10'])), everyMonths: random.pick([1, 2, 12]) } }
      : {}),
    ...(isFreeing && (!trial || random.chance(30))
      ? { freeMonths: random.shuffled([1, 2, 3]).slice(0, random.between(1, 2)) }
      : {}),
    ...(trial ? { trial } : {}),
    ...(random.chance(20) ? { invoiceMinimum: money(terms, 400) } : {}),
    ...(random.chance(20) ? { invoiceMaximum: money(terms, 900) } : {}),
    ...(random.chance(50) ? { tax: taxOf(random) } : {}),
    settings: {
      ...(random.chance(30) ? drawSettings(random) : {}),
      ...(random.chance(30) ? { creditsApply: random.pick(['after_tax', 'before_tax'] as const) } : {}),
    },
  }
  const events = drawn.flatMap(({ charge, edges, own }) =>
    Array.from({ length: months }, (_, m) => {
      const month = firstMonth + m
      // Drawn of the charge as it was, whose metrics are then renamed with it.
      const plain = drawEvents(random, original(charge, own), edges, writeMonth(month), timeZone, [
        month === firstMonth ? start - firstDayOf(month) : 0,
        daysIn(month),
      ])
      return ownNames(plain, own)
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
  const amended = [contract, ...amendmentsOf(terms, contract, charges, renews > 0 ? null : end, pins)]
  const isOther = amended.at(-1)?.rateCardId === otherCard.id
  // What was written before a version that amends nothing is not to be looked at.
  const written: readonly Contract[] = random.chance(8)
    ? [{ ...contract, discountPercent: text('77'), multipliers: { '*': text('3') } }, ...amended]
    : amended
  return {
    card: isOther ? otherCard : card,
    otherCards: [isOther ? card : otherCard],
    contracts: written,
    events,
    metrics,
    timeZone,
    costs,
    months: Math.min(months, rated),
  }
}

/** What goes from month to month a customer without a contract does not have. */
const withoutStocks = (given: Charge): Charge => {
  const { window, ...rest } = given as Charge & { readonly window?: string }
  const charge = window === 'quarter' || window === 'year' || window === 'term' ? (rest as Charge) : given
  if (!('included' in charge) || !charge.included) return charge
  const { rollOver: _, ...included } = charge.included
  return { ...charge, included: { ...included, per: 'month' } }
}

/**
 * A card at list prices, for a customer without a contract: its months are counted from January, as those of a contract
 * that says nothing and began with the year are, but for its first.
 */
export const drawListCase = (seed: number): ContractQuestion => {
  const random = randomFrom(seed)
  const firstMonth = readMonth(random.pick(['2026-01', '2027-01', '2028-01']))
  const drawn = drawOne(random, { ...commonOf(random), other: null, firstMonth }, 'list')
  const day = writeDay(firstDayOf(firstMonth))
  const versions = drawn.card.versions.map((version) => ({
    ...version,
    charges: version.charges.map(withoutStocks),
  }))
  const contract: Contract = {
    id: 'list',
    customerId: 'customer',
    rateCardId: 'card',
    startDay: day,
    endDay: null,
    discountPercent: text('0'),
    chargeDiscounts: {},
    monthlyCommitment: null,
  }
  return { ...drawn, card: { ...drawn.card, id: 'card', versions }, contracts: [contract] }
}

const original = <T>(value: T, own: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll(new RegExp(`\\b${own}(?=[mn][.-])`, 'g'), '')) as T
