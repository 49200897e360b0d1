/** What moto has of AWS: metrics, files, what runs and is stored, and cost. */
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer'
import {
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
  type Tag,
} from '@aws-sdk/client-ec2'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Decimal, type DecimalText, toDecimalText } from '../../../src/domain/decimal.ts'
import { monthOf, monthPeriod, monthsBetween } from '../../../src/domain/period.ts'
import { type Moto, motoSource, REGION } from './moto.ts'
import {
  eventText,
  eventTotals,
  HOUR,
  keptUsage,
  MINUTE,
  monthsAround,
  type SoakPeer,
  totalsOf,
} from './peer.ts'

const DAY = 24 * HOUR

const cloudWatch = (moto: Moto): SoakPeer => {
  const { startMs } = moto
  const client = new CloudWatchClient(moto.settings)
  const put = (tenant: string, atMs: number, value: number) =>
    client.send(
      new PutMetricDataCommand({
        Namespace: 'Soak',
        MetricData: [
          {
            MetricName: 'Requests',
            Dimensions: [{ Name: 'TenantId', Value: tenant }],
            Timestamp: new Date(atMs),
            Value: value,
          },
        ],
      }),
    )
  const row = {
    namespace: 'Soak',
    name: 'Requests',
    statistic: 'Sum',
    period: '60',
    tenant: 'TenantId',
    metric: 'cw.requests',
  }
  return {
    source: motoSource(moto, 'CloudWatch', 'aws_cloudwatch', { metrics: [row] }),
    work: async (step, fromMs) => {
      for (const minute of [1, 4, 8]) {
        await put('acme', fromMs + minute * MINUTE, minute + step / 4)
        await put('bolt', fromMs + minute * MINUTE, 0.5)
      }
    },
    late: async () => {
      await put('acme', startMs + 11 * MINUTE, 100)
      await put('bolt', startMs + 12 * MINUTE, 7)
    },
    own: async () => {
      const rows = await Promise.all(
        ['acme', 'bolt'].map(async (tenant) => {
          const { Datapoints = [] } = await client.send(
            new GetMetricStatisticsCommand({
              Namespace: 'Soak',
              MetricName: 'Requests',
              Dimensions: [{ Name: 'TenantId', Value: tenant }],
              Statistics: ['Sum'],
              Period: 60,
              StartTime: new Date(startMs),
              EndTime: new Date(startMs + HOUR),
            }),
          )
          return Datapoints.map(
            ({ Sum = 0 }) => [`cw.requests ${tenant}`, toDecimalText(new Decimal(String(Sum)))] as const,
          )
        }),
      )
      return totalsOf(rows.flat())
    },
    kept: keptUsage(startMs, 'cw.requests'),
    close: async () => client.destroy(),
  }
}

const s3 = (moto: Moto): SoakPeer => {
  const { startMs } = moto
  const client = new S3Client({ ...moto.settings, forcePathStyle: true })
  const Bucket = 'soak'
  const files = new Map<string, string>()
  const put = async (Key: string, Body: string) => {
    files.set(Key, Body)
    await client.send(new PutObjectCommand({ Bucket, Key, Body }))
  }
  return {
    source: motoSource(moto, 'Bucket', 'aws_s3', { bucket: Bucket, prefix: 'in/', contents: 'cloudevents' }),
    work: async (step, fromMs) => {
      if (step === 0) await client.send(new CreateBucketCommand({ Bucket }))
      const lines = Array.from({ length: 30 }, (_, index) =>
        eventText('s3.calls', index % 4 === 0 ? 'bolt' : 'acme', `${step}-${index}`, fromMs, `${index}.5`),
      )
      await put(`in/${step}.jsonl`, lines.join('\n'))
      // Delivered once more, under another name.
      if (step === 2) await put('in/again.jsonl', lines.join('\n'))
    },
    // A file grows after it was read.
    late: () =>
      put('in/1.jsonl', `${files.get('in/1.jsonl')}\n${eventText('s3.calls', 'acme', 'late', startMs, '9')}`),
    own: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'in/' }))
      const texts = await Promise.all(
        Contents.map(async ({ Key }) => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
          return (await Body?.transformToString()) ?? ''
        }),
      )
      return eventTotals(texts)
    },
    kept: keptUsage(startMs, 's3.calls'),
    close: async () => client.destroy(),
  }
}

/** A quarter of an hour is a finite decimal of an hour, a sixth is not. */
const INVENTORY_MINUTES = 15

