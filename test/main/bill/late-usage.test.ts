/** Every unit is billed once, whatever the order in which usage comes and months are run, approved and closed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sumDecimals } from '../../../src/domain/decimal.ts'
import type { Invoice, InvoiceState } from '../../../src/domain/invoice/invoice.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { invoiceIdOf } from '../../../src/main/bill/contract-months.ts'
import { type Arrival, lateUsage, tenantsBilledBy } from '../../../src/main/bill/late-usage.ts'

const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04'] as Month[]
/** Open for good, and rated when all is over. */
const LAST = '2026-05' as Month
const OWNERS = { a: 'acme', b: 'acme', c: 'bolt' } as const
type Tenant = keyof typeof OWNERS

const customer = (id: string, tenants: string[]) => ({
  id,
  name: id,
  email: null,
  tenants,
  stripeCustomerId: null,
})
const contract = (customerId: string, startDay = '2020-01-01', endDay: string | null = null): Contract => ({
  id: `${customerId}-1`,
  customerId,
  rateCardId: 'list',
  startDay,
  endDay,
  discountPercent: '0' as never,
  chargeDiscounts: {},
  monthlyCommitment: null,
})

/** A book that counts units only: what a run does, without prices. */
const openBook = () => {
  let batchId = 0
  let owners: Record<string, string> = { ...OWNERS }
  const arrivals: Arrival[] = []
  const invoices = new Map<string, Invoice & { readonly units: string; readonly tenants: string[] }>()
  const closed = new Set<Month>()
  const customers = () =>
    ['acme', 'bolt'].map((id) =>
      customer(
        id,
        Object.keys(owners).filter((each) => owners[each] === id),
      ),
    )
  const rules = () =>
    lateUsage({
      customers: customers(),
      contracts: [contract('acme'), contract('bolt')],
      invoices: [...invoices.values()],
      closed,
      tenantsOf,
    })
  const tenantsOf = ({ id }: Invoice) => invoices.get(id)?.tenants ?? []
  const isBilledToTwo = (invoice: Invoice, other: (invoice: Invoice) => boolean): boolean =>
    [...invoices.values()].some(
      (each) =>
        each.month === invoice.month &&
        each.id !== invoice.id &&
        other(each) &&
        tenantsBilledBy(each, tenantsOf).some((tenant) =>
          tenantsBilledBy(invoice, tenantsOf).includes(tenant),
        ),
    )
  const book = {
    arrive: (service: Month, tenant: Tenant, quantity: number) => {
      let month = service
      while (closed.has(month)) month = MONTHS[MONTHS.indexOf(month) + 1] ?? LAST
      batchId++
      arrivals.push({
        month,
        day: `${month}-01`,
        tenant,
        metric: 'calls',
        batchId,
        quantity: String(quantity) as never,
      })
    },
    run: (month: Month) => {
      const { pending, standing, billedElsewhere } = rules()
      const waiting = pending(arrivals)
      for (const { id, tenants } of customers()) {
        const invoiceId = invoiceIdOf(month, id)
        if (closed.has(month) || standing.has(invoiceId)) continue
        const late = waiting.filter((each) => each.customerId === id && each.billedIn === month)
        const tenantsElsewhere = billedElsewhere(id, month, tenants).map((each) => each.tenant)
        const own = arrivals.filter(
          (each) =>
            each.month === month && tenants.includes(each.tenant) && !tenantsElsewhere.includes(each.tenant),
        )
        invoices.set(invoiceId, {
          id: invoiceId,
          customerId: id,
          month,
          state: 'draft',
          asOfBatch: batchId,
          contractId: `${id}-1`,
          lines: [],
          late: late.map((each) => each.late),
          units: sumDecimals([...own, ...late.map((each) => each.late)].map(({ quantity }) => quantity)),
          tenants: [...tenants],
          ...(tenantsElsewhere.length === 0 ? {} : { tenantsElsewhere }),
        } as unknown as Invoice & { units: string; tenants: string[] })
      }
    },
    approve: (month: Month, customerId: string) => {
      const invoice = invoices.get(invoiceIdOf(month, customerId))
      const { billedThrough } = rules()
      if (
        invoice?.state === 'draft' &&
        !isBilledToTwo(invoice, ({ state }) => state !== 'draft') &&
        !invoice.late?.some((late) => billedThrough(late, invoice.id) !== late.afterBatch)
      )
        invoices.set(invoice.id, { ...invoice, state: 'approved' })
    },
    /**
     * A month whose customers have no invoices is one that a person decided not to bill. Nobody closes one whose drafts
     * are of before and after a move.
     */
    close: (month: Month) => {
      const own = [...invoices.values()].filter((each) => each.month === month)
      if (own.length === 2 && !own.some((each) => isBilledToTwo(each, () => true))) closed.add(month)
    },
    move: (tenant: Tenant, customerId: string) => {
      owners = { ...owners, [tenant]: customerId }
    },
    /** Runs and approves a month for both. */
    settle: (month: Month) => {
      book.run(month)
      for (const id of ['acme', 'bolt']) book.approve(month, id)
    },
    finish: () => {
      for (const month of [...MONTHS, LAST]) book.settle(month)
    },
    billed: () => sumDecimals([...invoices.values()].map(({ units }) => units as never)),
    came: () => sumDecimals(arrivals.map(({ quantity }) => quantity)),
    unapproved: () =>
      [...invoices.values()].filter(({ state, month }) => state === 'draft' && !closed.has(month)).length,
  }
  return book
}

