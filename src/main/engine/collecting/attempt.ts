/** A source as somebody configured it, read by its kind: the start of every check, preview and run. */
import { z } from 'zod'
import type { Connection, ConnectionConfig } from '../../../contract/connections.ts'
import type { Json } from '../../../domain/canonical.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Period } from '../../../domain/period.ts'
import type { CollectContext, Collector } from '../../collect/collector.ts'
import type { SecretName, Secrets } from '../../secrets/secrets.ts'
import type { EngineState } from '../engine-state.ts'
import { notFound, refused } from '../refusals.ts'
import type { Session } from '../session.ts'

/** @throws NOT_FOUND */
export const collectorFor = (engine: EngineState, kind: string): Collector => {
  const found = engine.collectors.find((each) => each.kind === kind)
  if (found === undefined) throw notFound(`There is no kind of source called ${kind} in this program.`)
  return found
}

/**
 * The configuration as its kind reads it. Fields that the kind has not are refused, secrets among the values too.
 * @throws REFUSED with one issue a field
 */
export const readConfig = (collector: Collector, name: string, config: ConnectionConfig): unknown => {
  const known = new Map(collector.fields.map((field) => [field.key, field]))
  const issues: Issue[] = []
  const wrong = (column: string, message: string) =>
    issues.push({ severity: 'error', code: 'field_is_wrong', message, column })
  for (const key of Object.keys(config)) {
    const field = known.get(key)
    if (field === undefined) wrong(key, `${collector.title} has no field ${key}.`)
    else if (field.kind === 'secret')
      wrong(key, `${field.label} is a secret: it is saved apart, never in the book.`)
  }
  const read = collector.config.safeParse(config)
  if (!read.success)
    for (const issue of read.error.issues) {
      const [key = ''] = issue.path
      const label = known.get(String(key))?.label ?? String(key)
      wrong(
        issue.path.join('.'),
        `${label}: ${z.prettifyError({ issues: [{ ...issue, path: [] }] } as unknown as z.ZodError).replace(/^✖ /, '')}.`,
      )
    }
  const [first] = issues
  if (first !== undefined)
    throw refused('configuration_is_wrong', `${name}: ${first.message} Nothing was saved.`, issues)
  return read.data
}

/** Name under which a secret of a source is kept, and of the environment variable that may hold it. */
export const secretName = (id: string, field: string): SecretName =>
  `COUNTINGHOUSE_${`${id}_${field.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`

const secretsOf =
  (secrets: Secrets, id: string | undefined, given: Readonly<Record<string, string>>) =>
  async (field: string): Promise<string | null> => {
    const typed = given[field]?.trim()
    if (typed !== undefined && typed !== '') return secrets.notice(typed)
    return id === undefined ? null : secrets.readSecret(secretName(id, field))
  }

/** What a collector is handed. */
export const contextOf = (
  engine: EngineState,
  session: Session,
  source: {
    readonly id?: string
    readonly name: string
    readonly config: unknown
    readonly secrets?: Readonly<Record<string, string>>
  },
  run: { readonly checkpoint: Json; readonly range: Period | null; readonly signal: AbortSignal },
): CollectContext<unknown> => ({
  config: source.config,
  source: source.name,
  ...run,
  nowMs: session.clock.nowMs(),
  timeZone: session.settings().timeZone,
  secret: secretsOf(engine.secrets, source.id, source.secrets ?? {}),
  environment: engine.environment,
})

/** @throws NOT_FOUND */
export const connectionOf = (session: Session, id: string): Connection => {
  const stored = session.one('connection', id)
  if (stored === null) throw notFound(`There is no connected source ${id}.`)
  return stored.content
}
