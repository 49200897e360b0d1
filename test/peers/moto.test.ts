/**
 * The collectors of AWS against moto, which answers as AWS' own service models say. Cost Explorer's amounts are queued
 * there by a test, because moto tracks no cost; answers of several pages are tested in test/main/collect/kinds.
 */

import { gzipSync } from 'node:zlib'
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2'
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionConfig } from '../../src/contract/connections.ts'
import { AWS_GRANTS, policyText, templateText } from '../../src/main/collect/kinds/aws/permissions.ts'
import { COLLECTORS } from '../../src/main/collect/kinds/kinds.ts'
import { type House, openHouse } from '../main/engine/house.ts'
import { startMoto } from './support.ts'

const REGION = 'us-east-1'
const KEY = 'AKIAPLANTEDKEYID'
const SECRET = 'planted/secret/of/nobody'
const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }

let url = ''
let stopMoto = async (): Promise<void> => undefined
let house: House
beforeAll(async () => {
  const moto = await startMoto()
  url = moto.url
  stopMoto = moto.stop
})
afterAll(() => stopMoto())
beforeEach(async () => {
  await fetch(`${url}/moto-api/reset`, { method: 'POST' })
  house = await openHouse({
    engine: { collectors: COLLECTORS, timers: { after: () => () => undefined, random: () => 0.5 } },
    environment: {
      COUNTINGHOUSE_ONE_ACCESS_KEY_ID: KEY,
      COUNTINGHOUSE_ONE_SECRET_ACCESS_KEY: SECRET,
    },
  })
})
afterEach(() => house.close())

const source = (kind: string, settings: ConnectionConfig) => ({
  id: 'one',
  name: 'AWS',
  kind,
  config: { region: REGION, endpoint: url, ...settings },
})
const connect = (kind: string, settings: ConnectionConfig = {}) =>
  house.client.connections.save({
    ...source(kind, settings),
    everyMinutes: 10,
    paused: false,
    expectedVersion: 0,
  })
const checked = async (kind: string, settings: ConnectionConfig = {}) =>
  (await house.client.connections.check(source(kind, settings))).findings.map(
    ({ state, sentence }) => `${state}: ${sentence}`,
  )
const run = async () => {
  const { state, result, error } = await house.job(house.client.connections.run({ id: 'one' }))
  if (state !== 'done') throw new Error(error?.message ?? state)
  return result?.kind === 'collect' ? result.sentence : ''
}
const billed = async (month: string) => {
  const { bills } = await house.client.reconcile.month({ month: month as never })
  return bills.map(({ billingAccount, ledgerBilled, fileTotal }) => [billingAccount, ledgerBilled, fileTotal])
}

