import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { costRecords, costSlice } from '../../../src/main/cube/queries/cost.ts'
import { explainUsage, usageRecords } from '../../../src/main/cube/queries/explain.ts'
import { controlTotals, monthsSeen, tenantsSeen } from '../../../src/main/cube/queries/seen.ts'
import {
  bills,
  costByCustomer,
  costSets,
  costTotals,
  unattributedContributors,
} from '../../../src/main/cube/queries/totals.ts'
import {
  metricsSeen,
  usageDimensions,
  usageQuantities,
  usageSlice,
} from '../../../src/main/cube/queries/usage.ts'
import { at, makeBook } from './book.ts'
import * as oracle from './oracle.ts'
import { costQuestions, METRIC_NAMES, usageQuestions, type WorldPlan, worlds, write } from './world.ts'

/** Order aside; the order is tested by name elsewhere. */
const sorted = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort()
const byKeys = (rows: readonly { readonly keys: readonly unknown[] }[]) =>
  rows
    .map((row) =>
      JSON.stringify([
        row.keys,
        ...Object.entries(row)
          .filter(([key]) => key !== 'keys')
          .sort(),
      ]),
    )
    .sort()

const inWorld = async (plan: WorldPlan, check: (cube: Cube, world: oracle.World) => Promise<void>) => {
  const book = makeBook()
  const world = await write(book, plan)
  const cube = await openCube(book.directory)
  try {
    await cube.follow()
    await check(cube, world)
  } finally {
    await cube.close()
    book.close()
  }
}

const MONTHS = ['2026-03', '2026-04', '2026-10', '2026-11', '2026-12']

