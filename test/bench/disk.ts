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
  /** The ledger by what it is for. */
  readonly ledgerKinds: readonly Share[]
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

/** Told from the name: blocks of raw records, what finds and holds apart (SQLite's indexes and ours), and all that is an entry. */
const kindOf = (name: string, isIndex: boolean): string =>
  isIndex || name.includes('_key_') ? 'keys and indexes' : name.startsWith('raw_') ? 'raw records' : 'entries'

/** Bytes of pages by table and index, as SQLite itself counts them. */
const ledgerShares = (file: string): { readonly all: Share[]; readonly kinds: Share[] } => {
  const database = new Database(file, { readonly: true })
  const rows = database
    .prepare(
      `SELECT d.name, sum(d.pgsize) AS bytes, s.type IS 'index' AS isIndex
       FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name
       WHERE d.aggregate = TRUE GROUP BY d.name ORDER BY bytes DESC, d.name`,
    )
    .all() as (Share & { readonly isIndex: number })[]
  database.close()
  const kinds = new Map<string, number>()
  for (const { name, bytes, isIndex } of rows) {
    const kind = kindOf(name, isIndex === 1)
    kinds.set(kind, (kinds.get(kind) ?? 0) + bytes)
  }
  return {
    all: rows.map(({ name, bytes }) => ({ name, bytes })),
    kinds: [...kinds].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes),
  }
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
  const ledger = ledgerShares(ledgerFile)
  return {
    records,
    ledgerBytes,
    cubeBytes,
    otherBytes,
    bytesPerRecord: Math.round(((ledgerBytes + cubeBytes) / records) * 10) / 10,
    ledgerKinds: ledger.kinds,
    ledger: largest(ledger.all),
    cube,
  }
}
