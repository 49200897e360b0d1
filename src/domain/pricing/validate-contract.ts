/** What is wrong with a contract before it is kept, and which two contracts would bill the same usage twice. */
import { Decimal, type DecimalText } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Contract } from './contract.ts'
import { formatAmount } from './format.ts'
import type { Charge, RateCard } from './ratecard.ts'
import { cardFor, currencyOf, endDayOf, firstMonthOf } from './term.ts'

const error = (code: string, message: string, column: string): Issue => ({
  severity: 'error',
  code,
  message,
  column,
})

const repeated = (ids: readonly string[]): string | undefined =>
  ids.find((id, index) => ids.indexOf(id) !== index)

/** Amounts of a contract that must not be negative, by where they stand. */
const amountsOf = (contract: Contract): readonly (readonly [string, string, DecimalText])[] => [
  ...(contract.discounts ?? []).flatMap((each, index) =>
    each.kind === 'amount' ? [[`discounts[${index}].amount`, each.name, each.amount] as const] : [],
  ),
  ...(contract.commitments ?? []).map(
    (each, index) => [`commitments[${index}].amount`, each.name, each.amount] as const,
  ),
  ...(contract.credits ?? []).flatMap((each, index) => [
    [`credits[${index}].amount`, each.name, each.amount] as const,
    [`credits[${index}].costBasis`, each.name, each.costBasis] as const,
  ]),
  ...(contract.discounts ?? []).flatMap(({ name, maximumPerMonth, maximumInAll }, index) => [
    ...(maximumPerMonth === undefined
      ? []
      : [[`discounts[${index}].maximumPerMonth`, name, maximumPerMonth] as const]),
    ...(maximumInAll === undefined
      ? []
      : [[`discounts[${index}].maximumInAll`, name, maximumInAll] as const]),
  ]),
  ...(contract.ramp ?? []).flatMap(({ fees = {}, commitments = {} }, index) => [
    ...Object.entries(fees).map(([id, amount]) => [`ramp[${index}].fees.${id}`, id, amount] as const),
    ...Object.entries(commitments).map(
      ([id, amount]) => [`ramp[${index}].commitments.${id}`, id, amount] as const,
    ),
  ]),
  ...(contract.topUp === undefined
    ? []
    : [
        ['topUp.threshold', 'the top-up', contract.topUp.threshold] as const,
        ['topUp.amount', 'the top-up', contract.topUp.amount] as const,
      ]),
  ...(contract.invoiceMinimum === undefined
    ? []
    : [['invoiceMinimum', 'the minimum of the invoice', contract.invoiceMinimum] as const]),
  ...(contract.invoiceMaximum === undefined
    ? []
    : [['invoiceMaximum', 'the maximum of the invoice', contract.invoiceMaximum] as const]),
]

/** Multipliers of a contract, by where they stand. */
const multipliersOf = (contract: Contract): readonly (readonly [string, DecimalText])[] => [
  ...Object.entries(contract.multipliers ?? {}).map(([id, value]) => [`multipliers.${id}`, value] as const),
  ...(contract.ramp ?? []).flatMap(({ multiplier }, index) =>
    multiplier === undefined ? [] : [[`ramp[${index}].multiplier`, multiplier] as const],
  ),
  ...(contract.commitments ?? []).flatMap(({ overageMultiplier }, index) =>
    overageMultiplier === undefined
      ? []
      : [[`commitments[${index}].overageMultiplier`, overageMultiplier] as const],
  ),
]

/** Days from and until which something holds, by where they stand. */
const spansOf = (contract: Contract): readonly (readonly [string, string, string, string])[] => [
  ...(contract.discounts ?? []).flatMap(({ name, fromDay, untilDay }, index) =>
    fromDay === undefined || untilDay === undefined
      ? []
      : [[`discounts[${index}].untilDay`, name, fromDay, untilDay] as const],
  ),
  ...(contract.credits ?? []).flatMap(({ name, fromDay, expiresDay }, index) =>
    expiresDay === null ? [] : [[`credits[${index}].expiresDay`, name, fromDay, expiresDay] as const],
  ),
]

const signsAndSpans = (contract: Contract): readonly Issue[] => {
  const { invoiceMinimum, invoiceMaximum } = contract
  return [
    ...multipliersOf(contract)
      .filter(([, value]) => value.startsWith('-'))
      .map(([column, value]) =>
        error('multiplier_is_negative', `A multiplier is zero or more, not ${value}.`, column),
      ),
    ...spansOf(contract)
      .filter(([, , from, until]) => until <= from)
      .map(([column, name, from, until]) =>
        error('days_are_backwards', `${name} ends (${until}) before it begins (${from}).`, column),
      ),
    ...(invoiceMinimum !== undefined &&
    invoiceMaximum !== undefined &&
    new Decimal(invoiceMinimum).gt(invoiceMaximum)
      ? [
          error(
            'bounds_are_crossed',
            `The minimum of the invoice (${invoiceMinimum}) is above its maximum (${invoiceMaximum}).`,
            'invoiceMinimum',
          ),
        ]
      : []),
  ]
}

