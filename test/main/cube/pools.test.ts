/** Dated rules and allocation pools in the cube: who has a cost on which day, and which step takes it in which month. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AttributionRule } from '../../../src/domain/attribution/rule.ts'
import type { Json } from '../../../src/domain/canonical.ts'
import { type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { costSlice } from '../../../src/main/cube/queries/cost.ts'
import { costByCustomer, unattributedContributors } from '../../../src/main/cube/queries/totals.ts'
import { claimsOnTrial, proposalsOnTrial } from '../../../src/main/cube/queries/trial.ts'
import { at, bookIn, makeBook } from './book.ts'

const MONTHS = ['2026-09', '2026-10']
const condition = (field: string, operator: string, value = '') => ({ field, operator, value })
const rule = (id: string, conditions: Json[], target: Json, more: { [key: string]: Json } = {}) => ({
  id,
  name: id,
  conditions,
  target,
  ...more,
})
const step = (id: string, takes: string, ...conditions: Json[]) => ({
  id,
  name: id,
  pool: { takes, conditions },
  key: { kind: 'evenly' },
})
const app = condition('tag:app', 'present')

describe('dated rules and pools', () => {
  const book = makeBook()
  let cube: Cube
  const batchIds: number[] = []
  beforeAll(async () => {
    const cost = (day: string, billed: string, service: string, more: { [key: string]: Json } = {}) => ({
      billMonth: day.slice(0, 7),
      currency: 'USD',
      startMs: at(`${day}T12:00:00Z`),
      billed,
      attributes: { provider: 'AWS', service, charge_category: 'Usage', ...more },
    })
    batchIds.push(
      book.add({
        documents: [
          bookIn('UTC'),
          { kind: 'customer', id: 'Acme', content: { id: 'Acme', name: 'Acme', tenants: ['acme'] } },
          {
            kind: 'rules',
            id: 'rules',
            content: {
              rules: [
                rule('moved', [app], { kind: 'tenant', tenant: 'acme' }, { endDay: '2026-10-10' }),
                rule('later', [app], { kind: 'tenant', tenant: 'loose' }, { startDay: '2026-10-10' }),
              ],
            },
          },
        ],
        cost: [
          cost('2026-09-15', '1', 'EC2', { tags: { app: 'x' } }),
          cost('2026-10-09', '2', 'EC2', { tags: { app: 'x' } }),
          cost('2026-10-10', '4', 'EC2', { tags: { app: 'x' } }),
          cost('2026-09-15', '8', 'Support'),
          cost('2026-10-15', '16', 'Support'),
          cost('2026-10-15', '32', 'Other'),
          cost('2026-11-15', '1', 'EC2', { tags: { app: 'x' } }),
          cost('2026-11-15', '2', 'Other'),
        ],
      }).batchId,
    )
    batchIds.push(
      book.add({
        documents: [
          {
            kind: 'allocation',
            id: '2026-10',
            content: {
              from: '2026-10',
              steps: [
                step('support', 'unattributed', condition('service', 'equals', 'Support')),
                step('loose', 'without_customer', condition('service', 'equals', 'EC2')),
              ],
            },
          },
        ],
      }).batchId,
    )
    cube = await openCube(book.directory)
    await cube.follow()
  })
  afterAll(async () => {
    await cube.close()
    book.close()
  })

  const parts = async (asOfBatch?: number) =>
    (
      await cube.read(
        (connection) => costByCustomer(connection, { months: MONTHS, asOfBatch }),
        undefined,
        asOfBatch,
      )
    ).map((row) => [row.month, row.customerId, row.tenant, row.pool, row.billed])
  const placed = [
    ['2026-09', 'Acme', 'acme', null, '1'],
    ['2026-09', null, null, null, '8'],
    ['2026-10', 'Acme', 'acme', null, '2'],
    ['2026-10', null, 'loose', 'loose', '4'],
    ['2026-10', null, null, 'support', '16'],
    ['2026-10', null, null, null, '32'],
  ]

  it('the rule in force on the day of service has it, and the plan of the month takes from it', async () => {
    expect(await parts()).toEqual(placed)
  })

  it('as of a batch before the plan, nothing is taken', async () => {
    const before = placed.map(([month, c, t, , billed]) => [month, c, t, null, billed])
    // What no rule claims is one row then: 16 and 32.
    expect(await parts(batchIds[0])).toEqual([...before.slice(0, 4), ['2026-10', null, null, null, '48']])
  })

  it('a pool is a field to group and filter by, and what it takes is no longer unattributed', async () => {
    const question = { months: ['2026-10'], currency: 'USD', grain: 'total' as const }
    const { rows } = await cube.read((connection) =>
      costSlice(connection, { ...question, groupBy: ['pool'] }),
    )
    expect(rows.map(({ keys, billed }) => [keys[0], billed])).toEqual([
      ['loose', '4'],
      ['support', '16'],
      [null, '34'],
    ])
    const records = await cube.read((connection) =>
      costSlice(connection, {
        ...question,
        groupBy: ['service'],
        filters: [{ field: 'pool', values: ['support'] }],
      }),
    )
    expect(records.rows.map(({ keys, billed }) => [keys[0], billed])).toEqual([['Support', '16']])
    const asked = {
      months: ['2026-10'],
      currency: 'USD',
      basis: 'billed',
      by: 'service',
      limit: 10,
    } as const
    const left = await cube.read((connection) =>
      unattributedContributors(connection, { ...asked, leftPools: [] }),
    )
    expect(left.map(({ key, pool, billed }) => [key, pool, billed])).toEqual([['Other', null, '32']])
    const withPool = await cube.read((connection) =>
      unattributedContributors(connection, { ...asked, leftPools: ['support'] }),
    )
    expect(withPool.map(({ key, pool, billed }) => [key, pool, billed])).toEqual([
      ['Other', null, '32'],
      ['Support', 'support', '16'],
    ])
  })

  it('a trial tells apart what lies on two sides of a day on which a rule changes', async () => {
    const rules = [
      rule('before', [app], { kind: 'tenant', tenant: 'acme' }, { endDay: '2026-10-10' }),
      rule('after', [app], { kind: 'value' }, { startDay: '2026-10-10' }),
    ] as unknown as readonly AttributionRule[]
    const report = await cube.read((connection) =>
      claimsOnTrial(connection, { rules, months: MONTHS, currency: 'USD', basis: 'billed', countMax: 9 }),
    )
    expect(
      report.rules.map(({ cost, entries, tenants }) => [cost[0]?.amount, entries, tenants[0]?.tenant]),
    ).toEqual([
      ['3', 2, 'acme'],
      ['4', 1, 'x'],
    ])
    expect(report.total).toEqual({ entries: 6, cost: [{ currency: 'USD', amount: '63' }] })
  })

  it('proposals read what the cost asked for is of, and nothing that lies between', async () => {
    const read: string[] = []
    const { total } = await cube.read((connection) =>
      proposalsOnTrial(
        new Proxy(connection, {
          get: (target, name) => {
            const member: unknown = Reflect.get(target, name)
            if (typeof member !== 'function') return member
            if (name !== 'runAndReadAll') return member.bind(target)
            return async (...given: Parameters<typeof connection.runAndReadAll>) => {
              const reader = await target.runAndReadAll(...given)
              read.push(...reader.getRows().map(([, content]) => JSON.parse(String(content)).service))
              return reader
            }
          },
        }),
        { rules: [], months: ['2026-11'], currency: 'USD', basis: 'billed', countMax: 9 },
      ),
    )
    expect([total, read.sort()]).toEqual(['3', ['EC2', 'Other']])
  })

  it('a changed plan takes again, a removed one nothing', async () => {
    const plan = (content: Json) => ({
      kind: 'allocation',
      id: '2026-10',
      content,
    })
    book.add({ documents: [plan({ from: '2026-10', steps: [step('rest', 'unattributed')] })] })
    await cube.follow()
    expect((await parts()).map((row) => row[3])).toEqual([null, null, null, null, 'rest'])
    book.add({ documents: [plan(null)] })
    await cube.follow()
    expect((await parts()).every((row) => row[3] === null)).toBe(true)
  })
})
