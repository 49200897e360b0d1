/** Connected sources: kinds, their wizard, and how each is doing. */
import { z } from 'zod'
import { base, id, jobStarted, milliseconds } from './common.ts'
import { filePreview } from './sources.ts'

export const connectionField = z.object({
  key: z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  label: z.string(),
  kind: z.enum(['text', 'secret', 'number', 'choice', 'lines', 'table', 'yes_no']),
  help: z.string().optional(),
  placeholder: z.string().optional(),
  required: z.boolean(),
  /** As text; of a `table`, JSON. */
  initial: z.string().optional(),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  /** Of a `table`: a row is an object of texts by these keys. */
  columns: z
    .array(
      z.object({
        key: z.string(),
        label: z.string(),
        placeholder: z.string().optional(),
        required: z.boolean(),
      }),
    )
    .optional(),
})
export type ConnectionField = z.infer<typeof connectionField>

/** Field values as typed: text, yes or no, lines, rows of a table. Secrets are never among them. */
export const connectionConfig = z.record(
  z.string(),
  z.union([
    z.string().max(100_000),
    z.boolean(),
    z.array(z.string().max(2000)).max(1000),
    z.array(z.record(z.string(), z.string().max(2000))).max(1000),
  ]),
)
export type ConnectionConfig = z.infer<typeof connectionConfig>

export const connection = z.object({
  id,
  /** Name of the source its records are kept under; fixed once there are records. */
  name: z.string().trim().min(1).max(120),
  kind: z.string(),
  config: connectionConfig,
  everyMinutes: z.number().min(1).max(1440),
  paused: z.boolean(),
})
export type Connection = z.infer<typeof connection>

export const connectionKind = z.object({
  kind: z.string(),
  title: z.string(),
  purpose: z.string(),
  fields: z.array(connectionField),
  cost: z.string().nullable(),
  everyMinutes: z.number(),
})

export const checkFinding = z.object({
  state: z.enum(['works', 'missing', 'warning']),
  sentence: z.string(),
})

export const connectionState = z.object({
  connection,
  version: z.int(),
  title: z.string().describe('of its kind'),
  /** `broken`: it failed so often that it is tried once an hour only. */
  state: z.enum(['waiting', 'running', 'failing', 'broken', 'paused', 'secret_missing']),
  sentence: z.string().describe('how it is doing, and what to do where something is wrong'),
  lastRunMs: milliseconds.nullable(),
  lastSuccessMs: milliseconds.nullable(),
  nextRunMs: milliseconds.nullable(),
  failures: z.int().describe('in a row'),
  /** Records new in the last run that succeeded. */
  lastNew: z.int().nullable(),
  newestMs: milliseconds.nullable().describe('service time of its newest record; null before the first'),
  lagMs: z.int().nullable().describe('how old that is'),
  late: z.boolean().describe('older than three of its runs and the time its data may take'),
  secrets: z.array(
    z.object({ field: z.string(), sentence: z.string(), isSet: z.boolean(), canBeSaved: z.boolean() }),
  ),
})
export type ConnectionState = z.infer<typeof connectionState>

const attempt = z.object({
  kind: z.string(),
  name: z.string().trim().min(1).max(120),
  config: connectionConfig,
  /** Of secret fields, for this call alone; else those saved or in the environment under the id are used. */
  secrets: z.record(z.string(), z.string().max(10_000)).default({}),
  id: id.optional(),
})

export const connections = {
  kinds: base
    .route({ method: 'GET', path: '/connections/kinds', summary: 'Kinds of sources that can be connected' })
    .output(z.array(connectionKind)),
  permissions: base
    .route({
      method: 'POST',
      path: '/connections/permissions',
      summary: 'The read-only access a source needs, to copy; changes nothing',
    })
    .input(z.object({ kind: z.string(), config: connectionConfig }))
    .output(
      z.object({
        sentence: z.string(),
        documents: z.array(
          z.object({
            title: z.string(),
            language: z.enum(['json', 'yaml', 'sql', 'text']),
            text: z.string(),
          }),
        ),
      }),
    ),
  check: base
    .route({ method: 'POST', path: '/connections/check', summary: 'A dry run, in words; keeps nothing' })
    .input(attempt)
    .output(z.object({ ok: z.boolean(), findings: z.array(checkFinding) })),
  preview: base
    .route({
      method: 'POST',
      path: '/connections/preview',
      summary: 'Real records of the source and what would become of them; keeps nothing',
    })
    .input(attempt)
    .output(z.object({ preview: filePreview.nullable(), sentence: z.string() })),
  list: base
    .route({ method: 'GET', path: '/connections', summary: 'Connected sources and how they are doing' })
    .output(z.array(connectionState)),
  save: base
    .route({ method: 'PUT', path: '/connections/{id}', summary: 'Connect a source, or change it' })
    .input(connection.extend({ expectedVersion: z.int().describe('0 for a new one') }))
    .output(z.object({ version: z.int() })),
  saveSecret: base
    .route({
      method: 'PUT',
      path: '/connections/{id}/secrets/{field}',
      summary: 'Save a secret of a source in this machine’s keychain',
    })
    .input(z.object({ id, field: z.string(), value: z.string().min(1).max(10_000) }))
    .output(z.object({ sentence: z.string() })),
  remove: base
    .route({
      method: 'DELETE',
      path: '/connections/{id}',
      summary: 'Disconnect a source; what it brought stays',
    })
    .input(z.object({ id, expectedVersion: z.coerce.number().int() })),
  run: base
    .route({ method: 'POST', path: '/connections/{id}/runs', summary: 'Collect now' })
    .input(z.object({ id }))
    .output(jobStarted),
  backfill: base
    .route({ method: 'POST', path: '/connections/{id}/backfills', summary: 'Collect a past range again' })
    .input(z.object({ id, fromMs: milliseconds, untilMs: milliseconds }))
    .output(jobStarted),
}
