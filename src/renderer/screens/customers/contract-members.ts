/** The terms of a contract as fields: what each is called and how it is typed. */
import type { List, Row } from './contract-draft.ts'
import type { Member } from './list-form.tsx'

const SCOPE: Member = { key: 'scope', label: 'Charges', kind: 'scope', w: 220 }
const NAME: Member = { key: 'name', label: 'Name', kind: 'text', w: 160 }
const isSpend = ({ kind }: Row) => kind === 'volume' || kind === 'graduated'

interface ListTerms {
  readonly word: string
  readonly members: readonly Member[]
  readonly start: Row
  readonly isOrdered?: boolean
}

export const LIST_TERMS: Readonly<Record<List, ListTerms>> = {
  multipliers: {
    word: 'multiplier',
    start: { charge: '*', times: '' },
    members: [
      { key: 'charge', label: 'Charge', kind: 'charge', w: 190 },
      { key: 'times', label: 'Times the list rate', kind: 'decimal', placeholder: '0.9' },
    ],
  },
  discounts: {
    word: 'discount',
    isOrdered: true,
    start: { name: '', kind: 'percent', value: '', on: 'charges' },
    members: [
      NAME,
      {
        key: 'kind',
        label: 'Kind',
        w: 190,
        kind: [
          { value: 'percent', label: 'Percent' },
          { value: 'amount', label: 'Amount a month' },
          { value: 'volume', label: 'By spend, its tier on all' },
          { value: 'graduated', label: 'By spend, each tier on its part' },
        ],
      },
      { key: 'value', label: 'Percent or amount', kind: 'decimal', when: (row) => !isSpend(row) },
      {
        key: 'value',
        label: 'Percent by spend up to',
        kind: 'text',
        w: 230,
        placeholder: '10000=5, 50000=8, rest=10',
        when: isSpend,
      },
      {
        key: 'on',
        label: 'Taken from',
        w: 130,
        kind: [
          { value: 'charges', label: 'Charges' },
          { value: 'invoice', label: 'The invoice' },
        ],
      },
      { ...SCOPE, when: ({ on }) => on !== 'invoice' },
      { key: 'fromDay', label: 'From', kind: 'day', w: 140 },
      { key: 'untilDay', label: 'Until before', kind: 'day', w: 140 },
      { key: 'maximumPerMonth', label: 'At most a month', kind: 'decimal' },
      { key: 'maximumInAll', label: 'At most in all', kind: 'decimal' },
      { key: 'coupon', label: 'Coupon', kind: 'text' },
    ],
  },
  commitments: {
    word: 'commitment',
    start: { name: 'Minimum spend', amount: '', period: 'year' },
    members: [
      NAME,
      { key: 'amount', label: 'Amount', kind: 'decimal' },
      {
        key: 'period',
        label: 'Each',
        w: 110,
        kind: [
          { value: 'month', label: 'Month' },
          { value: 'quarter', label: 'Quarter' },
          { value: 'year', label: 'Year' },
          { value: 'term', label: 'Term' },
        ],
      },
      SCOPE,
      { key: 'overageMultiplier', label: 'Beyond it, times', kind: 'decimal', placeholder: '1' },
    ],
  },
  credits: {
    word: 'credit',
    start: { name: 'Prepaid credit', amount: '', priority: '1', fromDay: '', expiresDay: '' },
    members: [
      NAME,
      { key: 'amount', label: 'Amount', kind: 'decimal' },
      { key: 'costBasis', label: 'Paid for it', kind: 'decimal', placeholder: 'the amount' },
      { key: 'priority', label: 'Priority', kind: 'decimal', w: 80 },
      { key: 'fromDay', label: 'From', kind: 'day', w: 140 },
      { key: 'expiresDay', label: 'Expires before', kind: 'day', w: 140 },
      SCOPE,
    ],
  },
  ramp: {
    word: 'ramp step',
    start: { fromMonth: '' },
    members: [
      { key: 'fromMonth', label: 'From month of the term', kind: 'decimal', w: 160, placeholder: '13' },
      { key: 'multiplier', label: 'Times list', kind: 'decimal', placeholder: '1' },
      { key: 'discountPercent', label: 'Discount (%)', kind: 'decimal' },
      {
        key: 'commitments',
        label: 'Commitments by ID',
        kind: 'text',
        w: 210,
        placeholder: 'minimum-spend=60000',
      },
      {
        key: 'fees',
        label: 'Flat fees by charge ID',
        kind: 'text',
        w: 210,
        placeholder: ([first]) => `${first?.value ?? 'platform-fee'}=750`,
      },
    ],
  },
  billTo: {
    word: 'invoice address',
    start: { name: '' },
    members: [
      NAME,
      { key: 'entity', label: 'Entity', kind: 'text', w: 160 },
      { key: 'purchaseOrder', label: 'Purchase order', kind: 'text', w: 130 },
      { ...SCOPE, placeholder: 'Charges on it' },
    ],
  },
}

