/** The engine as users run it, threads and all, in a process of its own: opened, imported into, asked and verified. */
import { createRouterClient, type RouterClient } from '@orpc/server'
import type { ImportResult, Job } from '../../src/contract/book.ts'
import type { UsageQuery } from '../../src/contract/usage.ts'
import type { Month } from '../../src/domain/period.ts'
import { type Engine, startEngine } from '../../src/main/engine/engine.ts'
import { answerCalls } from './child.ts'
import { LARGEST_METRIC, LAST_MONTH, METRICS, NOW_MS, SOURCE } from './events.ts'
import { type Spent, spent, type Times, timesOf } from './measure.ts'
import { CARD } from './rate-card.ts'
import { SLICES, type SliceName, sliceNamed } from './slices.ts'

interface Opened {
  readonly engine: Engine
  readonly client: RouterClient<Engine['router']>
}
let opened: Opened | null = null
const house = (): Opened => {
  if (opened === null) throw new Error('no book is open')
  return opened
}

const FIRST_ASKED: UsageQuery = {
  metric: LARGEST_METRIC,
  from: LAST_MONTH as Month,
  to: LAST_MONTH as Month,
  grain: 'day',
  groupBy: ['tenant'],
  filters: [],
  compare: 'none',
}

const endOf = async (started: Promise<{ jobId: string }>): Promise<NonNullable<Job['result']>> => {
  const { jobId } = await started
  let last: Job | null = null
  for await (const job of await house().client.jobs.watch({ jobId })) last = job
  if (last === null || last.result === null)
    throw new Error(`${last?.title}: ${last?.error?.message ?? 'it has no result'}`)
  return last.result
}

const takeFile = async (path: string): Promise<ImportResult> => {
  const { client } = house()
  const { fileId } = await client.files.openPath({ path })
  const result = await endOf(client.imports.start({ fileId, options: { source: SOURCE } }))
  if (result.kind !== 'import') throw new Error(`an import ended as ${result.kind}`)
  return result.import
}

export interface Imported extends Spent {
  readonly added: number
}

const askTimes = async (name: SliceName, calls: number): Promise<number[]> => {
  const times: number[] = []
  for (let call = 0; call < calls; call++)
    times.push((await spent(() => house().client.usage.query(sliceNamed(name).query))).wallMs)
  return times
}

const calls = {
  /** Opens the book in the folder, made where there is none, and says how long it took until it answered. */
  open: async (directory: string) => {
    const startedMs = performance.now()
    const engine = await startEngine({ directory, clock: { nowMs: () => NOW_MS }, environment: {} })
    const client = createRouterClient(engine.router, { context: { local: true } })
    opened = { engine, client }
    if (engine.hasBook()) {
      const openMs = performance.now() - startedMs
      const { rows } = await client.usage.query(FIRST_ASKED)
      if (rows.length === 0) throw new Error('the first query found no usage')
      return { openMs, answeredMs: performance.now() - startedMs }
    }
    await client.book.create({ name: 'Benchmark', currency: 'USD', timeZone: 'UTC' })
    for (const definition of METRICS)
      await client.metrics.save({ metric: definition.metric, definition, expectedVersion: 0 })
    return { openMs: performance.now() - startedMs, answeredMs: 0 }
  },
  /** From the call that starts the job to its end: durable, chained, and followed in the cube. */
  import: async (path: string, rowsWanted: number): Promise<Imported> => {
    let added = 0
    const measured = await spent(async () => {
      const result = await takeFile(path)
      added = result.added
      if (result.rows !== rowsWanted || added !== rowsWanted)
        throw new Error(
          `of ${rowsWanted} rows ${result.rows} were read and ${added} added: ${result.sentence}`,
        )
    })
    return { ...measured, added }
  },
  answer: async (name: SliceName) => {
    const slice = sliceNamed(name)
    return slice.answerOf(await house().client.usage.query(slice.query))
  },
  ask: askTimes,
  /** Asks every slice in turn while the files are imported one after the other, until each was asked often enough. */
  askWhileImporting: async (paths: readonly string[], callsMin: number) => {
    const times = new Map(SLICES.map(({ name }) => [name, [] as number[]]))
    const fewest = () => Math.min(...[...times.values()].map((list) => list.length))
    const state = { importing: true, importedMs: 0, files: 0 }
    const importing = (async () => {
      for (const path of paths) {
        if (fewest() >= callsMin) break
        state.importedMs += (await spent(() => takeFile(path))).wallMs
        state.files++
      }
    })().finally(() => {
      state.importing = false
    })
    while (state.importing)
      for (const { name } of SLICES) {
        const [asked] = await askTimes(name, 1)
        // What began while an import ran, and ended when none did, counts too.
        if (asked !== undefined) times.get(name)?.push(asked)
      }
    await importing
    const slices = Object.fromEntries([...times].map(([name, list]) => [name, timesOf(list)]))
    return { slices: slices as Record<SliceName, Times>, ...state }
  },
  /** A rate card, and a customer with a contract for it of each tenant. */
  sell: async () => {
    const { client } = house()
    await client.rateCards.save({ ...CARD, expectedVersion: 0 })
    const tenants = (await client.customers.tenants()).map(({ tenant }) => tenant)
    await client.customers.fromTenants({ tenants, rateCardId: CARD.id, startDay: CARD.effectiveFrom })
    return tenants.length
  },
  /** The run of a month, from the call that starts the job to its end: compared, rated and kept. */
  runMonth: async (month: Month) => {
    let run: { total: string; drafts: number } | null = null
    const measured = await spent(async () => {
      const result = await endOf(house().client.invoices.run({ month }))
      if (result.kind === 'invoice_run') run = result.run
    })
    if (run === null) throw new Error('no invoice was made')
    return { ...measured, ...(run as { total: string; drafts: number }) }
  },
  verify: async () => {
    let entries = 0
    const { wallMs, cpuMs } = await spent(async () => {
      const result = await endOf(house().client.ledger.verify())
      if (result.kind !== 'verify' || !result.verify.ok || !result.verify.cubeAgrees)
        throw new Error(`the book is not sound: ${JSON.stringify(result)}`)
      entries = result.verify.entries
    })
    return { wallMs, cpuMs, entries }
  },
  close: async () => {
    await opened?.engine.close()
    opened = null
  },
}

export type EngineCalls = typeof calls
answerCalls(calls)
