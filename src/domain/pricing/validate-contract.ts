/** What is wrong with a contract before it is kept, and which two contracts would bill the same usage twice. */
import { Decimal } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { type Contract, MONTHLY_COMMITMENT, type TopUp } from './contract.ts'
import type { Charge, RateCard } from './ratecard.ts'
import { cardFor, currencyOf, endDayOf, firstMonthOf } from './term.ts'
import { contractError, termIssues } from './validate-terms.ts'

/** The place of the first id that stood before; -1 where each is given once. */
const repeatedAt = (ids: readonly string[]): number => ids.findIndex((id, index) => ids.indexOf(id) !== index)

const topUpIssues = (topUp: TopUp | undefined): readonly Issue[] => {
  if (topUp === undefined) return []
  const { amount, upTo, threshold } = topUp
  if ((amount === undefined) === (upTo === undefined))
    return [
      contractError(
        'top_up_is_unclear',
        'A top-up buys either an amount or what is missing to a balance: give one of the two.',
        'topUp.amount',
      ),
    ]
  return upTo !== undefined && new Decimal(upTo).lt(threshold)
    ? [
        contractError(
          'top_up_is_below_its_threshold',
          `A top-up to ${upTo} would leave less than the ${threshold} below which it is bought. Let it go to ${threshold} or more.`,
          'topUp.upTo',
        ),
      ]
    : []
}

/** Everything wrong with a contract; columns are JSON paths. */
export const validateContract = (contract: Contract, card: RateCard): readonly Issue[] => {
  const issues: Issue[] = []
  const { startDay, endDay } = contract
  if (endDay !== null && endDay <= startDay)
    issues.push(
      contractError(
        'contract_ends_before_it_starts',
        `The contract ends (${endDay}) before it starts (${startDay}).`,
        'endDay',
      ),
    )
  if (contract.monthlyCommitment?.startsWith('-') === true)
    issues.push(contractError('commitment_is_negative', 'A commitment is zero or more.', 'monthlyCommitment'))
  issues.push(...termIssues(contract, card))
  if (card.privateTo !== undefined && !card.privateTo.includes(contract.customerId))
    issues.push(
      contractError(
        'rate_card_is_private',
        `Rate card ${card.name} is offered to named customers only, and ${contract.customerId} is none of them.`,
        'rateCardId',
      ),
    )
  const pinned = contract.rateCardVersion
  if (pinned !== undefined && !card.versions.some(({ version }) => version === pinned))
    issues.push(
      contractError(
        'version_is_unknown',
        `Rate card ${card.name} has no version ${pinned}.`,
        'rateCardVersion',
      ),
    )
  const currency = currencyOf(card, contract)
  if (
    currency !== card.currency &&
    !card.versions.some(({ otherCurrencies }) => otherCurrencies?.[currency] !== undefined)
  )
    issues.push(
      contractError(
        'currency_has_no_prices',
        `Rate card ${card.name} has no prices in ${currency}.`,
        'currency',
      ),
    )
  if (contract.renewal?.kind === 'renews' && endDay === null)
    issues.push(
      contractError(
        'renewal_without_end',
        'A contract that renews needs the day on which its term ends.',
        'renewal',
      ),
    )
  if (endDay === null)
    for (const [index, { period }] of (contract.commitments ?? []).entries())
      if (period === 'term')
        issues.push(
          contractError(
            'term_without_end',
            'A commitment for the term needs a contract that ends. Give it an end, or a renewal.',
            `commitments[${index}].period`,
          ),
        )
  const lists = {
    charges: contract.charges,
    discounts: contract.discounts,
    commitments: contract.commitments,
    credits: contract.credits,
    billTo: contract.billTo,
  }
  for (const [list, items] of Object.entries(lists)) {
    const ids = (items ?? []).map(({ id }) => id)
    const at = repeatedAt(ids)
    if (at !== -1)
      issues.push(
        contractError(
          'id_is_used_twice',
          `“${ids[at]}” stands twice in ${list}. Give each its own.`,
          `${list}[${at}].id`,
        ),
      )
  }
  issues.push(...topUpIssues(contract.topUp))
  const billed = (contract.billTo ?? []).flatMap(({ chargeIds }, index) =>
    chargeIds.map((id) => ({ id, index })),
  )
  const again = billed[repeatedAt(billed.map(({ id }) => id))]
  if (again !== undefined)
    issues.push(
      contractError(
        'id_is_used_twice',
        `“${again.id}” is on two invoices. Put it on one.`,
        `billTo[${again.index}].chargeIds`,
      ),
    )
  for (const [index, { id }] of (contract.credits ?? []).entries())
    if (id === 'trial' || id.startsWith('top-up-'))
      issues.push(
        contractError(
          'grant_id_is_taken',
          'The ids “trial” and “top-up-…” are those of grants that the program makes.',
          `credits[${index}].id`,
        ),
      )
  for (const [index, { id }] of (contract.commitments ?? []).entries())
    if (id === MONTHLY_COMMITMENT)
      issues.push(
        contractError(
          'commitment_id_is_taken',
          `The id “${id}” is that of the commitment a month. Give this one another.`,
          `commitments[${index}].id`,
        ),
      )
  if (contract.invoiceGroup !== undefined && (contract.billTo ?? []).length > 0)
    issues.push(
      contractError(
        'group_and_addresses',
        'A contract is either on an invoice with others or split over several, not both.',
        'invoiceGroup',
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
          contractError(
            'tiers_do_not_ascend',
            `${discount.name}: tiers ascend, and the last one, and no other, is open.`,
            `discounts[${index}].tiers`,
          ),
        )
    }
  return issues
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
