import type { Metric } from '../../../domain/metric.ts'
import type { Currency } from '../../../domain/money.ts'
import { addDays, dayOf } from '../../../domain/period.ts'
import { chooseReader } from '../../collect/preview-file.ts'
import { DEFAULT_SOURCES } from '../../collect/readers.ts'
import { readBatch } from '../../ledger/read.ts'
import { openQuarantineBySource } from '../../ledger/read-sources.ts'
import { listMeasures } from '../../ledger/read-totals.ts'
import { newId } from '../clock.ts'
import { api, type EngineState } from '../engine-state.ts'
import { sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { freshnessOf } from '../reports/freshness.ts'
import { importContext, metricsOf, type Session } from '../session.ts'
import { runStream } from '../stream.ts'
import { arrivalsOf } from './month.ts'

const ARRIVAL_DAYS = 60

const mappingsOf = (session: Session) => session.all('csv_mapping').map(({ content }) => content)

export const filesHandlers = (engine: EngineState) => ({
  begin: api.files.begin.handler(({ input }) => engine.session().uploads.begin(input.name, input.size)),
  append: api.files.append.handler(async ({ input }) =>
    engine
      .session()
      .uploads.append(input.fileId, input.offset, new Uint8Array(await input.chunk.arrayBuffer())),
  ),
  openPath: api.files.openPath.handler(({ input, context }) => {
    if (!context.local)
      throw refused(
        'paths_are_for_the_command_line',
        'Only the command line of this machine may name paths. Send the file’s bytes instead.',
      )
    return engine.session().uploads.openPath(input.path)
  }),
  discard: api.files.discard.handler(({ input }) => engine.session().uploads.discard(input.fileId)),
})

export const importsHandlers = (engine: EngineState) => ({
  preview: api.imports.preview.handler(({ input }) => {
    const session = engine.session()
    const settings = session.settings()
    return session.writer.previewFile({
      file: session.uploads.get(input.fileId),
      options: input.options,
      rules: session.one('rules', 'rules')?.content.rules ?? [],
      context: {
        nowMs: session.clock.nowMs(),
        currency: settings.currency as Currency,
        timeZone: settings.timeZone,
        costBasis: settings.costBasis,
        metrics: metricsOf(session),
        mappings: mappingsOf(session),
      },
    })
  }),
  start: api.imports.start.handler(async ({ input: { fileId, options } }) => {
    const session = engine.session()
    const file = session.uploads.get(fileId)
    const chosen = await chooseReader(file.path, file.name, options, mappingsOf(session))
    if (chosen.choice === null) throw refused(chosen.issue.code, chosen.issue.message, [chosen.issue])
    const { choice } = chosen
    return engine.jobs.start('import', `Import of ${file.name}`, 'bytes', async (handle) => {
      // Stopped by name and not by leaving the stream: what was committed before the stop came is told as done.
      const work = newId()
      handle.signal.addEventListener('abort', () => void session.writer.stop({ work }).catch(() => undefined))
      const result = await runStream(
        await session.writer.importFile({
          work,
          request: {
            path: file.path,
            name: file.name,
            source: options.source ?? DEFAULT_SOURCES[choice.kind],
            choice,
            delivery: options.delivery ?? 'restate',
            sameId: options.sameId ?? 'conflict',
          },
          context: importContext(session, options.metrics ?? []),
        }),
        handle,
      )
      handle.progress(file.size, file.size, 'Following in the cube')
      await session.follow()
      await session.uploads.discard(fileId)
      const trouble = session.trouble()
      const sentence = trouble === null ? result.sentence : `${result.sentence} ${trouble}`
      return { kind: 'import', import: { ...result, sentence } }
    })
  }),
  mappings: api.imports.mappings.handler(() =>
    mappingsOf(engine.session()).map((each) => ({ ...each, header: [...each.header] })),
  ),
  saveMapping: api.imports.saveMapping.handler(async ({ input }) => {
    await engine
      .session()
      .put(`Mapping ${input.name}`, [
        { kind: 'csv_mapping', id: input.name, content: input, expectedVersion: null },
      ])
  }),
})

export const sourcesHandlers = (engine: EngineState) => ({
  list: api.sources.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { timeZone } = session.settings()
    const quarantined = openQuarantineBySource(session.ledger, session.asOf)
    const cards = freshnessOf(session).map(async (source) => {
      const batch = readBatch(session.ledger, source.lastBatchId)
      const lastDay = dayOf(source.lastServiceMs, timeZone)
      const firstDay = addDays(lastDay, 1 - ARRIVAL_DAYS)
      const arrived = await session.cube.daysArrived({ firstDay, lastDay })
      const records = new Map(
        arrived
          .filter(({ sourceNo }) => sourceNo === source.sourceNo)
          .map((each) => [each.day, each.records]),
      )
      return {
        source: source.sourceKey,
        kind: source.kind,
        lastBatch: {
          batchId: source.lastBatchId,
          title: batch?.title ?? '',
          recordedMs: batch?.recordedMs ?? 0,
          added: batch?.counts.new ?? 0,
        },
        records: source.records,
        lastServiceMs: source.lastServiceMs,
        lagMs: source.lagMs,
        health: source.late ? ('late' as const) : ('fresh' as const),
        quarantined: quarantined.get(source.sourceNo) ?? 0,
        arrivals: Array.from({ length: ARRIVAL_DAYS }, (_, index) => {
          const day = addDays(firstDay, index)
          return { day, records: records.get(day) ?? 0 }
        }),
      }
    })
    return Promise.all(cards)
  }),
  arrivals: api.sources.arrivals.handler(async ({ input }) =>
    arrivalsOf(await sessionAsOf(engine.session(), input.asOf), input.month),
  ),
})

export const metricsHandlers = (engine: EngineState) => ({
  list: api.metrics.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const seen = new Map((await session.cube.metricsSeen({})).map((each) => [each.metric, each]))
    return metricsOf(session).map((definition) => {
      const events = seen.get(definition.metric)
      return {
        definition,
        version: session.one('metric', definition.metric)?.version ?? 0,
        events: events?.events ?? 0,
        tenants: events?.tenants ?? 0,
        firstMs: events?.firstMs ?? null,
        lastMs: events?.lastMs ?? null,
      }
    })
  }),
  save: api.metrics.save.handler(async ({ input }) => {
    const session = engine.session()
    const { definition } = input
    if (definition.metric !== input.metric)
      throw notFound(`The definition is of ${definition.metric}, not of ${input.metric}.`)
    checkMetric(session, definition)
    const [version = 0] = await session.put(`Metric ${definition.name}`, [
      { kind: 'metric', id: definition.metric, content: definition, expectedVersion: input.expectedVersion },
    ])
    return { version }
  }),
})

/** @throws REFUSED where what the ledger holds would be read otherwise. */
const checkMetric = (session: Session, definition: Metric): void => {
  const kept = listMeasures(session.ledger).filter(({ metric }) => metric === definition.metric)
  const finest = Math.max(0, ...kept.map(({ scale }) => scale))
  if (definition.scale < finest)
    throw refused(
      'scale_cannot_be_lowered',
      `${definition.metric} is kept with ${finest} decimals already; the scale can be raised, never lowered. Nothing was saved.`,
    )
  if (definition.aggregation === 'unique_count' && definition.uniqueBy === undefined)
    throw refused(
      'unique_by_is_missing',
      `${definition.metric} counts distinct values: say of which dimension. Nothing was saved.`,
    )
}
