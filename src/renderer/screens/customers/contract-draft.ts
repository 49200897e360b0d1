/** A contract while it is being typed: text as typed in rows of small tables, read into a contract when it is saved. */
import type { Contract, Discount } from '../../../domain/pricing/contract.ts'
import type { RatingSettings } from '../../../domain/pricing/ratecard.ts'
import type { ChargeDraft } from '../rate-cards/charge-draft.ts'
import { fromCharge } from '../rate-cards/charge-to-draft.ts'

/** One row of a list; members that do not say anything are empty. Charges in scope are ids apart by commas. */
export type Row = Readonly<Record<string, string>>

export const LISTS = ['multipliers', 'discounts', 'commitments', 'credits', 'ramp', 'billTo'] as const
export type List = (typeof LISTS)[number]

export interface ContractDraft extends Readonly<Record<List, readonly Row[]>> {
  readonly rateCardId: string | null
  readonly startDay: string
  readonly endDay: string
  readonly discount: string
  readonly commitment: string
  readonly chargeDiscounts: Readonly<Record<string, string>>
  /** Single terms by their names; empty where they are not agreed. */
  readonly terms: Row
  readonly charges: readonly ChargeDraft[]
  readonly settings: RatingSettings
}

/** `a=1, b=2`, as a row of one text field holds amounts by id. */
export const pairsText = (pairs: { readonly [id: string]: string } | undefined): string =>
  Object.entries(pairs ?? {})
    .map(([id, value]) => `${id}=${value}`)
    .join(', ')

type Tiers = readonly { readonly upTo: string | null; readonly percent: string }[]

/** `10000=5, 50000=8, rest=10`. */
const tiersText = (tiers: Tiers): string =>
  tiers.map(({ upTo, percent }) => `${upTo ?? 'rest'}=${percent}`).join(', ')

const scopeText = (ids: readonly string[] | null): string => ids?.join(',') ?? ''

const kindOf = (discount: Discount): Row => {
  switch (discount.kind) {
    case 'percent':
      return { kind: 'percent', value: discount.percent }
    case 'amount':
      return { kind: 'amount', value: discount.amount }
    case 'spend':
      return { kind: discount.mode, value: tiersText(discount.tiers) }
  }
}

const listsOf = (contract: Contract): Readonly<Record<List, readonly Row[]>> => ({
  multipliers: Object.entries(contract.multipliers ?? {}).map(([charge, times]) => ({ charge, times })),
  discounts: (contract.discounts ?? []).map((discount) => ({
    id: discount.id,
    name: discount.name,
    ...kindOf(discount),
    on: discount.on.kind,
    scope: discount.on.kind === 'charges' ? scopeText(discount.on.chargeIds) : '',
    fromDay: discount.fromDay ?? '',
    untilDay: discount.untilDay ?? '',
    maximumPerMonth: discount.maximumPerMonth ?? '',
    maximumInAll: discount.maximumInAll ?? '',
    coupon: discount.coupon ?? '',
  })),
  commitments: (contract.commitments ?? []).map((each) => ({
    id: each.id,
    name: each.name,
    amount: each.amount,
    period: each.period,
    scope: scopeText(each.counts),
    overageMultiplier: each.overageMultiplier ?? '',
  })),
  credits: (contract.credits ?? []).map((each) => ({
    id: each.id,
    name: each.name,
    amount: each.amount,
    priority: String(each.priority),
    fromDay: each.fromDay,
    expiresDay: each.expiresDay ?? '',
    scope: scopeText(each.scope),
    costBasis: each.costBasis,
  })),
  ramp: (contract.ramp ?? []).map((step) => ({
    fromMonth: String(step.fromMonth),
    multiplier: step.multiplier ?? '',
    discountPercent: step.discountPercent ?? '',
    commitments: pairsText(step.commitments),
    fees: pairsText(step.fees),
  })),
  billTo: (contract.billTo ?? []).map((each) => ({
    id: each.id,
    name: each.name,
    purchaseOrder: each.purchaseOrder ?? '',
    entity: each.entity ?? '',
    scope: each.chargeIds.join(','),
  })),
})

const termsOf = (contract: Contract): Row => {
  const { topUp, uplift, trial, tax, renewal } = contract
  return {
    rateCardVersion: contract.rateCardVersion === undefined ? '' : String(contract.rateCardVersion),
    currency: contract.currency ?? '',
    topUpThreshold: topUp?.threshold ?? '',
    topUpAmount: topUp?.amount ?? '',
    topUpUpTo: topUp?.upTo ?? '',
    topUpMonths:
      topUp?.expiresMonths === undefined || topUp.expiresMonths === null ? '' : String(topUp.expiresMonths),
    upliftPercent: uplift?.percent ?? '',
    upliftMonths: uplift === undefined ? '' : String(uplift.everyMonths),
    freeMonths: contract.freeMonths?.join(', ') ?? '',
    trial: trial?.kind ?? '',
    trialDays: trial === undefined ? '' : String(trial.days),
    trialAmount: trial?.kind === 'credit' ? trial.amount : '',
    trialQuantities: trial?.kind === 'usage' ? pairsText(trial.quantities) : '',
    invoiceMinimum: contract.invoiceMinimum ?? '',
    invoiceMaximum: contract.invoiceMaximum ?? '',
    tax: tax?.kind ?? '',
    taxName: tax?.kind === 'external' ? tax.name : '',
    taxPercent: tax?.kind === 'external' ? tax.percent : '',
    invoiceGroup: contract.invoiceGroup ?? '',
    purchaseOrder: contract.purchaseOrder ?? '',
    renewal: renewal?.kind ?? '',
    renewalMonths: renewal?.kind === 'renews' ? String(renewal.months) : '',
    effectiveDay: '',
    note: '',
  }
}

export const fromContract = (contract: Contract): ContractDraft => ({
  rateCardId: contract.rateCardId,
  startDay: contract.startDay,
  endDay: contract.endDay ?? '',
  discount: contract.discountPercent,
  commitment: contract.monthlyCommitment ?? '',
  chargeDiscounts: contract.chargeDiscounts,
  ...listsOf(contract),
  terms: termsOf(contract),
  charges: contract.charges?.map(fromCharge) ?? [],
  settings: contract.settings ?? {},
})

/** Nothing agreed but a day to begin on. */
export const emptyContract = (startDay: string): ContractDraft => ({
  rateCardId: null,
  startDay,
  endDay: '',
  discount: '0',
  commitment: '',
  chargeDiscounts: {},
  multipliers: [],
  discounts: [],
  commitments: [],
  credits: [],
  ramp: [],
  billTo: [],
  terms: {},
  charges: [],
  settings: {},
})
