/** The cube's file: opened, made anew where it is not a cube of this shape, and what DuckDB says where it cannot be used. */
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { readRows } from './database.ts'
import { readState, resetCube } from './follow.ts'
import { CUBE_SCHEMA_VERSION } from './schema.ts'

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
  /** Entries of a step of the roll-ups, `ROLL_UP_ENTRIES` unless told. */
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

/** A cube's file that is open. */
export interface CubeFile {
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
  /** Whether it was missing or unusable, so that it was made anew. */
  readonly madeAnew: boolean
  /** Whether it is the book's own cube, read where the book must not be written. */
  readonly isBorrowed: boolean
}

export const QUERY_MEGABYTES = 120

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
    // What queries gave back is given to the system while nothing runs, too (allocator.ts).
    allocator_background_threads: 'true',
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

/** Whether DuckDB came upon a block whose bytes are not those it wrote. */
export const isDamaged = (error: unknown): boolean =>
  /corrupt database file|does not match stored checksum/i.test(String(error))

/**
 * Whether DuckDB answers nothing more until the file is opened again, as it does once it could not write its log into
 * the file, because the disk was full. What it had committed is in the log and stays.
 */
export const isStopped = (error: unknown): boolean =>
  /FATAL Error|database has been invalidated/i.test(String(error))

/** Removes the file with its log, and what DuckDB keeps of a log while it takes it in. */
export const removeFile = async (file: string): Promise<void> => {
  for (const end of ['', '.wal', '.wal.checkpoint', '.wal.recovery'])
    await rm(`${file}${end}`, { force: true })
}

/** The file opened, or made anew where it is not a cube of this shape. A file that is locked is left alone. */
export const openFile = async (file: string, options: CubeOptions): Promise<CubeFile> => {
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
 * The book's own cube, which nothing is written to, where it is at the ledger's last batch; else the one at `path`,
 * which the next follow fills.
 */
export const openForReading = async (
  ownOfBook: string,
  path: string,
  options: CubeOptions,
  headHash: string,
): Promise<CubeFile> => {
  try {
    const instance = await openInstance(ownOfBook, options, {
      access_mode: 'READ_ONLY',
      temp_directory: join(dirname(path), 'spilled'),
    })
    const connection = await instance.connect()
    if ((await hasOurShape(connection)) && (await readState(connection)).lastHash === headHash)
      return { instance, connection, madeAnew: false, isBorrowed: true }
    connection.closeSync()
    instance.closeSync()
  } catch {
    // Missing, damaged, of a later version of DuckDB, or with a log that only a writer may fold in.
  }
  return openFile(path, options)
}
