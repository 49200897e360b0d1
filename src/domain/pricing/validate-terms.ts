/** Terms of a contract that could never hold: amounts below zero, names of nothing, days in the wrong order. */
import { Decimal, type DecimalText } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { type Contract, MONTHLY_COMMITMENT } from './contract.ts'
import { formatAmount } from './format.ts'
import type { RateCard } from './ratecard.ts'
import { currencyOf, endDayOf } from './term.ts'

export const contractError = (code: string, message: string, column: string): Issue => ({
  severity: 'error',
  code,
  message,
  column,
})

const given = <Value>(column: string, name: string, value: Value | undefined) =>
  value === undefined ? [] : [[column, name, value] as const]

/** Amounts of a contract that must not be negative, by where they stand. */
const amountsOf = (contract: Contract): readonly (readonly [string, string, DecimalText])[] => [
  ...(contract.discounts ?? []).flatMap((each, index) => [
    ...given(`discounts[${index}].amount`, each.name, each.kind === 'amount' ? each.amount : undefined),
    ...given(`discounts[${index}].maximumPerMonth`, each.name, each.maximumPerMonth),
    ...given(`discounts[${index}].maximumInAll`, each.name, each.maximumInAll),
  ]),
  ...(contract.commitments ?? []).map(
    (each, index) => [`commitments[${index}].amount`, each.name, each.amount] as const,
  ),
  ...(contract.credits ?? []).flatMap((each, index) => [
    [`credits[${index}].amount`, each.name, each.amount] as const,
    [`credits[${index}].costBasis`, each.name, each.costBasis] as const,
  ]),
  ...given('topUp.threshold', 'the top-up', contract.topUp?.threshold),
  ...given('topUp.amount', 'the top-up', contract.topUp?.amount),
  ...given('topUp.upTo', 'the top-up', contract.topUp?.upTo),
  ...given('invoiceMinimum', 'the minimum of the invoice', contract.invoiceMinimum),
  ...given('invoiceMaximum', 'the maximum of the invoice', contract.invoiceMaximum),
  ...(contract.ramp ?? []).flatMap((step, index) => [
    ...Object.entries(step.commitments ?? {}).flatMap(([id, amount]) =>
      given(`ramp[${index}].commitments`, id, amount),
    ),
    ...Object.entries(step.fees ?? {}).flatMap(([id, amount]) => given(`ramp[${index}].fees`, id, amount)),
  ]),
]

/** How many times something costs, which is never less than nothing. */
const timesOf = (contract: Contract): readonly (readonly [string, string, DecimalText])[] => [
  ...Object.entries(contract.multipliers ?? {}).flatMap(([id, times]) =>
    given(`multipliers.${id}`, 'A multiplier', times),
  ),
  ...(contract.commitments ?? []).flatMap((each, index) =>
    given(`commitments[${index}].overageMultiplier`, each.name, each.overageMultiplier),
  ),
  ...(contract.ramp ?? []).flatMap((step, index) =>
    given(`ramp[${index}].multiplier`, `The ramp from month ${step.fromMonth}`, step.multiplier),
  ),
]

/** Charges that the contract names, by where it does. */
const chargesNamed = (contract: Contract): readonly (readonly [string, readonly string[]])[] => [
  ['chargeDiscounts', Object.keys(contract.chargeDiscounts)],
  ['multipliers', Object.keys(contract.multipliers ?? {}).filter((id) => id !== '*')],
  ...(contract.discounts ?? []).map(
    ({ on }, index) => [`discounts[${index}].on`, on.kind === 'charges' ? (on.chargeIds ?? []) : []] as const,
  ),
  ...(contract.commitments ?? []).map(
    ({ counts }, index) => [`commitments[${index}].counts`, counts ?? []] as const,
  ),
  ...(contract.credits ?? []).map(({ scope }, index) => [`credits[${index}].scope`, scope ?? []] as const),
  ...(contract.ramp ?? []).map(
    ({ fees }, index) => [`ramp[${index}].fees`, Object.keys(fees ?? {})] as const,
  ),
  [
    'trial.quantities',
    contract.trial?.kind === 'usage' ? Object.keys(contract.trial.quantities) : [],
  ] as const,
  ...(contract.billTo ?? []).map(
    ({ chargeIds }, index) => [`billTo[${index}].chargeIds`, chargeIds] as const,
  ),
]

