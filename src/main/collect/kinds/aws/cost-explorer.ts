/**
 * Cost by day or hour from Cost Explorer, as FOCUS rows. AWS changes past days until the bill is final and after, so
 * the months of a trailing window are read whole each time; the ledger posts what differs.
 */
import type { GetCostAndUsageCommandInput, ResultByTime } from '@aws-sdk/client-cost-explorer'
import { z } from 'zod'
import { type Month, monthOf, monthPeriod, monthsBetween } from '../../../../domain/period.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../collector.ts'
import { ACCOUNT_FIELDS, accountShape, callerAccount, clientSettings } from './account.ts'
import { costRows, FOCUS_HEADER } from './cost-explorer-rows.ts'
import { failureOf, isClockCorrected } from './failures.ts'
import { awsPermissions, COST_EXPLORER } from './permissions.ts'

const DAY = 86_400_000
/** Cost Explorer keeps hours for fourteen days. */
const HOURLY_DAYS = 13
const ACTION = 'ce:GetCostAndUsage'
/** USD cents. */
const REQUEST_PRICE_CENTS = 1

const config = z
  .strictObject({
    ...accountShape,
    granularity: z.enum(['daily', 'hourly']).default('daily'),
    groupBy: z.enum(['account', 'tag', 'cost_category']).default('account'),
    groupKey: z.string().trim().max(1024).default(''),
    effective: z.enum(['amortized', 'net_amortized']).default('amortized'),
    trailingDays: z.coerce.number().int().min(1).max(365).default(35),
    requestsPerMonth: z.coerce.number().int().min(1).max(100_000).default(300),
  })
  .refine(({ groupBy, groupKey }) => groupBy === 'account' || groupKey !== '', {
    path: ['groupKey'],
    message: 'the tag’s key or the cost category’s name',
  })
export type CostExplorerConfig = z.output<typeof config>
type Context = CollectContext<CostExplorerConfig>

/** Requests made in a calendar month (UTC), kept as the checkpoint: nothing else need be remembered. */
const spentSchema = z.object({ month: z.string(), requests: z.number() })
type Spent = z.output<typeof spentSchema>

const spentOf = ({ checkpoint, nowMs }: Context): Spent => {
  const month = monthOf(nowMs, 'UTC')
  const read = spentSchema.safeParse(checkpoint)
  return read.success && read.data.month === month ? read.data : { month, requests: 0 }
}

const dollars = (requests: number): string => {
  const cents = String(requests * REQUEST_PRICE_CENTS).padStart(3, '0')
  return `USD ${cents.slice(0, -2)}.${cents.slice(-2)}`
}

const groupsOf = ({ groupBy, groupKey }: CostExplorerConfig) => [
  { Type: 'DIMENSION' as const, Key: 'SERVICE' },
  groupBy === 'account'
    ? { Type: 'DIMENSION' as const, Key: 'LINKED_ACCOUNT' }
    : { Type: groupBy === 'tag' ? ('TAG' as const) : ('COST_CATEGORY' as const), Key: groupKey },
]

/** Part of a month asked for at once. */
interface Span {
  readonly startMs: number
  readonly endMs: number
  readonly granularity: 'DAILY' | 'HOURLY'
}

/** Whole days to the end of today; with hours, the days that are older than Cost Explorer's hours come as days. */
const spansOf = (month: Month, nowMs: number, granularity: CostExplorerConfig['granularity']): Span[] => {
  const { startMs, endMs: monthEndMs } = monthPeriod(month, 'UTC')
  const today = Math.floor(nowMs / DAY) * DAY
  const endMs = Math.min(monthEndMs, today + DAY)
  const hoursFrom = granularity === 'hourly' ? today - HOURLY_DAYS * DAY : Number.POSITIVE_INFINITY
  const cut = Math.min(Math.max(hoursFrom, startMs), endMs)
  return [
    { startMs, endMs: cut, granularity: 'DAILY' as const },
    { startMs: cut, endMs, granularity: 'HOURLY' as const },
  ].filter((span) => span.endMs > span.startMs)
}