const inventory = (moto: Moto): SoakPeer => {
  const { startMs } = moto
  const client = new EC2Client(moto.settings)
  const tags = (ResourceType: 'instance' | 'volume', tenant: string) => [
    { ResourceType, Tags: [{ Key: 'tenant', Value: tenant }] },
  ]
  const tenantOf = (of: readonly Tag[] = []) => of.find(({ Key }) => Key === 'tenant')?.Value ?? '?'
  let stopped = ''
  return {
    source: {
      ...motoSource(moto, 'Inventory', 'aws_inventory', { tenantTag: 'tenant' }),
      everyMinutes: INVENTORY_MINUTES,
    },
    work: async (step) => {
      if (step === 0) {
        const { Images = [] } = await client.send(new DescribeImagesCommand({}))
        for (const [tenant, count] of [
          ['acme', 2],
          ['bolt', 1],
        ] as const) {
          const { Instances = [] } = await client.send(
            new RunInstancesCommand({
              ImageId: Images[0]?.ImageId,
              InstanceType: 't3.micro',
              MinCount: count,
              MaxCount: count,
              TagSpecifications: tags('instance', tenant),
            }),
          )
          stopped = Instances[0]?.InstanceId ?? ''
        }
        await client.send(
          new CreateVolumeCommand({
            AvailabilityZone: `${REGION}a`,
            Size: 100,
            TagSpecifications: tags('volume', 'acme'),
          }),
        )
      }
      // Between the looks at 30 and at 45 minutes.
      if (step === 3) await client.send(new StopInstancesCommand({ InstanceIds: [stopped] }))
    },
    // What it says is running has run since the first look, at the start, to the last, at 90 minutes.
    own: async () => {
      const { Reservations = [] } = await client.send(new DescribeInstancesCommand({}))
      const { Volumes = [] } = await client.send(new DescribeVolumesCommand({}))
      const hours = (of: number) => String(of) as DecimalText
      return totalsOf([
        ...Reservations.flatMap(({ Instances = [] }) => Instances).map(
          ({ State, Tags }) =>
            [
              `aws.ec2.instance.hours ${tenantOf(Tags)}`,
              hours(State?.Name === 'running' ? 1.5 : 0.5),
            ] as const,
        ),
        ...Volumes.filter(({ Tags = [] }) => Tags.length > 0).map(
          ({ Size = 0, Tags }) => [`aws.ebs.volume.gib_hours ${tenantOf(Tags)}`, hours(1.5 * Size)] as const,
        ),
      ])
    },
    kept: keptUsage(startMs, 'aws.ec2.instance.hours', 'aws.ebs.volume.gib_hours'),
    close: async () => client.destroy(),
  }
}

const costExplorer = (moto: Moto): SoakPeer => {
  const { startMs, url } = moto
  // Whatever an attempt is answered, the client makes no second one: each is a question to moto.
  const client = new CostExplorerClient({ ...moto.settings, maxAttempts: 1 })
  const today = Math.floor(startMs / DAY) * DAY
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const amounts = (Amount: string) =>
    Object.fromEntries(
      ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'].map((name) => [name, { Amount, Unit: 'USD' }]),
    )
  return {
    source: motoSource(moto, 'Cost', 'aws_cost_explorer', { trailingDays: '1' }),
    work: async (step) => {
      // moto tracks no cost; it keeps what is queued, and answers the same question alike from then on.
      if (step > 0) return
      const Groups = [
        { Keys: ['Amazon EC2', '111111111111'], Metrics: amounts('10.50000000001') },
        { Keys: ['Amazon S3', '222222222222'], Metrics: amounts('0.0000003') },
      ]
      const TimePeriod = { Start: day(today - DAY), End: day(today) }
      await fetch(`${url}/moto-api/static/ce/cost-and-usage-results`, {
        method: 'POST',
        body: JSON.stringify({ results: [{ ResultsByTime: [{ TimePeriod, Total: {}, Groups }] }] }),
      })
    },
    own: async () => {
      const rows: (readonly [string, DecimalText])[] = []
      for (const month of monthsBetween(monthOf(startMs - DAY, 'UTC'), monthOf(startMs, 'UTC'))) {
        const period = monthPeriod(month, 'UTC')
        const { ResultsByTime = [] } = await client.send(
          new GetCostAndUsageCommand({
            TimePeriod: { Start: day(period.startMs), End: day(Math.min(period.endMs, today + DAY)) },
            Granularity: 'DAILY',
            Metrics: ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'],
            GroupBy: [
              { Type: 'DIMENSION', Key: 'SERVICE' },
              { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
            ],
          }),
        )
        for (const { Groups = [] } of ResultsByTime)
          for (const { Metrics } of Groups)
            rows.push(['billed', (Metrics?.UnblendedCost?.Amount ?? '0') as DecimalText])
      }
      return totalsOf(rows)
    },
    kept: async (house) => {
      const months = await Promise.all(
        [...new Set([monthOf(startMs - DAY, 'UTC'), ...monthsAround(startMs)])].map((month) =>
          house.client.reconcile.month({ month }),
        ),
      )
      return totalsOf(
        months.flatMap(({ bills }) => bills).map(({ ledgerBilled }) => ['billed', ledgerBilled] as const),
      )
    },
    close: async () => client.destroy(),
  }
}

export const awsPeers = (moto: Moto): readonly SoakPeer[] => [
  cloudWatch(moto),
  s3(moto),
  inventory(moto),
  costExplorer(moto),
]
