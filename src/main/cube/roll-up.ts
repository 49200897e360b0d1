/**
 * Roll-ups: what the facts add up to by month, kept beside them. They hold what each half million entries of the ledger
 * changed, appended once and never altered: a reversal takes away what it reverses, so that the rows of a key add up to
 * what its facts do. A question adds the facts that are not rolled up yet. A row does not depend on when the cube followed.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { inTransaction, readRows } from './database.ts'

/** Entries of one step. Fewer are left to the facts, which are then few to add up. */
export const ROLL_UP_ENTRIES = 500_000

const HIGH = '4294967296::HUGEINT'
/** SQL of a sum in a roll-up. */
export const ROLLED_QUANTITY = `f.quantity_high * ${HIGH} + f.quantity_low`

/** SQL of the numbers of measures and their aggregations. A metric without a document is a sum. */
const AGGREGATIONS = `SELECT m.measure_no, coalesce(d.aggregation, 'sum') AS aggregation
  FROM measure m LEFT JOIN metric d ON d.metric = m.metric`

export const measuresOf = (aggregation: string): string =>
  `SELECT measure_no FROM (${AGGREGATIONS}) WHERE aggregation = '${aggregation}'`

/**
 * SQL of what the entries that meet `entries` change of those that stand (queries/aggregate.ts says which do) and meet
 * `standing`: a row for one that came, one with -1 for what a reversal takes away. Both conditions are of a fact `f`.
 */
export const standingChanges = async (
  connection: DuckDBConnection,
  entries: string,
  standing: string,
): Promise<{ readonly sql: string; readonly takesAway: boolean }> => {
  const stands = `${standing} AND NOT f.late AND NOT f.is_reversal`
  const reversed = `SELECT f.corrects FROM usage_fact f
    WHERE ${entries} AND f.corrects > 0 AND f.is_reversal AND NOT f.late`
  const came = `SELECT f.measure_no, f.month, f.tenant_no, f.set_no, 1 AS events FROM usage_fact f
    WHERE ${entries} AND ${stands}`
  const [span] = await readRows<[bigint | null, bigint | null]>(
    connection,
    `SELECT min(corrects), max(corrects) FROM (${reversed})`,
  )
  // Told where to look, DuckDB does not read all facts for the few that were reversed, or for none.
  if (span === undefined || span[0] === null) return { sql: came, takesAway: false }
  const sql = `${came}
    UNION ALL
    SELECT f.measure_no, f.month, f.tenant_no, f.set_no, -1 FROM usage_fact f JOIN (${reversed}) r ON r.corrects = f.seq
    WHERE f.seq BETWEEN ${span[0]} AND ${span[1]} AND ${stands}`
  return { sql, takesAway: true }
}

const TABLES = ['usage_by_tenant', 'usage_by_set', 'usage_standing'] as const
export type RollUpTable = (typeof TABLES)[number]

/** SQL of the rows that the entries that meet a condition have in each roll-up. */
const rollUpsOf = async (
  connection: DuckDBConnection,
  entries: string,
): Promise<Readonly<Record<RollUpTable, string>>> => {
  const measures = (aggregation: string) => `f.measure_no IN (${measuresOf(aggregation)})`
  const sums = (key: string) =>
    `SELECT f.measure_no, f.month, f.${key}, (sum(f.quantity) // ${HIGH})::BIGINT AS quantity_high,
       (sum(f.quantity) % ${HIGH})::BIGINT AS quantity_low, count(*) AS events
     FROM usage_fact f WHERE ${entries} AND ${measures('sum')} GROUP BY ALL`
  const changes = await standingChanges(connection, entries, measures('unique_count'))
  return {
    usage_by_tenant: sums('tenant_no'),
    usage_by_set: sums('set_no'),
    usage_standing: `SELECT measure_no, month, tenant_no, set_no, sum(events)::BIGINT AS events
      FROM (${changes.sql}) GROUP BY ALL HAVING sum(events) <> 0`,
  }
}

/**
 * Rolls up what the cube has followed, a step at a time, each a transaction of its own.
 * @param isStopped asked between two steps
 */
export const rollUp = async (
  connection: DuckDBConnection,
  entriesPerStep: number,
  isStopped: () => boolean,
): Promise<void> => {
  for (;;) {
    const [state] = await readRows<[bigint, bigint]>(
      connection,
      'SELECT last_seq, rolled_seq FROM cube_state',
    )
    const [lastSeq, fromSeq] = (state ?? [0n, 0n]).map(Number) as [number, number]
    const toSeq = fromSeq + entriesPerStep
    if (toSeq > lastSeq || isStopped()) return
    await inTransaction(connection, 'BEGIN TRANSACTION', async () => {
      const rows = await rollUpsOf(connection, `f.seq > ${fromSeq} AND f.seq <= ${toSeq}`)
      for (const table of TABLES) await connection.run(`INSERT INTO ${table} ${rows[table]} ORDER BY ALL`)
      await connection.run('UPDATE cube_state SET rolled_seq = $1', [toSeq])
    })
  }
}

/** Runs what writes the metrics anew; where one that has usage got another aggregation, the roll-ups begin again. */
export const keepingRollUps = async (
  connection: DuckDBConnection,
  writeMetrics: () => Promise<void>,
): Promise<void> => {
  const aggregations = async () => String(await readRows(connection, `${AGGREGATIONS} ORDER BY m.measure_no`))
  const before = await aggregations()
  await writeMetrics()
  if ((await aggregations()) === before) return
  for (const table of TABLES) await connection.run(`DELETE FROM ${table}`)
  await connection.run('UPDATE cube_state SET rolled_seq = 0')
}