interface TermGroup {
  readonly members: readonly Member[]
}

const numberOf = (key: string, label: string, placeholder?: string): Member => ({
  key,
  label,
  kind: 'decimal',
  w: 150,
  ...(placeholder === undefined ? {} : { placeholder }),
})

/** Single terms by their section. */
export const TERM_GROUPS = {
  topUp: {
    members: [
      numberOf('topUpThreshold', 'When credit is below'),
      numberOf('topUpAmount', 'Buy credit of'),
      numberOf('topUpUpTo', 'Or up to a balance of'),
      numberOf('topUpMonths', 'Which expires after (months)', 'never'),
    ],
  },
  uplift: {
    members: [
      numberOf('upliftPercent', 'List prices rise by (%)'),
      numberOf('upliftMonths', 'Every (months)', '12'),
    ],
  },
  trial: {
    members: [
      { key: 'freeMonths', label: 'Free months of the term', kind: 'text', w: 170, placeholder: '1, 2' },
      {
        key: 'trial',
        label: 'Trial',
        w: 170,
        kind: [
          { value: '', label: 'None' },
          { value: 'days', label: 'Days that cost nothing' },
          { value: 'credit', label: 'Credit to try with' },
          { value: 'usage', label: 'Units to try with' },
        ],
      },
      { ...numberOf('trialDays', 'For days'), when: ({ trial }) => (trial ?? '') !== '' },
      { ...numberOf('trialAmount', 'Credit'), when: ({ trial }) => trial === 'credit' },
      {
        key: 'trialQuantities',
        label: 'Units by charge ID',
        kind: 'text',
        w: 200,
        placeholder: ([first]) => `${first?.value ?? 'api-calls'}=100000`,
        when: ({ trial }) => trial === 'usage',
      },
    ],
  },
  invoice: {
    members: [
      numberOf('invoiceMinimum', 'Invoice at least'),
      numberOf('invoiceMaximum', 'Invoice at most'),
      { key: 'purchaseOrder', label: 'Purchase order', kind: 'text', w: 150 },
      {
        key: 'invoiceGroup',
        label: 'On one invoice with',
        kind: 'text',
        w: 170,
        placeholder: 'a word they share',
      },
    ],
  },
  tax: {
    members: [
      {
        key: 'tax',
        label: 'Tax',
        w: 200,
        kind: [
          { value: '', label: 'Not said' },
          { value: 'none', label: 'None' },
          { value: 'stripe', label: 'Left to Stripe Tax' },
          { value: 'external', label: 'A rate known elsewhere' },
        ],
      },
      {
        key: 'taxName',
        label: 'Name of the tax',
        kind: 'text',
        w: 140,
        when: ({ tax }) => tax === 'external',
      },
      { ...numberOf('taxPercent', 'Rate (%)'), when: ({ tax }) => tax === 'external' },
    ],
  },
  renewal: {
    members: [
      {
        key: 'renewal',
        label: 'At the end of the term',
        w: 170,
        kind: [
          { value: '', label: 'Not said' },
          { value: 'ends', label: 'It ends' },
          { value: 'renews', label: 'It renews' },
        ],
      },
      { ...numberOf('renewalMonths', 'For months', '12'), when: ({ renewal }) => renewal === 'renews' },
    ],
  },
} as const satisfies Readonly<Record<string, TermGroup>>
