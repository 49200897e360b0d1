/** What drawn cases hold, by name: so that a test can say that nothing is agreed on for want of it. */
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { Answer } from './charge.ts'
import type { MonthAnswer } from './contract.ts'
import type { ChargeCase } from './draw-case.ts'
import type { ContractCase } from './product-contract.ts'
import { sign } from './rational.ts'

const OPTIONS = [
  'filters',
  'convert',
  'included',
  'multiplier',
  'fixedPerEvent',
  'freeEvents',
  'freeAmount',
  'minimumPerEvent',
  'maximumPerEvent',
  'platformFee',
  'every',
  'timing',
  'proration',
  'values',
  'heldFor',
  'carries',
  'lastBlock',
] as const

const kindOf = (charge: Charge): string =>
  'window' in charge && charge.window !== undefined ? `${charge.kind} by the ${charge.window}` : charge.kind

const optionsOf = (charge: Charge): readonly string[] => {
  const held = charge as unknown as Record<string, unknown>
  const increment = 'increment' in charge && charge.increment ? [`increment of ${charge.increment.of}`] : []
  return [
    ...increment,
    ...OPTIONS.filter((option) => held[option] !== undefined).map((option) =>
      typeof held[option] === 'string' &&
      !['multiplier', 'platformFee'].includes(option) &&
      !/^[\d.]/.test(held[option])
        ? `${option} ${held[option]}`
        : option,
    ),
  ]
}

/** Of a charge that comes to something; of one that comes to nothing only that it does. */
export const heldByCharge = (
  asked: ChargeCase,
  { amount, includedUsed, issues }: Answer,
): readonly string[] => {
  const kind = kindOf(asked.charge)
  const said = [...issues].map((issue) => `${kind}: ${issue}`)
  if (sign(amount) === 0) return [...said, `${kind}: nothing`]
  return [
    ...said,
    `${kind}: ${sign(amount) < 0 ? 'below' : 'above'} zero`,
    ...optionsOf(asked.charge).map((option) => `${kind}: ${option}`),
    ...(asked.beforeFrom === undefined ? [] : [`${kind}: after days before`]),
    ...(sign(includedUsed) === 0 ? [] : [`${kind}: included units used`]),
    ...(asked.settings.tierFeeAtZero ? [`${kind}: fee at zero`] : []),
    ...(asked.settings.edgeUnit === 'upper' ? [`${kind}: edge of the next tier`] : []),
    `zone ${asked.timeZone}`,
    `month ${asked.month}`,
  ]
}

const heldByTerms = ({ card, contracts, beside, months }: ContractCase): readonly string[] => {
  const [first, ...later] = contracts
  const charges = [...card.versions.flatMap((version) => version.charges), ...(first?.charges ?? [])]
  const [before, after] = card.versions
  const kindIn = (id: string) => before?.charges.find((charge) => charge.id === id)?.kind
  const has = (held: unknown, name: string) => (held ? [name] : [])
  return [
    ...contracts.flatMap((contract) => [
      ...Object.keys(contract),
      ...has(contract.trial, `trial of ${contract.trial?.kind}`),
      ...has(contract.tax, `tax ${contract.tax?.kind}`),
      ...(contract.discounts ?? []).flatMap((discount) => [
        `discount of ${discount.kind === 'spend' ? `${discount.mode} spend` : discount.kind}`,
        `discount on ${discount.on.kind}`,
        ...Object.keys(discount),
      ]),
      ...(contract.commitments ?? []).map(({ period }) => `commitment by ${period}`),
      ...(contract.ramp ?? []).flatMap((step) => Object.keys(step).map((key) => `ramp of ${key}`)),
      ...Object.entries(contract.settings ?? {}).map(([key, value]) => `${key} ${value}`),
    ]),
    ...has(later.length, 'amended'),
    ...has(
      later.some(({ rateCardId }) => rateCardId !== first?.rateCardId),
      'another card',
    ),
    ...has(
      later.some(({ amendment }) => amendment === undefined),
      'written anew',
    ),
    ...has(
      contracts.some(({ billTo }) => billTo?.length === 3),
      'three addresses',
    ),
    ...has(beside, 'two contracts on one invoice'),
    ...has(months > 12, 'more than a year'),
    ...has(
      after?.charges.some(({ id, kind }) => kindIn(id) !== undefined && kindIn(id) !== kind),
      'a kind that changes',
    ),
    ...has(
      after?.charges.some(({ id }) => kindIn(id) === undefined),
      'a charge that comes later',
    ),
    ...charges.flatMap((charge) => {
      const included = 'included' in charge ? charge.included : undefined
      return [
        ...has(included?.pool, 'pool'),
        ...has(included?.rollOver, 'roll-over'),
        ...has(included?.per === 'term', 'units of the term'),
        ...has(charge.minimum, 'minimum of a line'),
        ...has(charge.maximum, 'maximum of a line'),
      ]
    }),
  ]
}

/** Of a contract of which something is due: its terms, and the lines and payments that are not zero. */
export const heldByContract = (asked: ContractCase, months: readonly MonthAnswer[]): readonly string[] => {
  const invoices = months.flatMap((month) => month.invoices)
  if (invoices.every(({ net }) => sign(net) === 0)) return ['nothing']
  const is = (amount: Parameters<typeof sign>[0], name: string) => (sign(amount) === 0 ? [] : [name])
  return [
    ...heldByTerms(asked),
    ...months.flatMap(({ issues }) => [...issues].map((issue) => `issue ${issue}`)),
    ...invoices.flatMap(({ lines, tax, topUp, paid, basis }) => [
      ...lines.flatMap(({ kind, amount }) => is(amount, `line of ${kind}`)),
      ...lines.flatMap(({ kind, amount }) => (sign(amount) < 0 ? [`${kind} below zero`] : [])),
      ...is(tax, 'tax to pay'),
      ...is(topUp, 'top-up bought'),
      ...[...paid.values()].flatMap((amount) => is(amount, 'credit drawn')),
      ...[...basis.values()].flatMap((amount) => is(amount, 'credit drawn at its cost')),
    ]),
  ]
}

/** How many of the cases hold each thing. */
export const counted = (cases: Iterable<readonly string[]>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const names of cases) for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
