import type { z } from 'zod'
import type { entryRow, quarantineRow } from '../../../contract/month.ts'
import { compileRules } from '../../../domain/attribution/match.ts'
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { parseDecimal } from '../../../domain/decimal.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import { monthOf } from '../../../domain/period.ts'
import {
  type Entry,
  type EntrySearch,
  historyOfRecord,
  listBatches,
  readBatch,
  readEntry,
  searchEntries,
} from '../../ledger/read.ts'
import {
  countQuarantine,
  listConflicts,
  listQuarantine,
  readQuarantined,
} from '../../ledger/read-exceptions.ts'
import { readAttributeSet, readMeasure, readTenantName } from '../../ledger/read-names.ts'
import type { EntryTable } from '../../ledger/schema.ts'
import { api, type EngineState } from '../engine-state.ts'
import { notFound, refused } from '../refusals.ts'
import { cubeAgrees } from '../reports/agreement.ts'
import { quantityOf, recordOf } from '../reports/record.ts'
import { customersOf, importContext, type Session } from '../session.ts'
import { runStream } from '../stream.ts'

type Row = z.output<typeof entryRow>

const TABLES: Record<'usage' | 'cost' | 'document' | 'any', readonly EntryTable[]> = {
  usage: ['usage_event'],
  cost: ['cost_entry'],
  document: ['document'],
  any: ['usage_event', 'cost_entry', 'document'],
}

const rowOf = (session: Session, entry: Entry): Row => {
  const { columns } = entry
  const batch = readBatch(session.ledger, entry.batchId)
  const base = {
    seq: entry.seq,
    table: entry.table,
    batchId: entry.batchId,
    recordedMs: batch?.recordedMs ?? 0,
    correction: columns.correction == null ? null : String(columns.correction),
    corrects: columns.corrects == null ? null : Number(columns.corrects),
  }
  if (entry.table === 'usage_event') {
    const measure = readMeasure(session.ledger, Number(columns.measure_no))
    return {
      ...base,
      entryId: `u${entry.seq}`,
      serviceMs: Number(columns.start_ms),
      tenant: readTenantName(session.ledger, Number(columns.tenant_no)),
      what: measure?.metric ?? '',
      amount: quantityOf(entry, measure?.scale ?? 0),
      unit: '',
    }
  }
  if (entry.table === 'cost_entry') {
    const attributes = parseNamed<CostAttributes>(
      readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}',
    )
    return {
      ...base,
      entryId: `c${entry.seq}`,
      serviceMs: Number(columns.start_ms),
      tenant: compileRules(session.one('rules', 'rules')?.content.rules ?? [])(attributes)?.tenant ?? null,
      what: [attributes.provider, attributes.service].filter((part) => part !== '').join(' · '),
      amount: String(columns.billed_cost),
      unit: String(columns.currency),
    }
  }
  return {
    ...base,
    entryId: String(entry.seq),
    serviceMs: null,
    tenant: null,
    what:
      entry.table === 'document'
        ? `${columns.kind} ${columns.document_id}`
        : entry.table.replaceAll('_', ' '),
    amount: entry.table === 'document' ? `version ${columns.version}` : '',
    unit: '',
  }
}

/** What a search text means: an entry's number, an amount, a metric or a tenant; tried in this order. */
const searchesOf = (text: string | undefined, base: EntrySearch): readonly EntrySearch[] => {
  const words = text?.trim() ?? ''
  if (words === '') return [base]
  const entry = /^[uc]?(\d{1,15})$/.exec(words)
  const amount = parseDecimal(words)
  return [
    ...(entry === null ? [] : [{ ...base, seq: Number(entry[1]) }]),
    ...(amount === null ? [] : [{ ...base, amount }]),
    { ...base, metric: words },
    { ...base, tenant: words },
    { ...base, service: words },
  ]
}

const search = (
  session: Session,
  input: {
    text?: string | undefined
    kind: keyof typeof TABLES
    batchId?: number | undefined
    fromMs?: number | undefined
    toMs?: number | undefined
    beforeSeq?: number | undefined
    limit: number
  },
) => {
  const base: EntrySearch = {
    tables: TABLES[input.kind],
    limit: input.limit + 1,
    ...(input.batchId === undefined ? {} : { batchId: input.batchId }),
    ...(input.fromMs === undefined ? {} : { fromMs: input.fromMs }),
    ...(input.toMs === undefined ? {} : { toMs: input.toMs }),
    ...(input.beforeSeq === undefined ? {} : { before: input.beforeSeq }),
  }
  const found = new Map<number, Entry>()
  for (const each of searchesOf(input.text, base))
    for (const entry of searchEntries(session.ledger, each)) found.set(entry.seq, entry)
  const rows = [...found.values()].sort((a, b) => b.seq - a.seq)
  return {
    rows: rows.slice(0, input.limit).map((entry) => rowOf(session, entry)),
    more: rows.length > input.limit,
  }
}

