/** Contracts in words, term by term, and what an amendment changes. */
import { type DecimalText, ZERO } from '../decimal.ts'
import type { ChargeScope, Commitment, Contract, CreditGrant, Discount, RampStep, Trial } from './contract.ts'
import { formatPrice, groupDigits } from './format.ts'
import type { Charge } from './ratecard.ts'
import { chargeInWords, type WordsContext } from './words.ts'

export interface ContractWordsContext extends WordsContext {
  /** Of the card and of the contract itself, for their names. */
  readonly charges: readonly Charge[]
  /** Names of rate cards by their ids. */
  readonly cardNames?: ReadonlyMap<string, string>
}

/** One term: what it is about and what it says. */
export interface ContractTerm {
  readonly about: string
  readonly words: string
  /** By which two versions are compared: names may be given twice, or changed. */
  readonly key: string
}

const percentText = (percent: DecimalText): string => `${groupDigits(percent)} %`

const nameOf = (chargeId: string, { charges }: ContractWordsContext): string =>
  charges.find(({ id }) => id === chargeId)?.name ?? chargeId

const scopeText = (scope: ChargeScope, context: ContractWordsContext): string =>
  scope === null ? 'all charges' : scope.map((id) => nameOf(id, context)).join(', ')

const money = (amount: DecimalText, { currency }: ContractWordsContext): string =>
  `${formatPrice(amount, currency)} ${currency}`

const span = (fromDay: string | undefined, untilDay: string | null | undefined): readonly string[] => [
  ...(fromDay === undefined ? [] : [`from ${fromDay}`]),
  ...(untilDay === undefined || untilDay === null ? [] : [`until before ${untilDay}`]),
]

const tiersText = (discount: Discount & { kind: 'spend' }, context: ContractWordsContext): string =>
  discount.tiers
    .map(({ upTo, percent }) =>
      upTo === null
        ? `${percentText(percent)} beyond`
        : `${percentText(percent)} up to ${money(upTo, context)}`,
    )
    .join(', ')

const valueText = (discount: Discount, context: ContractWordsContext): string => {
  if (discount.kind === 'percent') return percentText(discount.percent)
  if (discount.kind === 'amount') return `${money(discount.amount, context)} a month`
  const how = discount.mode === 'volume' ? 'by spend, on all of it' : 'by spend, each tier on its part'
  return `${how}: ${tiersText(discount, context)}`
}

const discountText = (discount: Discount, context: ContractWordsContext): string => {
  const { on, maximumPerMonth, maximumInAll, coupon } = discount
  return [
    `${valueText(discount, context)} off ${on.kind === 'invoice' ? 'the invoice' : scopeText(on.chargeIds, context)}`,
    ...span(discount.fromDay, discount.untilDay),
    ...(maximumPerMonth === undefined ? [] : [`at most ${money(maximumPerMonth, context)} a month`]),
    ...(maximumInAll === undefined ? [] : [`at most ${money(maximumInAll, context)} in all`]),
    ...(coupon === undefined ? [] : [`coupon ${coupon}`]),
  ].join(', ')
}

const commitmentText = (each: Commitment, context: ContractWordsContext): string => {
  const period = each.period === 'term' ? 'for the term' : `a ${each.period}`
  const overage =
    each.overageMultiplier === undefined
      ? ''
      : `; beyond it ${groupDigits(each.overageMultiplier)} times the rate`
  return `at least ${money(each.amount, context)} ${period} on ${scopeText(each.counts, context)}${overage}`
}

const creditText = (grant: CreditGrant, context: ContractWordsContext): string =>
  [
    `${money(grant.amount, context)} for ${scopeText(grant.scope, context)}, bought for ${money(grant.costBasis, context)}`,
    ...span(grant.fromDay, grant.expiresDay),
    `priority ${grant.priority}`,
  ].join(', ')

const rampText = (step: RampStep, context: ContractWordsContext): string =>
  [
    ...(step.multiplier === undefined ? [] : [`${groupDigits(step.multiplier)} times list`]),
    ...(step.discountPercent === undefined ? [] : [`${percentText(step.discountPercent)} off`]),
    ...Object.entries(step.commitments ?? {}).map(([id, amount]) => `${id} of ${money(amount, context)}`),
    ...Object.entries(step.fees ?? {}).map(
      ([id, amount]) => `${nameOf(id, context)} of ${money(amount, context)}`,
    ),
  ].join(', ')

const trialText = (trial: Trial, context: ContractWordsContext): string => {
  if (trial.kind === 'days') return `the first ${trial.days} days cost nothing`
  if (trial.kind === 'credit') return `${money(trial.amount, context)} of credit for ${trial.days} days`
  const units = Object.entries(trial.quantities).map(
    ([id, quantity]) => `${groupDigits(quantity)} of ${nameOf(id, context)}`,
  )
  return `${units.join(', ')} free in the first ${trial.days} days`
}

const term = (about: string, words: string | undefined | null, key = about): readonly ContractTerm[] =>
  words === undefined || words === null || words === '' ? [] : [{ about, words, key }]

