/** Connected sources: kinds, the wizard's questions, runs, and how each is doing. */
import type { Connection, ConnectionConfig, ConnectionState } from '../../../contract/connections.ts'
import type { Currency } from '../../../domain/money.ts'
import type { Collector } from '../../collect/collector.ts'
import { SecretError } from '../../secrets/secrets.ts'
import { newId } from '../clock.ts'
import { collectorFor, connectionOf, contextOf, readConfig, secretName } from '../collecting/attempt.ts'
import { collectedInWords, withSpooled } from '../collecting/collect.ts'
import type { RunState } from '../collecting/shapes.ts'
import { api, type EngineState } from '../engine-state.ts'
import { refused, sentenceOf } from '../refusals.ts'
import { freshnessOf, type SourceFreshness } from '../reports/freshness.ts'
import { metricsOf } from '../session.ts'

const CHECK_MS = 60_000

const secretFields = (collector: Collector) => collector.fields.filter(({ kind }) => kind === 'secret')

const minutes = (everyMinutes: number) =>
  everyMinutes === 1 ? 'every minute' : `every ${everyMinutes} minutes`

const stateOf = async (
  engine: EngineState,
  connection: Connection,
  version: number,
  freshness: readonly SourceFreshness[],
): Promise<ConnectionState> => {
  const { id, kind, name, everyMinutes, paused } = connection
  const collector = engine.collectors.find((each) => each.kind === kind)
  const run: RunState = engine.schedule().stateOf(id)
  const secrets = await Promise.all(
    (collector === undefined ? [] : secretFields(collector)).map(async (field) => {
      const state = await engine.secrets.describeSecret(secretName(id, field.key))
      return {
        field: field.key,
        required: field.required,
        sentence: state.sentence,
        isSet: state.from !== null,
        canBeSaved: state.canBeSaved,
      }
    }),
  )
  const missing = secrets.find(({ required, isSet }) => required && !isSet)
  const said = run.sentence ?? ''
  const [state, sentence]: readonly [ConnectionState['state'], string] =
    collector === undefined
      ? [
          'broken',
          `This program has no kind of source called ${kind}. Use a newer one, or disconnect the source.`,
        ]
      : run.running
        ? ['running', 'Collecting now.']
        : paused
          ? ['paused', 'Paused: nothing is collected until it is resumed.']
          : missing !== undefined
            ? ['secret_missing', missing.sentence]
            : engine.schedule().isBroken(id)
              ? ['broken', `It failed ${run.failures} times in a row and is tried once an hour. ${said}`]
              : run.failures > 0
                ? ['failing', said]
                : ['waiting', said === '' ? `Collected ${minutes(everyMinutes)}.` : said]
  const [newest] = freshness
    .filter(({ sourceKey }) => sourceKey === name)
    .toSorted((a, b) => b.lastServiceMs - a.lastServiceMs)
  return {
    connection,
    version,
    title: collector?.title ?? kind,
    state,
    sentence,
    lastRunMs: run.lastRunMs,
    lastSuccessMs: run.lastSuccessMs,
    nextRunMs: run.nextRunMs,
    failures: run.failures,
    lastNew: run.lastNew,
    newestMs: newest?.lastServiceMs ?? null,
    lagMs: newest?.lagMs ?? null,
    late: newest?.late ?? false,
    secrets: secrets.map(({ required, ...secret }) => secret),
  }
}

interface Attempt {
  readonly kind: string
  readonly name: string
  readonly config: ConnectionConfig
  readonly secrets: Readonly<Record<string, string>>
  readonly id?: string | undefined
}

/** A collector about to be tried with what was typed; nothing of it is kept. */
const attemptOf = (
  engine: EngineState,
  { kind, name, config, secrets, id }: Attempt,
  signal?: AbortSignal,
) => {
  const collector = collectorFor(engine, kind)
  const limit = AbortSignal.timeout(CHECK_MS)
  const context = contextOf(
    engine,
    engine.session(),
    { name, config: readConfig(collector, name, config), secrets, ...(id === undefined ? {} : { id }) },
    {
      checkpoint: null,
      range: null,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    },
  )
  return { collector, context }
}

const told = (engine: EngineState, error: unknown) => engine.secrets.redact(sentenceOf(error))

