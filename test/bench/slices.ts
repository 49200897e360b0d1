/** Slices of usage as the screens ask for them, against plain SQL over one flat table of the same facts. */
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Decimal } from '../../src/domain/decimal.ts'
import { CUBE_FILE, type Cube } from '../../src/main/cube/cube.ts'
import { type UsageSliceParams, usageSlice } from '../../src/main/cube/queries/usage.ts'
import { tenantName } from './files.ts'

const METRIC = 'api.calls'
const WHOLE = { metric: METRIC, startMs: Date.UTC(2026, 6, 1), endMs: Date.UTC(2026, 9, 1) }
const TOP = 50

export interface Slice {
  readonly name: string
  readonly ours: UsageSliceParams
  /** Rows that are shown, largest first; all where it is not given. */
  readonly top?: number
  readonly bare: string
}

export const SLICES: readonly Slice[] = [
  {
    name: 'one tenant by day',
    ours: { ...WHOLE, grain: 'day', groupBy: [], filters: [{ field: 'tenant', values: [tenantName(7)] }] },
    bare: `SELECT day, sum(quantity) FROM facts WHERE metric = '${METRIC}' AND tenant = '${tenantName(7)}'
           GROUP BY day ORDER BY day`,
  },
  {
    name: 'all tenants by month',
    ours: { ...WHOLE, grain: 'month', groupBy: ['tenant'], filters: [] },
    bare: `SELECT tenant, month, sum(quantity) FROM facts WHERE metric = '${METRIC}' GROUP BY tenant, month`,
  },
  {
    name: 'top 50 of a dimension',
    ours: { ...WHOLE, grain: 'total', groupBy: ['dimension:endpoint'], filters: [] },
    top: TOP,
    bare: `SELECT endpoint, sum(quantity) AS total FROM facts WHERE metric = '${METRIC}'
           GROUP BY endpoint ORDER BY total DESC LIMIT ${TOP}`,
  },
]

/** The book's facts as one flat table in memory, asked by as many threads as the cube has. */
export const flatFacts = async (directory: string): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await connection.run(`ATTACH '${join(directory, CUBE_FILE).replaceAll("'", "''")}' AS cube (READ_ONLY)`)
  await connection.run(`CREATE TABLE facts AS
    SELECT t.tenant, m.metric, f.quantity, f.day, f.month, d.value AS endpoint
    FROM cube.usage_fact f JOIN cube.tenant t USING (tenant_no) JOIN cube.measure m USING (measure_no)
      LEFT JOIN cube.usage_set_value d ON d.set_no = f.set_no AND d.key = 'endpoint'`)
  await connection.run('DETACH cube')
  return connection
}

export const askOurs = async (cube: Cube, { ours, top }: Slice): Promise<readonly unknown[]> => {
  const { rows } = await cube.read((connection) => usageSlice(connection, ours))
  return top === undefined
    ? rows
    : [...rows].sort((a, b) => new Decimal(b.quantity).comparedTo(a.quantity)).slice(0, top)
}

export const askBare = async (connection: DuckDBConnection, { bare }: Slice): Promise<readonly unknown[]> =>
  (await connection.runAndReadAll(bare)).getRows()