/** Invoice lines that a usage entry is in: its customer's invoice of its month, by metric. */
const invoicesWith = (session: Session, seq: number) => {
  const found = readEntry(session.ledger, seq)
  if (found === null || found.entry.table !== 'usage_event') return []
  const { columns, batchId } = found.entry
  const tenant = readTenantName(session.ledger, Number(columns.tenant_no))
  const metric = readMeasure(session.ledger, Number(columns.measure_no))?.metric
  const customer = customersOf(session).find(({ tenants }) => tenant !== null && tenants.includes(tenant))
  if (customer === undefined) return []
  const month = monthOf(Number(columns.posted_ms ?? columns.start_ms), session.settings().timeZone)
  return session
    .all('invoice')
    .filter(
      ({ content }) =>
        content.state !== 'void' &&
        content.customerId === customer.id &&
        content.month === month &&
        content.asOfBatch >= batchId,
    )
    .flatMap(({ content }) =>
      content.lines
        .filter((line) => line.metric === metric)
        .map((line) => ({
          invoiceId: content.id,
          number: content.number,
          line: line.line,
          description: line.description,
        })),
    )
}

const quarantineRowOf = (
  entry: ReturnType<typeof listQuarantine>[number],
): z.output<typeof quarantineRow> => ({
  seq: entry.seq,
  batchId: entry.batchId,
  recordedMs: entry.recordedMs,
  source: entry.sourceKey,
  reader: entry.reader,
  file: entry.file,
  row: entry.row,
  column: entry.column,
  code: entry.code,
  message: entry.message,
  raw: entry.raw,
  state: entry.outcome ?? 'open',
  note: entry.note,
})

export const ledgerHandlers = (engine: EngineState) => ({
  search: api.ledger.search.handler(({ input }) => search(engine.session(), input)),
  history: api.ledger.history.handler(({ input }) => {
    const session = engine.session()
    const entry = recordOf(session, input.seq)
    return {
      entry,
      history: historyOfRecord(
        session.ledger,
        entry.kind === 'usage' ? 'usage_event' : 'cost_entry',
        input.seq,
      ).map((each) => rowOf(session, each)),
      invoices: invoicesWith(session, input.seq),
    }
  }),
  batches: api.ledger.batches.handler(({ input }) => {
    const rows = listBatches(engine.session().ledger, {
      limit: input.limit + 1,
      ...(input.beforeBatch === undefined ? {} : { before: input.beforeBatch }),
    })
    return {
      rows: rows.slice(0, input.limit).map((batch) => ({
        batchId: batch.batchId,
        kind: batch.kind,
        title: batch.title,
        recordedMs: batch.recordedMs,
        author: batch.author,
        entries: batch.lastSeq - batch.firstSeq + 1,
        counts: { ...batch.counts },
        hash: batch.hash,
      })),
      more: rows.length > input.limit,
    }
  }),
  quarantine: api.ledger.quarantine.handler(({ input }) => {
    const session = engine.session()
    const rows = listQuarantine(session.ledger, {
      state: input.state,
      limit: input.limit + 1,
      ...(input.afterSeq === undefined ? {} : { before: input.afterSeq }),
    })
    return {
      rows: rows.slice(0, input.limit).map(quarantineRowOf),
      open: countQuarantine(session.ledger).open,
      more: rows.length > input.limit,
    }
  }),
  replay: api.ledger.replay.handler(async ({ input }) => {
    const session = engine.session()
    const record = readQuarantined(session.ledger, input.seq)
    if (record === null) throw notFound(`There is no quarantined record ${input.seq}.`)
    if (record.outcome !== null)
      throw refused(
        'record_is_answered_already',
        `Record ${input.seq} is ${record.outcome} already. Nothing was changed.`,
      )
    const result = await session.writer.replay({
      quarantineSeq: input.seq,
      raw: input.raw,
      source: record.sourceKey,
      reader: record.reader,
      context: importContext(session, []),
    })
    await session.follow()
    return { sentence: result.sentence, batchId: result.batchId }
  }),
  dismiss: api.ledger.dismiss.handler(async ({ input }) => {
    const session = engine.session()
    const dismissed = await session.writer.dismiss({
      seqs: input.seqs,
      note: input.note,
      author: session.author,
      recordedMs: session.clock.nowMs(),
    })
    await session.follow()
    return { dismissed }
  }),
  conflicts: api.ledger.conflicts.handler(() =>
    listConflicts(engine.session().ledger, { limit: 1000 }).map(
      ({ seq, existingSeq, sourceKey, file, row, message, raw, recordedMs }) => ({
        seq,
        existingSeq,
        source: sourceKey,
        file,
        row,
        message,
        raw,
        recordedMs,
      }),
    ),
  ),
  verify: api.ledger.verify.handler(() => {
    const session = engine.session()
    return engine.jobs.start('verify', 'Verify the ledger', 'entries', async (handle) => {
      // An invoice carries the head it was computed from: the only way to see that the end of a book was cut off.
      const knownHeads = session
        .all('invoice')
        .map(({ content }) => ({ batchId: content.asOfBatch, hash: content.chainHead }))
      const verification = await runStream(
        await session.writer.verify({ knownHeads }, { signal: handle.signal }),
        handle,
      )
      const agreement = await cubeAgrees(session)
      const entries = verification.entries.toLocaleString('en')
      return {
        kind: 'verify',
        verify: {
          ok: verification.ok && agreement.agrees,
          batches: verification.batches,
          entries: verification.entries,
          head: verification.ok ? (verification.head?.hash ?? '') : '',
          fault: verification.ok ? null : { ...verification.fault },
          cubeAgrees: agreement.agrees,
          sentence: verification.ok
            ? `${entries} entries in ${verification.batches.toLocaleString('en')} batches fit, from the first to head ${verification.head?.hash.slice(0, 12) ?? 'none'}. ${agreement.sentence}`
            : `The ledger does not fit: ${verification.fault.sentence}`,
        },
      }
    })
  }),
})