describe('Cost Explorer', () => {
  const queue = (...results: readonly object[]) =>
    fetch(`${url}/moto-api/static/ce/cost-and-usage-results`, {
      method: 'POST',
      body: JSON.stringify({ results }),
    })
  const answer = (day: string, service: string, amount: string) => ({
    ResultsByTime: [
      {
        TimePeriod: {
          Start: day,
          End: day.replace(/\d\d$/, (text) => String(Number(text) + 1).padStart(2, '0')),
        },
        Total: {},
        Groups: [
          {
            Keys: [service, '111111111111'],
            Metrics: Object.fromEntries(
              ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'].map((name) => [
                name,
                { Amount: amount, Unit: 'USD' },
              ]),
            ),
          },
        ],
        Estimated: true,
      },
    ],
    DimensionValueAttributes: [],
  })

  test('reads whole months, and posts what AWS changed of past days', async () => {
    await connect('aws_cost_explorer')
    await queue(answer('2026-10-05', 'Amazon EC2', '10.5'), answer('2026-11-02', 'Amazon EC2', '3'))
    expect(await run()).toBe('2 records new.')
    expect(await billed('2026-10')).toEqual([['123456789012', '10.5', '10.5']])
    house.clock.set('2026-11-10T20:00:00Z')
    expect(await run()).toBe('0 records new, 2 known before.')
    house.clock.set('2026-11-11T12:00:00Z')
    // moto answers the same question alike, and only the present month's is another one now.
    await queue(answer('2026-11-02', 'Amazon EC2', '3.25'))
    expect(await run()).toBe('1 record new, 1 known before.')
    expect(await billed('2026-11')).toEqual([['123456789012', '3.25', '3.25']])
    expect(await billed('2026-10')).toEqual([['123456789012', '10.5', '10.5']])
  })

  test('the requests of all runs, and of a range read again, stay within the budget', async () => {
    await connect('aws_cost_explorer', { requestsPerMonth: '3' })
    await run()
    const again = await house.job(
      house.client.connections.backfill({
        id: 'one',
        fromMs: Date.parse('2026-08-01T00:00:00Z'),
        untilMs: Date.parse('2026-10-01T00:00:00Z'),
      }),
    )
    expect(again.error?.message).toContain('The budget of 3 requests to Cost Explorer in 2026-11 (USD 0.03)')
    await expect(run()).rejects.toThrow('is used up')
  })

  test('the check works, with a role assumed as well', async () => {
    expect((await checked('aws_cost_explorer')).slice(0, 2)).toEqual([
      'works: The credentials are of account 123456789012.',
      'works: Cost Explorer answers with 0 amounts of two days.',
    ])
    const role = { roleArn: 'arn:aws:iam::210987654321:role/countinghouse', externalId: 'of-my-choice' }
    expect((await checked('aws_cost_explorer', role))[0]).toBe(
      'works: The credentials are of account 210987654321.',
    )
  })
})

describe('CloudWatch', () => {
  const METRICS = [
    {
      namespace: 'App',
      name: 'Requests',
      statistic: 'Sum',
      period: '300',
      tenant: 'TenantId',
      metric: 'api.calls',
    },
  ]
  test('sums what moto was given, and finds what comes late', async () => {
    const client = new CloudWatchClient({ region: REGION, endpoint: url, credentials })
    const put = (tenant: string, time: string, value: number) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: 'App',
          MetricData: [
            {
              MetricName: 'Requests',
              Dimensions: [{ Name: 'TenantId', Value: tenant }],
              Timestamp: new Date(time),
              Value: value,
            },
          ],
        }),
      )
    await put('acme', '2026-11-10T10:01:00Z', 3)
    await put('acme', '2026-11-10T10:02:00Z', 4)
    await put('acme', '2026-11-10T10:06:00Z', 0.5)
    await put('bolt', '2026-11-10T10:01:00Z', 1)
    await connect('aws_cloudwatch', { metrics: METRICS })
    expect((await checked('aws_cloudwatch', { metrics: METRICS }))[1]).toBe(
      'works: api.calls: App Requests has 2 series by TenantId.',
    )
    expect(await run()).toBe('3 records new.')
    await put('acme', '2026-11-10T10:03:00Z', 10)
    house.clock.set('2026-11-10T12:10:00Z')
    expect(await run()).toBe('1 record new, 1 of them replaced an older value, 2 known before.')
    const { rows } = await house.client.usage.query({
      metric: 'api.calls',
      from: '2026-11',
      to: '2026-11',
      grain: 'hour',
      groupBy: ['tenant'],
      filters: [],
      compare: 'none',
    })
    expect(rows.map(({ keys, total }) => [...keys, total]).sort()).toEqual([
      ['acme', '17.5'],
      ['bolt', '1'],
    ])
    client.destroy()
  })
})

