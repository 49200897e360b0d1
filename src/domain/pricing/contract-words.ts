/** What changes from one version of a contract to the next, in sentences. */
import { canonicalJson, type Json } from '../canonical.ts'
import type { DecimalText } from '../decimal.ts'
import type {
  BillTo,
  ChargeScope,
  Commitment,
  Contract,
  CreditGrant,
  Discount,
  RampStep,
  Tax,
  Trial,
} from './contract.ts'
import { formatPrice, groupDigits } from './format.ts'
import type { Charge, RatingSettings } from './ratecard.ts'

const PERIODS = { month: 'a month', quarter: 'a quarter', year: 'a year', term: 'for the term' } as const

const scopeWords = (scope: ChargeScope): string => (scope === null ? 'all charges' : scope.join(', '))

const joined = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(', ')

interface Words {
  readonly money: (amount: DecimalText) => string
}

const discountWords = (discount: Discount, { money }: Words): string =>
  joined([
    discount.kind === 'percent'
      ? `${discount.percent} %`
      : discount.kind === 'amount'
        ? `${money(discount.amount)} a month`
        : `by spend, ${discount.mode}: ${discount.tiers
            .map(
              ({ upTo, percent }) =>
                `${percent} % ${upTo === null ? 'beyond' : `up to ${groupDigits(upTo)}`}`,
            )
            .join('; ')}`,
    discount.on.kind === 'invoice' ? 'on the invoice' : `on ${scopeWords(discount.on.chargeIds)}`,
    discount.fromDay === undefined ? null : `from ${discount.fromDay}`,
    discount.untilDay === undefined ? null : `until ${discount.untilDay}`,
    discount.maximumPerMonth === undefined ? null : `at most ${money(discount.maximumPerMonth)} a month`,
    discount.maximumInAll === undefined ? null : `at most ${money(discount.maximumInAll)} in all`,
    discount.coupon === undefined ? null : `coupon ${discount.coupon}`,
  ])

const commitmentWords = (commitment: Commitment, { money }: Words): string =>
  joined([
    `${money(commitment.amount)} ${PERIODS[commitment.period]}`,
    `counting ${scopeWords(commitment.counts)}`,
    commitment.overageMultiplier === undefined
      ? null
      : `${commitment.overageMultiplier} times the rate beyond it`,
  ])

const creditWords = (grant: CreditGrant, { money }: Words): string =>
  joined([
    money(grant.amount),
    `for ${scopeWords(grant.scope)}`,
    `from ${grant.fromDay}`,
    grant.expiresDay === null ? 'never expires' : `expires on ${grant.expiresDay}`,
    `priority ${grant.priority}`,
    `bought for ${money(grant.costBasis)}`,
  ])

const byIdWords = (values: { readonly [id: string]: string }): string =>
  Object.entries(values)
    .map(([id, value]) => `${id} ${value}`)
    .join(', ')

const rampWords = (step: RampStep, { money }: Words): string =>
  joined([
    step.multiplier === undefined ? null : `× ${step.multiplier}`,
    step.discountPercent === undefined ? null : `${step.discountPercent} % off`,
    ...Object.entries(step.commitments ?? {}).map(([id, amount]) => `commitment ${id} ${money(amount)}`),
    ...Object.entries(step.fees ?? {}).map(([id, amount]) => `fee ${id} ${money(amount)}`),
  ])

const trialWords = (trial: Trial, { money }: Words): string => {
  const days = `in the first ${trial.days} days`
  if (trial.kind === 'days') return `nothing to pay ${days}`
  return trial.kind === 'credit'
    ? `a credit of ${money(trial.amount)} ${days}`
    : `${byIdWords(trial.quantities)} units free ${days}`
}

const taxWords = (tax: Tax): string =>
  tax.kind === 'external' ? `${tax.name} ${tax.percent} %` : tax.kind === 'stripe' ? 'left to Stripe' : 'none'

const addressWords = (address: BillTo): string =>
  joined([
    address.name,
    `for ${address.chargeIds.join(', ')}`,
    address.purchaseOrder === undefined ? null : `purchase order ${address.purchaseOrder}`,
    address.entity === undefined ? null : `entity ${address.entity}`,
  ])

const settingsWords = (settings: RatingSettings): string =>
  Object.entries(settings)
    .map(([setting, value]) => `${setting} ${String(value).replaceAll('_', ' ')}`)
    .join(', ')

type Field = readonly [name: string, words: (contract: Contract, words: Words) => string | null]

const orNone = <Value>(value: Value | undefined | null, say: (value: Value) => string): string | null =>
  value === undefined || value === null ? null : say(value)