const month = fc.constantFrom(...MONTHS)
const tenant = fc.constantFrom<Tenant>('a', 'b', 'c')
const customerId = fc.constantFrom('acme', 'bolt')
type Step = (book: ReturnType<typeof openBook>) => void
const stepsOf = (quantity: fc.Arbitrary<number>, more: fc.Arbitrary<Step>[]) =>
  fc.array(
    fc.oneof(
      fc.tuple(month, tenant, quantity).map(
        ([...given]): Step =>
          (book) =>
            book.arrive(...given),
      ),
      month.map(
        (each): Step =>
          (book) =>
            book.run(each),
      ),
      fc.tuple(month, customerId).map(
        ([...given]): Step =>
          (book) =>
            book.approve(...given),
      ),
      month.map(
        (each): Step =>
          (book) =>
            book.close(each),
      ),
      ...more,
    ),
    { maxLength: 40 },
  )

test('what all invoices bill is what came, reversals included', () => {
  fc.assert(
    fc.property(stepsOf(fc.integer({ min: -20, max: 50 }), []), (steps) => {
      const book = openBook()
      for (const step of steps) step(book)
      book.finish()
      expect([book.billed(), book.unapproved()]).toEqual([book.came(), 0])
    }),
    { numRuns: 3000 },
  )
})

test('nothing is billed to two customers where tenants move between them', () => {
  const move = fc.tuple(tenant, customerId).map(
    ([...given]): Step =>
      (book) =>
        book.move(...given),
  )
  const settle = month.map(
    (each): Step =>
      (book) =>
        book.settle(each),
  )
  fc.assert(
    fc.property(stepsOf(fc.integer({ min: 1, max: 50 }), [move, settle]), (steps) => {
      const book = openBook()
      for (const step of steps) step(book)
      book.finish()
      expect(Number(book.billed())).toBeLessThanOrEqual(Number(book.came()))
    }),
    { numRuns: 3000 },
  )
})

const invoice = (month: string, state: InvoiceState, asOfBatch: number, customerId = 'acme'): Invoice =>
  ({
    id: `${month}.${customerId}`,
    customerId,
    month,
    state,
    asOfBatch,
    contractId: `${customerId}-1`,
    lines: [],
  }) as unknown as Invoice

/** 5 calls of acme that came with batch 9 for 20 January. */
const billedIn = (change: {
  invoices?: Invoice[]
  closed?: string[]
  contracts?: Contract[]
}): string | null | undefined =>
  lateUsage({
    customers: [customer('acme', ['a']), customer('bolt', ['c'])],
    contracts: change.contracts ?? [contract('acme')],
    invoices: change.invoices ?? [invoice('2026-01', 'approved', 5)],
    closed: new Set(change.closed as Month[]),
    tenantsOf: () => [],
  }).pending([
    {
      month: '2026-01' as Month,
      day: '2026-01-20',
      tenant: 'a',
      metric: 'calls',
      batchId: 9,
      quantity: '5' as never,
    },
  ])[0]?.billedIn

