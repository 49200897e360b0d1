/**
 * One query at Amazon Athena: started once, asked after until it has ended, its answer read page by page (Athena API
 * Reference: StartQueryExecution, GetQueryExecution, GetQueryResults, StopQueryExecution).
 */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { AthenaClient, ColumnInfo, QueryExecution, ResultSet } from '@aws-sdk/client-athena'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import { type AccountConfig, clientSettings } from '../aws/account.ts'
import { asking } from '../aws/failures.ts'
import type { Asked, TextRow } from './answer.ts'

export interface AthenaConfig extends AccountConfig {
  readonly workgroup: string
  readonly catalog: string | null
  readonly database: string | null
  /** `s3://bucket/folder/`; null where the workgroup has one. */
  readonly outputLocation: string | null
  readonly query: readonly string[]
  readonly timeoutSeconds: number
}

export interface AthenaAnswer {
  readonly rows: readonly TextRow[]
  readonly scannedBytes: number
}

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
const STOP_MS = 10_000
// Not "cannot be resolved or requester is not authorized", which Athena says of a column that is misspelt.
const DENIED =
  /access ?denied|permission denied|not authorized to perform|insufficient (?:lake formation )?permission/i
const FLOATING = /^(?:double|float|real)$/

const stays = (text: string) => new SourceFailure(text, { retryable: false })

/** A literal of Athena's, in the quotes that make a parameter a text; times without a zone are UTC there. */
const timeLiteral = (ms: number) => `'${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}'`

/** Parameters are bound by their order, and only where Athena allows them: in a WHERE. */
const bind = (query: string, { fromMs, untilMs }: Asked) => {
  const parameters: string[] = []
  const text = query.replace(/\{\{(from|until)\}\}/g, (_, bound) => {
    parameters.push(timeLiteral(bound === 'from' ? fromMs : untilMs))
    return 'CAST(? AS timestamp)'
  })
  return { text: text.replace(/;\s*$/, ''), parameters }
}

/** The same for a start that is repeated in one run, so that Athena runs it once; of another run another one. */
const tokenOf = ({ source, nowMs, config: given }: CollectContext<AthenaConfig>, asked: Asked) =>
  createHash('sha256')
    .update(JSON.stringify([source, nowMs, given.workgroup, given.database, given.query, asked]))
    .digest('hex')

const badEnd = ({ Status = {} }: QueryExecution, workgroup: string): SourceFailure => {
  const { State, StateChangeReason, AthenaError = {} } = Status
  const said = (AthenaError.ErrorMessage ?? StateChangeReason ?? 'it does not say why')
    .replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .slice(0, 500)
  if (/bytes scanned limit/i.test(said))
    return stays(
      `Athena ended the query because it scanned more than workgroup ${workgroup} allows. Nothing of it was taken. Narrow it to partitions of its hours, or raise the workgroup’s limit.`,
    )
  if (DENIED.test(said))
    return stays(
      `These credentials may not read what the query asks for: ${said}. Add it to the policy, as the permissions of this source show it.`,
    )
  if (State === 'CANCELLED')
    return new SourceFailure(`The query was cancelled at Athena: ${said}. Nothing of it was taken.`, {
      retryable: true,
    })
  // Category 2 is what the query's author can mend (AthenaError, ErrorCategory).
  const isTheirs = AthenaError.Retryable !== true && AthenaError.ErrorCategory !== 1
  return isTheirs
    ? stays(`Athena refuses the query: ${said}. Nothing of it was taken.`)
    : new SourceFailure(`Athena could not finish the query: ${said}. Nothing of it was taken.`, {
        retryable: true,
      })
}

const started = (error: unknown): unknown =>
  error instanceof SourceFailure && /output location/i.test(error.message)
    ? stays(
        'Neither the workgroup nor this source says where in S3 the answer is to be written. Give one, like s3://bucket/folder/.',
      )
    : error

const rowsOf = (columns: readonly ColumnInfo[], { Rows = [] }: ResultSet): TextRow[] =>
  Rows.map(({ Data = [] }) =>
    Object.fromEntries(columns.map(({ Name = '' }, index) => [Name, Data[index]?.VarCharValue ?? null])),
  )

/** The first row of the first page is the header. */
const isHeader = (row: TextRow): boolean =>
  Object.entries(row).every(([name, value]) => name.toLowerCase() === value?.toLowerCase())

