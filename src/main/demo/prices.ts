/** What the fictional company measures and what it charges. */
import type { DecimalText } from '../../domain/decimal.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Charge } from '../../domain/pricing/ratecard.ts'
import type { CardId } from './company.ts'
import type { DemoPlan } from './plan.ts'

export const METRICS: readonly Metric[] = [
  { metric: 'api.calls', name: 'API calls', unit: 'call', aggregation: 'sum', scale: 0 },
  { metric: 'compute.seconds', name: 'Compute', unit: 'second', aggregation: 'sum', scale: 3 },
  { metric: 'storage.gb_hours', name: 'Storage', unit: 'GB-hour', aggregation: 'sum', scale: 6 },
  { metric: 'egress.bytes', name: 'Traffic out', unit: 'byte', aggregation: 'sum', scale: 0 },
  { metric: 'seats', name: 'Seats', unit: 'seat', aggregation: 'max', scale: 0 },
  {
    metric: 'active.users',
    name: 'Active users',
    unit: 'user',
    aggregation: 'unique_count',
    scale: 0,
    uniqueBy: 'user',
  },
]

export interface DemoCard {
  /** Of the card that customers are on, or of one that is drafted for later. */
  readonly id: CardId | 'enterprise'
  readonly name: string
  readonly versions: readonly {
    readonly effectiveFrom: string
    readonly charges: readonly Charge[]
    readonly note: string
  }[]
}

const amount = (text: string) => text as DecimalText

const fee = (price: string): Charge => ({
  kind: 'flat_fee',
  id: 'platform-fee',
  name: 'Platform fee',
  amount: amount(price),
})

const perUnit = (id: string, name: string, metric: string, price: string, per = '1'): Charge => ({
  kind: 'per_unit',
  id,
  name,
  metric,
  unitAmount: amount(price),
  per: amount(per),
})

const calls = (...tiers: readonly (readonly [upTo: string | null, price: string])[]): Charge => ({
  kind: 'graduated',
  id: 'api-calls',
  name: 'API calls',
  metric: 'api.calls',
  per: amount('1000'),
  tiers: tiers.map(([upTo, price]) => ({
    upTo: upTo === null ? null : amount(upTo),
    unitAmount: amount(price),
  })),
})

const usage = (compute: string, storage: string, egress: string): Charge[] => [
  perUnit('compute', 'Compute', 'compute.seconds', compute, '1000'),
  perUnit('storage', 'Storage', 'storage.gb_hours', storage, '1000'),
  perUnit('egress', 'Traffic out', 'egress.bytes', egress, '1000000000'),
]

const people = (seat: string, user: string): Charge[] => [
  perUnit('seats', 'Seats', 'seats', seat),
  perUnit('active-users', 'Active users', 'active.users', user),
]

/** What the next year's contracts might be priced by: nobody is on it yet, so no invoice depends on it. */
const enterprise = (from: string): DemoCard => ({
  id: 'enterprise',
  name: 'Enterprise 2027 (proposed)',
  versions: [
    {
      effectiveFrom: from,
      note: 'Proposed for renewals: one fee a year, regions priced apart, nothing rounded away',
      charges: [
        { ...fee('48000'), every: 12, timing: 'advance', name: 'Platform fee a year' } as Charge,
        {
          ...calls(['10000000', '0.30'], ['100000000', '0.26'], [null, '0.22']),
          included: {
            quantity: amount('5000000'),
            per: 'month',
            rollOver: { months: 2, maximum: amount('10000000') },
          },
        } as Charge,
        {
          kind: 'matrix',
          id: 'storage',
          name: 'Storage by region',
          metric: 'storage.gb_hours',
          dimensions: ['region'],
          cells: [
            { values: ['eu'], price: { kind: 'per_unit', unitAmount: amount('0.09'), per: amount('1000') } },
            { values: ['us'], price: { kind: 'per_unit', unitAmount: amount('0.08'), per: amount('1000') } },
            { values: [null], price: { kind: 'per_unit', unitAmount: amount('0.12'), per: amount('1000') } },
          ],
        },
        {
          kind: 'package',
          id: 'compute',
          name: 'Compute in blocks',
          metric: 'compute.seconds',
          amount: amount('20'),
          size: amount('100000'),
          lastBlock: 'whole',
          minimum: amount('100'),
        },
        {
          kind: 'volume',
          id: 'egress',
          name: 'Traffic out',
          metric: 'egress.bytes',
          per: amount('1'),
          tiers: [
            { upTo: amount('1000'), unitAmount: amount('0.08') },
            { upTo: null, unitAmount: amount('0.06'), flatAmount: amount('10') },
          ],
          convert: { unit: 'GB', size: amount('1000000000') },
        },
        {
          kind: 'stair_step',
          id: 'active-users',
          name: 'Active users',
          metric: 'active.users',
          steps: [
            { upTo: amount('50'), amount: amount('100') },
            { upTo: amount('500'), amount: amount('600') },
            { upTo: null, amount: amount('2000') },
          ],
        },
      ],
    },
  ],
})

export const cardsOf = (plan: DemoPlan): readonly DemoCard[] => {
  const from = `${plan.months[0]}-01`
  const tail = [...usage('0.28', '0.10', '0.08'), ...people('25', '3')]
  return [
    {
      id: 'api-platform',
      name: 'API platform',
      versions: [
        {
          effectiveFrom: from,
          charges: [
            fee('500'),
            calls(['1000000', '0'], ['10000000', '0.38'], ['50000000', '0.31'], [null, '0.27']),
            ...tail,
          ],
          note: 'List prices of the year',
        },
        {
          effectiveFrom: plan.priceChangeDay,
          charges: [
            fee('500'),
            calls(['1000000', '0'], ['10000000', '0.40'], ['50000000', '0.335'], [null, '0.29']),
            ...tail,
          ],
          note: 'API calls dearer from the 15th, announced 60 days before',
        },
      ],
    },
    {
      id: 'scale',
      name: 'Scale',
      versions: [
        {
          effectiveFrom: from,
          charges: [
            fee('2500'),
            calls(['10000000', '0.33'], ['60000000', '0.29'], [null, '0.255']),
            ...usage('0.24', '0.085', '0.07'),
            ...people('20', '2.5'),
          ],
          note: 'For ten million calls a month and more',
        },
      ],
    },
    {
      id: 'starter',
      name: 'Starter',
      versions: [
        {
          effectiveFrom: from,
          charges: [
            fee('199'),
            perUnit('api-calls', 'API calls', 'api.calls', '0.5', '1000'),
            perUnit('storage', 'Storage', 'storage.gb_hours', '0.12', '1000'),
            ...people('15', '2'),
          ],
          note: 'No compute or traffic charge',
        },
      ],
    },
    enterprise(from),
  ]
}
