/**
 * Two years of a seeded world with 300 tenants, leap day and four changes of the clocks among them: an auditor that
 * shares no code with the product must agree to the last unit. Set COUNTINGHOUSE_SIMULATION_SEED to the seed that a run
 * printed to have the same world again. A smaller one is test/faults/simulation/simulation.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareAll, compareThen, rebuild, type Simulation, simulate } from '../faults/simulation/simulate.ts'

const seed = Number(process.env.COUNTINGHOUSE_SIMULATION_SEED ?? process.pid)
const root = mkdtempSync(join(tmpdir(), 'countinghouse-simulation-'))
let simulation: Simulation

beforeAll(async () => {
  console.info(`COUNTINGHOUSE_SIMULATION_SEED=${seed}`)
  simulation = await simulate(
    seed,
    { firstMonth: '2027-01', months: 24, tenants: 300, records: 6600, charges: 880, killsPercent: 3 },
    root,
  )
}, 1_200_000)
afterAll(async () => {
  await simulation?.driver.close()
  rmSync(root, { recursive: true, force: true })
})

test('every figure is the auditor’s, after a rebuild too', async () => {
  const { driver, comparison } = simulation
  await compareAll(simulation, 'at the end')
  await rebuild(simulation)
  await compareAll(simulation, 'after a rebuild')
  console.info({
    ...driver.tally,
    usageEntries: driver.auditor.usage.length,
    costEntries: driver.auditor.cost.length,
    cellsCompared: comparison.cells,
  })
  expect(driver.auditor.usage.length).toBeGreaterThanOrEqual(150_000)
  expect(driver.auditor.cost.length).toBeGreaterThanOrEqual(20_000)
  // Whatever the seed, two years have some of everything.
  const { killedCloses: _few, replaysRefused: _fewer, ...some } = driver.tally
  for (const [what, count] of Object.entries(some)) expect(count, what).toBeGreaterThan(0)
}, 600_000)

test('a figure asked as of an earlier batch is what it was then', () => compareThen(simulation), 600_000)
