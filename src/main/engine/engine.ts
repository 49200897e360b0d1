/** The composition root: holds the book's lock, opens its session, and implements the contract over it. */
import { existsSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { acquireLock } from '../ledger/lock.ts'
import { LEDGER_FILE } from '../ledger/open.ts'
import { createSecrets, type SecretStore } from '../secrets/secrets.ts'
import { type Clock, machineClock } from './clock.ts'
import { api, type EngineState } from './engine-state.ts'
import { bookHandlers, jobsHandlers } from './handlers/book.ts'
import { costHandlers, rulesHandlers } from './handlers/cost.ts'
import { customersHandlers, rateCardsHandlers } from './handlers/customers.ts'
import { dealsHandlers } from './handlers/deals.ts'
import { explainHandlers } from './handlers/explain.ts'
import { excelHandlers, exportsHandlers } from './handlers/exports.ts'
import { invoicesHandlers } from './handlers/invoices.ts'
import { ledgerHandlers } from './handlers/ledger.ts'
import { reconcileHandlers } from './handlers/month.ts'
import { filesHandlers, importsHandlers, metricsHandlers, sourcesHandlers } from './handlers/sources.ts'
import { usageHandlers } from './handlers/usage.ts'
import { Jobs } from './jobs.ts'
import { PROGRAM } from './program.ts'
import { noBook, refused } from './refusals.ts'
import { openSession, type Session } from './session.ts'

export interface EngineOptions {
  /** The book's folder; it may be empty or not exist yet. */
  readonly directory: string
  readonly demo?: boolean
  readonly clock?: Clock
  readonly secretStore?: SecretStore
  readonly environment?: NodeJS.ProcessEnv
  /** Under which name things are recorded until somebody says otherwise. */
  readonly userName?: string
}

const nameOfUser = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'someone'
  }
}

const implementation = (engine: EngineState) =>
  api.router({
    book: bookHandlers(engine),
    jobs: jobsHandlers(engine),
    files: filesHandlers(engine),
    imports: importsHandlers(engine),
    sources: sourcesHandlers(engine),
    metrics: metricsHandlers(engine),
    usage: usageHandlers(engine),
    cost: costHandlers(engine),
    rules: rulesHandlers(engine),
    customers: customersHandlers(engine),
    rateCards: rateCardsHandlers(engine),
    deals: dealsHandlers(engine),
    invoices: invoicesHandlers(engine),
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
  /** Writes where the engine can be reached into the book's lock file. */
  readonly publish: (address: string, localToken: string) => void
  /** Cancels what runs, closes the book and releases its lock. */
  readonly close: () => Promise<void>
}

/**
 * Takes the folder's lock and opens its book if it holds one.
 * @throws LedgerRefusal where another process holds the book or it can't be opened.
 */
export const startEngine = async (options: EngineOptions): Promise<Engine> => {
  const { directory } = options
  const environment = options.environment ?? process.env
  const clock = options.clock ?? machineClock(environment)
  mkdirSync(directory, { recursive: true })
  const lock = acquireLock(directory, { pid: process.pid })
  const secrets = createSecrets({
    environment,
    ...(options.secretStore === undefined ? {} : { store: options.secretStore }),
  })
  const jobs = new Jobs(clock, secrets.redact)
  let session: Session | null = null
  const open = () =>
    openSession({ directory, program: `${PROGRAM.name} ${PROGRAM.version}`, clock, author: state.userName })
  const state: EngineState = {
    directory,
    program: `${PROGRAM.name} ${PROGRAM.version}`,
    demo: options.demo ?? false,
    clock,
    jobs,
    environment,
    secrets,
    userName: options.userName ?? nameOfUser(),
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
      const created = await open()
      try {
        await write(created)
      } catch (error) {
        await created.close()
        throw error
      }
      session = created
    },
  }
  try {
    if (existsSync(join(directory, LEDGER_FILE))) {
      const found = await open()
      // A ledger without a book is what a creation that was cut off leaves; creating goes on with it.
      if (found.one('book', 'book') === null) await found.close()
      else session = found
    }
  } catch (error) {
    lock.release()
    throw error
  }
  return {
    router: implementation(state),
    directory,
    hasBook: () => session !== null,
    publish: (address, localToken) => lock.updateLock(address, localToken),
    close: async () => {
      jobs.cancelAll()
      await session?.close()
      session = null
      lock.release()
    },
  }
}