const JANUARY = (state: InvoiceState, asOfBatch = 5) => invoice('2026-01', state, asOfBatch)
test.each<[what: string, where: string | null | undefined, change: Parameters<typeof billedIn>[0]]>([
  ['after approval', '2026-02', {}],
  ['after delivery', '2026-02', { invoices: [JANUARY('delivered')] }],
  ['while the invoice is a draft: it is renewed', undefined, { invoices: [JANUARY('draft')] }],
  ['a draft whose month is closed stands', '2026-02', { invoices: [JANUARY('draft')], closed: ['2026-01'] }],
  ['a void invoice: the month is run again', undefined, { invoices: [JANUARY('void')] }],
  ['no invoice in the month', undefined, { invoices: [] }],
  ['only another customer’s invoice', undefined, { invoices: [invoice('2026-01', 'approved', 5, 'bolt')] }],
  ['before the invoice was computed', undefined, { invoices: [JANUARY('approved', 9)] }],
  ['the next month is closed without an invoice', '2026-03', { closed: ['2026-01', '2026-02'] }],
  [
    'the next month’s invoice stands, too',
    '2026-03',
    { invoices: [JANUARY('approved'), invoice('2026-02', 'approved', 6)] },
  ],
  [
    'the next contract begins later',
    '2026-04',
    { contracts: [contract('acme', '2020-01-01', '2026-02-01'), contract('acme', '2026-04-10')] },
  ],
  ['the contract has ended', null, { contracts: [contract('acme', '2020-01-01', '2026-02-01')] }],
  [
    'its day is outside the contract',
    undefined,
    { contracts: [contract('acme', '2020-01-01', '2026-01-20'), contract('acme', '2026-02-01')] },
  ],
])('%s: billed in %s', (_what, where, change) => {
  expect(billedIn(change)).toBe(where)
})

describe('a tenant that moved', () => {
  /** Units of January for bolt, which has acme's tenant since, by the batch they came with. */
  const pendingOf = (batchId: number, invoices: Invoice[]) =>
    lateUsage({
      customers: [customer('acme', []), customer('bolt', ['a'])],
      contracts: [contract('acme'), contract('bolt')],
      invoices,
      closed: new Set(),
      tenantsOf: ({ customerId: holder }) => (holder === 'acme' ? ['a'] : []),
    }).pending([
      {
        month: '2026-01' as Month,
        day: '2026-01-20',
        tenant: 'a',
        metric: 'calls',
        batchId,
        quantity: '5' as never,
      },
    ])
  const OF_ACME = invoice('2026-01', 'approved', 10)

  test('is not billed again for what the former customer’s invoice counted', () => {
    const invoices = [OF_ACME, invoice('2026-01', 'approved', 5, 'bolt')]
    expect(pendingOf(9, invoices)).toEqual([])
    expect(pendingOf(11, invoices)).toMatchObject([
      { customerId: 'bolt', billedIn: '2026-02', late: { quantity: '5', afterBatch: 10 } },
    ])
  })

  test('brings what comes later to the new customer, who had no invoice then', () => {
    expect(pendingOf(11, [OF_ACME])).toMatchObject([{ customerId: 'bolt', billedIn: '2026-02' }])
  })
})

test('of two invoices of a month the one that bills the metric says up to which batch it did', () => {
  const part = (id: string, asOfBatch: number, metric: string): Invoice =>
    ({ ...invoice('2026-01', 'approved', asOfBatch), id, lines: [{ metric }] }) as unknown as Invoice
  const arrival = { month: '2026-01' as Month, day: '2026-01-20', tenant: 'a', quantity: '5' as never }
  const found = lateUsage({
    customers: [customer('acme', ['a'])],
    contracts: [contract('acme')],
    invoices: [part('office', 5, 'seats'), part('works', 9, 'calls')],
    closed: new Set(),
    tenantsOf: () => ['a'],
  }).pending(['seats', 'calls', 'disk'].map((metric) => ({ ...arrival, metric, batchId: 8 })))
  // The office's invoice was approved before batch 8 came; the works' was computed again with it.
  expect(found.map(({ late }) => [late.metric, late.afterBatch])).toEqual([['seats', 5]])
})
