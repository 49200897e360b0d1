/**
 * Half a year of a seeded world, small; the whole one is test/peers/simulation.test.ts. Set
 * COUNTINGHOUSE_SIMULATION_SEED to the seed that a run printed to have the same world again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareCost, compareStores, compareUsage, noComparison } from './compare.ts'
import { compareAll, compareThen, rebuild, type Simulation, simulate } from './simulate.ts'

const seed = Number(process.env.COUNTINGHOUSE_SIMULATION_SEED ?? process.pid)
const root = mkdtempSync(join(tmpdir(), 'countinghouse-simulation-'))
let simulation: Simulation

beforeAll(async () => {
  console.info(`COUNTINGHOUSE_SIMULATION_SEED=${seed}`)
  simulation = await simulate(
    seed,
    // The clocks change in its first month and its last, and February is a leap year's.
    { firstMonth: '2027-10', months: 6, tenants: 40, records: 1200, charges: 200, killsPercent: 4 },
    root,
  )
}, 300_000)
afterAll(async () => {
  await simulation?.driver.close()
  rmSync(root, { recursive: true, force: true })
})

test('every figure is the auditor’s, after a rebuild too', async () => {
  await compareAll(simulation, 'at the end')
  await rebuild(simulation)
  await compareAll(simulation, 'after a rebuild')
  console.info({ ...simulation.driver.tally, cellsCompared: simulation.comparison.cells })
}, 120_000)

test('a figure asked as of an earlier batch is what it was then', () => compareThen(simulation), 120_000)