describe('every answer equals a plain recomputation', () => {
  it('usage', async () => {
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fc.array(usageQuestions, { minLength: 12, maxLength: 12 }),
        (plan, questions) =>
          inWorld(plan, async (cube, world) => {
            for (const question of questions) {
              const { rows } = await cube.read((connection) => usageSlice(connection, question))
              expect(byKeys(rows)).toEqual(byKeys(oracle.usageSlice(world, question)))

              const explained = await cube.read((connection) => explainUsage(connection, question))
              const expected = oracle.explainUsage(world, question)
              const parts = (list: readonly { quantity: string; events: number }[], key: string) =>
                sorted(
                  list.map((part) => ({
                    key: String((part as unknown as Record<string, unknown>)[key]),
                    quantity: part.quantity,
                    events: part.events,
                  })),
                )
              expect(explained.total).toBe(expected.total)
              expect(explained.events).toBe(expected.events)
              expect(parts(explained.days, 'day')).toEqual(sorted(expected.days))
              expect(parts(explained.batches, 'batchId')).toEqual(sorted(expected.batches))
              expect(parts(explained.tenants, 'tenant')).toEqual(sorted(expected.tenants))

              const records = await cube.read((connection) =>
                usageRecords(connection, { ...question, limit: 1000 }),
              )
              expect(records.filter(({ counted }) => counted)).toHaveLength(expected.events)
            }
            const found = await cube.read((connection) =>
              usageQuantities(connection, { requests: questions }),
            )
            const plain = questions.map(({ metric, startMs, endMs }) => ({ metric, startMs, endMs }))
            expect(sorted(found)).toEqual(sorted(oracle.usageQuantities(world, plain)))
          }),
      ),
      { numRuns: 25 },
    )
  })

  it('cost', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(costQuestions, { minLength: 10, maxLength: 10 }), (plan, questions) =>
        inWorld(plan, async (cube, world) => {
          for (const question of questions) {
            const { rows } = await cube.read((connection) => costSlice(connection, question))
            expect(byKeys(rows)).toEqual(byKeys(oracle.costSlice(world, question)))
            const records = await cube.read((connection) =>
              costRecords(connection, { ...question, limit: 1000 }),
            )
            const total = oracle.costSlice(world, { ...question, grain: 'total', groupBy: [] })
            expect(records).toHaveLength(total[0]?.entries ?? 0)
            const totals = await cube.read((connection) =>
              costTotals(connection, { ...question, currency: null }),
            )
            expect(sorted(totals)).toEqual(sorted(oracle.costTotals(world, question)))
            const customers = await cube.read((connection) => costByCustomer(connection, question))
            expect(sorted(customers)).toEqual(sorted(oracle.costByCustomer(world, question)))
          }
          const limit = 1000
          const asked = { months: MONTHS, basis: 'billed', by: 'tag:team', leftPools: [], limit } as const
          const rest = {
            months: MONTHS,
            grain: 'total',
            groupBy: ['tag:team'],
            filters: [{ field: 'tenant', values: [null] }],
          }
          for (const currency of ['EUR', 'USD']) {
            const unattributed = await cube.read((c) => unattributedContributors(c, { ...asked, currency }))
            expect(sorted(unattributed)).toEqual(
              sorted(
                oracle
                  .costSlice(world, { ...rest, currency })
                  .map(({ keys, bucket: _, ...sums }) => ({ key: keys[0], pool: null, ...sums })),
              ),
            )
          }
          const sets = await cube.read((connection) => costSets(connection, { limit }))
          expect(sets.reduce((sum, set) => sum + set.entries, 0)).toBe(world.cost.length)
          const onBills = await cube.read((connection) => bills(connection, {}))
          for (const bill of onBills) {
            const own = world.cost.filter(
              (entry) => entry.billMonth === bill.month && entry.currency === bill.currency,
            )
            const attributed = own.filter((entry) => oracle.tenantOfCost(world, entry) !== null)
            const {
              billNo: _no,
              provider: _provider,
              billingAccount: _account,
              month: _month,
              currency: _currency,
              ...sums
            } = bill
            expect(sums).toEqual({
              ...oracle.sums(own),
              attributedBilled: oracle.sums(attributed).billed,
            })
          }
          expect(onBills.reduce((sum, bill) => sum + bill.entries, 0)).toBe(world.cost.length)
        }),
      ),
      { numRuns: 25 },
    )
  })

  it('what was seen, and control totals', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.constantFrom(undefined, 2), (plan, asOfBatch) =>
        inWorld(plan, async (cube, world) => {
          const usage = world.usage.filter(({ batchId }) => batchId <= (asOfBatch ?? Infinity))
          const cost = world.cost.filter(({ batchId }) => batchId <= (asOfBatch ?? Infinity))
          const seen = await cube.read((connection) => metricsSeen(connection, { asOfBatch }))
          expect(seen).toEqual(
            METRIC_NAMES.toSorted().flatMap((metric) => {
              const own = usage.filter((fact) => fact.metric === metric)
              const times = own.map(({ startMs }) => startMs)
              if (own.length === 0) return []
              const tenants = new Set(own.map(({ tenant }) => tenant)).size
              return [
                {
                  metric,
                  firstMs: Math.min(...times),
                  lastMs: Math.max(...times),
                  events: own.length,
                  tenants,
                },
              ]
            }),
          )
          const tenants = await cube.read((connection) => tenantsSeen(connection, { asOfBatch }))
          expect(tenants).toEqual(
            ['acme', 'acme-eu', 'bolt', 'orphan'].flatMap((tenant) => {
              const events = usage.filter((fact) => fact.tenant === tenant)
              const costs = cost.filter((entry) => oracle.tenantOfCost(world, entry) === tenant)
              const times = [...events, ...costs].map(({ startMs }) => startMs)
              if (times.length === 0) return []
              const customerId = world.customerOf[tenant] ?? null
              return [
                {
                  tenant,
                  customerId,
                  firstMs: Math.min(...times),
                  lastMs: Math.max(...times),
                  events: events.length,
                  costEntries: costs.length,
                },
              ]
            }),
          )
          const control = await cube.read((connection) => controlTotals(connection, { asOfBatch }))
          expect(control.usage.reduce((sum, { events }) => sum + events, 0)).toBe(usage.length)
          expect(control.usage.reduce((sum, { quantity }) => sum + quantity, 0n)).toBe(
            usage.reduce((sum, { quantity }) => sum + quantity, 0n),
          )
          expect(control.cost).toEqual(
            ['EUR', 'USD'].flatMap((currency) => {
              const own = cost.filter((entry) => entry.currency === currency)
              if (own.length === 0) return []
              const effective = oracle.amount(own, (entry) => entry.effective ?? '0')
              return [{ currency, entries: own.length, billed: oracle.sums(own).billed, effective }]
            }),
          )
          const months = await cube.read((connection) => monthsSeen(connection, { asOfBatch }))
          expect(months.reduce((sum, month) => sum + month.usageEvents, 0)).toBe(usage.length)
          for (const { month, costEntries } of months)
            expect(costEntries).toBe(cost.filter((entry) => oracle.costMonth(world, entry) === month).length)
          for (const metric of METRIC_NAMES) {
            const dimensions = await cube.read((connection) =>
              usageDimensions(connection, { metric, asOfBatch }),
            )
            const own = usage.filter((fact) => fact.metric === metric)
            for (const key of ['region', 'user']) {
              const values = new Set(own.flatMap((fact) => fact.dimensions?.[key] ?? []))
              const dimension = dimensions.find((candidate) => candidate.key === key)
              expect(new Set(dimension?.topValues ?? [])).toEqual(values)
              expect(dimension?.distinct ?? 0).toBe(values.size)
            }
          }
        }),
      ),
      { numRuns: 25 },
    )
  })
})

describe('refusals', () => {
  it('knows no other fields', async () => {
    await inWorld(
      { timeZone: 'UTC', tagRule: null, steps: [{ what: 'batch' }] } as WorldPlan,
      async (cube) => {
        const params = {
          metric: 'seats',
          startMs: at('2026-01-01'),
          endMs: at('2027-01-01'),
          grain: 'total' as const,
        }
        const question = {
          months: ['2026-10'],
          currency: 'USD',
          grain: 'total' as const,
          groupBy: ['colour' as never],
        }
        await expect(cube.read((connection) => costSlice(connection, question))).rejects.toThrow(
          'there is no field colour',
        )
        expect(await cube.read((connection) => usageSlice(connection, { ...params, groupBy: [] }))).toEqual({
          rows: [],
        })
      },
    )
  })
})
