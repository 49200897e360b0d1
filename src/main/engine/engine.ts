/** The composition root: holds the book's lock, opens its session, and implements the contract over it. */
import { userInfo } from 'node:os'
import type { Collector } from '../collect/collector.ts'
import { COLLECTORS } from '../collect/kinds/kinds.ts'
import { createSecrets, type SecretStore } from '../secrets/secrets.ts'
import { type Clock, machineClock } from './clock.ts'
import { openSchedule } from './collecting/schedule.ts'
import type { Timers } from './collecting/shapes.ts'
import { api, type EngineState } from './engine-state.ts'
import { allocationHandlers } from './handlers/allocation.ts'
import { bookHandlers, jobsHandlers } from './handlers/book.ts'
import { connectionsHandlers } from './handlers/connections.ts'
import { costHandlers } from './handlers/cost.ts'
import { customersHandlers } from './handlers/customers.ts'
import { dealsHandlers } from './handlers/deals.ts'
import { excelHandlers } from './handlers/excel.ts'
import { explainHandlers } from './handlers/explain.ts'
import { exportsHandlers } from './handlers/exports.ts'
import { ingestTokensHandlers } from './handlers/ingest.ts'
import { invoicesHandlers } from './handlers/invoices.ts'
import { ledgerHandlers } from './handlers/ledger.ts'
import { reconcileHandlers } from './handlers/month.ts'
import { rateCardsHandlers } from './handlers/rate-cards.ts'
import { ratesHandlers } from './handlers/rates.ts'
import { previewHandlers, ratingHandlers } from './handlers/rating.ts'
import { rulesHandlers } from './handlers/rules.ts'
import { filesHandlers, importsHandlers, metricsHandlers, sourcesHandlers } from './handlers/sources.ts'
import { usageHandlers } from './handlers/usage.ts'
import { holdFolder, holdsLedger } from './hold.ts'
import { type Ingest, openIngest } from './ingesting/ingest.ts'
import { Jobs } from './jobs.ts'
import { asContractError } from './machine-failure.ts'
import { PROGRAM } from './program.ts'
import { isReadingCall, refusalOf } from './read-only.ts'
import { noBook, readOnly, refused } from './refusals.ts'
import { openSession, type Session } from './session.ts'

export interface EngineOptions {
  /** The book's folder; it may be empty or not exist yet. */
  readonly directory: string
  readonly demo?: boolean
  readonly clock?: Clock
  readonly secretStore?: SecretStore
  readonly environment?: NodeJS.ProcessEnv
  /** Opens the book for reading only: nothing is written into its folder but its lock. */
  readonly readOnly?: boolean
  /** Under which name things are recorded until somebody says otherwise. */
  readonly userName?: string
  /** Kinds of sources that can be connected, and the timers of their schedule: all, and the machine's, without them. */
  readonly collectors?: readonly Collector[]
  readonly timers?: Timers
}

const nameOfUser = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'someone'
  }
}

/**
 * Before every call: a book open for reading only refuses what writes. After it: what the machine did to the book is
 * told as a refusal with a sentence.
 */
const guarded = (engine: EngineState) =>
  api.use(async ({ path, next }) => {
    const readOnlyBecause = engine.readOnly()
    if (readOnlyBecause !== null && !isReadingCall(path))
      throw readOnly(refusalOf(engine.directory, readOnlyBecause))
    try {
      return await next()
    } catch (error) {
      throw asContractError(error, engine.directory)
    }
  })

const implementation = (engine: EngineState) =>
  guarded(engine).router({
    book: bookHandlers(engine),
    jobs: jobsHandlers(engine),
    files: filesHandlers(engine),
    imports: importsHandlers(engine),
    sources: sourcesHandlers(engine),
    connections: connectionsHandlers(engine),
    ingestTokens: ingestTokensHandlers(engine),
    metrics: metricsHandlers(engine),
    usage: usageHandlers(engine),
    cost: costHandlers(engine),
    rules: rulesHandlers(engine),
    allocation: allocationHandlers(engine),
    customers: customersHandlers(engine),
    rateCards: { ...rateCardsHandlers(engine), ...ratingHandlers(engine) },
    rates: ratesHandlers(engine),
    deals: dealsHandlers(engine),
    invoices: { ...invoicesHandlers(engine), ...previewHandlers(engine) },
    explain: explainHandlers(engine),
    reconcile: reconcileHandlers(engine),
    ledger: ledgerHandlers(engine),
    exports: exportsHandlers(engine),
    excel: excelHandlers(engine),
  })

export interface Engine {
  readonly router: ReturnType<typeof implementation>
  readonly directory: string
  readonly hasBook: () => boolean
  /** Takes what programs push. */
  readonly ingest: Ingest
  /** Writes where the engine can be reached into the book's lock file. */
  readonly publish: (address: string, localToken: string) => void
  /** Cancels what runs, closes the book and releases its lock. */
  readonly close: () => Promise<void>
}

/**
 * Takes the folder's lock and opens its book if it holds one. A book that may not be written, or whose disk is full,
 * is opened for reading only; `readOnly` asks for that.
 * @throws LedgerRefusal where another process holds the book or it can't be opened.
 */
export const startEngine = async (options: EngineOptions): Promise<Engine> => {
  const { directory } = options
  const environment = options.environment ?? process.env
  const clock = options.clock ?? machineClock(environment)
  const program = `${PROGRAM.name} ${PROGRAM.version}`
  const hold = holdFolder(directory, options.readOnly ?? false)
  const secrets = createSecrets({
    environment,
    ...(options.secretStore === undefined ? {} : { store: options.secretStore }),
  })
  const jobs = new Jobs(clock, secrets.redact, (error) => asContractError(error, directory))
  let session: Session | null = null
  const opening = { directory, program, clock }
  const state: EngineState = {
    directory,
    program,
    demo: options.demo ?? false,
    clock,
    jobs,
    environment,
    secrets,
    userName: options.userName ?? nameOfUser(),
    collectors: options.collectors ?? COLLECTORS,
    schedule: () => schedule,
    readOnly: () => hold.readOnly(),
    session: () => {
      if (session === null) throw noBook()
      return session
    },
    openedSession: () => session,
    createBook: async (write) => {
      if (session !== null)
        throw refused(
          'book_exists',
          `There is a book in ${directory} already. Nothing was changed; start with another folder (--book).`,
        )
      const created = await openSession({ ...opening, author: state.userName })
      try {
        await write(created)
      } catch (error) {
        await created.close()
        throw error
      }
      session = created
      schedule.plan()
    },
    openRestored: async () => {
      session = await openSession({ ...opening, author: state.userName })
      schedule.plan()
    },
  }
  const schedule = openSchedule(state, options.timers)
  const ingest = openIngest(state)
  try {
    if (holdsLedger(directory)) {
      const found = await hold.open((reading) =>
        openSession({ ...opening, author: state.userName, ...(reading === null ? {} : { reading }) }),
      )
      // A ledger without a book is what a creation that was cut off leaves; creating goes on with it.
      if (found.one('book', 'book') === null) await found.close()
      else session = found
    }
  } catch (error) {
    await hold.release()
    throw error
  }
  schedule.plan()
  return {
    router: implementation(state),
    directory,
    hasBook: () => session !== null,
    ingest,
    publish: (address, localToken) => hold.publish(address, localToken),
    close: async () => {
      jobs.cancelAll()
      await schedule.stop()
      await ingest.stop()
      await session?.close()
      session = null
      await hold.release()
    },
  }
}