const readResults = async (
  client: AthenaClient,
  QueryExecutionId: string,
  signal: AbortSignal,
): Promise<readonly TextRow[]> => {
  const { GetQueryResultsCommand } = await import('@aws-sdk/client-athena')
  const rows: TextRow[] = []
  let columns: readonly ColumnInfo[] | undefined
  let NextToken: string | undefined
  do {
    const { ResultSet = {}, NextToken: next } = await asking(signal, 'athena:GetQueryResults', () =>
      client.send(
        new GetQueryResultsCommand({
          QueryExecutionId,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
        { abortSignal: signal },
      ),
    )
    const isFirst = columns === undefined
    columns ??= ResultSet.ResultSetMetadata?.ColumnInfo ?? []
    const floating = columns.find(({ Name, Type = '' }) => Name === 'value' && FLOATING.test(Type))
    if (floating !== undefined)
      throw stays(
        `The query’s column value is a ${floating.Type}, which sums differently each time it is read. Write CAST(… AS decimal(38, 9)) AS value. Nothing of it was taken.`,
      )
    const page = rowsOf(columns, ResultSet)
    const [first] = page
    rows.push(...(isFirst && first !== undefined && isHeader(first) ? page.slice(1) : page))
    NextToken = next
  } while (NextToken !== undefined)
  return rows
}

/**
 * Runs the query with `{{from}}` and `{{until}}` bound. One that is given up is stopped there too.
 * @throws SourceFailure, the signal's reason
 */
export const askAthena = async (
  context: CollectContext<AthenaConfig>,
  asked: Asked,
): Promise<AthenaAnswer> => {
  const { config: given, signal } = context
  signal.throwIfAborted()
  const { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand, StopQueryExecutionCommand } =
    await import('@aws-sdk/client-athena')
  const client = new AthenaClient(await clientSettings(context))
  const { text, parameters } = bind(given.query.join('\n'), asked)
  let running: string | undefined
  try {
    const { QueryExecutionId = '' } = await asking(signal, 'athena:StartQueryExecution', () =>
      client.send(
        new StartQueryExecutionCommand({
          QueryString: text,
          ExecutionParameters: parameters,
          ClientRequestToken: tokenOf(context, asked),
          WorkGroup: given.workgroup,
          QueryExecutionContext: {
            ...(given.catalog === null ? {} : { Catalog: given.catalog }),
            ...(given.database === null ? {} : { Database: given.database }),
          },
          ...(given.outputLocation === null
            ? {}
            : { ResultConfiguration: { OutputLocation: given.outputLocation } }),
        }),
        { abortSignal: signal },
      ),
    ).catch((error) => {
      throw started(error)
    })
    running = QueryExecutionId
    let waitedMs = 0
    for (let pauseMs = FIRST_WAIT_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_WAIT_MS)) {
      const { QueryExecution = {} } = await asking(signal, 'athena:GetQueryExecution', () =>
        client.send(new GetQueryExecutionCommand({ QueryExecutionId }), { abortSignal: signal }),
      )
      const state = QueryExecution.Status?.State
      if (state === 'FAILED' || state === 'CANCELLED') {
        running = undefined
        throw badEnd(QueryExecution, given.workgroup)
      }
      if (state === 'SUCCEEDED') {
        running = undefined
        return {
          rows: await readResults(client, QueryExecutionId, signal),
          scannedBytes: QueryExecution.Statistics?.DataScannedInBytes ?? 0,
        }
      }
      if (waitedMs >= given.timeoutSeconds * 1000)
        throw new SourceFailure(
          `The query took longer than ${given.timeoutSeconds} seconds (it was ${state === 'QUEUED' ? 'still queued' : 'running'}) and was stopped at Athena. Allow it more, or narrow it to partitions of its hours.`,
          { retryable: true },
        )
      waitedMs += pauseMs
      await wait(pauseMs, undefined, { signal })
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    if (running !== undefined) {
      // By its own time: the run's signal may be what ended it. What cannot be stopped ends by itself.
      const stop = new StopQueryExecutionCommand({ QueryExecutionId: running })
      await client.send(stop, { abortSignal: AbortSignal.timeout(STOP_MS) }).catch(() => undefined)
    }
    client.destroy()
  }
}
