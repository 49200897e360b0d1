/** A book's cube: opened, followed and asked. Usable in any thread; the engine keeps it in one of its own. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { closeLedger, openLedgerForReading } from '../ledger/open.ts'
import { readerPool, readRows } from './database.ts'
import { ledgerFeed } from './feed.ts'
import { type FollowOptions, type FollowResult, followLedger, readState, resetCube } from './follow.ts'
import { pastTerms } from './past-terms.ts'
import { ROLL_UP_ENTRIES, rollUp } from './roll-up.ts'
import { CUBE_SCHEMA_VERSION, type CubeState } from './schema.ts'

export const CUBE_FILE = 'cube.duckdb'

export interface CubeOptions {
  /** DuckDB's own memory for queries, 120 unless told; what does not fit is spilled into the book's folder. */
  readonly memoryMegabytes?: number
  /** The same while much is followed, 64 unless told: a follow fills whatever it is given, and gains nothing by it. */
  readonly followMegabytes?: number
  /**
   * Threads of one query, 1 unless told: several queries run at the same time anyhow, and following with two threads
   * takes 50 MB more and is not faster.
   */
  readonly threads?: number
  /** Queries answered at the same time. */
  readonly readers?: number
  /** Entries of a step of the roll-ups, {@link ROLL_UP_ENTRIES} unless told. */
  readonly rollUpEntries?: number
  /** Given where the book must not be written. */
  readonly reading?: CubeReading | undefined
}

