import { parseDecimal } from '../../../domain/decimal.ts'
import { firstUnreadable } from '../../ledger/first-unreadable.ts'
import { type Entry, type EntrySearch, listBatches, searchEntries } from '../../ledger/read.ts'
import {
  countQuarantine,
  listConflicts,
  listQuarantine,
  readConflict,
  readQuarantined,
} from '../../ledger/read-exceptions.ts'
import type { EntryTable } from '../../ledger/schema.ts'
import type { Verification } from '../../ledger/verify.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { cubeAgrees } from '../reports/agreement.ts'
import { restatementSentence, reversalSentence } from '../reports/corrections.ts'
import { conflictRowOf, quarantineRowOf, rowOf } from '../reports/entries.ts'
import { historyOf } from '../reports/history.ts'
import { importContext, type Session } from '../session.ts'
import { runStream } from '../stream.ts'

const TABLES: Record<'usage' | 'cost' | 'document' | 'any', readonly EntryTable[]> = {
  usage: ['usage_event'],
  cost: ['cost_entry'],
  document: ['document'],
  any: ['usage_event', 'cost_entry', 'document'],
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
    // Of a past batch only what it and earlier ones appended.
    before: Math.min(input.beforeSeq ?? Number.MAX_SAFE_INTEGER, session.head().entries + 1),
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

/** Where a page of the file is damaged, the entry that it begins to be felt at. */
const withFirstUnreadable = (session: Session, verification: Verification): Verification => {
  if (
    verification.ok ||
    verification.fault.seq === null ||
    !/file of the ledger is damaged/.test(verification.fault.sentence)
  )
    return verification
  const seq = firstUnreadable(session.ledger, verification.fault.seq)
  if (seq === null) return verification
  const sentence = `Entry ${seq} is the first that cannot be read, because its page of the ledger's file is damaged. Keep a copy of the book as it is and restore the latest backup that verifies.`
  return { ...verification, fault: { ...verification.fault, seq, sentence } }
}

export const ledgerHandlers = (engine: EngineState) => ({
  search: api.ledger.search.handler(async ({ input }) =>
    search(await sessionAsOf(engine.session(), input.asOf), input),
  ),
  history: api.ledger.history.handler(async ({ input }) =>
    historyOf(await sessionAsOf(engine.session(), input.asOf), input.seq),
  ),
  asOf: api.ledger.asOf.handler(async ({ input }) =>
    knownTo(await sessionAsOf(engine.session(), input.asOf)),
  ),
  batches: api.ledger.batches.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const rows = listBatches(session.ledger, {
      limit: input.limit + 1,
      before: Math.min(input.beforeBatch ?? Number.MAX_SAFE_INTEGER, session.head().batchId + 1),
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
  quarantine: api.ledger.quarantine.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const rows = listQuarantine(session.ledger, {
      state: input.state,
      limit: input.limit + 1,
      ...(input.afterSeq === undefined ? {} : { before: input.afterSeq }),
      ...session.asOf,
    })
    return {
      rows: rows.slice(0, input.limit).map((row) => quarantineRowOf(session, row)),
      open: countQuarantine(session.ledger, session.asOf).open,
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
  conflicts: api.ledger.conflicts.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return listConflicts(session.ledger, {
      state: input.state,
      limit: input.limit,
      ...(input.afterSeq === undefined ? {} : { before: input.afterSeq }),
      ...session.asOf,
    }).map((conflict) => conflictRowOf(session, conflict))
  }),
  reverse: api.ledger.reverse.handler(async ({ input }) => {
    const session = engine.session()
    const done = await session.writer.reverse({ ...input, context: importContext(session, []) })
    await session.follow()
    return { ...done, sentence: reversalSentence(session, done.reversalSeq) }
  }),
  takeConflict: api.ledger.takeConflict.handler(async ({ input }) => {
    const session = engine.session()
    if (readConflict(session.ledger, input.seq) === null) throw notFound(`There is no conflict ${input.seq}.`)
    const done = await session.writer.takeConflict({
      conflictSeq: input.seq,
      note: input.note,
      context: importContext(session, []),
    })
    await session.follow()
    return { ...done, sentence: restatementSentence(session, done) }
  }),
  keepFirst: api.ledger.keepFirst.handler(async ({ input }) => {
    const session = engine.session()
    const { batchId } = await session.writer.keepFirst({
      conflictSeqs: input.seqs,
      note: input.note,
      context: importContext(session, []),
    })
    await session.follow()
    return { kept: input.seqs.length, batchId }
  }),
  verify: api.ledger.verify.handler(() => {
    const session = engine.session()
    return engine.jobs.start('verify', 'Verify the ledger', 'entries', async (handle) => {
      // An invoice carries the head it was computed from: the only way to see that the end of a book was cut off.
      const knownHeads = session
        .all('invoice')
        .map(({ content }) => ({ batchId: content.asOfBatch, hash: content.chainHead }))
      const verification = withFirstUnreadable(
        session,
        await runStream(await session.writer.verify({ knownHeads }, { signal: handle.signal }), handle),
      )
      const agreement = await cubeAgrees(session).catch((error: unknown) => {
        // The totals to compare with may lie on a damaged page, too.
        if (verification.ok) throw error
        return { agrees: false, sentence: '' }
      })
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