/** What stands once in a contract. Null where there is none. */
const FIELDS: readonly Field[] = [
  ['Rate card', ({ rateCardId }) => rateCardId],
  [
    'Version of the card',
    ({ rateCardVersion }) =>
      rateCardVersion === undefined ? 'follows the card' : `pinned to ${rateCardVersion}`,
  ],
  ['Currency', ({ currency }) => orNone(currency, String)],
  ['Starts', ({ startDay }) => startDay],
  ['Ends', ({ endDay }) => endDay ?? 'runs on'],
  ['Renewal', ({ renewal }) => (renewal?.kind === 'renews' ? `by ${renewal.months} months` : null)],
  ['Discount', ({ discountPercent }) => `${discountPercent} %`],
  ['Monthly commitment', ({ monthlyCommitment }, { money }) => orNone(monthlyCommitment, money)],
  [
    'Uplift',
    ({ uplift }) => orNone(uplift, ({ percent, everyMonths }) => `${percent} % every ${everyMonths} months`),
  ],
  ['Free months', ({ freeMonths }) => orNone(freeMonths, (months) => months.join(', '))],
  ['Trial', ({ trial }, words) => orNone(trial, (value) => trialWords(value, words))],
  ['Minimum of the invoice', ({ invoiceMinimum }, { money }) => orNone(invoiceMinimum, money)],
  ['Maximum of the invoice', ({ invoiceMaximum }, { money }) => orNone(invoiceMaximum, money)],
  [
    'Top-up',
    ({ topUp }, { money }) =>
      orNone(
        topUp,
        ({ threshold, amount, expiresMonths }) =>
          `${money(amount)} below ${money(threshold)}${expiresMonths === null ? '' : `, for ${expiresMonths} months`}`,
      ),
  ],
  ['Tax', ({ tax }) => orNone(tax, taxWords)],
  ['Settings', ({ settings }) => orNone(settings, settingsWords)],
  ['Invoice together with', ({ invoiceGroup }) => orNone(invoiceGroup, String)],
  ['Purchase order', ({ purchaseOrder }) => orNone(purchaseOrder, String)],
]

type Items = ReadonlyMap<string, { readonly name: string; readonly words: string }>

const itemsOf = <Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  nameOf: (item: Item) => string,
  wordsOf: (item: Item) => string,
): Items => new Map(items.map((item) => [idOf(item), { name: nameOf(item), words: wordsOf(item) }]))

const record = (
  values: { readonly [id: string]: string } | undefined,
  name: string,
  wordsOf: (value: string) => string,
): Items =>
  itemsOf(
    Object.entries(values ?? {}),
    ([id]) => id,
    ([id]) => `${name} ${id === '*' ? 'of all other charges' : id}`,
    ([, value]) => wordsOf(value),
  )

/** What stands in lists, by its id. */
const listsOf = (
  contract: Contract,
  words: Words,
  chargeWords: (charge: Charge) => string,
): readonly Items[] => [
  record(contract.chargeDiscounts, 'Discount on', (value) => `${value} %`),
  record(contract.multipliers, 'Multiplier', (value) => `× ${value}`),
  itemsOf(
    contract.charges ?? [],
    ({ id }) => id,
    ({ name }) => `Charge of its own, ${name}`,
    chargeWords,
  ),
  itemsOf(
    contract.discounts ?? [],
    ({ id }) => id,
    ({ name }) => `Discount ${name}`,
    (each) => discountWords(each, words),
  ),
  itemsOf(
    contract.commitments ?? [],
    ({ id }) => id,
    ({ name }) => `Commitment ${name}`,
    (each) => commitmentWords(each, words),
  ),
  itemsOf(
    contract.credits ?? [],
    ({ id }) => id,
    ({ name }) => `Credit ${name}`,
    (each) => creditWords(each, words),
  ),
  itemsOf(
    contract.ramp ?? [],
    ({ fromMonth }) => String(fromMonth),
    ({ fromMonth }) => `Ramp from month ${fromMonth}`,
    (each) => rampWords(each, words),
  ),
  itemsOf(
    contract.billTo ?? [],
    ({ id }) => id,
    ({ id }) => `Invoice ${id}`,
    addressWords,
  ),
]

const changed = (before: Items, after: Items): string[] => [
  ...[...after].flatMap(([id, { name, words }]) => {
    const was = before.get(id)
    if (was === undefined) return [`${name}: new, ${words}.`]
    return was.words === words ? [] : [`${name}: was ${was.words}; now ${words}.`]
  }),
  ...[...before].flatMap(([id, { name, words }]) =>
    after.has(id) ? [] : [`${name}: removed, was ${words}.`],
  ),
]

/**
 * What a customer notices of a change, one sentence each; empty where nothing does.
 * @param currency of the amounts.
 * @param chargeWords a charge of the contract's own in words.
 */
export const diffContracts = (
  before: Contract,
  after: Contract,
  currency: string,
  chargeWords: (charge: Charge) => string = (charge) => canonicalJson(charge as unknown as Json),
): readonly string[] => {
  const wordsIn = (contract: Contract): Words => {
    const own = contract.currency ?? currency
    return { money: (amount) => `${formatPrice(amount, own)} ${own}` }
  }
  const fields = FIELDS.flatMap(([name, wordsOf]) => {
    const was = wordsOf(before, wordsIn(before))
    const is = wordsOf(after, wordsIn(after))
    if (was === is) return []
    if (was === null) return [`${name}: new, ${is}.`]
    return is === null ? [`${name}: removed, was ${was}.`] : [`${name}: was ${was}; now ${is}.`]
  })
  const lists = listsOf(after, wordsIn(after), chargeWords)
  const earlier = listsOf(before, wordsIn(before), chargeWords)
  return [...fields, ...lists.flatMap((items, index) => changed(earlier[index] ?? new Map(), items))]
}
