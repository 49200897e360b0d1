/** A real PostgreSQL whose rows are of the simulated hour, and change after it. */
import pg from 'pg'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { DATABASE, startPostgres, USER } from '../../bench/postgres.ts'
import { postgresPrograms } from '../support.ts'
import { HOUR, keptUsage, MINUTE, type SoakPeer, totalsOf } from './peer.ts'

export const postgresPeer = async (startMs: number): Promise<SoakPeer> => {
  const server = await startPostgres(postgresPrograms())
  const client = new pg.Client({ host: server.socket, user: USER, database: DATABASE })
  await client.connect()
  await client.query(`CREATE ROLE reader LOGIN;
    CREATE TABLE soak (account text, at timestamptz NOT NULL, bytes numeric NOT NULL);
    GRANT SELECT ON soak TO reader`)
  return {
    source: {
      name: 'Warehouse',
      kind: 'sql',
      config: {
        engine: 'postgres',
        url: `postgres://reader@localhost/${DATABASE}?host=${encodeURIComponent(server.socket)}`,
        query: [
          "SELECT account AS tenant, date_trunc('hour', at) AS hour, sum(bytes) AS value, count(*) AS rows",
          'FROM soak WHERE at >= {{from}} AND at < {{until}} GROUP BY 1, 2',
        ],
        metric: 'sql.bytes',
        trailingHours: '24',
      },
      everyMinutes: 10,
    },
    work: async (step, fromMs) => {
      await client.query(
        `INSERT INTO soak SELECT 'tenant-' || i % 3, $1::timestamptz + i * interval '11 seconds',
           i * 1.25 + 0.000000000001 + $2 FROM generate_series(0, 49) i`,
        [new Date(fromMs).toISOString(), step],
      )
    },
    late: async () => {
      await client.query(
        `INSERT INTO soak VALUES ('late', $1, 7.5);
         UPDATE soak SET bytes = bytes + 1 WHERE account = 'tenant-1';
         DELETE FROM soak WHERE account = 'tenant-2'`.replace(
          '$1',
          client.escapeLiteral(new Date(startMs + 20 * MINUTE).toISOString()),
        ),
      )
    },
    own: async () => {
      const { rows } = await client.query<{ account: string; sum: DecimalText }>(
        `SELECT account, trim_scale(sum(bytes))::text AS sum FROM soak WHERE at >= $1 AND at < $2 GROUP BY 1`,
        [new Date(startMs).toISOString(), new Date(startMs + HOUR).toISOString()],
      )
      return totalsOf(rows.map(({ account, sum }) => [`sql.bytes ${account}`, sum] as const))
    },
    // An account that is counted no more stays in the ledger, with nothing.
    kept: async (house) => {
      const all = Object.entries(await keptUsage(startMs, 'sql.bytes')(house))
      return totalsOf(all.filter(([, value]) => value !== '0'))
    },
    close: async () => {
      await client.end()
      await server.end()
    },
  }
}
