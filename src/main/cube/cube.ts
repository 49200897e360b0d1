/** A book's cube: opened, followed and asked. Usable in any thread; the engine keeps it in one of its own. */
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { closeLedger, openLedgerForReading } from '../ledger/open.ts'
import {
  type CubeFile,
  type CubeOptions,
  isDamaged,
  isStopped,
  openFile,
  openForReading,
  QUERY_MEGABYTES,
  removeFile,
} from './cube-file.ts'
import { readerPool } from './database.ts'
import { ledgerFeed } from './feed.ts'
import { type FollowOptions, type FollowResult, followLedger, readState } from './follow.ts'
import { pastTerms } from './past-terms.ts'
import { ROLL_UP_ENTRIES, rollUp } from './roll-up.ts'
import type { CubeState } from './schema.ts'

export const CUBE_FILE = 'cube.duckdb'

export interface CubeStatus extends CubeState {
  readonly ledgerBatchId: number
  readonly ledgerSeq: number
  readonly following: boolean
  /** Whether the file was missing or unusable when the cube was opened, so that it was made anew. */
  readonly madeAnew: boolean
}

export interface Cube {
  /**
   * Brings the cube up to the ledger's last batch. Calls run one after the other; calls that wait for the same
   * start share one result.
   */
  readonly follow: (options?: FollowOptions) => Promise<FollowResult>
  /** Empties the cube and follows from the first batch. */
  readonly rebuild: (options?: FollowOptions) => Promise<FollowResult>
  /**
   * Runs queries on one snapshot; with `asOfBatch` on the customers, metrics and rules of then (which facts count is
   * the query's to say). @throws the signal's reason where it aborts.
   */
  readonly read: <T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
    asOfBatch?: number,
  ) => Promise<T>
  readonly status: () => Promise<CubeStatus>
  /** Waits for a follow under way, then closes the file. */
  readonly close: () => Promise<void>
}

/**
 * Opens the cube of a book whose folder holds `ledger.sqlite`; a file that is missing, damaged or of another
 * shape is made anew, and the next follow fills it.
 * @throws Error where another process holds the file: the book is open elsewhere.
 */
