/**
 * Athena by moto, which runs no query: it answers with what is queued, one answer a query. The hour before the simulated
 * one is counted three times, differently at the last; then both hours.
 */
import { AthenaClient, GetQueryResultsCommand, ListQueryExecutionsCommand } from '@aws-sdk/client-athena'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { type Moto, motoSource } from './moto.ts'
import { HOUR, keptUsage, type SoakPeer, totalsOf } from './peer.ts'

const COLUMNS = ['tenant varchar', 'hour timestamp', 'value decimal'].map((text) => {
  const [Name, Type] = text.split(' ')
  return { Name, Label: Name, Type }
})

type Row = readonly [tenant: string, hourMs: number, value: string]

export const athenaPeer = async (moto: Moto): Promise<SoakPeer> => {
  const { url, startMs } = moto
  const client = new AthenaClient(moto.settings)
  const before = startMs - HOUR
  const first: readonly Row[] = [
    ['acme', before, '10.000000000001'],
    ['bolt', before, '2.5'],
  ]
  const changed: readonly Row[] = [['acme', before, '11.5']]
  const answers = [
    first,
    first,
    changed,
    [...changed, ['acme', startMs, '7'], ['bolt', startMs, '0.25']],
  ] as const
  const valuesOf = ([tenant, hourMs, value]: Row) => [
    tenant,
    new Date(hourMs).toISOString().replace('T', ' ').replace('Z', ''),
    value,
  ]
  await fetch(`${url}/moto-api/static/athena/query-results`, {
    method: 'POST',
    body: JSON.stringify({
      results: answers.map((rows) => ({
        rows: [COLUMNS.map(({ Name = '' }) => Name), ...rows.map(valuesOf)].map((values) => ({
          Data: values.map((VarCharValue) => ({ VarCharValue })),
        })),
        column_info: COLUMNS,
      })),
    }),
  })
  return {
    source: {
      ...motoSource(moto, 'Lake', 'aws_athena', {
        workgroup: 'primary',
        outputLocation: 's3://results/counted/',
        query: ['SELECT tenant, hour, value FROM counted WHERE hour >= {{from}} AND hour < {{until}}'],
        metric: 'athena.bytes',
        trailingHours: '1',
      }),
      everyMinutes: 30,
    },
    work: async () => undefined,
    // The answer to the last query is of every hour that was asked for.
    own: async () => {
      const { QueryExecutionIds = [] } = await client.send(new ListQueryExecutionsCommand({}))
      const read = await Promise.all(
        QueryExecutionIds.map(async (QueryExecutionId) => {
          const { ResultSet } = await client.send(new GetQueryResultsCommand({ QueryExecutionId }))
          return (ResultSet?.Rows ?? [])
            .slice(1)
            .map(({ Data = [] }) => Data.map(({ VarCharValue = '' }) => VarCharValue))
        }),
      )
      const most = read.toSorted((a, b) => b.length - a.length)[0] ?? []
      return totalsOf(
        most.map(([tenant, , value]) => [`athena.bytes ${tenant}`, value as DecimalText] as const),
      )
    },
    kept: keptUsage(startMs, 'athena.bytes'),
    close: async () => client.destroy(),
  }
}