describe('S3', () => {
  const client = () => new S3Client({ region: REGION, endpoint: url, credentials, forcePathStyle: true })
  const put = (Key: string, Body: string | Buffer) =>
    client().send(new PutObjectCommand({ Bucket: 'usage', Key, Body }))
  const event = (id: string, value: number) =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source: '/t',
      type: 'calls',
      subject: 'acme',
      time: '2026-11-01T00:00:00Z',
      data: { value },
    })
  beforeEach(async () => {
    await client().send(new CreateBucketCommand({ Bucket: 'usage' }))
  })

  test('takes each version of a file once', async () => {
    await put('in/a.jsonl', `${event('1', 1)}\n${event('2', 2)}`)
    await put('in/b.jsonl.gz', gzipSync(event('3', 3)))
    await connect('aws_s3', { bucket: 'usage', prefix: 'in/', contents: 'cloudevents' })
    expect(await run()).toBe('3 records new.')
    expect(await run()).toBe('Nothing new.')
    await put('in/a.jsonl', `${event('1', 1)}\n${event('2', 2)}\n${event('4', 4)}`)
    expect(await run()).toBe('1 record new, 2 known before.')
  })

  test('reads an export by its manifest, and the next delivery by its differences', async () => {
    const header =
      'ProviderName,BillingAccountId,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ServiceName,BilledCost'
    const row = (day: string, cost: string) => `AWS,7,2026-10-01,Usage,2026-10-${day},EC2,${cost}`
    const data = 'x/focus/data/BILLING_PERIOD=2026-10/1.csv.gz'
    const deliver = async (...rows: readonly string[]) => {
      await put(data, gzipSync([header, ...rows].join('\n')))
      await put(
        'x/focus/metadata/BILLING_PERIOD=2026-10/focus-Manifest.json',
        JSON.stringify({ dataFiles: [`s3://usage/${data}`], execution: rows.length }),
      )
    }
    await connect('aws_s3', { bucket: 'usage', prefix: 'x/', contents: 'cost_export' })
    await deliver(row('01', '1.5'), row('02', '2'))
    expect(await run()).toBe('2 records new.')
    await deliver(row('01', '1.5'), row('02', '2.25'), row('03', '1'))
    expect(await run()).toBe('2 records new, 1 known before.')
    expect(await billed('2026-10')).toEqual([['7', '4.75', '4.75']])
  })
})

describe('the inventory', () => {
  const makeFunction = async (name: string, tags: Readonly<Record<string, string>>) => {
    const scope = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=x/20261110/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
    })
    await fetch(url, {
      method: 'POST',
      headers: { ...scope('iam'), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=CreateRole&Version=2010-05-08&RoleName=fn&AssumeRolePolicyDocument=%7B%7D',
    })
    const lambda = new LambdaClient({ region: REGION, endpoint: url, credentials })
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::123456789012:role/fn',
        Handler: 'index.handler',
        Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
        Tags: { ...tags },
      }),
    )
    lambda.destroy()
  }

  test('what runs, is stored and is called, by its tag', async () => {
    const settings = { region: REGION, endpoint: url, credentials }
    const tenant = [{ Key: 'tenant', Value: 'acme' }]
    const ec2 = new EC2Client(settings)
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({}))
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: Images[0]?.ImageId,
        InstanceType: 't3.micro',
        MinCount: 2,
        MaxCount: 2,
        TagSpecifications: [{ ResourceType: 'instance', Tags: tenant }],
      }),
    )
    await ec2.send(new StopInstancesCommand({ InstanceIds: [Instances[1]?.InstanceId ?? ''] }))
    const { VolumeId } = await ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: `${REGION}a`,
        Size: 100,
        TagSpecifications: [{ ResourceType: 'volume', Tags: tenant }],
      }),
    )
    await ec2.send(
      new CreateSnapshotCommand({
        VolumeId,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: tenant }],
      }),
    )
    const rds = new RDSClient(settings)
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'one',
        DBInstanceClass: 'db.t4g.small',
        Engine: 'postgres',
        AllocatedStorage: 20,
        MasterUsername: 'ada',
        MasterUserPassword: 'not-a-secret',
        Tags: tenant,
      }),
    )
    const cloudWatch = new CloudWatchClient(settings)
    await makeFunction('resize', { tenant: 'acme' })
    await makeFunction('internal', {})
    for (const name of ['resize', 'internal'])
      await cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: 'AWS/Lambda',
          MetricData: [
            {
              MetricName: 'Invocations',
              Dimensions: [{ Name: 'FunctionName', Value: name }],
              Timestamp: new Date(Date.now() - 60_000),
              Value: 7,
            },
          ],
        }),
      )
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/EC2',
        MetricData: [
          {
            MetricName: 'NetworkOut',
            Dimensions: [{ Name: 'InstanceId', Value: Instances[0]?.InstanceId ?? '' }],
            Timestamp: new Date(Date.now() - 60_000),
            Value: 4096,
          },
        ],
      }),
    )
    await connect('aws_inventory', { tenantTag: 'tenant', sent: true })
    const at = new Date(Date.now() + 30 * 60_000)
    house.clock.set(at.toISOString())
    expect((await checked('aws_inventory', { tenantTag: 'tenant' }))[1]).toMatch(
      /^works: \d+ of \d+ instances, volumes, snapshots and databases in us-east-1 have the tag tenant/,
    )
    await run()
    const total = async (metric: string) => {
      const report = await house.client.usage.query({
        metric,
        from: at.toISOString().slice(0, 7),
        to: at.toISOString().slice(0, 7),
        grain: 'month',
        groupBy: ['tenant'],
        filters: [],
        compare: 'none',
      })
      return report.rows.map(({ keys, total: sum }) => `${keys[0]} ${Number(sum).toFixed(1)}`)
    }
    // Half an hour of one instance (the other was stopped at once), of 100 GiB twice, and of a database with 20 GiB.
    expect(await total('aws.ec2.instance.hours')).toEqual(['acme 0.5'])
    expect(await total('aws.ebs.volume.gib_hours')).toEqual([expect.stringMatching(/^acme 50\.\d$/)])
    expect(await total('aws.ebs.snapshot.gib_hours')).toEqual([expect.stringMatching(/^acme (50|49)\.\d$/)])
    expect(await total('aws.rds.instance.hours')).toEqual(['acme 0.5'])
    expect(await total('aws.rds.storage.gib_hours')).toEqual([expect.stringMatching(/^acme (10|9)\.\d$/)])
    expect(await total('aws.lambda.invocations')).toEqual(['acme 7.0'])
    expect(await total('aws.ec2.network.out.bytes')).toEqual(['acme 4096.0'])
    ec2.destroy()
    rds.destroy()
    cloudWatch.destroy()
  })
})

