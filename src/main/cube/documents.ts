/** What the cube takes from documents: the time zone, customers' tenants, metrics, attribution rules. */
import { type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api'
import { compileRules } from '../../domain/attribution/match.ts'
import type { AttributionRule, CostAttributes } from '../../domain/attribution/rule.ts'
import { parseNamed } from '../../domain/escaped-keys.ts'
import type { Metric } from '../../domain/metric.ts'
import { appendColumns, readRows } from './database.ts'
import type { DocumentRow, LedgerFeed } from './feed.ts'

const CONTENT_SETS_PER_TURN = 5_000

const contentOf = <Content>(row: DocumentRow): Content | null => JSON.parse(row.content) as Content | null

/** The book's time zone; UTC in a book without settings. */
export const bookTimeZone = (feed: LedgerFeed, toSeq: number): string => {
  const settings = feed.documents('book', toSeq).find((row) => row.document_id === 'book')
  return (settings && contentOf<{ timeZone?: string }>(settings)?.timeZone) ?? 'UTC'
}

/** Writes customers' tenants anew. A tenant that two customers claim belongs to the first in order of id. */
export const writeCustomers = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  toSeq: number,
): Promise<void> => {
  const customerOf = new Map<string, string>()
  for (const row of feed.documents('customer', toSeq))
    for (const tenant of contentOf<{ tenants?: readonly string[] }>(row)?.tenants ?? [])
      if (!customerOf.has(tenant)) customerOf.set(tenant, row.document_id)
  await connection.run('DELETE FROM customer_tenant')
  await appendColumns(
    connection,
    'customer_tenant',
    [VARCHAR, VARCHAR],
    [[...customerOf.keys()], [...customerOf.values()]],
  )
}

/** Writes the definitions of metrics anew. */
export const writeMetrics = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  toSeq: number,
): Promise<void> => {
  const metrics = feed.documents('metric', toSeq).flatMap((row) => {
    const content = contentOf<Metric>(row)
    return content === null ? [] : [{ ...content, metric: row.document_id }]
  })
  await connection.run('DELETE FROM metric')
  await appendColumns(
    connection,
    'metric',
    [VARCHAR, VARCHAR, VARCHAR, VARCHAR, INTEGER, VARCHAR],
    [
      metrics.map(({ metric }) => metric),
      metrics.map(({ name }) => name),
      metrics.map(({ unit }) => unit),
      metrics.map(({ aggregation }) => aggregation),
      metrics.map(({ scale }) => scale),
      metrics.map(({ uniqueBy }) => uniqueBy ?? null),
    ],
  )
}

/** The current attribution rules and their version; none at version 0. */
export const currentRules = (
  feed: LedgerFeed,
  toSeq: number,
): { version: number; rules: readonly AttributionRule[] } => {
  const row = feed.documents('rules', toSeq).find(({ document_id }) => document_id === 'rules')
  if (row === undefined) return { version: 0, rules: [] }
  return { version: row.version, rules: contentOf<{ rules?: AttributionRule[] }>(row)?.rules ?? [] }
}

/** Attributes the cost sets that have no answer yet: all of them after the rules changed (`anew`), else the new ones. */
export const writeAttribution = async (
  connection: DuckDBConnection,
  rules: readonly AttributionRule[],
  sets: { readonly anew: boolean; readonly firstNewSetNo: number | null },
  turn: () => Promise<void>,
): Promise<void> => {
  if (sets.anew) await connection.run('DELETE FROM attribution')
  const first = sets.anew ? 0 : sets.firstNewSetNo
  if (rules.length === 0 || first === null) return
  const attribute = compileRules(rules)
  let next = first
  for (;;) {
    const contents = await readRows<[setNo: number, content: string]>(
      connection,
      `SELECT set_no, content FROM cost_set WHERE set_no >= $1 ORDER BY set_no LIMIT ${CONTENT_SETS_PER_TURN}`,
      [next],
    )
    const columns: [number[], string[], string[]] = [[], [], []]
    for (const [setNo, content] of contents) {
      next = setNo + 1
      const attribution = attribute(parseNamed<CostAttributes>(content))
      if (attribution === null) continue
      columns[0].push(setNo)
      columns[1].push(attribution.tenant)
      columns[2].push(attribution.ruleId)
    }
    await appendColumns(connection, 'attribution', [INTEGER, VARCHAR, VARCHAR], columns)
    if (contents.length < CONTENT_SETS_PER_TURN) return
    await turn()
  }
}
