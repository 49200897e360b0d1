/**
 * Every kind of source that the wizard is walked through with, each against a small server or files of its own. A new
 * kind is a row: what is typed, what the wizard then says, and the sentence once the source fails.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AwsAnswer, type AwsCall, jsonAnswer, jsonError, startFakeAws } from '../support/fake-aws.ts'
import { answerAsAzure, azureError, SAS, SIGNATURE } from '../support/fake-azure.ts'
import { answerAsS3 } from '../support/fake-s3.ts'

/** The served program's clock when it starts. */
export const NOW = '2026-11-02T12:02:30Z'

const KEY = 'AKIAPLANTEDKEYOFNOBODY'
const SECRET = 'planted/secret/of/nobody'
/** To be found nowhere but in the environment of the served program. */
export const PLANTED = [KEY, SECRET, SIGNATURE]

interface Peer {
  /** What is typed or chosen, by label; `…, row 1` adds the row to its table. */
  readonly typed: Readonly<Record<string, string>>
  /** Something is used between two runs, where a kind counts by its difference. */
  readonly use?: () => void
  /** Every answer from now on is a failure, with what it was asked in it. */
  readonly fail: () => Promise<void>
  readonly close: () => Promise<void> | void
}

export interface SourceKind {
  /** As the wizard calls it, and so the source too. */
  readonly title: string
  /** Its secrets, as variables of the environment. */
  readonly secrets: Readonly<Record<string, string>>
  readonly start: () => Promise<Peer>
  /** A document of the permissions, and what it must allow. */
  readonly permissions: readonly [document: string, text: string]
  readonly check: string
  /** Cells of the preview; none where the source has no records yet. */
  readonly preview: readonly string[]
  /** Attributed and unattributed cost are shown too. */
  readonly isCost?: true
  readonly failure: RegExp
}

