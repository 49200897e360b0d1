/** Kinds of AWS, each against an endpoint of its own. */
import { type AwsAnswer, type AwsCall, jsonAnswer, jsonError } from '../../support/fake-aws.ts'
import { fakeKinesis, NAME } from '../../support/fake-kinesis.ts'
import { answerAsS3 } from '../../support/fake-s3.ts'
import { KEY, keysOf, NOW, type SourceKind, startAws, usageFile, usageLines, xml } from './kind.ts'

const cost = (Amount: string) => ({ Amount, Unit: 'USD' })
export const costExplorer: SourceKind = {
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

export const cloudWatch: SourceKind = {
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

export const s3: SourceKind = {
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

export const inventory: SourceKind = {
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

export const kinesis: SourceKind = {
  title: 'AWS Kinesis',
  secrets: keysOf('COUNTINGHOUSE_AWS_KINESIS'),
  start: () => {
    const stream = fakeKinesis(Date.parse(NOW))
    stream.addShard('s0')
    for (const line of usageLines('stream.calls')) stream.put('s0', line)
    return startAws(stream.answer, jsonError('AccessDeniedException', `${KEY} is not authorized`), {
      Stream: NAME,
    })
  },
  permissions: ['IAM policy', 'kinesis:GetRecords'],
  check: 'can be read: 1 event.',
  preview: ['acme', 'stream.calls', '1.5'],
  failure: /These credentials may not kinesis:/,
}

const COLUMNS = ['tenant varchar', 'hour timestamp', 'value decimal'].map((text) => {
  const [Name, Type] = text.split(' ')
  return { Name, Label: Name, Type }
})

const answerAsAthena = ({ action }: AwsCall): AwsAnswer => {
  const rows = [COLUMNS.map(({ Name = '' }) => Name)]
  for (const tenant of ['acme', 'bolt']) rows.push([tenant, '2026-11-02 10:00:00.000', '12.5'])
  if (action === 'StartQueryExecution') return jsonAnswer({ QueryExecutionId: 'q-1' })
  if (action === 'GetQueryExecution')
    return jsonAnswer({ QueryExecution: { QueryExecutionId: 'q-1', Status: { State: 'SUCCEEDED' } } })
  return jsonAnswer({
    ResultSet: {
      Rows: rows.map((values) => ({ Data: values.map((VarCharValue) => ({ VarCharValue })) })),
      ResultSetMetadata: { ColumnInfo: COLUMNS },
    },
  })
}

export const athena: SourceKind = {
  title: 'Amazon Athena',
  secrets: keysOf('COUNTINGHOUSE_AMAZON_ATHENA'),
  start: () =>
    startAws(answerAsAthena, jsonError('AccessDeniedException', `${KEY} is not authorized`), {
      Database: 'usage',
      Query: 'SELECT tenant, hour, value FROM usage WHERE hour >= {{from}} AND hour < {{until}}',
      Metric: 'lake.calls',
    }),
  permissions: ['IAM policy', 'athena:StartQueryExecution'],
  check: '2 rows of 2 tenants in the last 24 hours.',
  preview: ['acme', 'lake.calls', '12.5'],
  failure: /These credentials may not athena:StartQueryExecution/,
}
