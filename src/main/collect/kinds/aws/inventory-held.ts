/** What is held now, by Describe calls: each resource since when, until when, and how much of it an hour holds. */
import type { EC2Client, Tag } from '@aws-sdk/client-ec2'
import type { RDSClient } from '@aws-sdk/client-rds'
import type { CollectContext } from '../../collector.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { asking } from './failures.ts'

const loadEc2 = () => import('@aws-sdk/client-ec2')
const loadRds = () => import('@aws-sdk/client-rds')

export const HELD_METRICS = {
  instances: 'aws.ec2.instance.hours',
  volumes: 'aws.ebs.volume.gib_hours',
  snapshots: 'aws.ebs.snapshot.gib_hours',
  databases: 'aws.rds.instance.hours',
  databaseStorage: 'aws.rds.storage.gib_hours',
} as const

export interface Held {
  readonly metric: string
  readonly resource: string
  readonly tags: Readonly<Record<string, string>>
  readonly dimensions: Readonly<Record<string, string>>
  readonly beganMs: number
  /** Null while it is held. */
  readonly endedMs: number | null
  /** Of the unit, in each hour: 1, or GiB. */
  readonly amount: number
}

const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])))

/** Answers of a call until there is no more. */
const everyPage = async <Answer>(
  signal: AbortSignal,
  action: string,
  ask: (token: string | undefined) => Promise<Answer>,
  next: (answer: Answer) => string | undefined,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  let token: string | undefined
  do {
    const answer = await asking(signal, action, () => ask(token))
    answers.push(answer)
    token = next(answer) || undefined
  } while (token !== undefined)
  return answers
}

/** `User initiated (2026-11-02 10:00:00 GMT)`; null where AWS gives no time. */
export const stoppedAt = (reason: string | undefined): number | null => {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:GMT|UTC)\)/.exec(reason ?? '') ?? []
  return day === undefined ? null : Date.parse(`${day}T${time}Z`)
}

const instancesOf = async (client: EC2Client, signal: AbortSignal): Promise<readonly Held[]> => {
  const { DescribeInstancesCommand } = await loadEc2()
  const answers = await everyPage(
    signal,
    'ec2:DescribeInstances',
    (token) =>
      client.send(
        new DescribeInstancesCommand({
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        { abortSignal: signal },
      ),
    ({ NextToken }) => NextToken,
  )
  return answers
    .flatMap(({ Reservations = [] }) => Reservations)
    .flatMap(({ Instances = [] }) => Instances)
    .flatMap(({ InstanceId = '', InstanceType = '', LaunchTime, State, StateTransitionReason, Tags }) => {
      const isRunning = State?.Name === 'running'
      const endedMs = isRunning ? null : stoppedAt(StateTransitionReason)
      if (LaunchTime === undefined || (!isRunning && endedMs === null)) return []
      return [
        {
          metric: HELD_METRICS.instances,
          resource: InstanceId,
          tags: tagsOf(Tags),
          dimensions: { type: InstanceType },
          beganMs: LaunchTime.getTime(),
          endedMs,
          amount: 1,
        },
      ]
    })
}

const volumesOf = async (client: EC2Client, signal: AbortSignal): Promise<readonly Held[]> => {
  const { DescribeVolumesCommand } = await loadEc2()
  const answers = await everyPage(
    signal,
    'ec2:DescribeVolumes',
    (token) =>
      client.send(
        new DescribeVolumesCommand({ MaxResults: 500, ...(token === undefined ? {} : { NextToken: token }) }),
        { abortSignal: signal },
      ),
    ({ NextToken }) => NextToken,
  )
  return answers
    .flatMap(({ Volumes = [] }) => Volumes)
    .flatMap(({ VolumeId = '', VolumeType = '', Size = 0, CreateTime, Tags }) =>
      CreateTime === undefined
        ? []
        : [
            {
              metric: HELD_METRICS.volumes,
              resource: VolumeId,
              tags: tagsOf(Tags),
              dimensions: { type: VolumeType },
              beganMs: CreateTime.getTime(),
              endedMs: null,
              amount: Size,
            },
          ],
    )
}

const snapshotsOf = async (client: EC2Client, signal: AbortSignal): Promise<readonly Held[]> => {
  const { DescribeSnapshotsCommand } = await loadEc2()
  const answers = await everyPage(
    signal,
    'ec2:DescribeSnapshots',
    (token) =>
      client.send(
        new DescribeSnapshotsCommand({
          OwnerIds: ['self'],
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        { abortSignal: signal },
      ),
    ({ NextToken }) => NextToken,
  )
  return answers
    .flatMap(({ Snapshots = [] }) => Snapshots)
    .flatMap(({ SnapshotId = '', VolumeSize = 0, StartTime, Tags }) =>
      StartTime === undefined
        ? []
        : [
            {
              metric: HELD_METRICS.snapshots,
              resource: SnapshotId,
              tags: tagsOf(Tags),
              dimensions: {},
              beganMs: StartTime.getTime(),
              endedMs: null,
              amount: VolumeSize,
            },
          ],
    )
}

/** States of a database in which it is not paid for by the hour; its storage still is. */
const NOT_RUNNING = new Set(['stopped', 'stopping', 'creating', 'deleting', 'failed'])

const databasesOf = async (client: RDSClient, signal: AbortSignal): Promise<readonly Held[]> => {
  const { DescribeDBInstancesCommand } = await loadRds()
  const answers = await everyPage(
    signal,
    'rds:DescribeDBInstances',
    (token) =>
      client.send(new DescribeDBInstancesCommand(token === undefined ? {} : { Marker: token }), {
        abortSignal: signal,
      }),
    ({ Marker }) => Marker,
  )
  return answers
    .flatMap(({ DBInstances = [] }) => DBInstances)
    .flatMap((each) => {
      const { DBInstanceIdentifier = '', DBInstanceClass = '', Engine = '', InstanceCreateTime } = each
      if (InstanceCreateTime === undefined) return []
      const shared = {
        resource: DBInstanceIdentifier,
        tags: tagsOf(each.TagList),
        beganMs: InstanceCreateTime.getTime(),
        endedMs: null,
      }
      const storage: Held = {
        ...shared,
        metric: HELD_METRICS.databaseStorage,
        dimensions: { type: each.StorageType ?? '' },
        amount: each.AllocatedStorage ?? 0,
      }
      return NOT_RUNNING.has(each.DBInstanceStatus ?? '')
        ? [storage]
        : [
            {
              ...shared,
              metric: HELD_METRICS.databases,
              dimensions: { type: DBInstanceClass, engine: Engine },
              amount: 1,
            },
            storage,
          ]
    })
}

/** Everything of a region, tagged or not. @throws SourceFailure */
export const heldNow = async (context: CollectContext<AccountConfig>): Promise<readonly Held[]> => {
  const settings = await clientSettings(context)
  const { EC2Client } = await loadEc2()
  const { RDSClient } = await loadRds()
  const ec2 = new EC2Client(settings)
  const rds = new RDSClient(settings)
  try {
    return [
      ...(await instancesOf(ec2, context.signal)),
      ...(await volumesOf(ec2, context.signal)),
      ...(await snapshotsOf(ec2, context.signal)),
      ...(await databasesOf(rds, context.signal)),
    ]
  } finally {
    ec2.destroy()
    rds.destroy()
  }
}