const timeText = (ms: number, granularity: Span['granularity']): string =>
  new Date(ms).toISOString().slice(0, granularity === 'DAILY' ? 10 : 19) +
  (granularity === 'DAILY' ? '' : 'Z')

const question = (
  settings: CostExplorerConfig,
  span: Span,
  token: string | undefined,
): GetCostAndUsageCommandInput => ({
  TimePeriod: {
    Start: timeText(span.startMs, span.granularity),
    End: timeText(span.endMs, span.granularity),
  },
  Granularity: span.granularity,
  Metrics: ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'],
  GroupBy: groupsOf(settings),
  ...(token === undefined ? {} : { NextPageToken: token }),
})

const isOverBudget = ({ requests }: Spent, { requestsPerMonth }: CostExplorerConfig): boolean =>
  requests >= requestsPerMonth

/** Months that hold the trailing window, or the range asked for. */
const monthsOf = ({ range, nowMs, config: { trailingDays } }: Context): readonly Month[] => {
  const startMs = range?.startMs ?? nowMs - trailingDays * DAY
  const lastMs = Math.min(range === null ? nowMs : range.endMs - 1, nowMs)
  return lastMs < startMs ? [] : monthsBetween(monthOf(startMs, 'UTC'), monthOf(lastMs, 'UTC'))
}

async function* collect(context: Context): AsyncIterable<Page> {
  const { nowMs, signal } = context
  const settings = context.config
  let spent = spentOf(context)
  const account = await callerAccount(context)
  // Each attempt is a request that is paid for, so the SDK makes one only.
  const { CostExplorerClient, GetCostAndUsageCommand } = await import('@aws-sdk/client-cost-explorer')
  const client = new CostExplorerClient(await clientSettings(context, 1))
  const kept = (title: string, content = ''): Page => ({
    title,
    choice: { kind: 'focus' },
    content,
    delivery: 'restate',
    checkpoint: { month: spent.month, requests: spent.requests },
  })
  try {
    for (const month of monthsOf(context)) {
      const results: { readonly result: ResultByTime; readonly names: ReadonlyMap<string, string> }[] = []
      let asked = 0
      for (const span of spansOf(month, nowMs, settings.granularity)) {
        let token: string | undefined
        let corrected = false
        for (;;) {
          if (isOverBudget(spent, settings))
            throw new SourceFailure(
              `The budget of ${settings.requestsPerMonth.toLocaleString('en')} requests to Cost Explorer in ${spent.month} (${dollars(settings.requestsPerMonth)}) is used up. ${month} was not read; what was read before is kept. It goes on next month, or raise the budget.`,
              { retryable: false },
            )
          spent = { ...spent, requests: spent.requests + 1 }
          asked++
          // Committed before it is sent: whatever happens then, the request is counted.
          yield kept(`Request ${spent.requests} of ${spent.month} to Cost Explorer`)
          try {
            const answer = await client.send(new GetCostAndUsageCommand(question(settings, span, token)), {
              abortSignal: signal,
            })
            const names = new Map(
              (answer.DimensionValueAttributes ?? []).flatMap(({ Value, Attributes }) =>
                Value !== undefined && Attributes?.description ? [[Value, Attributes.description]] : [],
              ),
            )
            for (const result of answer.ResultsByTime ?? []) results.push({ result, names })
            token = answer.NextPageToken
            if (token === undefined) break
          } catch (error) {
            signal.throwIfAborted()
            if (corrected || !isClockCorrected(error)) throw failureOf(error, ACTION)
            corrected = true
          }
        }
      }
      const rows = results.flatMap(({ result, names }) =>
        costRows(result, names, { month, account, settings }),
      )
      if (rows.length > 0)
        yield kept(
          `AWS cost of ${month} (${asked} request${asked === 1 ? '' : 's'}, ${dollars(asked)})`,
          `${[FOCUS_HEADER, ...rows].join('\n')}\n`,
        )
    }
  } finally {
    client.destroy()
  }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const account = await callerAccount(context)
  const findings: CheckFinding[] = [
    { state: 'works', sentence: `The credentials are of account ${account}.` },
  ]
  const today = Math.floor(context.nowMs / DAY) * DAY
  const span: Span = { startMs: today - 2 * DAY, endMs: today, granularity: 'DAILY' }
  const { CostExplorerClient, GetCostAndUsageCommand } = await import('@aws-sdk/client-cost-explorer')
  const client = new CostExplorerClient(await clientSettings(context, 1))
  const { groupBy, groupKey, requestsPerMonth } = context.config
  try {
    const { ResultsByTime = [] } = await client.send(
      new GetCostAndUsageCommand(question(context.config, span, undefined)),
      {
        abortSignal: context.signal,
      },
    )
    const groups = ResultsByTime.flatMap(({ Groups = [] }) => Groups)
    const named = groups.filter(({ Keys }) => !/\$$|^$/.test(Keys?.[1] ?? '')).length
    findings.push(
      groups.length > 0 && named === 0
        ? {
            state: 'warning',
            sentence: `Cost Explorer answers, and none of its cost has the ${groupBy === 'tag' ? 'tag' : 'cost category'} ${groupKey}. Activate it as a cost allocation tag, or check its name.`,
          }
        : { state: 'works', sentence: `Cost Explorer answers with ${groups.length} amounts of two days.` },
    )
  } catch (error) {
    context.signal.throwIfAborted()
    findings.push({ state: 'missing', sentence: failureOf(error, ACTION).message })
  } finally {
    client.destroy()
  }
  findings.push({
    state: 'works',
    sentence: `This check made one request (${dollars(1)}), a preview makes a few; both are outside the budget of ${requestsPerMonth.toLocaleString('en')} requests a month (${dollars(requestsPerMonth)}), which runs never exceed.`,
  })
  return findings
}

