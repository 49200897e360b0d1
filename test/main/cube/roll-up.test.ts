import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Month, monthPeriod } from '../../../src/domain/period.ts'
import { CUBE_FILE, type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { explainUsage } from '../../../src/main/cube/queries/explain.ts'
import { rollUpsDiffering } from '../../../src/main/cube/queries/rolled.ts'
import { usageSlice, usageTable } from '../../../src/main/cube/queries/usage.ts'
import { at, type Batch, bookIn, makeBook } from './book.ts'
import * as oracle from './oracle.ts'
import { METRIC_NAMES, type WorldPlan, worlds, write } from './world.ts'

const TABLES = ['usage_by_tenant', 'usage_by_set', 'usage_standing'] as const

/** Questions of whole months, which roll-ups may answer; of the rest, `queries.test.ts` asks. */
const monthQuestions = fc.record({
  metric: fc.constantFrom(...METRIC_NAMES),
  from: fc.constantFrom('2026-01', '2026-10', '2026-11'),
  to: fc.constantFrom('2026-10', '2026-11', '2027-01'),
  grain: fc.constantFrom('month' as const, 'total' as const),
  groupBy: fc.uniqueArray(
    fc.constantFrom(
      'tenant' as const,
      'customer' as const,
      'dimension:region' as const,
      'dimension:user' as const,
    ),
    { maxLength: 2 },
  ),
  filters: fc.array(
    fc.constantFrom(
      { field: 'customer' as const, values: ['Acme'] },
      { field: 'tenant' as const, values: ['acme', 'orphan'] },
      { field: 'dimension:region' as const, values: ['eu', null] },
    ),
    { maxLength: 1 },
  ),
})

/** Several worlds after one another, so that there is something to reverse. */
const longWorlds = fc.array(worlds, { minLength: 5, maxLength: 5 }).map(
  (plans): WorldPlan => ({
    ...(plans[0] as WorldPlan),
    steps: plans.flatMap(({ steps }) => [...steps, { what: 'batch' as const }]),
  }),
)

const byKeys = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()

/** A follow does not wait for the roll-up after it; the next one does. */
const followAndRollUp = async (cube: Cube): Promise<void> => {
  await cube.follow()
  await cube.follow()
}

const rollUpsOf = (cube: Cube) =>
  cube.read(async (connection) =>
    Object.fromEntries(
      await Promise.all(
        TABLES.map(async (table) => [
          table,
          (await readRows(connection, `SELECT * FROM ${table}`)).map(String).sort(),
        ]),
      ),
    ),
  )

describe('roll-ups', () => {
  it('answer as the facts do, whatever was corrected and came late, and however they were made', async () => {
    let rolled = 0
    let reversed = 0
    await fc.assert(
      fc.asyncProperty(
        longWorlds,
        fc.integer({ min: 1, max: 12 }),
        fc.array(monthQuestions, { minLength: 8, maxLength: 8 }),
        async (plan, rollUpEntries, questions) => {
          const book = makeBook()
          const cube = await openCube(book.directory, { rollUpEntries })
          try {
            const world = await write(book, plan, () => cube.follow())
            await followAndRollUp(cube)
            const { lastSeq, rolledSeq } = await cube.status()
            expect(lastSeq - rolledSeq).toBeLessThan(rollUpEntries)
            expect(await cube.read(rollUpsDiffering)).toEqual([])
            reversed += world.usage.filter(({ correction }) => correction === 'reversal').length
            for (const { from, to, ...question } of questions) {
              const startMs = monthPeriod(from as Month, plan.timeZone).startMs
              const asked = { ...question, startMs, endMs: monthPeriod(to as Month, plan.timeZone).endMs }
              const { rows } = await cube.read((connection) => usageSlice(connection, asked))
              expect(byKeys(rows)).toEqual(byKeys(oracle.usageSlice(world, asked)))
              const table = await cube.read((connection) => usageTable(connection, asked))
              const cells = table.quantities.map((quantity, cell) => ({
                keys: table.keys[table.rowOf[cell] ?? -1],
                bucket: table.buckets[table.bucketOf[cell] ?? -1],
                quantity,
              }))
              expect(byKeys(cells)).toEqual(byKeys(rows))
              const explained = await cube.read((connection) => explainUsage(connection, asked))
              expect(explained.events).toBe(oracle.explainUsage(world, asked).events)
            }
            const inSteps = await rollUpsOf(cube)
            rolled += Object.values(inSteps).flat().length
            await cube.rebuild()
            await cube.follow()
            expect(await rollUpsOf(cube)).toEqual(inSteps)
          } finally {
            await cube.close()
            book.close()
          }
        },
      ),
      { numRuns: 15 },
    )
    expect(rolled).toBeGreaterThan(0)
    expect(reversed).toBeGreaterThan(0)
  })

  const OCTOBER = { startMs: at('2026-10-01'), endMs: at('2026-11-01') }
  const event = (metric: string, user: string, quantity = 1n, more = {}) => ({
    tenant: 'acme',
    metric,
    scale: 0,
    quantity,
    startMs: at('2026-10-05'),
    dimensions: { user },
    ...more,
  })
  const users = (aggregation: string) => ({
    kind: 'metric',
    id: 'users',
    content: { metric: 'users', name: 'users', unit: 'one', aggregation, scale: 0, uniqueBy: 'user' },
  })
  const bookOf = async (...batches: readonly Batch[]) => {
    const book = makeBook()
    onTestFinished(book.close)
    for (const batch of batches) book.add(batch)
    let cube = await openCube(book.directory, { rollUpEntries: 1 })
    onTestFinished(() => cube.close())
    await followAndRollUp(cube)
    return {
      book,
      cube: () => cube,
      /** Changes the closed file behind the cube's back. */
      alter: async (sql: string) => {
        await cube.close()
        const instance = await DuckDBInstance.create(join(book.directory, CUBE_FILE))
        const connection = await instance.connect()
        await connection.run(sql)
        connection.closeSync()
        instance.closeSync()
        cube = await openCube(book.directory, { rollUpEntries: 1 })
      },
      figures: async (
        metric: string,
        field: 'tenant' | 'dimension:user',
        grain: 'day' | 'month' = 'month',
      ) => {
        const asked = { metric, ...OCTOBER, grain, groupBy: [field] }
        const { keys, quantities } = await cube.read((connection) => usageTable(connection, asked))
        return keys.map(([key], row) => `${key} ${quantities[row]}`)
      },
    }
  }
  const MIXED: Batch = {
    documents: [bookIn('UTC'), users('unique_count')],
    usage: [event('calls', 'ann', 5n), event('users', 'ann'), event('users', 'bob')],
  }

  it.each([
    [
      'usage_by_tenant',
      'UPDATE usage_by_tenant SET quantity_low = quantity_low + 1',
      'calls',
      'tenant',
      'acme 6',
    ],
    [
      'usage_by_set',
      'UPDATE usage_by_set SET quantity_high = quantity_high - 1',
      'calls',
      'dimension:user',
      'ann -4294967291',
    ],
    ['usage_standing', 'DELETE FROM usage_standing WHERE set_no = 2', 'users', 'tenant', 'acme 1'],
  ] as const)(
    '%s is what months are told from, and a change of it is found',
    async (table, sql, metric, field, wrong) => {
      const { cube, alter, figures } = await bookOf(MIXED)
      const right = await figures(metric, field)
      await alter(sql)
      expect(await figures(metric, field)).toEqual([wrong])
      expect(await figures(metric, field, 'day')).toEqual(right)
      expect(await cube().read(rollUpsDiffering)).toEqual([{ table, metric, month: '2026-10' }])
    },
  )

  it.each([
    ['tenant', 'UPDATE usage_by_tenant SET tenant_no = tenant_no + 1'],
    ['set', 'UPDATE usage_standing SET set_no = set_no + 1'],
  ])('a sum under the wrong %s is found', async (_, sql) => {
    const { cube, alter } = await bookOf(MIXED)
    await alter(sql)
    expect(await cube().read(rollUpsDiffering)).toHaveLength(1)
  })

  it('take away what is reversed later, in a later step or among the facts after them', async () => {
    const { book, cube, figures } = await bookOf(MIXED)
    const rows = await cube().read((connection) =>
      readRows<[bigint]>(connection, 'SELECT seq FROM usage_fact ORDER BY seq'),
    )
    const [calls, ann] = rows.map(([seq]) => Number(seq))
    const reversal = { correction: 'reversal' as const }
    book.add({
      usage: [
        event('calls', 'ann', -5n, { ...reversal, corrects: calls }),
        event('calls', 'ann', 7n, { correction: 'restatement', corrects: calls }),
        event('users', 'ann', -1n, { ...reversal, corrects: ann }),
      ],
    })
    await cube().follow()
    const expected = { calls: ['acme 7'], users: ['acme 1'] }
    expect({ calls: await figures('calls', 'tenant'), users: await figures('users', 'tenant') }).toEqual(
      expected,
    )
    await cube().follow()
    expect({ calls: await figures('calls', 'tenant'), users: await figures('users', 'tenant') }).toEqual(
      expected,
    )
    expect(await cube().read(rollUpsDiffering)).toEqual([])
  })

  it('begin again where a metric is counted in another way', async () => {
    const { book, cube, figures } = await bookOf(MIXED)
    expect(await figures('users', 'tenant')).toEqual(['acme 2'])
    book.add({ documents: [users('sum')], usage: [event('users', 'bob', 40n)] })
    await cube().follow()
    expect(await figures('users', 'tenant')).toEqual(['acme 42'])
    await cube().follow()
    expect(await figures('users', 'tenant')).toEqual(['acme 42'])
    expect(await cube().read(rollUpsDiffering)).toEqual([])
    expect((await rollUpsOf(cube())).usage_standing).toEqual([])
  })

  it('hold sums beyond 64 bits, of either sign', async () => {
    const most = 9_223_372_036_854_775_807n
    const huge = [most, most, most].map((quantity) => event('calls', 'ann', quantity))
    const { figures } = await bookOf({
      documents: [bookIn('UTC')],
      usage: [...huge, ...huge.map((each) => ({ ...each, quantity: -each.quantity, tenant: 'bolt' }))],
    })
    expect(await figures('calls', 'tenant')).toEqual([`acme ${most * 3n}`, `bolt ${-most * 3n}`])
  })

  it('follow the book into another time zone', async () => {
    const { book, cube, figures } = await bookOf({
      documents: [bookIn('UTC')],
      usage: [event('calls', 'ann', 1n), event('calls', 'ann', 8n, { startMs: at('2026-09-30T23:00:00Z') })],
    })
    expect(await figures('calls', 'tenant')).toEqual(['acme 1'])
    book.add({ documents: [bookIn('Europe/Berlin')] })
    await followAndRollUp(cube())
    const october = monthPeriod('2026-10' as Month, 'Europe/Berlin')
    const asked = { metric: 'calls', ...october, grain: 'month' as const, groupBy: [] }
    const { rows } = await cube().read((connection) => usageSlice(connection, asked))
    expect(rows).toEqual([{ keys: [], bucket: '2026-10', quantity: '9' }])
  })
})
