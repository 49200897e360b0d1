/** The read-only access of each kind: an IAM policy, and a CloudFormation template of a role that has it. */
import type { Permissions } from '../../collector.ts'

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: object
}

export const policyText = (statements: readonly Statement[]): string =>
  `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`

const indented = (text: string, by: number): string => text.split('\n').join(`\n${' '.repeat(by)}`)

/** YAML holds JSON, so the policy stands in the template as it is pasted elsewhere. */
export const templateText = (title: string, statements: readonly Statement[]): string =>
  `AWSTemplateFormatVersion: '2010-09-09'
Description: Read-only role by which Countinghouse reads ${title}.
Parameters:
  TrustedPrincipal:
    Type: String
    Description: ARN of the user or role whose credentials Countinghouse has, or of its account (arn:aws:iam::123456789012:root).
  ExternalId:
    Type: String
    MinLength: 8
    NoEcho: true
    Description: A text of your choice; give the same to the source.
Resources:
  CountinghouseRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref TrustedPrincipal
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
      Policies:
        - PolicyName: countinghouse-read-only
          PolicyDocument:
            Version: '2012-10-17'
            Statement: ${indented(JSON.stringify(statements, null, 2), 12)}
Outputs:
  RoleArn:
    Value: !GetAtt CountinghouseRole.Arn
`

export const COST_EXPLORER: readonly Statement[] = [
  { Sid: 'ReadCost', Effect: 'Allow', Action: ['ce:GetCostAndUsage'], Resource: '*' },
]

export const CLOUDWATCH: readonly Statement[] = [
  {
    Sid: 'ReadMetrics',
    Effect: 'Allow',
    Action: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
    Resource: '*',
  },
]

export const INVENTORY: readonly Statement[] = [
  {
    Sid: 'ReadInventory',
    Effect: 'Allow',
    Action: [
      'ec2:DescribeInstances',
      'ec2:DescribeVolumes',
      'ec2:DescribeSnapshots',
      'rds:DescribeDBInstances',
      'tag:GetResources',
      'cloudwatch:GetMetricData',
    ],
    Resource: '*',
  },
]

/** @param prefix without a slash at its start; empty for the whole bucket */
export const s3Statements = (bucket: string, prefix: string): readonly Statement[] => [
  {
    Sid: 'ListPrefix',
    Effect: 'Allow',
    Action: ['s3:ListBucket'],
    Resource: `arn:aws:s3:::${bucket}`,
    ...(prefix === '' ? {} : { Condition: { StringLike: { 's3:prefix': [`${prefix}*`] } } }),
  },
  {
    Sid: 'ReadObjects',
    Effect: 'Allow',
    Action: ['s3:GetObject'],
    Resource: `arn:aws:s3:::${bucket}/${prefix}*`,
  },
]

export const kinesisStatements = (region: string, stream: string): readonly Statement[] => [
  {
    Sid: 'ReadStream',
    Effect: 'Allow',
    Action: [
      'kinesis:DescribeStreamSummary',
      'kinesis:ListShards',
      'kinesis:GetShardIterator',
      'kinesis:GetRecords',
    ],
    Resource: `arn:aws:kinesis:${region}:*:stream/${stream}`,
  },
]

/** Stands for the bucket of a workgroup's answers, where the source does not name one. */
export const ATHENA_RESULTS = 'RESULTS-BUCKET'

/**
 * Counting by Athena: its tables are read, and nothing is written but its own answers.
 * @param database null for every one
 * @param output where answers are written, `s3://bucket/folder/`; null where the workgroup says
 */
export const athenaStatements = (
  workgroup: string,
  database: string | null,
  output: string | null,
): readonly Statement[] => {
  const [bucket = ATHENA_RESULTS, ...folders] = (output ?? '').replace('s3://', '').split('/').filter(Boolean)
  const results = `arn:aws:s3:::${bucket}`
  return [
    {
      Sid: 'RunQueries',
      Effect: 'Allow',
      Action: [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StopQueryExecution',
      ],
      Resource: `arn:aws:athena:*:*:workgroup/${workgroup}`,
    },
    {
      Sid: 'ReadCatalog',
      Effect: 'Allow',
      Action: [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetTables',
        'glue:GetPartition',
        'glue:GetPartitions',
      ],
      Resource:
        database === null
          ? '*'
          : [
              'arn:aws:glue:*:*:catalog',
              `arn:aws:glue:*:*:database/${database}`,
              `arn:aws:glue:*:*:table/${database}/*`,
            ],
    },
    {
      Sid: 'ReadTables',
      Effect: 'Allow',
      Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:GetObject'],
      Resource: ['arn:aws:s3:::DATA-BUCKET', 'arn:aws:s3:::DATA-BUCKET/*'],
    },
    {
      Sid: 'FindAnswers',
      Effect: 'Allow',
      Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      Resource: results,
    },
    {
      Sid: 'WriteAnswers',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      Resource: `${results}/${folders.map((folder) => `${folder}/`).join('')}*`,
    },
  ]
}

/** What `resources/aws` holds; what is in capitals is written in by who uses it. */
export const AWS_GRANTS = [
  { file: 'cost-explorer', title: 'Cost Explorer', statements: COST_EXPLORER },
  { file: 'cloudwatch', title: 'CloudWatch metrics', statements: CLOUDWATCH },
  { file: 'inventory', title: 'the inventory', statements: INVENTORY },
  { file: 's3', title: 'an S3 bucket', statements: s3Statements('BUCKET', 'PREFIX') },
  { file: 'kinesis', title: 'a Kinesis stream', statements: kinesisStatements('*', 'STREAM') },
  { file: 'athena', title: 'tables by Athena', statements: athenaStatements('WORKGROUP', 'DATABASE', null) },
] as const

export const awsPermissions = (title: string, statements: readonly Statement[]): Permissions => ({
  sentence: `Read-only: ${[...new Set(statements.flatMap(({ Action }) => Action))].join(', ')}. Attach the policy to the user or role, or make a role for it with the template; sts:GetCallerIdentity needs no permission.`,
  documents: [
    { title: 'IAM policy', language: 'json', text: policyText(statements) },
    { title: 'CloudFormation template', language: 'yaml', text: templateText(title, statements) },
  ],
})
