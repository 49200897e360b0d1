/** The prices that rating is measured with: ten charges of eight kinds, and one contract a tenant. */
import type { DecimalText } from '../../src/domain/decimal.ts'
import type { Contract } from '../../src/domain/pricing/contract.ts'
import type { Charge, QuantityPrice } from '../../src/domain/pricing/ratecard.ts'
import { FIRST_MONTH, METRICS } from './events.ts'

const decimal = (text: string) => text as DecimalText
const unit = (amount: string, per = '1'): QuantityPrice => ({
  kind: 'per_unit',
  unitAmount: decimal(amount),
  per: decimal(per),
})
const tiers = (list: readonly (readonly [upTo: string | null, amount: string])[]) =>
  list.map(([upTo, amount]) => ({ upTo: upTo === null ? null : decimal(upTo), unitAmount: decimal(amount) }))

export const CARD_ID = 'bench'
export const CHARGES: readonly Charge[] = [
  { kind: 'flat_fee', id: 'platform', name: 'Platform', amount: decimal('99') },
  {
    kind: 'graduated',
    id: 'calls',
    name: 'Calls',
    metric: 'api.calls',
    per: decimal('1000'),
    tiers: tiers([
      ['100000', '0'],
      ['1000000', '0.40'],
      ['10000000', '0.32'],
      [null, '0.25'],
    ]),
  },
  {
    kind: 'volume',
    id: 'traffic',
    name: 'Traffic in',
    metric: 'api.bytes',
    convert: { unit: 'GB', size: decimal('1000000000') },
    per: decimal('1'),
    tiers: tiers([
      ['10', '0.09'],
      ['100', '0.08'],
      [null, '0.06'],
    ]),
  },
  {
    kind: 'time_of_day',
    id: 'compute',
    name: 'Compute',
    metric: 'compute.seconds',
    bands: [
      { name: 'office hours', from: 8, to: 18, weekdays: [1, 2, 3, 4, 5], price: unit('0.014', '1000') },
    ],
    otherwise: unit('0.008', '1000'),
  },
  {
    kind: 'per_unit',
    id: 'storage',
    name: 'Storage',
    metric: 'storage.gb_hours',
    unitAmount: decimal('0.00003'),
    per: decimal('1'),
  },
  {
    kind: 'matrix',
    id: 'egress',
    name: 'Traffic out',
    metric: 'egress.gb',
    dimensions: ['region', 'plan'],
    cells: [
      { values: ['eu-central-1', null], price: unit('0.09') },
      { values: ['us-east-1', 'enterprise'], price: unit('0.05') },
      { values: [null, 'free'], price: unit('0.12') },
      { values: [null, null], price: unit('0.10') },
    ],
  },
  {
    kind: 'package',
    id: 'jobs',
    name: 'Jobs',
    metric: 'jobs.run',
    amount: decimal('1.50'),
    size: decimal('100'),
    lastBlock: 'whole',
  },
  {
    kind: 'percentage',
    id: 'emails',
    name: 'Emails',
    metric: 'emails.sent',
    percent: decimal('0.1'),
    fixedPerEvent: decimal('0.01'),
    maximumPerEvent: decimal('0.25'),
  },
  {
    kind: 'per_unit',
    id: 'messages',
    name: 'Messages',
    metric: 'messages.sent',
    included: { quantity: decimal('1000'), per: 'month' },
    unitAmount: decimal('0.002'),
    per: decimal('1'),
  },
  {
    kind: 'graduated',
    id: 'users',
    name: 'Active users',
    metric: 'active.users',
    per: decimal('1'),
    tiers: tiers([
      ['10', '0'],
      [null, '2'],
    ]),
  },
]

export const contractOf = (customerId: string): Contract => ({
  id: `${customerId}-1`,
  customerId,
  rateCardId: CARD_ID,
  startDay: `${FIRST_MONTH}-01`,
  endDay: null,
  discountPercent: decimal('5'),
  chargeDiscounts: {},
  monthlyCommitment: decimal('50'),
})

export const CARD = {
  id: CARD_ID,
  name: 'Benchmark',
  currency: 'USD',
  effectiveFrom: `${FIRST_MONTH}-01`,
  charges: [...CHARGES],
}

/** Those that the card prices. */
export const PRICED = METRICS.filter(({ metric }) =>
  CHARGES.some((charge) => 'metric' in charge && charge.metric === metric),
)
