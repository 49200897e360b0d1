import { expect, test } from 'vitest'
import type { Customer } from '../../../src/contract/customers.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Invoice } from '../../../src/domain/invoice/invoice.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import { holdsInMonth } from '../../../src/domain/pricing/term.ts'
import type { UsageNeed } from '../../../src/domain/pricing/usage.ts'
import { contractInMonth } from '../../../src/main/bill/contract-months.ts'
import { lateUsage } from '../../../src/main/bill/late-usage.ts'
import { type RatingInput, rateMonths } from '../../../src/main/bill/rate-months.ts'

const contract = (id: string, startDay: string, endDay: string | null, customerId = 'acme'): Contract => ({
  id,
  customerId,
  rateCardId: 'list',
  startDay,
  endDay,
  discountPercent: '0' as DecimalText,
  chargeDiscounts: {},
  monthlyCommitment: null,
})
const customer = (id: string, ...tenants: string[]): Customer => ({
  id,
  name: id,
  email: null,
  tenants,
  stripeCustomerId: null,
})
const OCTOBER = '2026-10' as Month

test.each([
  ['2026-10-01', null, true],
  ['2026-10-31', null, true],
  ['2026-11-01', null, false],
  ['2020-01-01', '2026-10-01', false],
  ['2020-01-01', '2026-10-02', true],
])('a contract from %s to before %s holds in October: %s', (start, end, holds) => {
  expect(holdsInMonth(contract('c', start, end), OCTOBER)).toBe(holds)
  expect(contractInMonth([contract('c', start, end)], 'acme', OCTOBER)?.id ?? null).toBe(holds ? 'c' : null)
  expect(contractInMonth([contract('c', start, end)], 'bolt', OCTOBER)).toBeNull()
})

const asked: UsageNeed[][] = []
const input = (change: Partial<RatingInput>): RatingInput => ({
  months: [OCTOBER],
  timeZone: 'UTC',
  currency: 'USD',
  customers: [customer('acme', 'a', 'b'), customer('bolt', 'c')],
  contracts: [contract('1', '2026-01-01', null), contract('2', '2026-01-01', null, 'bolt')],
  cards: [
    {
      id: 'list',
      name: 'list',
      currency: 'USD',
      versions: [
        {
          version: 1,
          effectiveFrom: '2026-01-01',
          charges: [
            {
              kind: 'per_unit',
              id: 'calls',
              name: 'Calls',
              metric: 'calls',
              unitAmount: '0.01' as DecimalText,
              per: '1' as DecimalText,
            },
          ],
        },
      ],
    },
  ],
  metrics: [{ metric: 'calls', name: 'calls', unit: 'call', aggregation: 'sum', scale: 0 }],
  chainHead: 'head',
  asOfBatch: 7,
  earlierOf: () => [],
  invoicesOf: () => [],
  costOf: () => null,
  lateUsageOf: () => [],
  billedElsewhereOf: () => [],
  usage: async (needs) => {
    asked.push([...needs])
    const row = (index: number, tenant: string, quantity: string) => ({
      index,
      tenant,
      startMs: needs[index]?.startMs ?? 0,
      keys: [],
      quantity: quantity as DecimalText,
      events: 1,
    })
    const rows = needs.flatMap((_, index) => [
      row(index, 'a', '100'),
      row(index, 'b', '25'),
      row(index, 'nobody', '9999'),
    ])
    return { rows, openings: [] }
  },
  ...change,
})

test('a customer has what all its tenants used, one without usage a line of zero, and one question asks for all', async () => {
  asked.length = 0
  const [rated] = await rateMonths(input({}))
  expect(rated?.invoices.map(({ id, number, total, asOfBatch }) => [id, number, total, asOfBatch])).toEqual([
    ['2026-10.acme', '202610-acme', '1.25', 7],
    ['2026-10.bolt', '202610-bolt', '0', 7],
  ])
  expect(asked).toEqual([
    [{ metric: 'calls', startMs: Date.UTC(2026, 9, 1), endMs: Date.UTC(2026, 10, 1), cut: {} }],
  ])
})