const pricesOf = (contract: Contract, context: ContractWordsContext): readonly ContractTerm[] => [
  ...term(
    'Rate card',
    `${context.cardNames?.get(contract.rateCardId) ?? contract.rateCardId}, ${contract.rateCardVersion === undefined ? 'following its versions' : `version ${contract.rateCardVersion} kept`}`,
  ),
  ...term('Currency', contract.currency),
  ...term(
    'Discount',
    contract.discountPercent === '0' ? null : `${percentText(contract.discountPercent)} off every charge`,
  ),
  ...Object.entries(contract.chargeDiscounts).flatMap(([id, percent]) =>
    term(`Discount on ${nameOf(id, context)}`, percentText(percent)),
  ),
  ...(contract.charges ?? []).flatMap((charge) =>
    term(`Own charge ${charge.name}`, chargeInWords(charge, context), `charge ${charge.id}`),
  ),
  ...Object.entries(contract.multipliers ?? {}).flatMap(([id, times]) =>
    term(
      `Multiplier on ${id === '*' ? 'all other charges' : nameOf(id, context)}`,
      `${groupDigits(times)} times list`,
    ),
  ),
  ...(contract.discounts ?? []).flatMap((discount, index) =>
    term(
      `Discount “${discount.name}”`,
      `${discountText(discount, context)}, ${index + 1} in order`,
      `discount ${discount.id}`,
    ),
  ),
]

const settlementOf = (contract: Contract, context: ContractWordsContext): readonly ContractTerm[] => {
  const { topUp, uplift, tax, renewal, invoiceMinimum, invoiceMaximum } = contract
  return [
    ...term(
      'Top-up',
      topUp &&
        `${topUp.amount === undefined ? `credit up to ${money(topUp.upTo ?? ZERO, context)}` : `${money(topUp.amount, context)} of credit`} when less than ${money(topUp.threshold, context)} is left${topUp.expiresMonths === null ? '' : `, for ${topUp.expiresMonths} months`}`,
    ),
    ...(contract.ramp ?? []).flatMap((step) =>
      term(`From month ${step.fromMonth} of the term`, rampText(step, context) || 'as in the contract'),
    ),
    ...term('Uplift', uplift && `${percentText(uplift.percent)} every ${uplift.everyMonths} months`),
    ...term('Free months', contract.freeMonths?.join(', ')),
    ...term('Trial', contract.trial && trialText(contract.trial, context)),
    ...term('Invoice at least', invoiceMinimum && money(invoiceMinimum, context)),
    ...term('Invoice at most', invoiceMaximum && money(invoiceMaximum, context)),
    ...term(
      'Tax',
      tax &&
        (tax.kind === 'external'
          ? `${tax.name}, ${percentText(tax.percent)}`
          : tax.kind === 'stripe'
            ? 'left to Stripe Tax'
            : 'none'),
    ),
    ...(contract.billTo ?? []).flatMap((each) =>
      term(
        `Own invoice “${each.name}”`,
        [
          scopeText(each.chargeIds, context),
          ...(each.entity === undefined ? [] : [`to ${each.entity}`]),
          ...(each.purchaseOrder === undefined ? [] : [`purchase order ${each.purchaseOrder}`]),
        ].join(', '),
        `billTo ${each.id}`,
      ),
    ),
    ...term('Purchase order', contract.purchaseOrder),
    ...term('On one invoice with', contract.invoiceGroup),
    ...term(
      'Renewal',
      renewal && (renewal.kind === 'ends' ? 'ends with its term' : `renews for ${renewal.months} months`),
    ),
    ...Object.entries(contract.settings ?? {}).flatMap(([setting, value]) =>
      term(
        `Setting ${setting.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
        String(value).replaceAll('_', ' '),
      ),
    ),
  ]
}

/** What is committed to, a phrase each: "at least 500.00 USD a month on all charges". */
export const commitmentsInWords = (contract: Contract, context: ContractWordsContext): readonly string[] => [
  ...(contract.monthlyCommitment === null
    ? []
    : [`at least ${money(contract.monthlyCommitment, context)} a month`]),
  ...(contract.commitments ?? []).map((each) => commitmentText(each, context)),
]

/** Every term that is agreed, in the order in which a contract is read. */
export const contractTerms = (contract: Contract, context: ContractWordsContext): readonly ContractTerm[] => [
  ...term(
    'Term',
    `from ${contract.startDay}${contract.endDay === null ? ', runs on' : ` until before ${contract.endDay}`}`,
  ),
  ...pricesOf(contract, context),
  ...term(
    'Monthly commitment',
    contract.monthlyCommitment === null
      ? null
      : `at least ${money(contract.monthlyCommitment, context)} a month`,
  ),
  ...(contract.commitments ?? []).flatMap((each) =>
    term(`Commitment “${each.name}”`, commitmentText(each, context), `commitment ${each.id}`),
  ),
  ...(contract.credits ?? []).flatMap((grant) =>
    term(`Credit “${grant.name}”`, creditText(grant, context), `credit ${grant.id}`),
  ),
  ...settlementOf(contract, context),
]

/** A version that amends nothing takes the place of all before it, whatever its terms. */
const replacedBy = (before: Contract, after: Contract): readonly string[] =>
  before.amendment === undefined || after.amendment !== undefined
    ? []
    : [
        `The amendment of ${before.amendment.effectiveDay} and what held before it: replaced, all of this now holds from ${after.startDay} on`,
      ]

/** What changes from one version of a contract to the next, one sentence a term; empty where nothing does. */
export const diffContracts = (
  before: Contract,
  after: Contract,
  context: ContractWordsContext,
): readonly string[] => {
  const was = new Map(contractTerms(before, context).map((each) => [each.key, each]))
  const now = contractTerms(after, context)
  const kept = new Set(now.map(({ key }) => key))
  return [
    ...replacedBy(before, after),
    ...now.flatMap(({ about, words, key }) => {
      const old = was.get(key)
      if (old === undefined) return [`${about}: new, ${words}`]
      const renamed = old.about === about ? '' : `, until now ${old.about}`
      return old.words === words && renamed === ''
        ? []
        : [`${about}${renamed}: ${old.words === words ? words : `was ${old.words}; now ${words}`}`]
    }),
    ...[...was]
      .filter(([key]) => !kept.has(key))
      .map(([, { about, words }]) => `${about}: removed, was ${words}`),
  ]
}
