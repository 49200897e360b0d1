/**
 * What the cube takes from documents as it was after a past batch: whose a tenant was, what a metric meant, which
 * cost the rules claimed. Kept in memory beside the file as tables of the same names, which a query finds before
 * today's, so that one statement serves both. Without it a figure of last month would move with a tenant renamed today.
 */
import type { DuckDBInstance } from '@duckdb/node-api'
import { inTransaction, readRows } from './database.ts'
import { currentRules, writeAttribution, writeCustomers, writeMetrics, writePools } from './documents.ts'
import type { LedgerFeed } from './feed.ts'
import { readState } from './follow.ts'
import { TERMS_DDL } from './schema.ts'

/** Kinds of the documents that the tables are made of. */
const KINDS: readonly string[] = ['customer', 'metric', 'rules', 'allocation']
/** Past batches whose tables are kept once nobody asks any more. */
const KEPT = 3

interface Kept {
  readonly name: string
  /** False where the cube had not followed to the batch yet: its cost sets were not all there. */
  readonly whole: boolean
  uses: number
}

export interface Terms {
  /** Where names are looked up; null where today's tables say the same. */
  readonly searchPath: string | null
  readonly leave: () => void
}

const TODAYS: Terms = { searchPath: null, leave: () => {} }

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export const pastTerms = async (instance: DuckDBInstance, feed: LedgerFeed) => {
  const connection = await instance.connect()
  const [row] = await readRows<[string]>(connection, 'SELECT current_database()')
  const cube = row?.[0] ?? ''
  const pathOf = (name: string) => `${name}.main,${cube}.main`
  const kept = new Map<number, Kept>()
  let made = 0
  let isClosed = false
  let tail: Promise<unknown> = Promise.resolve()

  const make = async (batchId: number, toSeq: number): Promise<Kept> => {
    const name = `then_${++made}`
    const { lastBatchId } = await readState(connection)
    await connection.run(`ATTACH ':memory:' AS ${name}`)
    try {
      await connection.run(`SET search_path = '${name}.main'`)
      await connection.run(TERMS_DDL)
      await connection.run(`SET search_path = '${pathOf(name)}'`)
      await inTransaction(connection, 'BEGIN TRANSACTION', async () => {
        await writeCustomers(connection, feed, toSeq)
        await writeMetrics(connection, feed, toSeq)
        const { rules } = currentRules(feed, toSeq)
        const all = { anew: true, firstNewSetNo: null }
        await writeAttribution(connection, rules, all, turn)
        await writePools(connection, feed, toSeq, all, turn)
      })
    } catch (error) {
      await connection.run('RESET search_path')
      await connection.run(`DETACH ${name}`)
      throw error
    }
    await connection.run('RESET search_path')
    return { name, whole: lastBatchId >= batchId, uses: 0 }
  }

  const drop = async (batchId: number, { name }: Kept) => {
    kept.delete(batchId)
    await connection.run(`DETACH ${name}`)
  }

  /** The last entry of the batch where its terms are others than today's, else null. */
  const differsFrom = (batchId: number): number | null => {
    const [batch] = feed.batches(batchId - 1, batchId)
    const head = feed.head()
    if (batch === undefined || head === undefined || batch.batch_id >= head.batch_id) return null
    if (kept.has(batchId)) return batch.last_seq
    const since = feed.documentKinds(batch.last_seq, head.last_seq)
    return since.some((kind) => KINDS.includes(kind)) ? batch.last_seq : null
  }

  /** The tables of a batch, made where they are not kept. Only one call at a time. */
  const enter = async (batchId: number, toSeq: number): Promise<Terms> => {
    if (isClosed) throw new Error('the cube is closed')
    let found = kept.get(batchId)
    if (found !== undefined && !found.whole && found.uses === 0) {
      await drop(batchId, found)
      found = undefined
    }
    found ??= await make(batchId, toSeq)
    // Asked last, so dropped last.
    kept.delete(batchId)
    kept.set(batchId, found)
    const own = found
    own.uses += 1
    for (const [id, old] of [...kept]) if (kept.size > KEPT && old.uses === 0) await drop(id, old)
    return {
      searchPath: pathOf(own.name),
      leave: () => {
        own.uses -= 1
      },
    }
  }

  return {
    enter: async (batchId: number): Promise<Terms> => {
      if (isClosed) throw new Error('the cube is closed')
      // Most questions are of the last batch: they never wait for the tables of another.
      const toSeq = differsFrom(batchId)
      if (toSeq === null) return TODAYS
      const result = tail.then(() => enter(batchId, toSeq))
      tail = result.catch(() => undefined)
      return result
    },
    close: async (): Promise<void> => {
      isClosed = true
      await tail
      connection.closeSync()
    },
  }
}
