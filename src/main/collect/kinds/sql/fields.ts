/** What the wizard asks of a query, and of PostgreSQL and ClickHouse. */
import type { ConnectionField } from '../../../../contract/connections.ts'

/** Of every kind that counts by a query. @param example of one */
export const countingFields = (example: string): readonly ConnectionField[] => [
  {
    key: 'query',
    label: 'Query',
    kind: 'lines',
    required: true,
    help: 'Columns tenant, hour and value; metric and rows where you like; every other column is a dimension. Hours from {{from}} (with it) to {{until}} (without it), which are bound as values.',
    placeholder: example,
  },
  { key: 'metric', label: 'Metric', kind: 'text', required: false, help: 'Unless the query selects one.' },
  {
    key: 'trailingHours',
    label: 'Hours read again each time',
    kind: 'number',
    required: true,
    initial: '24',
    help: 'What counts differently by then replaces what was counted, by the difference.',
  },
  {
    key: 'settleMinutes',
    label: 'Minutes to wait after an hour',
    kind: 'number',
    required: true,
    initial: '5',
  },
  { key: 'timeoutSeconds', label: 'Seconds a query may take', kind: 'number', required: true, initial: '60' },
]

export const FIELDS: readonly ConnectionField[] = [
  {
    key: 'engine',
    label: 'Engine',
    kind: 'choice',
    required: true,
    initial: 'postgres',
    choices: [
      { value: 'postgres', label: 'PostgreSQL, Redshift, CockroachDB, Citus, Timescale' },
      { value: 'clickhouse', label: 'ClickHouse over HTTP' },
    ],
  },
  {
    key: 'url',
    label: 'Address, with the user and without its password',
    kind: 'text',
    required: true,
    placeholder: 'postgres://countinghouse@host:5432/database?sslmode=verify-full',
  },
  { key: 'password', label: 'Password', kind: 'secret', required: false },
  ...countingFields(
    `SELECT account AS tenant, date_trunc('hour', at) AS hour, sum(bytes) AS value, count(*) AS rows
FROM events WHERE at >= {{from}} AND at < {{until}} GROUP BY 1, 2`,
  ),
]
