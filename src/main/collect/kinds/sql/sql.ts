/**
 * Usage counted where the data lies: a saved read-only query groups it by tenant and hour on the user's own engine. The
 * ledger keeps the counts, with the query as evidence, and restates hours of the trailing window that count differently.
 */
import { z } from 'zod'
import { type Collector, collectorOf } from '../../collector.ts'
import { askClickHouse } from './clickhouse.ts'
import { type AskEngine, boundsFault, checkCounts, collectCounts, countingShape } from './counts.ts'
import { FIELDS } from './fields.ts'
import { askPostgres } from './postgres.ts'

const config = z
  .strictObject({
    engine: z.enum(['postgres', 'clickhouse']),
    url: z.url({ error: 'an address like postgres://reader@host:5432/database' }),
    ...countingShape,
  })
  .superRefine(({ engine, url, query }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    // Half typed, it is no address yet, and that has been said of it.
    if (URL.canParse(url)) {
      const { protocol, password, searchParams } = new URL(url)
      const wanted = engine === 'postgres' ? /^postgres(?:ql)?:$/ : /^https?:$/
      if (!wanted.test(protocol))
        wrong('url', engine === 'postgres' ? 'begins with postgres://' : 'begins with https:// or http://')
      if (password !== '' || [...searchParams.keys()].some((key) => /password/i.test(key)))
        wrong('url', 'holds a password; it is a secret and has a field of its own')
    }
    const fault = boundsFault(query)
    if (fault !== null) wrong('query', fault)
  })
type SqlConfig = z.output<typeof config>

const ask: AskEngine<SqlConfig> = async ({ config: given, secret, signal }, asked) => {
  const { engine, url, query, timeoutSeconds } = given
  const run = engine === 'postgres' ? askPostgres : askClickHouse
  const password = await secret('password')
  const rows = await run({ url, password, timeoutMs: timeoutSeconds * 1000, signal }, query.join('\n'), asked)
  return { rows, kept: null, cost: null }
}

const COLLECTOR: Collector<SqlConfig> = {
  kind: 'sql',
  title: 'SQL query',
  purpose:
    'Counts that a query of yours makes by tenant and hour, where the data lies: PostgreSQL or ClickHouse.',
  fields: FIELDS,
  config,
  permissions: (given) => ({
    sentence: 'A user of its own that can only read the tables of the query.',
    documents: [
      given?.engine === 'clickhouse'
        ? {
            title: 'ClickHouse',
            language: 'sql',
            text: "CREATE USER countinghouse IDENTIFIED BY '…' SETTINGS readonly = 2;\nGRANT SELECT ON usage.events TO countinghouse;",
          }
        : {
            title: 'PostgreSQL',
            language: 'sql',
            text: "CREATE ROLE countinghouse LOGIN PASSWORD '…';\nALTER ROLE countinghouse SET default_transaction_read_only = on;\nGRANT USAGE ON SCHEMA public TO countinghouse;\nGRANT SELECT ON events TO countinghouse;",
          },
    ],
  }),
  cost: null,
  everyMinutes: 60,
  check: checkCounts(ask),
  collect: collectCounts(ask),
}

export const sql = collectorOf(COLLECTOR)
