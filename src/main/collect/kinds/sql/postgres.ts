/** PostgreSQL's wire, which Redshift, CockroachDB, Citus and Timescale speak too. */
import pg from 'pg'
import { SourceFailure } from '../../collector.ts'
import { REASONS } from '../http.ts'
import type { Asked, TextRow } from './answer.ts'

export interface SqlEngine {
  readonly url: string
  readonly password: string | null
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const CONNECT_MS = 15_000

const placeOf = (url: string): string => {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}${port === '' ? '' : `:${port}`}${pathname}`
}

/** Errors by their SQLSTATE (PostgreSQL documentation, appendix A). */
const failureOf = (error: unknown, { url, timeoutMs }: SqlEngine): SourceFailure => {
  const { code = '', message } = error as { code?: string; message: string }
  const place = placeOf(url)
  const say = (text: string, retryable: boolean) => new SourceFailure(text, { retryable })
  if (code.startsWith('28')) return say(`${place} refused the credentials: ${message}.`, false)
  if (code === '25006')
    return say(`The query would write, and is only allowed to read: ${message}. Nothing was changed.`, false)
  if (code === '42501')
    return say(`The user may not read what the query asks for: ${message}. Grant it SELECT.`, false)
  if (code === '57014')
    return say(
      `The query took longer than ${timeoutMs / 1000} seconds and was ended at ${place}. Allow it more, or index the time.`,
      true,
    )
  if (/^(?:42|22|21|3D|3F|0A)/.test(code)) return say(`${place} refuses the query: ${message}.`, false)
  if (REASONS[code] !== undefined)
    return say(`${place} cannot be reached: ${REASONS[code]}. What was collected before is kept.`, true)
  return say(`${place} cannot be asked: ${message}. What was collected before is kept.`, true)
}

/** Every value as the server wrote it: a number of JavaScript's would lose digits. */
const AS_TEXT = { getTypeParser: () => (text: string | Buffer) => text.toString() }

/**
 * Runs the query with `{{from}}` and `{{until}}` bound, in a transaction that can only read.
 * @throws SourceFailure, the signal's reason
 */
export const askPostgres = async (
  engine: SqlEngine,
  query: string,
  { fromMs, untilMs }: Asked,
): Promise<readonly TextRow[]> => {
  const { url, password, timeoutMs, signal } = engine
  signal.throwIfAborted()
  const client = new pg.Client({
    connectionString: url,
    ...(password === null ? {} : { password }),
    connectionTimeoutMillis: CONNECT_MS,
    // The server ends the query itself; this is for a server that no longer answers.
    query_timeout: timeoutMs + CONNECT_MS,
    application_name: 'countinghouse',
    keepAlive: true,
  })
  // A connection that breaks while nothing is asked says so here; the query that follows fails by itself.
  client.on('error', () => undefined)
  const stop = () => void client.end().catch(() => undefined)
  signal.addEventListener('abort', stop)
  try {
    await client.connect()
    await client.query("SET default_transaction_read_only = on; SET timezone = 'UTC'; SET datestyle = 'ISO'")
    await client.query(`SET statement_timeout = ${Math.round(timeoutMs)}`)
    await client.query('BEGIN TRANSACTION READ ONLY')
    // Bound values make it one statement: whatever follows a semicolon is refused by the server.
    const { rows } = await client.query<Record<string, string | null>>({
      text: query.replaceAll('{{from}}', '$1::timestamptz').replaceAll('{{until}}', '$2::timestamptz'),
      values: [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()],
      types: AS_TEXT,
    })
    await client.query('ROLLBACK')
    return rows
  } catch (error) {
    signal.throwIfAborted()
    throw failureOf(error, engine)
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => undefined)
  }
}