const COLLECTOR: Collector<CostExplorerConfig> = {
  kind: 'aws_cost_explorer',
  title: 'AWS Cost Explorer',
  purpose: 'Cost of an AWS organisation by day or hour, service, and tag, cost category or account.',
  fields: [
    ...ACCOUNT_FIELDS,
    {
      key: 'granularity',
      label: 'A row for each',
      kind: 'choice',
      required: true,
      initial: 'daily',
      choices: [
        { value: 'daily', label: 'Day' },
        { value: 'hourly', label: 'Hour (of the last 14 days; older ones become days)' },
      ],
    },
    {
      key: 'groupBy',
      label: 'By service and',
      kind: 'choice',
      required: true,
      initial: 'account',
      choices: [
        { value: 'account', label: 'Linked account' },
        { value: 'tag', label: 'Tag' },
        { value: 'cost_category', label: 'Cost category' },
      ],
    },
    { key: 'groupKey', label: 'Key of the tag, or name of the cost category', kind: 'text', required: false },
    {
      key: 'effective',
      label: 'Effective cost is',
      kind: 'choice',
      required: true,
      initial: 'amortized',
      choices: [
        { value: 'amortized', label: 'Amortised' },
        { value: 'net_amortized', label: 'Net amortised (after discounts)' },
      ],
      help: 'Billed cost is the unblended one. All three are kept with each row.',
    },
    {
      key: 'trailingDays',
      label: 'Days read again each time',
      kind: 'number',
      required: true,
      initial: '35',
      help: 'AWS changes past days. Months that the window touches are read whole.',
    },
    {
      key: 'requestsPerMonth',
      label: 'Requests a month at most',
      kind: 'number',
      required: true,
      initial: '300',
      help: 'Each costs USD 0.01. Three runs a day of two months are about 180, more where answers have several pages.',
    },
  ],
  config,
  permissions: () => awsPermissions('Cost Explorer', COST_EXPLORER),
  cost: 'USD 0.01 a request: about USD 1.80 a month with three runs a day, never more than the budget of requests.',
  everyMinutes: 480,
  check,
  collect,
}

export const awsCostExplorer = collectorOf(COLLECTOR)