export interface CubeReading {
  /** The book's own folder, whose cube is used where it is up to date. */
  readonly cubeDirectory: string
  /** Where one is built otherwise, and where queries spill. */
  readonly temporary: string
}

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
  let file = await (reading === undefined
    ? openFile(own, options)
    : openForReading(reading, options, feed.head()?.hash ?? '')
  ).catch((error) => {
    closeLedger(ledger)
    throw error
  })
  const readers = options.readers ?? 3
  let pool = await readerPool(file.instance, readers)
  let past = await pastTerms(file.instance, feed)
  let isReplacing = false
  /** A damaged file is thrown away, for everything in it is in the ledger; the follow after it fills the new one. */
  const replaceFile = async (): Promise<void> => {
    isReplacing = true
    try {
      await pool.close()
      await past.close()
      file.connection.closeSync()
      file.instance.closeSync()
      await removeFile(own)
      file = await openFile(own, options)
      pool = await readerPool(file.instance, readers)
      past = await pastTerms(file.instance, feed)
    } finally {
      isReplacing = false
    }
  }

  let tail: Promise<unknown> = Promise.resolve()
  let running = 0
  let isRollingUp = false
  let isClosing = false
  let waiting: Promise<FollowResult> | null = null
  const enqueue = (anew: boolean, followOptions: FollowOptions): Promise<FollowResult> => {
    const result = tail.then(async () => {
      if (!anew) waiting = null
      running += 1
      const state = await readState(file.connection)
      const isLarge = anew || (feed.head()?.last_seq ?? 0) - state.lastSeq > LARGE_FOLLOW_ENTRIES
      try {
        // Refused where queries hold more at this moment; then this follow takes more, and nothing else.
        if (isLarge)
          await limitMemory(file.connection, options.followMegabytes ?? FOLLOW_MEGABYTES).catch(
            () => undefined,
          )
        return await followLedger(file.connection, feed, anew, followOptions).catch(async (error) => {
          if (!IS_DAMAGED.test(String(error))) throw error
          await replaceFile()
          return followLedger(file.connection, feed, false, followOptions)
        })
      } finally {
        if (isLarge) await limitMemory(file.connection, options.memoryMegabytes ?? QUERY_MEGABYTES)
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

  /** Replaces the file that a query found damaged, unless another query had it replaced already. */
  const mend = (damaged: typeof file): Promise<void> => {
    const mended = tail.then(async () => {
      if (file !== damaged) return
      await replaceFile()
      await followLedger(file.connection, feed, false, {})
    })
    tail = mended.catch(() => undefined)
    return mended
  }

  return {
    follow: (followOptions) => {
      if (followOptions !== undefined) return enqueue(false, followOptions)
      waiting ??= enqueue(false, {})
      return waiting
    },
    rebuild: (followOptions = {}) => enqueue(true, followOptions),
    read: async (work, signal, asOfBatch) => {
      const used = file
      const ask = async () => {
        const terms = asOfBatch === undefined ? null : await past.enter(asOfBatch)
        try {
          return await pool.read(work, signal, terms?.searchPath ?? null)
        } finally {
          terms?.leave()
        }
      }
      try {
        return await ask()
      } catch (error) {
        signal?.throwIfAborted()
        // Other queries are stopped where one found the damage, and are asked again, too.
        if (IS_DAMAGED.test(String(error)) || isReplacing || file !== used) {
          await mend(used)
          return ask()
        }
        // While much is followed or rolled up there is little memory; once it is done the query has room.
        if ((running === 0 && !isRollingUp) || !/out of memory/i.test(String(error))) throw error
        await tail
        return ask()
      }
    },
    status: async () => {
      const state = await pool.read(readState)
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
      await pool.close()
      await past.close()
      file.connection.closeSync()
      file.instance.closeSync()
      closeLedger(ledger)
    },
  }
}

const QUERY_MEGABYTES = 120
const FOLLOW_MEGABYTES = 64
/** A follow of fewer entries needs little of itself. */
const LARGE_FOLLOW_ENTRIES = 50_000

const limitMemory = async (connection: DuckDBConnection, megabytes: number): Promise<void> => {
  await connection.run(`SET memory_limit = '${megabytes}MB'`)
}

const openInstance = (
  file: string,
  options: CubeOptions,
  more: Readonly<Record<string, string>> = {},
): Promise<DuckDBInstance> =>
  DuckDBInstance.create(file, {
    ...more,
    memory_limit: `${options.memoryMegabytes ?? QUERY_MEGABYTES}MB`,
    threads: String(options.threads ?? 1),
    preserve_insertion_order: 'false',
    // Following writes full groups of rows at once instead of gathering several: 20 MB less, and no slower.
    write_buffer_row_group_count: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })

const hasOurShape = async (connection: DuckDBConnection): Promise<boolean> => {
  const [table] = await readRows(connection, "SELECT 1 FROM duckdb_tables() WHERE table_name = 'cube_state'")
  if (table === undefined) return false
  const [row] = await readRows<[number]>(connection, 'SELECT schema_version FROM cube_state')
  return row?.[0] === CUBE_SCHEMA_VERSION
}

/** What DuckDB says where another process has the file; a damaged one is told with its *block*. */
const IS_HELD = /could not set lock|conflicting lock/i

/** What DuckDB says of a block whose bytes are not those it wrote. */
const IS_DAMAGED = /corrupt database file|does not match stored checksum/i

const removeFile = async (file: string): Promise<void> => {
  await rm(file, { force: true })
  await rm(`${file}.wal`, { force: true })
}

/** The file opened, or made anew where it is not a cube of this shape. A file that is locked is left alone. */
const openFile = async (file: string, options: CubeOptions) => {
  try {
    const instance = await openInstance(file, options)
    const connection = await instance.connect()
    if (await hasOurShape(connection)) return { instance, connection, madeAnew: false, isBorrowed: false }
    connection.closeSync()
    instance.closeSync()
  } catch (error) {
    if (IS_HELD.test(String(error))) throw error
  }
  await removeFile(file)
  const instance = await openInstance(file, options)
  const connection = await instance.connect()
  await resetCube(connection)
  return { instance, connection, madeAnew: true, isBorrowed: false }
}

/**
 * The book's own cube, which nothing is written to, where it is at the ledger's last batch; else one of its own in
 * the temporary folder, which the next follow fills.
 */
const openForReading = async (reading: CubeReading, options: CubeOptions, headHash: string) => {
  try {
    const instance = await openInstance(join(reading.cubeDirectory, CUBE_FILE), options, {
      access_mode: 'READ_ONLY',
      temp_directory: join(reading.temporary, 'spilled'),
    })
    const connection = await instance.connect()
    if ((await hasOurShape(connection)) && (await readState(connection)).lastHash === headHash)
      return { instance, connection, madeAnew: false, isBorrowed: true }
    connection.closeSync()
    instance.closeSync()
  } catch {
    // Missing, damaged, of a later version of DuckDB, or with a log that only a writer may fold in.
  }
  return openFile(join(reading.temporary, CUBE_FILE), options)
}