/** Everything wrong with a contract; columns are JSON paths. */
export const validateContract = (contract: Contract, card: RateCard): readonly Issue[] => {
  const issues: Issue[] = []
  const { startDay, endDay } = contract
  if (endDay !== null && endDay <= startDay)
    issues.push(
      error(
        'contract_ends_before_it_starts',
        `The contract ends (${endDay}) before it starts (${startDay}).`,
        'endDay',
      ),
    )
  if (contract.monthlyCommitment?.startsWith('-') === true)
    issues.push(error('commitment_is_negative', 'A commitment is zero or more.', 'monthlyCommitment'))
  for (const [column, name, amount] of amountsOf(contract))
    if (amount.startsWith('-'))
      issues.push(
        error(
          'amount_is_negative',
          `${name}: ${formatAmount(amount, currencyOf(card, contract))} is negative. Amounts are zero or more.`,
          column,
        ),
      )
  if (card.privateTo !== undefined && !card.privateTo.includes(contract.customerId))
    issues.push(
      error(
        'rate_card_is_private',
        `Rate card ${card.name} is offered to named customers only, and ${contract.customerId} is none of them.`,
        'rateCardId',
      ),
    )
  const pinned = contract.rateCardVersion
  if (pinned !== undefined && !card.versions.some(({ version }) => version === pinned))
    issues.push(
      error('version_is_unknown', `Rate card ${card.name} has no version ${pinned}.`, 'rateCardVersion'),
    )
  const currency = currencyOf(card, contract)
  if (
    currency !== card.currency &&
    !card.versions.some(({ otherCurrencies }) => otherCurrencies?.[currency] !== undefined)
  )
    issues.push(
      error('currency_has_no_prices', `Rate card ${card.name} has no prices in ${currency}.`, 'currency'),
    )
  if (contract.renewal?.kind === 'renews' && endDay === null)
    issues.push(
      error('renewal_without_end', 'A contract that renews needs the day on which its term ends.', 'renewal'),
    )
  if (endDay === null && (contract.commitments ?? []).some(({ period }) => period === 'term'))
    issues.push(
      error(
        'term_without_end',
        'A commitment for the term needs a contract that ends. Give it an end, or a renewal.',
        'commitments',
      ),
    )
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['charges', (contract.charges ?? []).map(({ id }) => id)],
    ['discounts', (contract.discounts ?? []).map(({ id }) => id)],
    ['commitments', (contract.commitments ?? []).map(({ id }) => id)],
    ['credits', (contract.credits ?? []).map(({ id }) => id)],
    ['billTo', (contract.billTo ?? []).map(({ id }) => id)],
    ['billTo', (contract.billTo ?? []).flatMap(({ chargeIds }) => chargeIds)],
  ]
  for (const [column, ids] of lists) {
    const twice = repeated(ids)
    if (twice !== undefined)
      issues.push(
        error('id_is_used_twice', `“${twice}” stands twice in ${column}. Give each its own.`, column),
      )
  }
  if ((contract.credits ?? []).some(({ id }) => id === 'trial' || id.startsWith('top-up-')))
    issues.push(
      error(
        'grant_id_is_taken',
        'The ids “trial” and “top-up-…” are those of grants that the program makes.',
        'credits',
      ),
    )
  if (contract.invoiceGroup !== undefined && (contract.billTo ?? []).length > 0)
    issues.push(
      error(
        'group_and_addresses',
        'A contract is either on an invoice with others or split over several, not both.',
        'billTo',
      ),
    )
  for (const [index, discount] of (contract.discounts ?? []).entries())
    if (discount.kind === 'spend') {
      const edges = discount.tiers.map(({ upTo }) => upTo)
      const ascends = edges.every(
        (edge, at) =>
          (edge === null) === (at === edges.length - 1) &&
          (edge === null || at === 0 || new Decimal(edge).gt(edges[at - 1] ?? 0)),
      )
      if (!ascends)
        issues.push(
          error(
            'tiers_do_not_ascend',
            `${discount.name}: tiers ascend, and the last one, and no other, is open.`,
            `discounts[${index}].tiers`,
          ),
        )
    }
  return [...issues, ...signsAndSpans(contract)]
}

const pricesOf = (contract: Contract, card: RateCard): ReadonlyMap<string, Charge> => {
  const versions = cardFor(card, contract, firstMonthOf(contract)).versions
  return new Map(
    versions.flatMap(({ charges }) =>
      charges.flatMap((charge): [string, Charge][] =>
        'metric' in charge ? [[JSON.stringify([charge.metric, charge.filters ?? []]), charge]] : [],
      ),
    ),
  )
}

/** Whether two contracts hold on a common day. */
const shareADay = (a: Contract, b: Contract): boolean => {
  const [endA, endB] = [endDayOf(a), endDayOf(b)]
  return (endB === null || a.startDay < endB) && (endA === null || b.startDay < endA)
}

/** The charges by which two contracts would bill the same usage of some day twice; null where none. */
export const billedTwice = (
  a: { readonly contract: Contract; readonly card: RateCard },
  b: { readonly contract: Contract; readonly card: RateCard },
): { readonly metric: string; readonly charges: readonly [string, string] } | null => {
  if (!shareADay(a.contract, b.contract)) return null
  const others = pricesOf(b.contract, b.card)
  for (const [key, charge] of pricesOf(a.contract, a.card)) {
    const other = others.get(key)
    if (other !== undefined && 'metric' in charge)
      return { metric: charge.metric, charges: [charge.name, other.name] }
  }
  return null
}