test('whose a tenant is, the customers given say', async () => {
  const [rated] = await rateMonths(input({ customers: [customer('acme', 'b'), customer('bolt', 'a')] }))
  expect(rated?.invoices.map(({ total }) => total)).toEqual(['0.25', '1'])
})

test('customers that nothing can be rated for are named with the reason', async () => {
  const [rated] = await rateMonths(input({ contracts: [contract('1', '2026-01-01', null)], cards: [] }))
  expect(rated?.invoices).toEqual([])
  expect(rated?.without).toEqual([
    {
      customerId: 'acme',
      name: 'acme',
      reason: 'Its contract names the rate card list, which does not exist. Assign another.',
    },
    {
      customerId: 'bolt',
      name: 'bolt',
      reason: 'No rate card is assigned for this month. Assign one on the customer’s page.',
    },
  ])
})

test('what rolls over on a card that an amendment leaves later still goes from month to month before it', async () => {
  const [listed] = input({}).cards
  const charge = listed?.versions[0]?.charges[0]
  if (listed === undefined || charge === undefined) throw new Error('there is no card')
  const included = { quantity: '100' as DecimalText, per: 'month', rollOver: { months: 1, maximum: null } }
  const rolling = {
    ...listed,
    versions: [{ ...listed.versions[0], charges: [{ ...charge, included }] }],
  } as RateCard
  const first = contract('1', '2026-09-01', null)
  const amended: Contract = {
    ...first,
    rateCardId: 'plain',
    amendment: { effectiveDay: '2026-11-01', note: 'without included calls' },
  }
  const [rated] = await rateMonths(
    input({
      customers: [customer('acme', 'a')],
      contracts: [amended],
      earlierOf: () => [first],
      cards: [rolling, { ...listed, id: 'plain' }],
      usage: async (needs) => ({
        rows: needs.map(({ startMs }, index) => ({
          index,
          tenant: 'a',
          startMs,
          keys: [],
          quantity: (startMs < Date.UTC(2026, 9, 1) ? '20' : '150') as DecimalText,
          events: 1,
        })),
        openings: [],
      }),
    }),
  )
  // 80 are left of September's 100, so October's 150 are all included.
  expect(rated?.invoices.map(({ total }) => total)).toEqual(['0'])
})

test('late usage is on the invoice that bills it, so that it is billed once whichever address is approved first', async () => {
  const fee: Charge = { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: '10' as DecimalText }
  const { cards } = input({})
  const [list] = cards
  const charges = [fee, ...(list?.versions[0]?.charges ?? [])]
  const september = '2026-09' as Month
  const late = {
    month: september,
    tenant: 'a',
    metric: 'calls',
    quantity: '40' as DecimalText,
    afterBatch: 3,
  }
  const acme = contract('1', '2026-09-01', null)
  const addresses = [
    { id: 'office', name: 'Office', chargeIds: ['fee'] },
    { id: 'works', name: 'Works', chargeIds: ['calls'] },
  ]
  const given = {
    customers: [customer('acme', 'a', 'b')],
    contracts: [{ ...acme, billTo: addresses }],
    cards: [{ ...(list as RateCard), versions: [{ version: 1, effectiveFrom: '2026-01-01', charges }] }],
    lateUsageOf: () => [late],
  }
  const [rated] = await rateMonths(input(given))
  const [office, works] = rated?.invoices ?? []
  expect(
    [office, works].map((each) => [each?.billTo?.id, each?.total, each?.late, each?.issues.length]),
  ).toEqual([
    ['office', '10', undefined, 0],
    ['works', '1.65', [late], 1],
  ])
  const standing = { ...(works as Invoice), month: OCTOBER, state: 'approved' as const }
  const { pending } = lateUsage({
    customers: given.customers,
    contracts: given.contracts,
    invoices: [{ ...standing, id: 'september', month: september, asOfBatch: 3, late: [] }, standing],
    closed: new Set(),
    tenantsOf: () => ['a', 'b'],
  })
  const arrival = { month: september, day: '2026-09-30', tenant: 'a', metric: 'calls', batchId: 5 }
  expect(pending([{ ...arrival, quantity: late.quantity }])).toEqual([])
})