describe('what is granted', () => {
  /** moto looks at the service in the credential's scope, never at the signature. */
  const call = async (service: string, fields: Readonly<Record<string, string>>) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=x/20261110/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(fields).toString(),
    })
    return `${answer.status} ${answer.ok ? '' : await answer.text()}`
  }
  test.each(AWS_GRANTS)(
    '$file: a policy that IAM takes, and a stack that CloudFormation makes',
    async (grant) => {
      expect(
        await call('iam', {
          Action: 'CreatePolicy',
          Version: '2010-05-08',
          PolicyName: grant.file,
          PolicyDocument: policyText(grant.statements),
        }),
      ).toBe('200 ')
      expect(
        await call('cloudformation', {
          Action: 'CreateStack',
          Version: '2010-05-15',
          StackName: grant.file,
          TemplateBody: templateText(grant.title, grant.statements),
          'Parameters.member.1.ParameterKey': 'TrustedPrincipal',
          'Parameters.member.1.ParameterValue': 'arn:aws:iam::123456789012:root',
          'Parameters.member.2.ParameterKey': 'ExternalId',
          'Parameters.member.2.ParameterValue': 'of-my-choice',
        }),
      ).toBe('200 ')
      const found = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=x/20261110/${REGION}/iam/aws4_request, SignedHeaders=host, Signature=x`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'Action=ListRoles&Version=2010-05-08',
      })
      expect(decodeURIComponent(await found.text())).toContain('of-my-choice')
    },
  )
})

test('the keys are in no file of the book', async () => {
  await connect('aws_cost_explorer')
  await run()
  const { readdirSync, readFileSync, statSync } = await import('node:fs')
  const { join } = await import('node:path')
  const files = readdirSync(house.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(house.directory, name))
    .filter((path) => statSync(path).isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const path of files)
    for (const planted of [KEY, SECRET])
      expect(`${path} ${readFileSync(path).includes(planted)}`).toBe(`${path} false`)
})
