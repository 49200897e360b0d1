/** Rating at scale: a month of the large book for every tenant, and one contract's 24 months in a browser, each beside a plain sum. */
import { constants, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { build } from 'vite'
import { addMonths, type Month } from '../../src/domain/period.ts'
import { type Book, factsOf } from './books.ts'
import { LAST_MONTH } from './events.ts'
import { median, medianSpent, type Spent, type Times, timesOf } from './measure.ts'
import { CACHE, type Plan } from './plan.ts'
import { say, startDuckdbChild, startEngineChild } from './programs.ts'
import { CHARGES } from './rate-card.ts'
import type { timesOfRerates } from './rerate.ts'

export interface Rating {
  readonly events: number
  readonly customers: number
  readonly charges: number
  /** The first run of a month: compared with the ledger, rated, kept. */
  readonly run: Spent
  /** The same run again: rated anew, and every draft found unchanged. */
  readonly again: Spent
  /** The same once the month before has its invoices: every draft says why it differs from them, and is kept anew. */
  readonly afterMonth: Spent
  /** `SELECT tenant, metric, sum(quantity)` of that month's plain facts in DuckDB, with the cube's threads. */
  readonly sumMs: number
  readonly rerate: Times
  readonly rerateSumMs: number
  readonly rerateRows: number
  readonly rerateIn: string
  readonly peakBytes: number | null
  readonly load: readonly number[]
}

const LAST = LAST_MONTH as Month
const RUNS = 3
const RERATES = 60

/** Rates the last month for every tenant of a copy of the book. */
const measureRuns = async (plan: Plan, { directory }: Book) => {
  const folder = join(CACHE, 'rating')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    const copy = join(folder, 'book')
    cpSync(directory, copy, { recursive: true, mode: constants.COPYFILE_FICLONE })
    const engine = startEngineChild(plan)
    await engine.call('open', copy)
    const customers = await engine.call('sell')
    say(`a run of a month for ${customers} customers`)
    const run = await engine.call('runMonth', LAST)
    if (run.drafts !== customers) throw new Error(`of ${customers} customers ${run.drafts} have a draft`)
    const again: Spent[] = []
    for (let round = 0; round < RUNS; round++) {
      const next = await engine.call('runMonth', LAST)
      if (next.drafts !== 0 || next.total !== run.total)
        throw new Error(`the same month came to ${next.total} after ${run.total}`)
      again.push(next)
    }
    const peakBytes = engine.peakBytes()
    await engine.call('runMonth', addMonths(LAST, -1))
    const afterMonth = await engine.call('runMonth', LAST)
    if (afterMonth.drafts !== customers)
      throw new Error(`of ${customers} drafts ${afterMonth.drafts} say how they differ from the month before`)
    await engine.call('close')
    await engine.end()
    return { customers, run, again: medianSpent(again), afterMonth, peakBytes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const measureSum = async (plan: Plan, book: Book): Promise<number> => {
  const file = await factsOf(book)
  const duckdb = startDuckdbChild()
  await duckdb.call('open', file, await duckdb.call('threadsOfCube', book.directory))
  const times = await duckdb.call('sumOfMonth', plan.calls)
  await duckdb.end()
  return median(times)
}

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
type Rerated = ReturnType<typeof timesOfRerates>

/** In Chromium where there is one, in this Node where not: the answer says which. */
const measureRerate = async (): Promise<Rerated & { readonly where: string }> => {
  const executablePath = BROWSERS.find((path) => existsSync(path))
  if (executablePath === undefined) {
    const { timesOfRerates: run } = await import('./rerate.ts')
    return { ...run(RERATES), where: `Node ${process.versions.node}` }
  }
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('./rerate.ts', import.meta.url)),
        name: 'rating',
        formats: ['iife'],
      },
    },
  })
  const [output] = Array.isArray(built) ? built : []
  const script = output?.output.find((each) => each.type === 'chunk')
  if (script?.type !== 'chunk') throw new Error('the script of the page was not built')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: script.code })
    const measured = (await page.evaluate(`rating.timesOfRerates(${RERATES})`)) as Rerated
    return { ...measured, where: `Chromium ${browser.version()}` }
  } finally {
    await browser.close()
  }
}

export const measureRating = async (plan: Plan, book: Book): Promise<Rating> => {
  const runs = await measureRuns(plan, book)
  const sumMs = await measureSum(plan, book)
  say('24 months of one contract rated again')
  const rerate = await measureRerate()
  return {
    events: book.events,
    charges: CHARGES.length,
    ...runs,
    sumMs: Math.round(sumMs * 10) / 10,
    rerate: timesOf(rerate.times),
    rerateSumMs: Math.round(median(rerate.sums) * 1000) / 1000,
    rerateRows: rerate.rows,
    rerateIn: rerate.where,
    load: loadavg(),
  }
}