/** Names a contract gives to charges or commitments that are not there: what they say would silently never hold. */
const unknownNames = (contract: Contract, card: RateCard): Issue[] => {
  const charges = new Map(
    [
      ...card.versions.flatMap((version) => [
        ...version.charges,
        ...Object.values(version.otherCurrencies ?? {}).flat(),
      ]),
      ...(contract.charges ?? []),
    ].map(({ id, name }) => [id, name]),
  )
  const commitments = new Map([
    ...(contract.monthlyCommitment === null ? [] : [[MONTHLY_COMMITMENT, 'the commitment a month'] as const]),
    ...(contract.commitments ?? []).map(({ id, name }) => [id, name] as const),
  ])
  const choices = (names: ReadonlyMap<string, string>): string =>
    [...names].map(([id, name]) => (name === '' || name === id ? id : `${id} (${name})`)).join(', ')
  const wrongCharges = chargesNamed(contract).flatMap(([column, ids]) => {
    const unknown = ids.find((id) => !charges.has(id))
    return unknown === undefined
      ? []
      : [
          contractError(
            'charge_is_unknown',
            `Neither rate card ${card.name} nor the contract has a charge “${unknown}”. There are ${choices(charges)}.`,
            column,
          ),
        ]
  })
  const wrongCommitments = (contract.ramp ?? []).flatMap((step, index) => {
    const unknown = Object.keys(step.commitments ?? {}).find((id) => !commitments.has(id))
    return unknown === undefined
      ? []
      : [
          contractError(
            'commitment_is_unknown',
            `The contract has no commitment “${unknown}”. ${commitments.size === 0 ? 'It has none.' : `There are ${choices(commitments)}.`}`,
            `ramp[${index}].commitments`,
          ),
        ]
  })
  return [...wrongCharges, ...wrongCommitments]
}

/** Days and bounds that leave nothing between them. */
const wrongOrder = (contract: Contract): Issue[] => {
  const { invoiceMinimum, invoiceMaximum, amendment, startDay } = contract
  const endDay = endDayOf(contract)
  const spans: readonly (readonly [string, string, string | undefined, string | null | undefined])[] = [
    ...(contract.discounts ?? []).map(
      (each, index) => [`discounts[${index}].untilDay`, each.name, each.fromDay, each.untilDay] as const,
    ),
    ...(contract.credits ?? []).map(
      (each, index) => [`credits[${index}].expiresDay`, each.name, each.fromDay, each.expiresDay] as const,
    ),
  ]
  return [
    ...spans.flatMap(([column, name, from, until]) =>
      from === undefined || until === undefined || until === null || from < until
        ? []
        : [
            contractError(
              'days_in_wrong_order',
              `${name} ends (${until}) before it starts (${from}).`,
              column,
            ),
          ],
    ),
    ...(invoiceMinimum !== undefined &&
    invoiceMaximum !== undefined &&
    new Decimal(invoiceMinimum).gt(invoiceMaximum)
      ? [
          contractError(
            'minimum_above_maximum',
            'The invoice’s minimum is above its maximum. Lower one or raise the other.',
            'invoiceMinimum',
          ),
        ]
      : []),
    ...(amendment !== undefined &&
    (amendment.effectiveDay < startDay || (endDay !== null && amendment.effectiveDay >= endDay))
      ? [
          contractError(
            'amendment_outside_term',
            `The change takes effect on ${amendment.effectiveDay}; the contract holds from ${startDay}${endDay === null ? '' : ` until before ${endDay}`}.`,
            'amendment.effectiveDay',
          ),
        ]
      : []),
  ]
}

const belowZero = (contract: Contract, card: RateCard): Issue[] => [
  ...amountsOf(contract).flatMap(([column, name, amount]) =>
    amount.startsWith('-')
      ? [
          contractError(
            'amount_is_negative',
            `${name}: ${formatAmount(amount, currencyOf(card, contract))} is negative. Amounts are zero or more.`,
            column,
          ),
        ]
      : [],
  ),
  ...timesOf(contract).flatMap(([column, name, times]) =>
    times.startsWith('-')
      ? [
          contractError(
            'multiplier_is_negative',
            `${name}: ${times} times is negative. Zero makes it free; above one it costs more.`,
            column,
          ),
        ]
      : [],
  ),
]

/** What is wrong with single terms; columns are JSON paths. */
export const termIssues = (contract: Contract, card: RateCard): readonly Issue[] => [
  ...belowZero(contract, card),
  ...wrongOrder(contract),
  ...unknownNames(contract, card),
]
