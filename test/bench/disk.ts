/** What a closed book takes on the disk, and of what. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { CUBE_FILE } from '../../src/main/cube/cube.ts'
import { LEDGER_FILE } from '../../src/main/ledger/open.ts'
import { startDuckdbChild } from './programs.ts'

export interface Share {
  readonly name: string
  readonly bytes: number
}

export interface DiskUse {
  readonly records: number
  readonly ledgerBytes: number
  readonly cubeBytes: number
  /** Of everything else in the folder. */
  readonly otherBytes: number
  /** Ledger and cube together. */
  readonly bytesPerRecord: number
  /** Tables and indexes of the ledger, largest first, the small ones as one. */
  readonly ledger: readonly Share[]
  /** Tables of the cube, largest first. A block that two tables share counts for both. */
  readonly cube: readonly Share[]
}

const SHARES = 12

const largest = (shares: readonly Share[]): readonly Share[] => {
  const rest = shares.slice(SHARES).reduce((total, { bytes }) => total + bytes, 0)
  return rest === 0 ? shares : [...shares.slice(0, SHARES), { name: 'all others', bytes: rest }]
}

/** Bytes of pages by table and index, as SQLite itself counts them. */
const ledgerShares = (file: string): Share[] => {
  const database = new Database(file, { readonly: true })
  const shares = database
    .prepare(
      'SELECT name, sum(pgsize) AS bytes FROM dbstat WHERE aggregate = TRUE GROUP BY name ORDER BY bytes DESC, name',
    )
    .all() as Share[]
  database.close()
  return shares
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0)

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0)

export const diskUse = async (directory: string, records: number): Promise<DiskUse> => {
  const ledgerFile = join(directory, LEDGER_FILE)
  const cubeFile = join(directory, CUBE_FILE)
  const ledgerBytes = sizeOf(ledgerFile) + sizeOf(`${ledgerFile}-wal`)
  const cubeBytes = sizeOf(cubeFile) + sizeOf(`${cubeFile}.wal`)
  const otherBytes = bytesBelow(directory) - ledgerBytes - cubeBytes
  const child = startDuckdbChild()
  const cube = await child.call('tablesOfCube', directory)
  await child.end()
  return {
    records,
    ledgerBytes,
    cubeBytes,
    otherBytes,
    bytesPerRecord: Math.round(((ledgerBytes + cubeBytes) / records) * 10) / 10,
    ledger: largest(ledgerShares(ledgerFile)),
    cube,
  }
}