/** Answers with what is said, or with a failure that says everything back that it was asked. */
const startSpeaker = async (say: () => string, status = 500) => {
  let failing = false
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    if (failing) response.writeHead(status).end(JSON.stringify([request.headers, body]))
    else response.end(say())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: async () => {
      failing = true
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const startAws = async (
  answer: (call: AwsCall) => AwsAnswer,
  failure: AwsAnswer,
  typed: Readonly<Record<string, string>>,
): Promise<Peer> => {
  const fake = await startFakeAws()
  fake.answer = answer
  return {
    typed: { Endpoint: fake.url, ...typed },
    fail: async () => {
      fake.answer = () => failure
    },
    close: fake.close,
  }
}

const keysOf = (source: string) => ({
  [`${source}_ACCESS_KEY_ID`]: KEY,
  [`${source}_SECRET_ACCESS_KEY`]: SECRET,
})

const xml = (body: string): AwsAnswer => ({ headers: { 'content-type': 'text/xml' }, body })
const access = (path: string, minute: number) =>
  `10.0.0.1 - - [02/Nov/2026:11:${minute}:00 +0000] "GET ${path} HTTP/1.1" 200 10 "-" "curl"\n`

const logFiles: SourceKind = {
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

const exporter: SourceKind = {
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

const sql: SourceKind = {
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

const cost = (Amount: string) => ({ Amount, Unit: 'USD' })
const costExplorer: SourceKind = {
  title: 'AWS Cost Explorer',
  secrets: keysOf('COUNTINGHOUSE_AWS_COST_EXPLORER'),
  start: () =>
    startAws(
      ({ body }) => {
        const { Start } = JSON.parse(body).TimePeriod
        const Metrics = {
          UnblendedCost: cost('10.5'),
          AmortizedCost: cost('10.5'),
          NetAmortizedCost: cost('10.5'),
        }
        const End = Start.replace(/\d\d$/, (day: string) => String(Number(day) + 1).padStart(2, '0'))
        const Groups = [{ Keys: ['Amazon EC2', '111111111111'], Metrics }]
        return jsonAnswer({ ResultsByTime: [{ TimePeriod: { Start, End }, Total: {}, Groups }] })
      },
      jsonError('AccessDeniedException', `${KEY} is not authorized`),
      { 'Days read again each time': '1' },
    ),
  permissions: ['IAM policy', 'ce:GetCostAndUsage'],
  check: 'Cost Explorer answers with 1 amounts of two days.',
  preview: ['Amazon EC2', 'unattributed', '10.50'],
  isCost: true,
  failure: /These credentials may not ce:GetCostAndUsage\. Add it to the policy/,
}

const cloudWatch: SourceKind = {
  title: 'AWS CloudWatch',
  secrets: keysOf('COUNTINGHOUSE_AWS_CLOUDWATCH'),
  start: () =>
    startAws(
      ({ action, body }) => {
        if (action === 'ListMetrics')
          return jsonAnswer({
            Metrics: [
              {
                Namespace: 'App',
                MetricName: 'Requests',
                Dimensions: [{ Name: 'TenantId', Value: 'acme' }],
              },
            ],
          })
        const at = Date.parse('2026-11-02T11:00:00Z') / 1000
        const { StartTime, EndTime } = JSON.parse(body)
        const isIn = at >= StartTime && at < EndTime
        return jsonAnswer({
          MetricDataResults: [
            {
              Id: 'q0',
              StatusCode: 'Complete',
              Timestamps: isIn ? [at] : [],
              Values: isIn ? [7] : [],
            },
          ],
        })
      },
      jsonError('InternalServiceError', `Trouble with ${KEY}`, 500),
      {
        'Namespace, row 1': 'App',
        'Metric name, row 1': 'Requests',
        'Statistic, row 1': 'Sum',
        'Period in seconds, row 1': '300',
        'Dimension of the tenant, row 1': 'TenantId',
        'Our metric, row 1': 'api.calls',
      },
    ),
  permissions: ['IAM policy', 'cloudwatch:GetMetricData'],
  check: 'api.calls: App Requests has 1 series by TenantId.',
  preview: ['acme', 'api.calls', '7'],
  failure: /AWS has trouble of its own with cloudwatch:ListMetrics/,
}

/** The one file of a bucket or a container. */
const usageFile = (metric: string) => {
  const event = (subject: string) =>
    JSON.stringify({
      specversion: '1.0',
      id: subject,
      source: '/files',
      type: metric,
      subject,
      time: '2026-11-02T11:00:00Z',
      data: { value: 1.5 },
    })
  const bytes = Buffer.from(`${event('acme')}\n${event('bolt')}\n`)
  return new Map([['in/a.jsonl', { bytes, modified: '2026-11-02T11:30:00.000Z' }]])
}

const s3: SourceKind = {
  title: 'S3 bucket',
  secrets: keysOf('COUNTINGHOUSE_S3_BUCKET'),
  start: () => {
    const refused = `<Error><Code>AccessDenied</Code><Message>${KEY}</Message></Error>`
    return startAws(
      (call) => answerAsS3(usageFile('bucket.calls'), call),
      { ...xml(refused), status: 403 },
      { Bucket: 'bucket', Prefix: 'in/' },
    )
  },
  permissions: ['IAM policy', 's3:ListBucket'],
  check: '1 object under bucket/in/; the newest, in/a.jsonl, can be read.',
  preview: ['acme', 'bucket.calls', '1.5'],
  failure: /These credentials may not s3:ListBucket/,
}

const azure: SourceKind = {
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

const answerAsInventory = ({ action }: AwsCall): AwsAnswer => {
  const ec2 = (body: string) =>
    xml(`<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}</${action}Response>`)
  if (action === 'DescribeInstances')
    return ec2(
      '<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceType>m7g.large</instanceType><launchTime>2026-11-01T00:00:00.000Z</launchTime><instanceState><name>running</name></instanceState><tagSet><item><key>tenant</key><value>acme</value></item></tagSet></item></instancesSet></item></reservationSet>',
    )
  if (action === 'DescribeVolumes') return ec2('<volumeSet/>')
  if (action === 'DescribeSnapshots') return ec2('<snapshotSet/>')
  if (action === 'DescribeDBInstances')
    return xml(
      '<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult></DescribeDBInstancesResponse>',
    )
  return jsonAnswer({ ResourceTagMappingList: [], PaginationToken: '' })
}

const inventory: SourceKind = {
  title: 'AWS inventory',
  secrets: keysOf('COUNTINGHOUSE_AWS_INVENTORY'),
  start: () => {
    const refused =
      '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message></Error></Errors></Response>'
    return startAws(
      answerAsInventory,
      { ...xml(refused), status: 403 },
      {
        'Tag that names the tenant': 'tenant',
      },
    )
  },
  permissions: ['IAM policy', 'ec2:DescribeInstances'],
  check: '1 of 1 instances, volumes, snapshots and databases in us-east-1 have the tag tenant',
  preview: ['acme', 'aws.ec2.instance.hours'],
  failure: /These credentials may not ec2:DescribeInstances/,
}

export const SOURCE_KINDS: readonly SourceKind[] = [
  logFiles,
  exporter,
  sql,
  costExplorer,
  cloudWatch,
  s3,
  azure,
  inventory,
]