export const openCube = async (bookDirectory: string, options: CubeOptions = {}): Promise<Cube> => {
  const ledger = openLedgerForReading(bookDirectory)
  const feed = ledgerFeed(ledger)
  const { reading } = options
  const own = join(reading?.temporary ?? bookDirectory, CUBE_FILE)
  const readers = options.readers ?? 3
  /** The file with everything that is open on it. */
  const withReaders = async (opened: CubeFile) => {
    const pool = await readerPool(opened.instance, readers)
    const past = await pastTerms(opened.instance, feed)
    const close = async (): Promise<void> => {
      await pool.close()
      await past.close()
      opened.connection.closeSync()
      opened.instance.closeSync()
    }
    return { ...opened, pool, past, close }
  }
  let file = await (reading === undefined
    ? openFile(own, options)
    : openForReading(join(reading.cubeDirectory, CUBE_FILE), own, options, feed.head()?.hash ?? '')
  )
    .then(withReaders)
    .catch((error) => {
      closeLedger(ledger)
      throw error
    })
  /** False from when a file is closed until another is open, which may have to wait for room on the disk. */
  let isOpen = true
  const needsAnotherFile = (error: unknown): boolean => !isOpen || isDamaged(error) || isStopped(error)
  /** Opens the file again; a damaged one is thrown away first, for everything in it is in the ledger. */
  const openAgain = async (error: unknown): Promise<void> => {
    if (isOpen) {
      isOpen = false
      await file.close()
    }
    if (isDamaged(error)) await removeFile(own)
    file = await withReaders(await openFile(own, options))
    isOpen = true
  }

  let tail: Promise<unknown> = Promise.resolve()
  let running = 0
  let isRollingUp = false
  let isClosing = false
  let waiting: Promise<FollowResult> | null = null
  const followFile = async (anew: boolean, followOptions: FollowOptions): Promise<FollowResult> => {
    const { connection } = file
    const state = await readState(connection)
    const isLarge = anew || (feed.head()?.last_seq ?? 0) - state.lastSeq > LARGE_FOLLOW_ENTRIES
    if (!isLarge) return followLedger(connection, feed, anew, followOptions)
    // Refused where queries hold more at this moment; then this follow takes more, and nothing else.
    await limitMemory(connection, options.followMegabytes ?? FOLLOW_MEGABYTES).catch(() => undefined)
    try {
      return await followLedger(connection, feed, anew, followOptions)
    } finally {
      // Refused only by a file that is to be opened again, which sets it, too.
      await limitMemory(connection, options.memoryMegabytes ?? QUERY_MEGABYTES).catch(() => undefined)
    }
  }
  const enqueue = (anew: boolean, followOptions: FollowOptions): Promise<FollowResult> => {
    const result = tail.then(async () => {
      if (!anew) waiting = null
      running += 1
      try {
        return await followFile(anew, followOptions).catch(async (error) => {
          if (!needsAnotherFile(error)) throw error
          await openAgain(error)
          return followFile(anew, followOptions)
        })
      } finally {
        running -= 1
      }
    })
    tail = result.then(keepRolledUp, () => undefined)
    return result
  }
  /** After a follow, which does not wait for it. Where it fails, for want of memory or disk, the facts answer as before. */
  const keepRolledUp = async (): Promise<void> => {
    if (file.isBorrowed) return
    isRollingUp = true
    await rollUp(file.connection, options.rollUpEntries ?? ROLL_UP_ENTRIES, () => isClosing).catch(
      () => undefined,
    )
    isRollingUp = false
  }

  /** Opens the file that a query found unusable again, unless that was done for another query already. */
  const mend = (used: typeof file, error: unknown): Promise<void> => {
    const mended = tail.then(async () => {
      if (isOpen && file !== used) return
      await openAgain(error)
      if (file.madeAnew) await followLedger(file.connection, feed, false, {})
    })
    tail = mended.catch(() => undefined)
    return mended
  }

  const read: Cube['read'] = async (work, signal, asOfBatch) => {
    const used = file
    const ask = async () => {
      const terms = asOfBatch === undefined ? null : await file.past.enter(asOfBatch)
      try {
        return await file.pool.read(work, signal, terms?.searchPath ?? null)
      } finally {
        terms?.leave()
      }
    }
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      // Other queries are stopped where one found the damage, and are asked again, too.
      if (needsAnotherFile(error) || file !== used) {
        await mend(used, error)
        return ask()
      }
      // While much is followed or rolled up there is little memory; once it is done the query has room.
      if ((running === 0 && !isRollingUp) || !/out of memory/i.test(String(error))) throw error
      await tail
      return ask()
    }
  }

  return {
    follow: (followOptions) => {
      if (followOptions !== undefined) return enqueue(false, followOptions)
      waiting ??= enqueue(false, {})
      return waiting
    },
    rebuild: (followOptions = {}) => enqueue(true, followOptions),
    read,
    status: async () => {
      const state = await read(readState)
      const head = feed.head()
      return {
        ...state,
        ledgerBatchId: head?.batch_id ?? 0,
        ledgerSeq: head?.last_seq ?? 0,
        following: running > 0,
        madeAnew: file.madeAnew,
      }
    },
    close: async () => {
      isClosing = true
      await tail
      if (isOpen) await file.close()
      closeLedger(ledger)
    },
  }
}

const FOLLOW_MEGABYTES = 64
/** A follow of fewer entries needs little of itself. */
const LARGE_FOLLOW_ENTRIES = 50_000

const limitMemory = async (connection: DuckDBConnection, megabytes: number): Promise<void> => {
  await connection.run(`SET memory_limit = '${megabytes}MB'`)
}
