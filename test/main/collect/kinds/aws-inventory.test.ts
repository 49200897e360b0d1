import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsInventory } from '../../../../src/main/collect/kinds/aws/inventory.ts'
import { stoppedAt } from '../../../../src/main/collect/kinds/aws/inventory-held.ts'
import { awsContext, runCollector } from '../../../support/aws-context.ts'
import {
  type AwsAnswer,
  type AwsCall,
  type FakeAws,
  jsonAnswer,
  startFakeAws,
} from '../../../support/fake-aws.ts'

const NOW = Date.parse('2026-11-10T12:20:00Z')
const LOOKED = Date.parse('2026-11-10T11:50:00Z')

let fake: FakeAws
let answers: Record<string, (call: AwsCall) => AwsAnswer>
beforeEach(async () => {
  fake = await startFakeAws()
  answers = {
    DescribeInstances: () => ec2('DescribeInstances', '<reservationSet/>'),
    DescribeVolumes: () => ec2('DescribeVolumes', '<volumeSet/>'),
    DescribeSnapshots: () => ec2('DescribeSnapshots', '<snapshotSet/>'),
    DescribeDBInstances: () => rds(''),
    GetResources: () => jsonAnswer({ ResourceTagMappingList: [], PaginationToken: '' }),
    GetMetricData: () => jsonAnswer({ MetricDataResults: [] }),
  }
  fake.answer = (call) => answers[call.action]?.(call) ?? { status: 500 }
})
afterEach(() => fake.close())

