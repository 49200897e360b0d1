/** Nothing is billed or closed from a cube that holds something else than the ledger. */
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, onTestFinished, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import { CUBE_FILE } from '../../../src/main/cube/cube.ts'
import { cubeAgrees } from '../../../src/main/engine/reports/agreement.ts'
import { importContext, openSession, type Session } from '../../../src/main/engine/session.ts'
import { events, focus, type House, openHouse, runMonth, sell } from './house.ts'

const OCTOBER = '2026-10' as Month
const REFUSAL =
  'The cube’s totals differ from the ledger’s: measure 1: 3 events, 6 in the ledger, 3 and 7 in the cube.'

/** A book with 6 calls sold at $1, whose cube was changed by another program while it was closed. */
const openTampered = async (
  sql: string,
  before: (house: House) => Promise<unknown> = async () => {},
): Promise<House> => {
  const house = await openHouse()
  await house.take(
    'a.jsonl',
    events([1, 2, 3].map((i) => [`e${i}`, 'calls', 'acme', `2026-10-0${i}T00:00:00Z`, `${i}`] as const)),
  )
  await sell(
    house.client,
    { id: 'acme' },
    {
      id: 'card',
      charges: [
        {
          kind: 'per_unit',
          id: 'calls',
          name: 'Calls',
          metric: 'calls',
          unitAmount: '1' as DecimalText,
          per: '1' as DecimalText,
        },
      ],
    },
  )
  await before(house)
  await house.engine.close()
  const instance = await DuckDBInstance.create(join(house.directory, CUBE_FILE))
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
  const again = await house.reopen()
  onTestFinished(again.close)
  return again
}

test('a run is refused whole where the cube differs from the ledger, and succeeds when it was built again', async () => {
  const house = await openTampered('UPDATE usage_fact SET quantity = quantity + 1 WHERE quantity = 3')
  const ended = await house.job(house.client.invoices.run({ month: OCTOBER }))
  expect(ended).toMatchObject({
    state: 'failed',
    error: {
      code: 'cube_differs',
      message: `${REFUSAL} No invoice was made. Rebuild the cube in Settings, then run again.`,
    },
  })
  const { rows } = await house.client.invoices.list({ month: OCTOBER })
  expect(rows.filter(({ state }) => state === 'draft')).toEqual([])

  await house.job(house.client.book.rebuildCube())
  expect(await runMonth(house, OCTOBER)).toMatchObject({ drafts: 1, total: '6' })
  expect((await house.client.invoices.list({ month: OCTOBER })).total).toBe('6')
})

test('a month is not closed where the cube differs from the ledger', async () => {
  const house = await openTampered('UPDATE usage_fact SET quantity = quantity + 1 WHERE quantity = 3')
  await expect(house.client.reconcile.close({ month: OCTOBER, reason: 'It must.' })).rejects.toMatchObject({
    code: 'REFUSED',
    message: `${REFUSAL} The month was not closed. Rebuild the cube in Settings first.`,
  })
  expect((await house.client.reconcile.month({ month: OCTOBER })).closed).toBe(false)
})

test('what was forecast from a cube that was wrong is forgotten when it was built again', async () => {
  const house = await openTampered(
    'UPDATE usage_fact SET quantity = quantity + 1 WHERE quantity = 3',
    (each) => runMonth(each, OCTOBER),
  )
  house.clock.set('2026-10-31T12:00:00Z')
  const totalNow = async () => (await house.client.invoices.forecast({ month: OCTOBER })).total
  expect(await totalNow()).toBe('7')
  await house.job(house.client.book.rebuildCube())
  expect(await totalNow()).toBe('6')
})

test('cost in a currency that the ledger has none of is a difference, too', async () => {
  const house = await openTampered(
    "INSERT INTO cost_fact SELECT * REPLACE ('EUR' AS currency) FROM cost_fact LIMIT 1",
    (each) => each.take('cost.csv', focus([{ day: '2026-10-01', service: 'EC2', billed: '1' }])),
  )
  await expect(house.client.reconcile.close({ month: OCTOBER, reason: 'It must.' })).rejects.toMatchObject({
    message:
      'The cube’s totals differ from the ledger’s: the cube has cost in EUR, and the ledger has none. The month was not closed. Rebuild the cube in Settings first.',
  })
})

test('what is appended while the two sides are compared is no difference', async () => {
  const house = await openHouse()
  onTestFinished(house.close)
  await house.take(
    'a.jsonl',
    events([1, 2].map((i) => [`e${i}`, 'calls', 'acme', '2026-10-01T00:00:00Z', `${i}`] as const)),
  )
  const { rows } = await house.client.ledger.search({ text: '', kind: 'usage' })
  const entry = rows.find(({ tenant }) => tenant === 'acme')
  await house.engine.close()
  const session = await openSession({
    directory: house.directory,
    program: 'test',
    clock: house.clock,
    author: 'Ada',
  })
  onTestFinished(session.close)
  let appended = 0
  const asked: Session = {
    ...session,
    // The ledger's side is known when the cube's is asked for.
    cube: new Proxy(session.cube, {
      get: (cube, name) =>
        name === 'controlTotals'
          ? async (...given: Parameters<typeof session.cube.controlTotals>) => {
              const request = { seq: entry?.seq ?? 0, reason: 'It was a test.' }
              await session.writer.reverse({ ...request, context: importContext(session, []) })
              await session.follow()
              appended++
              return cube.controlTotals(...given)
            }
          : Reflect.get(cube, name),
    }),
  }
  expect(await cubeAgrees(asked)).toMatchObject({ agrees: true })
  expect(appended).toBe(1)
  expect(await cubeAgrees(session)).toMatchObject({ agrees: true })
})
