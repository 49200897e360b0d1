/** A book written by hand: rows straight into the ledger's tables, so that the cube is tested against nothing but the schema. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Statement } from 'better-sqlite3'
import { canonicalJson, type Json } from '../../../src/domain/canonical.ts'
import { closeLedger, openLedgerForWriting } from '../../../src/main/ledger/open.ts'

export interface UsageEntry {
  readonly tenant: string
  readonly metric: string
  readonly scale: number
  readonly quantity: bigint
  readonly startMs: number
  readonly endMs?: number | null
  readonly postedMs?: number | null
  readonly dimensions?: Readonly<Record<string, string>> | null
  readonly correction?: 'reversal' | 'restatement' | null
  readonly corrects?: number | null
}

export interface CostEntry {
  readonly billMonth: string
  readonly billingAccount?: string
  readonly startMs: number
  readonly postedMs?: number | null
  readonly currency: string
  readonly billed: string
  readonly effective?: string | null
  readonly list?: string | null
  readonly attributes: Readonly<Record<string, Json>>
  readonly correction?: 'reversal' | 'restatement' | null
  readonly corrects?: number | null
}

export interface DocumentEntry {
  readonly kind: string
  readonly id: string
  readonly content: Json
}

export interface Batch {
  readonly usage?: readonly UsageEntry[]
  readonly cost?: readonly CostEntry[]
  readonly documents?: readonly DocumentEntry[]
}

const DIGEST = Buffer.alloc(8)

/** Makes a book in a new folder. `add` appends a batch and returns the seqs of its usage and cost entries. */
export const makeBook = (directory = mkdtempSync(join(tmpdir(), 'cube-'))) => {
  const ledger = openLedgerForWriting(directory, { program: 'test', create: true })
  const { database } = ledger
  let seq = 0
  let batchId = 0
  let hash = ''
  const statements = new Map<string, Statement<unknown[]>>()
  const numbers = new Map<string, number>()
  const counters = new Map<string, number>()
  const versions = new Map<string, number>()

  const insert = (table: string, values: readonly unknown[]) => {
    seq += 1
    let statement = statements.get(table)
    if (statement === undefined) {
      statement = database.prepare(
        `INSERT INTO ${table} VALUES (?, ?, ${values.map(() => '?').join(', ')}, ?)`,
      )
      statements.set(table, statement)
    }
    statement.run(seq, batchId, ...values, DIGEST)
    return seq
  }
  const numberOf = (table: string, counter: string, key: string, columns: readonly unknown[]): number => {
    const name = `${table} ${key}`
    const known = numbers.get(name)
    if (known !== undefined) return known
    const number = (counters.get(counter) ?? 0) + 1
    counters.set(counter, number)
    numbers.set(name, number)
    insert(table, [number, ...columns])
    return number
  }
  const setNo = (kind: 'usage' | 'cost', content: Json): number => {
    const text = canonicalJson(content)
    const key = createHash('sha256').update(text).digest().subarray(0, 16)
    return numberOf('attribute_set', 'set', `${kind} ${text}`, [kind, key, text])
  }
  const keyOf = () => createHash('sha256').update(String(seq)).digest().subarray(0, 16)

  const addUsage = (entry: UsageEntry): number => {
    const tenantNo = numberOf('tenant', 'tenant', entry.tenant, [entry.tenant])
    const measureNo = numberOf('measure', 'measure', `${entry.metric}@${entry.scale}`, [
      entry.metric,
      entry.scale,
    ])
    const set = entry.dimensions ? setNo('usage', entry.dimensions) : null
    return insert('usage_event', [
      1,
      keyOf(),
      1,
      tenantNo,
      measureNo,
      entry.quantity,
      entry.startMs,
      entry.endMs ?? null,
      entry.postedMs ?? null,
      set,
      1,
      0,
      entry.correction ?? null,
      entry.corrects ?? null,
    ])
  }
  const addCost = (entry: CostEntry): number => {
    const account = entry.billingAccount ?? 'main'
    const periodMs = Date.parse(`${entry.billMonth}-01T00:00:00Z`)
    const billNo = numberOf('bill', 'bill', `${account} ${entry.billMonth}`, [
      'AWS',
      account,
      periodMs,
      null,
      entry.billMonth,
    ])
    const set = setNo('cost', entry.attributes)
    return insert('cost_entry', [
      1,
      billNo,
      keyOf(),
      1,
      entry.startMs,
      null,
      entry.postedMs ?? null,
      entry.currency,
      entry.billed,
      entry.effective ?? null,
      entry.list ?? null,
      null,
      null,
      set,
      1,
      0,
      entry.correction ?? null,
      entry.corrects ?? null,
    ])
  }
  const addDocument = ({ kind, id, content }: DocumentEntry): void => {
    const version = (versions.get(`${kind} ${id}`) ?? 0) + 1
    versions.set(`${kind} ${id}`, version)
    insert('document', [kind, id, version, canonicalJson(content)])
  }

  return {
    directory,
    ledger,
    add: database.transaction(({ documents = [], usage = [], cost = [] }: Batch) => {
      const firstSeq = seq + 1
      batchId += 1
      documents.forEach(addDocument)
      const usageSeqs = usage.map(addUsage)
      const costSeqs = cost.map(addCost)
      const previous = hash
      hash = createHash('sha256')
        .update(`${previous} ${batchId} ${canonicalJson(seq)} ${directory}`)
        .digest('hex')
      database
        .prepare('INSERT INTO batch VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)')
        .run(batchId, 'import', 'by hand', batchId, 'test', 'test', firstSeq, seq, '{}', '{}', previous, hash)
      return { batchId, usage: usageSeqs, cost: costSeqs }
    }),
    close: () => {
      closeLedger(ledger)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
export type Book = ReturnType<typeof makeBook>

/** The document that gives the book its time zone. */
export const bookIn = (timeZone: string): DocumentEntry => ({
  kind: 'book',
  id: 'book',
  content: { name: 'Test', currency: 'USD', timeZone, costBasis: 'effective' },
})

export const at = (instant: string): number => Date.parse(instant)
