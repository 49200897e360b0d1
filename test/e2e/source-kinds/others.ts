/** Kinds that are not of AWS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerAsAzure, azureError, SAS } from '../../support/fake-azure.ts'
import { SECRET, type SourceKind, startAws, startSpeaker, usageFile } from './kind.ts'

const access = (path: string, minute: number) =>
  `10.0.0.1 - - [02/Nov/2026:11:${minute}:00 +0000] "GET ${path} HTTP/1.1" 200 10 "-" "curl"\n`

export const logFiles: SourceKind = {
  title: 'Log files',
  secrets: {},
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countinghouse-e2e-logs-'))
    await writeFile(join(folder, 'access.log'), access('/acme/a', 58) + access('/bolt/b', 59))
    const gone = () => rm(folder, { recursive: true, force: true })
    return { typed: { 'Folder or files': join(folder, 'access.log*') }, fail: gone, close: gone }
  },
  permissions: ['For the logs of nginx on Debian', 'usermod --append'],
  check: 'all can be read.',
  preview: ['acme', 'http.requests', 'http.response.bytes'],
  failure: /access\.log.* cannot be read: there is no such folder/,
}

export const exporter: SourceKind = {
  title: 'Prometheus exporter',
  secrets: { COUNTINGHOUSE_PROMETHEUS_EXPORTER_PASSWORD: SECRET },
  start: async () => {
    let requests = 1000
    const { host, ...rest } = await startSpeaker(() => `requests_total{tenant="acme"} ${requests}\n`, 403)
    return {
      ...rest,
      use: () => {
        // Once only: more would be a record a run.
        requests = 1012
      },
      typed: {
        Address: `http://${host}/metrics`,
        'Label that names the tenant': 'tenant',
        'Metric, row 1': 'requests',
        'Series, row 1': 'requests_total',
        'Method, row 1': 'counter',
      },
    }
  },
  permissions: ['Path', 'GET /metrics'],
  check: 'requests: 1 series, read as a counter.',
  preview: [],
  failure: /refused the credentials \(403\)/,
}

export const sql: SourceKind = {
  title: 'SQL query',
  secrets: { COUNTINGHOUSE_SQL_QUERY_PASSWORD: SECRET },
  start: async () => {
    const rows = ['acme', 'bolt'].map((tenant) =>
      JSON.stringify({ tenant, hour: '2026-11-02T10:00:00Z', value: '12.5', rows: 3 }),
    )
    const { host, ...rest } = await startSpeaker(() => `${rows.join('\n')}\n`)
    return {
      ...rest,
      typed: {
        Engine: 'ClickHouse over HTTP',
        'Address, with the user and without its password': `http://reader@${host}/`,
        Query: 'SELECT tenant, hour, value FROM usage WHERE hour >= {{from}} AND hour < {{until}}',
        Metric: 'calls',
      },
    }
  },
  permissions: ['ClickHouse', 'GRANT SELECT'],
  check: '2 rows of 2 tenants in the last 24 hours.',
  preview: ['acme', 'calls', '12.5'],
  failure: /answered 500: .*\[SECRET\]/,
}

export const azure: SourceKind = {
  title: 'Azure Blob Storage',
  secrets: { COUNTINGHOUSE_AZURE_BLOB_STORAGE_SAS: SAS },
  start: async () => {
    const { typed, ...peer } = await startAws(
      (call) => answerAsAzure(usageFile('blob.calls'), call),
      azureError(403, 'AuthorizationPermissionMismatch'),
      {},
    )
    return {
      ...peer,
      typed: { 'Address of the account': `${typed.Endpoint}/acme`, Container: 'usage', Prefix: 'in/' },
    }
  },
  permissions: ['SAS by the account key (Azure CLI)', '--permissions rl'],
  check: '1 blob under usage/in/; the newest, in/a.jsonl, can be read.',
  preview: ['acme', 'blob.calls', '1.5'],
  failure: /This SAS may not /,
}