export const connectionsHandlers = (engine: EngineState) => ({
  kinds: api.connections.kinds.handler(() =>
    engine.collectors.map(({ kind, title, purpose, fields, cost, everyMinutes }) => ({
      kind,
      title,
      purpose,
      fields: [...fields],
      cost,
      everyMinutes,
    })),
  ),
  permissions: api.connections.permissions.handler(({ input }) => {
    const collector = collectorFor(engine, input.kind)
    const read = collector.config.safeParse(input.config)
    const { sentence, documents } = collector.permissions(read.success ? read.data : null)
    return { sentence, documents: [...documents] }
  }),
  check: api.connections.check.handler(async ({ input, signal }) => {
    const { collector, context } = attemptOf(engine, input, signal)
    const findings = await collector
      .check(context)
      .catch((error: unknown) => [{ state: 'missing' as const, sentence: sentenceOf(error) }])
    return {
      ok: findings.every(({ state }) => state !== 'missing'),
      findings: findings.map(({ state, sentence }) => ({ state, sentence: engine.secrets.redact(sentence) })),
    }
  }),
  preview: api.connections.preview.handler(async ({ input, signal }) => {
    const { collector, context } = attemptOf(engine, input, signal)
    const session = engine.session()
    const settings = session.settings()
    try {
      for await (const page of collector.collect(context)) {
        if (typeof page.content === 'string' && page.content.trim() === '') continue
        const preview = await withSpooled(session.uploads.directory, page, (path, size) =>
          session.writer.previewFile({
            file: { fileId: newId(), name: page.title, path, size },
            options: {
              source: input.name,
              kind: page.choice.kind,
              ...(page.choice.kind === 'csv' ? { mapping: page.choice.mapping } : {}),
              ...(page.choice.kind === 'access_log' ? { log: page.choice.log } : {}),
            },
            rules: session.one('rules', 'rules')?.content.rules ?? [],
            context: {
              nowMs: session.clock.nowMs(),
              currency: settings.currency as Currency,
              costBasis: settings.costBasis,
              metrics: metricsOf(session),
              timeZone: settings.timeZone,
              mappings: [],
            },
          }),
        )
        return { preview, sentence: page.title }
      }
      return { preview: null, sentence: 'The source answers, and has no records for now.' }
    } catch (error) {
      throw refused('source_cannot_be_read', told(engine, error))
    }
  }),
  list: api.connections.list.handler(async () => {
    const session = engine.session()
    const freshness = freshnessOf(session)
    return Promise.all(
      session.all('connection').map(({ content, version }) => stateOf(engine, content, version, freshness)),
    )
  }),
  save: api.connections.save.handler(async ({ input: { expectedVersion, ...connection } }) => {
    const session = engine.session()
    const collector = collectorFor(engine, connection.kind)
    readConfig(collector, connection.name, connection.config)
    const before = session.one('connection', connection.id)?.content
    if (before !== undefined && before.kind !== connection.kind)
      throw refused(
        'kind_is_fixed',
        `${before.name} is a source of another kind. Nothing was saved; connect a new source.`,
      )
    const renamed = before !== undefined && before.name !== connection.name
    if (renamed && session.one('checkpoint', connection.id) !== null)
      throw refused(
        'name_is_fixed',
        `${before.name} has records under this name already; under another they would count again. Nothing was saved.`,
      )
    const same = session
      .all('connection')
      .find(({ content }) => content.id !== connection.id && content.name === connection.name)
    if (same !== undefined)
      throw refused(
        'name_is_taken',
        `There is a connected source called ${connection.name} already. Nothing was saved; choose another name.`,
      )
    const [version = 0] = await session.put(`Source ${connection.name}`, [
      { kind: 'connection', id: connection.id, content: connection, expectedVersion },
    ])
    engine.schedule().plan()
    return { version }
  }),
  saveSecret: api.connections.saveSecret.handler(async ({ input }) => {
    const connection = connectionOf(engine.session(), input.id)
    const field = secretFields(collectorFor(engine, connection.kind)).find(({ key }) => key === input.field)
    if (field === undefined)
      throw refused(
        'field_is_no_secret',
        `${connection.name} has no secret called ${input.field}. Nothing was saved.`,
      )
    const name = secretName(input.id, input.field)
    try {
      await engine.secrets.saveSecret(name, input.value)
    } catch (error) {
      if (error instanceof SecretError) throw refused(error.code, engine.secrets.redact(error.message))
      throw error
    }
    return { sentence: (await engine.secrets.describeSecret(name)).sentence }
  }),
  remove: api.connections.remove.handler(async ({ input }) => {
    const session = engine.session()
    const connection = connectionOf(session, input.id)
    await session.put(`Source ${connection.name} disconnected`, [
      { kind: 'connection', id: input.id, content: null, expectedVersion: input.expectedVersion },
    ])
    engine.schedule().plan()
  }),
  run: api.connections.run.handler(({ input }) => {
    const { name } = connectionOf(engine.session(), input.id)
    return collecting(engine, input.id, `Collecting ${name}`, null)
  }),
  backfill: api.connections.backfill.handler(({ input }) => {
    const { name } = connectionOf(engine.session(), input.id)
    if (input.fromMs >= input.untilMs)
      throw refused('range_is_backwards', 'The range ends before it begins. Nothing was collected.')
    return collecting(engine, input.id, `Collecting ${name} again`, {
      startMs: input.fromMs,
      endMs: input.untilMs,
    })
  }),
})

const collecting = (
  engine: EngineState,
  id: string,
  title: string,
  range: { readonly startMs: number; readonly endMs: number } | null,
) =>
  engine.jobs.start('collect', title, 'records', async (handle) => {
    const collected = await engine.schedule().run(id, {
      range,
      signal: handle.signal,
      onPage: (page, soFar) => handle.progress(soFar.added + soFar.duplicate, null, page),
    })
    return { kind: 'collect', sentence: collectedInWords(collected), added: collected.added }
  })
