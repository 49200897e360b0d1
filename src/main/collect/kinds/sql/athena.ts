/**
 * Usage counted by Amazon Athena. It charges for what a query scans, so that is counted by calendar month in the
 * checkpoint, shown with each batch, and no query is started beyond the month's limit.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { Decimal, toDecimalText } from '../../../../domain/decimal.ts'
import { monthOf } from '../../../../domain/period.ts'
import { type CollectContext, type Collector, collectorOf, SourceFailure } from '../../collector.ts'
import { ACCOUNT_FIELDS, accountShape } from '../aws/account.ts'
import { ATHENA_RESULTS, athenaStatements, awsPermissions } from '../aws/permissions.ts'
import { askAthena } from './athena-api.ts'
import { type AskEngine, boundsFault, checkCounts, collectCounts, countingShape } from './counts.ts'
import { countingFields } from './fields.ts'

const MEGABYTE = 1024 * 1024
/** USD for a terabyte scanned, in most regions (AWS' "Amazon Athena pricing": by the megabyte, 10 at least a query). */
const TERABYTE_USD = 5
const MEGABYTES_MIN = 10

const optionalText = z
  .string()
  .trim()
  .max(1000)
  .default('')
  .transform((text) => (text === '' ? null : text))

/** What begins otherwise (INSERT, CREATE TABLE AS, UNLOAD) writes. */
const isReading = (query: string): boolean =>
  /^[\s(]*(?:SELECT|WITH)\b/i.test(query.replace(/--.*$/gm, ' ').replace(/\/\*[\s\S]*?\*\//g, ' '))

const config = z
  .strictObject({
    ...accountShape,
    workgroup: z.string().trim().min(1).max(128).default('primary'),
    catalog: optionalText,
    database: optionalText,
    outputLocation: optionalText.refine(
      (text) => text === null || /^s3:\/\/[^/]+(?:\/.*)?$/.test(text),
      'a place like s3://bucket/folder/',
    ),
    gigabytesPerMonth: z.coerce.number().int().min(1).max(1_000_000).default(1000),
    ...countingShape,
  })
  .superRefine(({ query }, context) => {
    const fault =
      boundsFault(query) ?? (isReading(query.join('\n')) ? null : 'begins with SELECT or WITH: it only reads')
    if (fault !== null) context.addIssue({ code: 'custom', path: ['query'], message: fault })
  })
type Config = z.output<typeof config>

/** What was scanned in a calendar month (UTC), as it is charged. */
const spentSchema = z.object({ month: z.string(), queries: z.number(), megabytes: z.number() })

const spentOf = (kept: Json, nowMs: number): z.output<typeof spentSchema> => {
  const month = monthOf(nowMs, 'UTC')
  const read = spentSchema.safeParse(kept)
  return read.success && read.data.month === month ? read.data : { month, queries: 0, megabytes: 0 }
}

/** To the cent, below a dollar to two digits: a query that scans little costs far less than a cent. */
const dollars = (megabytes: number): string => {
  const usd = new Decimal(megabytes).times(TERABYTE_USD).div(MEGABYTE)
  return `USD ${toDecimalText(usd.lt(1) ? usd.toSignificantDigits(2) : usd.toDecimalPlaces(2))}`
}

const scanned = (megabytes: number): string =>
  `${megabytes.toLocaleString('en')} MB scanned, about ${dollars(megabytes)}`

const ask: AskEngine<Config> = async (context: CollectContext<Config>, asked, kept) => {
  const { nowMs, config: given } = context
  const spent = spentOf(kept, nowMs)
  const most = given.gigabytesPerMonth * 1024
  if (spent.megabytes >= most)
    throw new SourceFailure(
      `Athena has scanned ${spent.megabytes.toLocaleString('en')} MB in ${spent.queries.toLocaleString('en')} queries of this source in ${spent.month} (about ${dollars(spent.megabytes)}), and ${given.gigabytesPerMonth.toLocaleString('en')} GB a month are allowed. What was read before is kept. It goes on next month, or raise the limit.`,
      { retryable: false },
    )
  const { rows, scannedBytes } = await askAthena(context, asked)
  const megabytes = Math.max(MEGABYTES_MIN, Math.ceil(scannedBytes / MEGABYTE))
  return {
    rows,
    kept: {
      month: spent.month,
      queries: spent.queries + 1,
      megabytes: spent.megabytes + megabytes,
    },
    cost: scanned(megabytes),
  }
}

const COLLECTOR: Collector<Config> = {
  kind: 'aws_athena',
  title: 'Amazon Athena',
  purpose: 'Counts that a query of yours makes by tenant and hour over tables in S3.',
  fields: [
    ...ACCOUNT_FIELDS,
    { key: 'workgroup', label: 'Workgroup', kind: 'text', required: true, initial: 'primary' },
    {
      key: 'catalog',
      label: 'Data catalog',
      kind: 'text',
      required: false,
      placeholder: 'AwsDataCatalog',
      help: 'Leave empty for Glue’s.',
    },
    { key: 'database', label: 'Database', kind: 'text', required: false, placeholder: 'usage' },
    {
      key: 'outputLocation',
      label: 'Where Athena writes answers',
      kind: 'text',
      required: false,
      placeholder: 's3://athena-results/countinghouse/',
      help: 'Leave empty where the workgroup has a place of its own.',
    },
    ...countingFields(
      `SELECT account AS tenant, date_trunc('hour', at) AS hour, sum(bytes) AS value, count(*) AS rows
FROM events WHERE day >= date({{from}}) AND at >= {{from}} AND at < {{until}} GROUP BY 1, 2`,
    ),
    {
      key: 'gigabytesPerMonth',
      label: 'Gigabytes scanned a month at most',
      kind: 'number',
      required: true,
      initial: '1000',
      help: 'About USD 5 a 1,000 in most regions. No query is started beyond it; the last one may exceed it.',
    },
  ],
  config,
  permissions: (given) => {
    const { workgroup = 'WORKGROUP', database = null, outputLocation = null } = given ?? {}
    const bucket =
      outputLocation === null ? `, the workgroup’s bucket of answers in the place of ${ATHENA_RESULTS}` : ''
    const permissions = awsPermissions(
      'tables by Athena',
      athenaStatements(workgroup, database, outputLocation),
    )
    return {
      ...permissions,
      sentence: `Reads tables, and writes nothing but Athena’s own answers. Put the bucket of the tables in the place of DATA-BUCKET${bucket}; attach the policy to the user or role, or make a role for it with the template.`,
    }
  },
  cost: 'USD 5 a terabyte scanned in most regions, 10 MB at least a query: USD 0.04 a month at the least with a query an hour. The check says what yours scans.',
  everyMinutes: 60,
  check: checkCounts(ask),
  collect: collectCounts(ask),
}

export const awsAthena = collectorOf(COLLECTOR)
