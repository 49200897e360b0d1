/** What is wrong with a contract that is being typed, by the field in which it is typed. */
import { contract as contractSchema } from '../../../contract/agreements.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import type { RateCard } from '../../../domain/pricing/ratecard.ts'
import { validateContract } from '../../../domain/pricing/validate-contract.ts'
import { type ContractDraft, LISTS, type List } from './contract-draft.ts'

/** Sentences by field: `startDay`, `terms.trialDays`, `discounts.0.value`, `chargeDiscounts.calls`. */
export type Problems = ReadonlyMap<string, string>

export interface Faults {
  readonly problems: Problems
  /** What no field is for. */
  readonly others: readonly string[]
}

/** Fields that are not called as the member of the contract. */
const FIELDS: Readonly<Record<string, string>> = {
  rateCardId: 'rateCardId',
  startDay: 'startDay',
  endDay: 'endDay',
  discountPercent: 'discount',
  monthlyCommitment: 'commitment',
  'topUp.threshold': 'terms.topUpThreshold',
  'topUp.amount': 'terms.topUpAmount',
  'topUp.upTo': 'terms.topUpUpTo',
  'topUp.expiresMonths': 'terms.topUpMonths',
  'uplift.percent': 'terms.upliftPercent',
  'uplift.everyMonths': 'terms.upliftMonths',
  'trial.days': 'terms.trialDays',
  'trial.amount': 'terms.trialAmount',
  'trial.quantities': 'terms.trialQuantities',
  'tax.name': 'terms.taxName',
  'tax.percent': 'terms.taxPercent',
  'renewal.months': 'terms.renewalMonths',
  'amendment.effectiveDay': 'terms.effectiveDay',
  'amendment.note': 'terms.note',
}

/** Single terms that are called as the member. */
const TERMS = [
  'rateCardVersion',
  'currency',
  'freeMonths',
  'invoiceMinimum',
  'invoiceMaximum',
  'invoiceGroup',
  'purchaseOrder',
  'renewal',
]

/** Of a row of a list, members that are typed in a field of another name. */
const MEMBERS: Readonly<Record<string, string>> = {
  id: 'name',
  percent: 'value',
  tiers: 'value',
  counts: 'scope',
  chargeIds: 'scope',
}

const memberField = (list: List, member: string): string =>
  list === 'discounts' && member === 'amount'
    ? 'value'
    : list === 'discounts' && member === 'on'
      ? 'scope'
      : (MEMBERS[member] ?? member)

const firstPart = (path: string): string => /^[^.[]*/.exec(path)?.[0] ?? ''

/** The field that a JSON path of the contract was typed in; null where there is none. */
const fieldOf = (path: string, draft: ContractDraft): string | null => {
  const known = FIELDS[path] ?? FIELDS[path.split(/[.[]/).slice(0, 2).join('.')]
  if (known !== undefined) return known
  const first = firstPart(path)
  if (TERMS.includes(first)) return `terms.${first}`
  if (path.startsWith('chargeDiscounts.')) return path
  if (path.startsWith('multipliers.')) {
    const id = path.slice('multipliers.'.length)
    const row = draft.multipliers.findLastIndex(({ charge }) => (charge ?? '').trim() === id)
    return row === -1 ? null : `multipliers.${row}.times`
  }
  const item = /^(\w+)\[(\d+)\](?:\.([^.[]+))?/.exec(path)
  const list = LISTS.find((each) => each === item?.[1])
  return item === null || list === undefined
    ? null
    : `${list}.${item[2]}.${memberField(list, item[3] ?? 'name')}`
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')

/** The contract's own words where they say what is wanted; else what a field of that name takes. */
const wordsOf = (message: string, field: string): string => {
  if (message.startsWith('Invalid ISO date')) return 'A day is needed.'
  if (/expected (number|int)/.test(message)) return 'A whole number, like 12.'
  if (/\.value$/.test(field) && message.startsWith('Too small')) return 'Tiers, like 10000=5, rest=8.'
  if (message.startsWith('Too small') && /[nN]ame$/.test(field)) return 'A name, as the invoice says it.'
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
}

/** Charges that two multipliers are for: the later would silently win. */
const multipliedTwice = ({ multipliers }: ContractDraft): readonly (readonly [string, string])[] =>
  multipliers.flatMap(({ charge }, index) =>
    multipliers.findIndex((each) => each.charge === charge) < index
      ? [[`multipliers.${index}.charge`, 'Another multiplier is for this already.'] as const]
      : [],
  )

/** Whether it is the price of a credit that was left open, and so is the amount, whose fault is said there. */
const isPriceOfCredit = (field: string, { credits }: ContractDraft): boolean => {
  const row = /^credits\.(\d+)\.costBasis$/.exec(field)?.[1]
  return row !== undefined && (credits[Number(row)]?.costBasis ?? '').trim() === ''
}

/** Faults of the document's shape where there are any, else those of what it says. */
const issuesOf = (
  contract: Contract,
  card: RateCard,
): readonly { readonly path: string; readonly message: string }[] => {
  const read = contractSchema.safeParse(contract)
  return read.success
    ? validateContract(read.data, card).map(({ column, message }) => ({ path: column ?? '', message }))
    : read.error.issues.map(({ path, message }) => ({ path: pathText(path), message }))
}

/** Everything that is wrong, each beside the field it was typed in. */
export const faultsOf = (contract: Contract, card: RateCard, draft: ContractDraft): Faults => {
  const problems = new Map<string, string>(multipliedTwice(draft))
  const others: string[] = []
  for (const { path, message } of issuesOf(contract, card)) {
    const field = fieldOf(path, draft)
    if (field !== null && isPriceOfCredit(field, draft)) continue
    if (field === null) others.push(path.startsWith('charges') ? `Own charges: ${message}` : message)
    else if (!problems.has(field)) problems.set(field, wordsOf(message, field))
  }
  return { problems, others }
}
