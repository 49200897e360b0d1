/** The difference of two versions of a rate card in words: what a customer is told who is billed by it. */
import { canonicalJson, type Json } from '../canonical.ts'
import { formatSignedPercent } from './format.ts'
import { type PricedPart, pricedParts } from './priced-parts.ts'
import type { Charge, RateCardVersion, RatingSettings } from './ratecard.ts'
import { chargeInWords, chargeParts, inCurrency, type WordsContext } from './words.ts'

/** What a customer notices of a charge: all of it but its id and its name. */
const substance = (charge: Charge): string => {
  const { id: _id, name: _name, ...rest } = charge
  return canonicalJson(rest as unknown as Json)
}

const percentOf = (was: PricedPart, now: PricedPart): string => {
  if (was.rate === null || now.rate === null || was.basis !== now.basis || was.rate.isZero()) return ''
  const percent = now.rate.minus(was.rate).div(was.rate).times(100)
  return percent.isZero() ? '' : ` (${formatSignedPercent(percent)})`
}

/** "above 10,000,000 calls, 0.27 per 1,000 becomes 0.29 per 1,000 (+7.4 %)". */
const becomes = (was: PricedPart, now: PricedPart): string =>
  `${now.label === '' ? '' : `${now.label}, `}${was.words} becomes ${now.words}${percentOf(was, now)}`

/** Tier by tier and cell by cell where both have the same ones; null where they have not. */
const priceChanges = (old: Charge, charge: Charge, context: WordsContext): readonly string[] | null => {
  const [was, now] = [pricedParts(old, context), pricedParts(charge, context)]
  const isAlike = was.length === now.length && was.every(({ label }, place) => label === now[place]?.label)
  if (old.kind !== charge.kind || !isAlike) return null
  return now.flatMap((part, place) => {
    const before = was[place]
    return before === undefined || before.words === part.words ? [] : [becomes(before, part)]
  })
}

/** What differs between the two, part by part. */
const changedParts = (old: Charge, charge: Charge, context: WordsContext): readonly string[] => {
  const [was, now] = [old, charge].map(
    (each) => new Map(chargeParts(each, context).map(({ key, words }) => [key, words])),
  ) as [Map<string, string>, Map<string, string>]
  const changed = [...now].flatMap(([key, words]) => {
    const before = was.get(key)
    if (before === undefined) return [`now ${words}`]
    if (before === words) return []
    const inDetail = key === 'price' ? priceChanges(old, charge, context) : null
    return inDetail !== null && inDetail.length > 0 ? inDetail : [`was ${before}; now ${words}`]
  })
  const gone = [...was].flatMap(([key, words]) => (now.has(key) ? [] : [`no longer ${words}`]))
  return [...changed, ...gone]
}

const changeInWords = (old: Charge, charge: Charge, context: WordsContext): readonly string[] => {
  const renamed = old.name === charge.name ? [] : [`${old.name}: now called ${charge.name}`]
  if (substance(old) === substance(charge)) return renamed
  const metric =
    'metric' in old && 'metric' in charge && old.metric !== charge.metric
      ? [`counted by ${charge.metric} instead of ${old.metric}`]
      : []
  const parts = changedParts(old, charge, context)
  const said = [...(parts.length + metric.length === 0 ? [chargeInWords(charge, context)] : parts), ...metric]
  return [...renamed, `${charge.name}: ${said.join('; ')}`]
}

const changedCharges = (
  before: readonly Charge[],
  after: readonly Charge[],
  context: WordsContext,
): readonly string[] => {
  const earlier = new Map(before.map((charge) => [charge.id, charge]))
  const kept = new Set(after.map((charge) => charge.id))
  const changed = after.flatMap((charge) => {
    const old = earlier.get(charge.id)
    return old === undefined
      ? [`${charge.name}: new, ${chargeInWords(charge, context)}`]
      : changeInWords(old, charge, context)
  })
  const removed = before.filter((charge) => !kept.has(charge.id))
  return [
    ...changed,
    ...removed.map((charge) => `${charge.name}: removed, was ${chargeInWords(charge, context)}`),
  ]
}

const changedCurrencies = (
  before: RateCardVersion,
  after: RateCardVersion,
  context: WordsContext,
): readonly string[] => {
  const [old, now] = [before.otherCurrencies ?? {}, after.otherCurrencies ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((currency) => {
    const [was, is] = [old[currency], now[currency]]
    if (is === undefined) return [`No longer priced in ${currency}`]
    if (was === undefined) return [`Priced in ${currency} too`, ...inCurrency(currency, is, context)]
    return changedCharges(was, is, { ...context, currency }).map((words) => `In ${currency}: ${words}`)
  })
}

const settingsInWords = (settings: RatingSettings | undefined): readonly string[] => {
  const { rounding, edgeUnit, tierFeeAtZero, minimumAtZero, boundsApply, creditsApply } = settings ?? {}
  return [
    `lines are rounded ${rounding === 'half_up' ? 'half up' : 'half to even'}`,
    `a quantity at an edge is in the ${edgeUnit === 'upper' ? 'next' : 'lower'} tier`,
    `without usage the first tier’s flat amount is ${tierFeeAtZero === true ? 'due' : 'not due'}`,
    `without usage a minimum is ${minimumAtZero === false ? 'not due' : 'due'}`,
    `minimum and maximum look at amounts ${boundsApply === 'before_discounts' ? 'before' : 'after'} discounts`,
    `credits pay amounts ${creditsApply === 'before_tax' ? 'without' : 'with'} tax`,
  ]
}

const changedSettings = (before: RateCardVersion, after: RateCardVersion): readonly string[] => {
  const old = settingsInWords(before.settings)
  return settingsInWords(after.settings)
    .filter((words, index) => words !== old[index])
    .map((words) => `From now on ${words}`)
}

/**
 * What changes from one version to the next, one sentence per charge, currency and setting; empty where nothing does
 * that a customer is billed by.
 */
export const diffVersions = (
  before: RateCardVersion,
  after: RateCardVersion,
  context: WordsContext,
): readonly string[] => [
  ...changedCharges(before.charges, after.charges, context),
  ...changedCurrencies(before, after, context),
  ...changedSettings(before, after),
]
