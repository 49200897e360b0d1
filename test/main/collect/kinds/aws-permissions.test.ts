import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AWS_GRANTS, policyText, templateText } from '../../../../src/main/collect/kinds/aws/permissions.ts'
import { awsS3 } from '../../../../src/main/collect/kinds/aws/s3.ts'

const resource = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../../resources/aws', name), 'utf8')

test.each(AWS_GRANTS)('resources/aws holds what is shown of $file', ({ file, title, statements }) => {
  const hint = 'run node scripts/aws-grants.mjs'
  expect(`${hint}: ${resource(`${file}-policy.json`) === policyText(statements)}`).toBe(`${hint}: true`)
  expect(`${hint}: ${resource(`${file}-role.yaml`) === templateText(title, statements)}`).toBe(
    `${hint}: true`,
  )
})

/** What a query at Athena is started and ended by, and the answers that Athena writes with the caller's permissions. */
const ATHENA_WRITES: Readonly<Record<string, readonly string[]>> = {
  RunQueries: ['athena:StartQueryExecution', 'athena:StopQueryExecution'],
  WriteAnswers: ['s3:PutObject', 's3:AbortMultipartUpload'],
}

test.each(AWS_GRANTS)('$file reads and never writes', ({ file, statements }) => {
  const others = statements.flatMap(({ Sid, Action }) =>
    Action.filter((action) => file !== 'athena' || !ATHENA_WRITES[Sid]?.includes(action)),
  )
  for (const action of others) expect(action).toMatch(/^[a-z0-9]+:(Get|List|Describe)[A-Z][A-Za-z]+$/)
})

test('of a bucket its own prefix only', () => {
  const config = awsS3.config.parse({
    region: 'eu-west-1',
    bucket: 'usage',
    prefix: 'in/',
    contents: 'cloudevents',
  })
  const [policy] = awsS3.permissions(config).documents
  expect(JSON.parse(policy?.text ?? '').Statement).toEqual([
    {
      Sid: 'ListPrefix',
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: 'arn:aws:s3:::usage',
      Condition: { StringLike: { 's3:prefix': ['in/*'] } },
    },
    { Sid: 'ReadObjects', Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::usage/in/*' },
  ])
})
