/** Runs a whole simulation: the world's steps done to a book and told to the auditor, compared after every month. */
import { expect } from 'vitest'
import { verify } from '../../main/engine/house.ts'
import {
  type Comparison,
  compareCost,
  compareExceptions,
  compareSlices,
  compareStores,
  compareUsage,
  noComparison,
} from './compare.ts'
import { type Driver, startDriver } from './driver.ts'
import { addMonths, monthsFrom, startOfMonth } from './local-time.ts'
import { randomFrom } from './random.ts'
import type { Step } from './records.ts'
import { type Size, stepsOf } from './world.ts'

export interface Simulation {
  readonly driver: Driver
  /** From the first month to the last that anything counts in. */
  readonly months: () => readonly string[]
  readonly presentMs: () => number
  /** Batches at which figures were compared, to be asked again as of them. */
  readonly remembered: readonly number[]
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
    case 'define metric':
      return driver.defineMetric(step.metric)
    case 'close month':
      return driver.closeMonth(step.month)
    case 'kill a rebuild':
      return driver.killRebuild(step.presentMs, step.killedAt)
    case 'check':
      return
  }
}

/** How many of the last months are compared after each month; the end compares all of them. */
const LOOKED_BACK = 3

export const simulate = async (seed: number, size: Size, root: string): Promise<Simulation> => {
  const random = randomFrom(seed)
  const steps = stepsOf(random.fork('world'), size)
  const startMs = startOfMonth(size.firstMonth)
  const driver = await startDriver(random.fork('driver'), root, startMs)
  const comparison = noComparison()
  const remembered: number[] = []
  let presentMs = startMs
  const months = () => {
    const last = driver.auditor.lastMonth(addMonths(size.firstMonth, size.months - 1))
    // Charges and late events of the months before the first one count there.
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
    const recent = months().slice(-LOOKED_BACK)
    const before = comparison.differences.length
    await compareUsage(driver, comparison, recent)
    await compareCost(driver, comparison, recent)
    await compareStores(driver, comparison, months(), presentMs)
    await compareExceptions(driver)
    if (comparison.differences.length > before) demandAgreement(seed, `after ${step.month}`, comparison)
    remembered.push((await driver.house().client.book.status()).head.batchId)
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
  await compareExceptions(driver)
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
  const asked = remembered.filter((_, index) => index % Math.ceil(remembered.length / 4) === 0)
  for (const batch of asked) {
    await compareUsage(driver, comparison, months.slice(0, 4), batch)
    await compareCost(driver, comparison, months, batch)
  }
  demandAgreement(seed, 'as of earlier batches', comparison)
}