const xml = (body: string, status = 200): AwsAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
})
const ec2 = (action: string, body: string, next = '') =>
  xml(
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}${next === '' ? '' : `<nextToken>${next}</nextToken>`}</${action}Response>`,
  )
const rds = (instances: string) =>
  xml(
    `<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances>${instances}</DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`,
  )
const tags = (of: Readonly<Record<string, string>>) =>
  `<tagSet>${Object.entries(of)
    .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
    .join('')}</tagSet>`
const instance = (id: string, launched: string, state: string, of: Record<string, string>, reason = '') =>
  `<reservationSet><item><instancesSet><item><instanceId>${id}</instanceId><instanceType>m7g.large</instanceType><launchTime>${launched}</launchTime><instanceState><name>${state}</name></instanceState><reason>${reason}</reason>${tags(of)}</item></instancesSet></item></reservationSet>`

const run = async (settings: object = {}, changes: object = {}) => {
  const ran = await runCollector(
    awsInventory,
    awsContext(
      awsInventory,
      { endpoint: fake.url, tenantTag: 'tenant', keptTags: ['stage'], ...settings },
      { nowMs: NOW, checkpoint: { lookedMs: LOOKED }, ...changes },
    ),
  )
  const events = ran.pages.flatMap(({ text }) => text.split('\n').map((line) => JSON.parse(line)))
  return {
    ...ran,
    events,
    told: events.map(({ type, subject, data }) => [
      type,
      subject,
      data.value,
      data.from.slice(11, 16),
      data.to.slice(11, 16),
    ]),
  }
}

describe('an instance', () => {
  test('counts from the last look to this one, by the hour', async () => {
    answers.DescribeInstances = () =>
      ec2(
        'DescribeInstances',
        instance('i-1', '2026-11-01T00:00:00.000Z', 'running', { tenant: 'acme', stage: 'prod' }),
      )
    const { told, events, checkpoint, failure } = await run()
    expect(failure).toBeNull()
    expect(told).toEqual([
      ['aws.ec2.instance.hours', 'acme', '0.166666666667', '11:50', '12:00'],
      ['aws.ec2.instance.hours', 'acme', '0.333333333333', '12:00', '12:20'],
    ])
    expect(events[0].data.dimensions).toEqual({
      tag_stage: 'prod',
      type: 'm7g.large',
      resource: 'i-1',
      region: 'us-east-1',
    })
    expect(checkpoint).toEqual({ lookedMs: NOW })
  })

  test('launched and stopped between two looks counts for just that long', async () => {
    answers.DescribeInstances = () =>
      ec2(
        'DescribeInstances',
        instance(
          'i-1',
          '2026-11-10T12:00:00.000Z',
          'terminated',
          { tenant: 'acme' },
          'User initiated (2026-11-10 12:15:00 GMT)',
        ),
      )
    expect((await run()).told).toEqual([['aws.ec2.instance.hours', 'acme', '0.25', '12:00', '12:15']])
  })

  test('stopped before the last look counts no more', async () => {
    answers.DescribeInstances = () =>
      ec2(
        'DescribeInstances',
        instance(
          'i-1',
          '2026-11-01T12:00:00.000Z',
          'stopped',
          { tenant: 'a' },
          'User initiated (2026-11-09 12:15:00 GMT)',
        ),
      )
    expect((await run()).told).toEqual([])
    expect(stoppedAt('Server.SpotInstanceTermination')).toBeNull()
  })

  test('without the tag it is left out, or rejected for want of a tenant where that is wished', async () => {
    answers.DescribeInstances = () =>
      ec2('DescribeInstances', instance('i-1', '2026-11-10T12:10:00.000Z', 'running', {}))
    expect((await run()).told).toEqual([])
    expect((await run({ untagged: 'reject' })).told).toEqual([
      ['aws.ec2.instance.hours', undefined, '0.166666666667', '12:10', '12:20'],
    ])
  })

  test('every part of an answer', async () => {
    answers.DescribeInstances = ({ body }) =>
      new URLSearchParams(body).get('NextToken') === null
        ? ec2(
            'DescribeInstances',
            instance('i-1', '2026-11-10T12:10:00.000Z', 'running', { tenant: 'a' }),
            'more',
          )
        : ec2('DescribeInstances', instance('i-2', '2026-11-10T12:10:00.000Z', 'running', { tenant: 'b' }))
    expect((await run()).told.map(([, tenant]) => tenant)).toEqual(['a', 'b'])
  })
})

test('volumes, snapshots and databases by their size', async () => {
  answers.DescribeVolumes = () =>
    ec2(
      'DescribeVolumes',
      `<volumeSet><item><volumeId>vol-1</volumeId><size>100</size><volumeType>gp3</volumeType><createTime>2026-11-10T12:05:00.000Z</createTime>${tags({ tenant: 'acme' })}</item></volumeSet>`,
    )
  answers.DescribeSnapshots = () =>
    ec2(
      'DescribeSnapshots',
      `<snapshotSet><item><snapshotId>snap-1</snapshotId><volumeSize>8</volumeSize><startTime>2026-11-10T12:05:00.000Z</startTime>${tags({ tenant: 'acme' })}</item></snapshotSet>`,
    )
  const database = (id: string, status: string) =>
    `<DBInstance><DBInstanceIdentifier>${id}</DBInstanceIdentifier><DBInstanceStatus>${status}</DBInstanceStatus><DBInstanceClass>db.t4g.small</DBInstanceClass><Engine>postgres</Engine><AllocatedStorage>20</AllocatedStorage><StorageType>gp3</StorageType><InstanceCreateTime>2026-11-10T12:05:00.000Z</InstanceCreateTime><TagList><Tag><Key>tenant</Key><Value>bolt</Value></Tag></TagList></DBInstance>`
  answers.DescribeDBInstances = () => rds(database('one', 'available') + database('two', 'stopped'))
  expect((await run()).told.map(([metric, tenant, value]) => [metric, tenant, value])).toEqual([
    ['aws.ebs.volume.gib_hours', 'acme', '25'],
    ['aws.ebs.snapshot.gib_hours', 'acme', '2'],
    ['aws.rds.instance.hours', 'bolt', '0.25'],
    ['aws.rds.storage.gib_hours', 'bolt', '5'],
    ['aws.rds.storage.gib_hours', 'bolt', '5'],
  ])
})

describe('functions', () => {
  beforeEach(() => {
    answers.GetResources = () =>
      jsonAnswer({
        ResourceTagMappingList: [
          {
            ResourceARN: 'arn:aws:lambda:us-east-1:123456789012:function:resize',
            Tags: [{ Key: 'tenant', Value: 'acme' }],
          },
        ],
      })
    answers.GetMetricData = ({ body }) => {
      const { StartTime, EndTime } = JSON.parse(body)
      const at = Date.parse('2026-11-10T12:00:00Z') / 1000
      return jsonAnswer({
        MetricDataResults:
          StartTime <= at && at < EndTime
            ? [
                { Id: 'q0', StatusCode: 'Complete', Timestamps: [at], Values: [7] },
                { Id: 'q1', StatusCode: 'Complete', Timestamps: [at], Values: [1234.5] },
              ]
            : [],
      })
    }
  })
  test('are counted by CloudWatch, by their tag', async () => {
    const { told, events } = await run()
    expect(told).toEqual([
      ['aws.lambda.invocations', 'acme', '7', '12:00', '12:05'],
      ['aws.lambda.duration.ms', 'acme', '1234.5', '12:00', '12:05'],
    ])
    const again = await run({}, { nowMs: NOW + 600_000, checkpoint: { lookedMs: NOW } })
    expect(again.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  })
  test('alone can be read of a past range, and the checkpoint stays', async () => {
    answers.DescribeInstances = () =>
      ec2('DescribeInstances', instance('i-1', '2026-11-01T00:00:00.000Z', 'running', { tenant: 'acme' }))
    const range = { startMs: Date.parse('2026-11-10T11:00:00Z'), endMs: Date.parse('2026-11-10T12:10:00Z') }
    const { told, checkpoint } = await run({}, { range })
    expect(told.map(([metric]) => metric)).toEqual(['aws.lambda.invocations', 'aws.lambda.duration.ms'])
    expect(checkpoint).toEqual({ lookedMs: LOOKED })
  })
})

describe('what instances send', () => {
  const at = Date.parse('2026-11-10T12:00:00Z') / 1000
  let asked: { readonly MetricName: string; readonly Dimensions: readonly object[] }[]
  beforeEach(() => {
    asked = []
    answers.DescribeInstances = () =>
      ec2(
        'DescribeInstances',
        instance('i-1', '2026-11-10T12:10:00.000Z', 'running', { tenant: 'acme', stage: 'prod' }) +
          instance('i-2', '2026-11-10T12:10:00.000Z', 'running', {}),
      )
    answers.GetMetricData = ({ body }) => {
      for (const { MetricStat } of JSON.parse(body).MetricDataQueries) asked.push(MetricStat.Metric)
      return jsonAnswer({
        MetricDataResults: [{ Id: 'q0', StatusCode: 'Complete', Timestamps: [at], Values: [5_000_000_123] }],
      })
    }
  })
  test('is counted of those with the tag, where it is wished', async () => {
    const { told, events } = await run({ sent: true })
    expect(asked).toMatchObject([
      {
        Namespace: 'AWS/EC2',
        MetricName: 'NetworkOut',
        Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
      },
    ])
    expect(told.at(-1)).toEqual(['aws.ec2.network.out.bytes', 'acme', '5000000123', '12:00', '12:05'])
    expect(events.at(-1).data.dimensions).toEqual({
      tag_stage: 'prod',
      resource: 'i-1',
      region: 'us-east-1',
    })
    await run()
    expect(asked).toHaveLength(1)
  })
  test('can be read of a past range', async () => {
    const range = { startMs: at * 1000 - 3_600_000, endMs: at * 1000 + 600_000 }
    expect((await run({ sent: true }, { range })).told.map(([metric]) => metric)).toEqual([
      'aws.ec2.network.out.bytes',
    ])
  })
})

describe('what goes wrong is said', () => {
  test.each([
    ['RequestLimitExceeded', 503, 'asks to slow down (ec2:DescribeInstances)', true],
    ['UnauthorizedOperation', 403, 'may not ec2:DescribeInstances', false],
    ['AuthFailure', 401, 'does not know these credentials', false],
  ])('%s', async (code, status, words, retryable) => {
    answers.DescribeInstances = () =>
      xml(
        `<Response><Errors><Error><Code>${code}</Code><Message>No.</Message></Error></Errors></Response>`,
        status,
      )
    const { failure, pages, checkpoint } = await run()
    expect(failure).toMatchObject({ message: expect.stringContaining(words), retryable })
    expect(pages).toEqual([])
    expect(checkpoint).toEqual({ lookedMs: LOOKED })
  })
  test('the check counts what has the tag', async () => {
    answers.DescribeInstances = () =>
      ec2('DescribeInstances', instance('i-1', '2026-11-10T12:10:00.000Z', 'running', {}))
    const findings = await awsInventory.check(
      awsContext(awsInventory, { endpoint: fake.url, tenantTag: 'tenant' }, { nowMs: NOW }),
    )
    expect(findings[1]).toEqual({
      state: 'warning',
      sentence:
        '0 of 1 instances, volumes, snapshots and databases in us-east-1 have the tag tenant, and 0 functions. The other 1 are left out.',
    })
  })
})
