/**
 * Following the ledger: whole batches, one range of them per DuckDB transaction together with the state row, so
 * that a crash at any moment leaves the cube at the end of some batch.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { letColumnsGo } from '../ledger/usage-page.ts'
import { ControlDiffers, usageControl } from './control.ts'
import { inTransaction, readRows, withAppender } from './database.ts'
import {
  bookTimeZone,
  currentRules,
  writeAttribution,
  writeCustomers,
  writeMetrics,
  writePools,
} from './documents.ts'
import type { LedgerBatch, LedgerFeed } from './feed.ts'
import { appendDictionaries, appendSets, costLoader } from './load.ts'
import { usageLoader } from './load-usage.ts'
import { localTimeIn } from './local-time.ts'
import { keepingRollUps } from './roll-up.ts'
import { CUBE_DDL, type CubeState, DROP_DDL } from './schema.ts'

/** Rows read and appended before other work of this thread gets its turn. */
const ROWS_PER_TURN = 2_048
/** Entries after which a range of batches is committed. */
const RANGE_ENTRIES_MIN = 250_000

export interface FollowProgress {
  /** The ledger's `seq` reached so far. */
  readonly doneSeq: number
  readonly totalSeq: number
}

/** Why a cube was built from the first batch on; null where it only had to catch up. */
export type RebuildReason = 'asked' | 'time_zone_changed' | 'ahead_of_ledger' | 'ledger_hash_differs'

export interface FollowResult {
  readonly lastBatchId: number
  readonly lastSeq: number
  /** Entries of the ledger that this call read: all kinds, not only facts. */
  readonly entries: number
  readonly rebuilt: RebuildReason | null
}

export interface FollowOptions {
  readonly onProgress?: (progress: FollowProgress) => void
  readonly signal?: AbortSignal | undefined
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export const readState = async (connection: DuckDBConnection): Promise<CubeState> => {
  const [row] = await readRows<[number, number, bigint, string, string, number, bigint]>(
    connection,
    'SELECT schema_version, last_batch_id, last_seq, last_hash, time_zone, rules_version, rolled_seq FROM cube_state',
  )
  if (row === undefined) throw new Error('assertion: the cube has no state row')
  return {
    schemaVersion: row[0],
    lastBatchId: row[1],
    lastSeq: Number(row[2]),
    lastHash: row[3],
    timeZone: row[4],
    rulesVersion: row[5],
    rolledSeq: Number(row[6]),
  }
}

/** Empties the cube, in one transaction. */
export const resetCube = (connection: DuckDBConnection): Promise<void> =>
  inTransaction(connection, 'BEGIN TRANSACTION', async () => {
    await connection.run(`${DROP_DDL}\n${CUBE_DDL}`)
  })

const reasonToRebuild = (
  state: CubeState,
  feed: LedgerFeed,
  head: LedgerBatch,
  timeZone: string,
): RebuildReason | null => {
  if (state.lastBatchId === 0) return null
  if (state.lastBatchId > head.batch_id) return 'ahead_of_ledger'
  if (feed.hashOf(state.lastBatchId) !== state.lastHash) return 'ledger_hash_differs'
  return state.timeZone === timeZone ? null : 'time_zone_changed'
}

/** Batches cut into ranges of at least RANGE_ENTRIES_MIN entries; a batch is never cut. */
function* rangesOf(feed: LedgerFeed, state: CubeState, head: LedgerBatch): Generator<LedgerBatch> {
  let afterBatchId = state.lastBatchId
  let startSeq = state.lastSeq
  while (afterBatchId < head.batch_id) {
    const batches = feed.batches(afterBatchId, head.batch_id)
    const last = batches.at(-1)
    if (last === undefined) throw new Error(`assertion: the ledger has no batch after ${afterBatchId}`)
    for (const batch of batches) {
      if (batch !== last && batch.last_seq - startSeq < RANGE_ENTRIES_MIN) continue
      startSeq = batch.last_seq
      yield batch
    }
    afterBatchId = last.batch_id
  }
}

/**
 * Brings the cube up to the ledger's last batch. Only one call at a time may run on a cube.
 * @throws the signal's reason where it aborts; what was committed until then is kept.
 */
export const followLedger = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  anew: boolean,
  options: FollowOptions,
): Promise<FollowResult> => {
  let state = await readState(connection)
  const head = feed.head() ?? { batch_id: 0, last_seq: 0, hash: '' }
  const timeZone = bookTimeZone(feed, head.last_seq)
  const rebuilt = anew ? 'asked' : reasonToRebuild(state, feed, head, timeZone)
  if (rebuilt !== null) {
    await resetCube(connection)
    state = await readState(connection)
  }
  const localTime = localTimeIn(timeZone)
  const fromSeq = state.lastSeq
  for (const target of rangesOf(feed, state, head)) {
    const before = state
    const step = () =>
      inTransaction(connection, 'BEGIN TRANSACTION', async () => {
        const rulesVersion = await appendRange(connection, feed, before, target, localTime, (doneSeq) => {
          options.signal?.throwIfAborted()
          options.onProgress?.({ doneSeq, totalSeq: head.last_seq })
          return turn()
        })
        state = {
          ...before,
          lastBatchId: target.batch_id,
          lastSeq: target.last_seq,
          lastHash: target.hash,
          timeZone,
          rulesVersion,
        }
        await connection.run(
          'UPDATE cube_state SET last_batch_id = $1, last_seq = $2, last_hash = $3, time_zone = $4, rules_version = $5',
          [state.lastBatchId, state.lastSeq, state.lastHash, state.timeZone, state.rulesVersion],
        )
      })
    await step().catch((error) => {
      if (!(error instanceof ControlDiffers)) throw error
      return step()
    })
  }
  return { lastBatchId: state.lastBatchId, lastSeq: state.lastSeq, entries: state.lastSeq - fromSeq, rebuilt }
}

