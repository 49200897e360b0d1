/** Runs a whole simulation: the world's steps done to a book and told to the auditor, compared after every month. */
import { expect } from 'vitest'
import { verify } from '../../main/engine/house.ts'
import { bookCost, bookUsage } from './book-figures.ts'
import {
  type Comparison,
  compareCells,
  compareCost,
  compareSlices,
  compareStatus,
  compareStores,
  compareUsage,
  noComparison,
} from './compare.ts'
import { type Driver, startDriver } from './driver.ts'
import type { Cells } from './figures.ts'
import { addMonths, monthsFrom, startOfMonth } from './local-time.ts'
import { randomFrom } from './random.ts'
import type { Step } from './records.ts'
import { METRICS } from './usage-world.ts'
import { type Size, stepsOf } from './world.ts'

export interface Remembered {
  readonly batchId: number
  readonly months: readonly string[]
  readonly usage: ReadonlyMap<string, Cells>
  readonly cost: Cells
}

export interface Simulation {
  readonly driver: Driver
  /** From the first month to the last that anything counts in. */
  readonly months: () => readonly string[]
  readonly presentMs: () => number
  /** What the book said then, to be asked again as of its batch of then. */
  readonly remembered: readonly Remembered[]
  readonly comparison: Comparison
  readonly seed: number
}

const SHOWN = 10

/** @throws Error naming the seed and the first cells that differ. */
export const demandAgreement = (seed: number, when: string, { differences }: Comparison): void => {
  if (differences.length === 0) return
  throw new Error(
    [
      `COUNTINGHOUSE_SIMULATION_SEED=${seed}, ${when}: ${differences.length} figures differ`,
      ...differences.slice(0, SHOWN),
    ].join('\n'),
  )
}

const runStep = async (driver: Driver, step: Step): Promise<void> => {
  driver.present(step.presentMs)
  switch (step.step) {
    case 'import':
      if (step.killedAt !== null) await driver.killImport(step.file, step.presentMs, step.killedAt)
      return driver.importFile(step.file, step.presentMs)
    case 'answer quarantine':
      return driver.answerQuarantine(step.presentMs, step.most)
    case 'reverse usage':
      return driver.reverseUsage(step.presentMs, step.most)
    case 'save customer':
      return driver.saveCustomer(step.customer, step.tenants)
    case 'define metric':
      return driver.defineMetric(step.metric)
    case 'close month':
      return driver.closeMonth(step.month, step.presentMs, step.killedAt)
    case 'kill a rebuild':
      return driver.killRebuild(step.presentMs, step.killedAt)
    case 'check':
      return
  }
}

/** The months that are compared after one of them: before it, itself, and the next, in which late entries may count. */
const around = (month: string, firstMonth: string): string[] =>
  monthsFrom(addMonths(month, -1), 3).filter((each) => each >= firstMonth)

const remember = async (driver: Driver, months: readonly string[]): Promise<Remembered> => {
  const { client } = driver.house()
  const { head } = await client.book.status()
  const [month = ''] = months
  const usage = new Map<string, Cells>()
  for (const { metric } of METRICS)
    usage.set(metric, await bookUsage(client, metric, 'day', { from: month, to: month }))
  return { batchId: head.batchId, months, usage, cost: await bookCost(client, month) }
}

export const simulate = async (seed: number, size: Size, root: string): Promise<Simulation> => {
  const random = randomFrom(seed)
  const steps = stepsOf(random.fork('world'), size)
  const startMs = startOfMonth(size.firstMonth)
  const driver = await startDriver(random.fork('driver'), root, startMs)
  const comparison = noComparison()
  const remembered: Remembered[] = []
  let presentMs = startMs
  const months = () => {
    const last = driver.auditor.lastMonth(addMonths(size.firstMonth, size.months - 1))
    const all = monthsFrom(size.firstMonth, 1)
    while ((all.at(-1) ?? '') < last) all.push(addMonths(all.at(-1) ?? '', 1))
    return all
  }
  for (const step of steps) {
    presentMs = step.presentMs
    await runStep(driver, step).catch((error: unknown) => {
      throw new Error(`COUNTINGHOUSE_SIMULATION_SEED=${seed}, step ${steps.indexOf(step)} (${step.step})`, {
        cause: error,
      })
    })
    if (step.step !== 'check') continue
    const recent = around(step.month, size.firstMonth)
    const before = comparison.differences.length
    await compareUsage(driver, comparison, recent)
    await compareCost(driver, comparison, recent)
    await compareStores(driver, comparison, months(), presentMs)
    await compareStatus(driver, comparison)
    if (comparison.differences.length > before) demandAgreement(seed, `after ${step.month}`, comparison)
    remembered.push(await remember(driver, recent))
  }
  return { driver, months, presentMs: () => presentMs, remembered, comparison, seed }
}

/** Everything, as it stands: by day, month, hour and region, every currency, the totals, and the chain. */
export const compareAll = async (simulation: Simulation, when: string): Promise<void> => {
  const { driver, seed, months, presentMs } = simulation
  const { comparison } = simulation
  await compareUsage(driver, comparison, months())
  await compareSlices(driver, comparison, months())
  await compareCost(driver, comparison, months())
  await compareStores(driver, comparison, months(), presentMs())
  await compareStatus(driver, comparison)
  demandAgreement(seed, when, comparison)
  expect(await verify(driver.house())).toMatchObject({ ok: true, cubeAgrees: true, fault: null })
}

/** Builds the cube again from the ledger. */
export const rebuild = async ({ driver }: Simulation): Promise<void> => {
  const { job, client } = driver.house()
  expect(await job(client.book.rebuildCube())).toMatchObject({ state: 'done' })
}

/** Asks again what was asked then, as of the batches of then. */
export const compareThen = async (simulation: Simulation): Promise<void> => {
  const { driver, comparison, remembered, seed } = simulation
  const months = simulation.months()
  const { client } = driver.house()
  for (const { batchId, months: then, usage, cost } of remembered) {
    const [month = ''] = then
    const what = `${month} as of batch ${batchId}, against what was said then`
    for (const [metric, cells] of usage) {
      const span = { from: month, to: month, asOfBatch: batchId }
      compareCells(comparison, `${metric}, ${what}`, cells, await bookUsage(client, metric, 'day', span))
    }
    compareCells(comparison, `cost, ${what}`, cost, await bookCost(client, month, { asOfBatch: batchId }))
  }
  // And against the auditor, who can add up what he knew then.
  for (const { batchId } of remembered.filter((_, at) => at % Math.ceil(remembered.length / 3) === 0)) {
    await compareUsage(driver, comparison, months.slice(0, 3), batchId)
    await compareCost(driver, comparison, months, batchId)
  }
  demandAgreement(seed, 'as of earlier batches', comparison)
}
