/**
 * Half a year of a seeded world, small; the whole one is test/peers/simulation.test.ts. Set
 * COUNTINGHOUSE_SIMULATION_SEED to the seed that a run printed to have the same world again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareCost, compareStores, compareUsage, noComparison } from './compare.ts'
import { compareAll, compareThen, demandAgreement, rebuild, type Simulation, simulate } from './simulate.ts'

const seed = Number(process.env.COUNTINGHOUSE_SIMULATION_SEED ?? process.pid)
const root = mkdtempSync(join(tmpdir(), 'countinghouse-simulation-'))
let simulation: Simulation

beforeAll(async () => {
  console.info(`COUNTINGHOUSE_SIMULATION_SEED=${seed}`)
  simulation = await simulate(
    seed,
    // The clocks change in its first month and its last, and February is a leap year's.
    { firstMonth: '2027-10', months: 6, tenants: 40, records: 1000, charges: 160, killsPercent: 3 },
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

/** The auditor is lied to, so that the book is right and he is not: he must find it, and name the cell. */
const found = async (compare: (into: ReturnType<typeof noComparison>) => Promise<void>) => {
  const comparison = noComparison()
  await compare(comparison)
  return comparison.differences
}

test.each(['sum', 'max', 'last'] as const)(
  'the last unit of one event is found, by cell, for the metric of a %s',
  async (aggregation) => {
    const { driver } = simulation
    const metrics = [...driver.auditor.metrics.values()].filter((each) => each.aggregation === aggregation)
    const [metric] = metrics
    // A figure is made of it alone, so that any aggregation shows it.
    const own = driver.auditor.usage.filter((entry) => entry.metric === metric?.metric)
    const single = own.find(
      (entry) =>
        !entry.late &&
        own.filter((other) => other.tenant === entry.tenant && other.day === entry.day).length === 1,
    )
    if (single === undefined) throw new Error(`no day of a tenant has one event of ${metric?.metric} alone`)
    const month = single.day.slice(0, 7)
    single.units += 1n
    try {
      const differences = await found((into) => compareUsage(driver, into, [month]))
      const cell = `${aggregation} of ${metric?.metric} · ${single.tenant} · ${single.day}: the auditor has `
      expect(differences[0]?.startsWith(cell)).toBe(true)
      expect(
        differences.every((each) => each.includes(`${metric?.metric} · ${single.tenant} · ${month}`)),
      ).toBe(true)
      expect(() => demandAgreement(seed, 'then', { differences, cells: 0 })).toThrow(
        `COUNTINGHOUSE_SIMULATION_SEED=${seed}, then: ${differences.length} figures differ\n${cell}`,
      )
    } finally {
      single.units -= 1n
    }
    expect(await found((into) => compareUsage(driver, into, [month]))).toEqual([])
  },
)

test('an event that was counted twice is found, and one that was lost', async () => {
  const { driver } = simulation
  const { usage } = driver.auditor
  const index = usage.findIndex(({ metric, late, units }) => metric === 'api.calls' && !late && units > 0n)
  const [event] = usage.slice(index)
  if (event === undefined) throw new Error('there is no call')
  const cell = `sum of api.calls · ${event.tenant} · ${event.day}`
  const differences = () => found((into) => compareUsage(driver, into, [event.day.slice(0, 7)]))
  usage.splice(index, 0, event)
  expect((await differences())[0]).toContain(cell)
  usage.splice(index, 2)
  expect((await differences())[0]).toContain(cell)
  usage.splice(index, 0, event)
  expect(await differences()).toEqual([])
})

test('the eighteenth decimal of one charge is found, by cell', async () => {
  const { driver } = simulation
  const entry = driver.auditor.cost.find(({ currency, late }) => currency === 'EUR' && !late)
  if (entry === undefined) throw new Error('there is no charge')
  const { bill, service, team, currency, month, day } = entry
  const cell = `${currency} · ${bill.provider} ${bill.account} · ${service} · ${team ?? 'none'}`
  entry.billed += 1n
  try {
    const asked = await found((into) => compareCost(driver, into, [month]))
    expect(asked.map((each) => each.slice(0, each.indexOf(':')))).toEqual(
      expect.arrayContaining([
        `cost · ${cell} · ${month}`,
        `attributed · ${currency} · ${team ?? 'none'} · ${month}`,
        `bill · ${bill.provider} ${bill.account} ${bill.month} · ${currency}`,
      ]),
    )
    expect(asked).toHaveLength(3)
    const stored = await found((into) => compareStores(driver, into, [month], simulation.presentMs()))
    expect(stored.map((each) => each.slice(0, each.indexOf(':')))).toEqual([
      `control total · ${currency}`,
      `cost by day · ${cell} · ${day}`,
      `cost by month · ${cell} · ${month}`,
    ])
  } finally {
    entry.billed -= 1n
  }
})