/** Appends everything of the batches after `before` up to `target`; returns the version of the rules it used. */
const appendRange = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  before: CubeState,
  target: LedgerBatch,
  localTime: ReturnType<typeof localTimeIn>,
  reached: (doneSeq: number) => Promise<void>,
): Promise<number> => {
  const toSeq = target.last_seq
  await appendDictionaries(connection, feed.dictionaries(before.lastSeq, toSeq))
  let firstNewSetNo: number | null = null
  await appendPages(
    (afterSeq) => feed.sets(afterSeq, toSeq, ROWS_PER_TURN),
    (rows) => {
      firstNewSetNo ??= rows.find(([, , kind]) => kind === 'cost')?.[1] ?? null
      return appendSets(connection, rows)
    },
    before.lastSeq,
    reached,
  )

  const control = usageControl(localTime)
  await withAppender(connection, 'usage_fact', async (appender) => {
    const usage = usageLoader(appender, localTime)
    for (const page of feed.pages(before.lastSeq, toSeq)) {
      usage.page(page)
      control.page(page.columns)
      letColumnsGo(page.columns)
      await reached(page.lastSeq)
    }
    await appendPages(
      (afterSeq) => feed.usage(afterSeq, toSeq, ROWS_PER_TURN),
      (rows) => {
        usage.rows(rows)
        control.rows(rows)
      },
      before.lastSeq,
      reached,
    )
    usage.finish()
  })
  await control.compare(connection, before.lastSeq)
  await withAppender(connection, 'cost_fact', (appender) =>
    appendPages(
      (afterSeq) => feed.cost(afterSeq, toSeq, ROWS_PER_TURN),
      costLoader(appender, localTime),
      before.lastSeq,
      reached,
    ),
  )

  const kinds = feed.documentKinds(before.lastSeq, toSeq)
  if (kinds.includes('customer')) await writeCustomers(connection, feed, toSeq)
  if (kinds.includes('metric')) await keepingRollUps(connection, () => writeMetrics(connection, feed, toSeq))
  const { version, rules } = currentRules(feed, toSeq)
  await writeAttribution(connection, rules, { anew: version !== before.rulesVersion, firstNewSetNo }, () =>
    reached(toSeq),
  )
  await writePools(connection, feed, toSeq, { anew: kinds.includes('allocation'), firstNewSetNo }, () =>
    reached(toSeq),
  )
  return version
}

const appendPages = async <Row extends readonly [seq: number, ...unknown[]]>(
  pageAfter: (seq: number) => Row[],
  append: (rows: readonly Row[]) => void | Promise<void>,
  afterSeq: number,
  reached: (doneSeq: number) => Promise<void>,
): Promise<void> => {
  let seq = afterSeq
  for (;;) {
    const rows = pageAfter(seq)
    await append(rows)
    const last = rows.at(-1)
    if (last === undefined) return
    seq = last[0]
    await reached(seq)
    if (rows.length < ROWS_PER_TURN) return
  }
}
