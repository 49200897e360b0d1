/** Does to the book, through the engine's contract, what the steps say, and tells the auditor. */
import { expect } from 'vitest'
import type { ImportResult } from '../../../src/contract/book.ts'
import type { Month } from '../../../src/domain/period.ts'
import { appendBatch } from '../../../src/main/ledger/append.ts'
import { acquireLock } from '../../../src/main/ledger/lock.ts'
import { closeLedger, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { type House, openHouse } from '../../main/engine/house.ts'
import { amountOf } from './amounts.ts'
import { type Auditor, openAuditor, type Told } from './auditor.ts'
import { killWhile } from './kill.ts'
import { TIME_ZONE } from './local-time.ts'
import type { Random } from './random.ts'
import type { Fact, SimulatedFile, SimulatedMetric, UsageFile, UsageRow } from './records.ts'
import { noTally } from './tally.ts'
import { USAGE_DECIMALS, type UsageEntry } from './usage-journal.ts'
import { cloudEvent } from './usage-lines.ts'
import { contentOf, nameOf } from './write-file.ts'

const asTold = ({ restated, ...result }: ImportResult): Told => ({
  refused: false,
  added: result.added,
  duplicate: result.duplicate,
  conflict: result.conflict,
  quarantined: result.quarantined,
  entriesAdded: result.entriesAdded,
  late: result.late,
  vanished: restated?.vanished ?? 0,
})

export const startDriver = async (random: Random, root: string, startMs: number) => {
  const auditor: Auditor = openAuditor()
  const tally = noTally()
  const open = (ms: number) =>
    openHouse({ currency: 'EUR', timeZone: TIME_ZONE, now: new Date(ms).toISOString() }, root)
  let house: House = await open(startMs)
  // A team's cost is its tenant's, as far as a charge says its team.
  const condition = { field: 'tag:team' as const, operator: 'present' as const, value: '' }
  await house.client.rules.save({
    rules: [{ id: 'team', name: 'By team', conditions: [condition], target: { kind: 'value' } }],
    expectedVersion: 0,
  })

  const present = (ms: number) => house.clock.set(new Date(ms).toISOString())
  const lastBatch = async () => (await house.client.ledger.batches({ limit: 1 })).rows[0]
  const headId = async () => (await lastBatch())?.batchId ?? 0

  const count = (told: Told): void => {
    tally.imports++
    if (told.refused) {
      tally.refused++
      return
    }
    for (const name of ['added', 'duplicate', 'conflict', 'quarantined', 'late', 'vanished'] as const)
      tally[name] += told[name]
  }

  const importFile = async (file: SimulatedFile, presentMs: number): Promise<void> => {
    present(presentMs)
    const path = house.file(nameOf(file), contentOf(file))
    const before = await headId()
    const told = auditor.take(file, presentMs, before + 1)
    count(told)
    const { fileId } = await house.client.files.openPath({ path })
    const ended = await house.job(house.client.imports.start({ fileId, options: file.options }))
    if (told.refused) {
      expect(ended, `${file.name} should have been refused`).toMatchObject({
        state: 'failed',
        error: { message: expect.stringContaining('newer delivery') },
      })
      expect(await headId()).toBe(before)
      return
    }
    if (ended.result?.kind !== 'import')
      throw new Error(`${file.name}: ${ended.state}: ${ended.error?.message}`)
    expect(asTold(ended.result.import), `what became of ${file.name}`).toEqual(told)
    expect(await headId()).toBe(before + 1)
  }

  /** Kills the engine while it imports the file; what it committed before is the auditor's too. */
  const killImport = async (file: SimulatedFile, presentMs: number, afterMs: number): Promise<void> => {
    const before = await headId()
    const path = house.file(nameOf(file), contentOf(file))
    await house.engine.close()
    await killWhile(house.directory, presentMs, { path, options: file.options }, afterMs)
    house = await open(presentMs)
    const last = await lastBatch()
    if (last?.batchId === before) {
      tally.killedBefore++
      return
    }
    tally.killedAfter++
    expect(last).toMatchObject({ batchId: before + 1, kind: 'import', title: nameOf(file) })
    const told = auditor.take(file, presentMs, before + 1)
    count(told)
    expect(told.refused, `${file.name} was kept although it had to be refused`).toBe(false)
    const { added, conflict, quarantined, duplicate, entriesAdded } = told
    // A line of a log is two records of the ledger.
    const isLog = file.options.kind === 'access_log'
    expect(last?.counts, `what became of ${file.name}, whose import was killed`).toMatchObject(
      isLog ? { new: entriesAdded } : { new: added, conflict, quarantined, duplicate },
    )
  }

  const defineMetric = async (metric: SimulatedMetric): Promise<void> => {
    const { aggregation, scale, uniqueBy } = metric
    const known = (await house.client.metrics.list()).find(
      ({ definition }) => definition.metric === metric.metric,
    )
    await house.client.metrics.save({
      metric: metric.metric,
      definition: {
        metric: metric.metric,
        name: metric.metric,
        unit: 'unit',
        aggregation,
        scale,
        ...(uniqueBy === undefined ? {} : { uniqueBy }),
      },
      expectedVersion: known?.version ?? 0,
    })
    auditor.define(metric)
  }

  const saveCustomer = async (id: string, tenants: readonly string[]): Promise<void> => {
    await house.client.customers.save({
      ...{ id, name: `${id} of the simulation`, email: null, stripeCustomerId: null },
      tenants: [...tenants],
      expectedVersion: 0,
    })
    for (const tenant of tenants) auditor.customers.set(tenant, id)
  }

  const openRecords = async () => {
    const found: { seq: number; raw: string; source: string }[] = []
    for (let afterSeq: number | undefined; ; ) {
      const page = await house.client.ledger.quarantine({
        state: 'open',
        limit: 500,
        ...(afterSeq ? { afterSeq } : {}),
      })
      found.push(...page.rows)
      afterSeq = page.rows.at(-1)?.seq
      if (!page.more) return found
    }
  }

  /** Mends and replays what somebody knows better, and dismisses the rest. */
  const answerQuarantine = async (presentMs: number, most: number): Promise<void> => {
    // Half of the answers are for records that somebody can mend, as long as there are any.
    const open = random.shuffled(auditor.openQuarantine())
    const mendable = open.filter(({ mended }) => mended !== null).slice(0, most / 2)
    const waiting = [...mendable, ...open.filter((record) => !mendable.includes(record))].slice(0, most)
    const shown = await openRecords()
    for (const record of waiting) {
      const place = shown.findIndex(({ raw, source }) => raw === record.raw && source === record.source)
      // One record may have been rejected twice: each answer is for one of them.
      const [found] = place < 0 ? [] : shown.splice(place, 1)
      if (found === undefined) throw new Error(`the quarantine lacks ${record.raw}`)
      if (record.mended === null || record.mendedText === null) {
        await house.client.ledger.dismiss({ seqs: [found.seq], note: 'nobody knows better' })
        record.answer = 'dismissed'
        tally.dismissed++
        continue
      }
      const before = await headId()
      const replaying = { seq: found.seq, raw: record.mendedText }
      if (auditor.wouldRefuseReplay(record.mended, presentMs)) {
        await expect(house.client.ledger.replay(replaying)).rejects.toMatchObject({ code: 'REFUSED' })
        expect(await headId()).toBe(before)
        tally.replaysRefused++
        continue
      }
      const told = auditor.take(record.mended, presentMs, before + 1)
      const { sentence } = await house.client.ledger.replay(replaying)
      expect(sentence).toMatch(told.added === 1 ? /read and added/ : /in the ledger already/)
      record.answer = 'replayed'
      tally.replayed++
    }
  }

  const seqOf = async (entry: UsageEntry): Promise<number | null> => {
    const { rows } = await house.client.ledger.search({
      text: entry.tenant,
      kind: 'usage',
      fromMs: entry.startMs,
      toMs: entry.startMs + 1,
      limit: 100,
    })
    for (const { seq, correction } of rows) {
      if (correction === 'reversal') continue
      const { entry: found } = await house.client.ledger.history({ seq })
      if (found.source !== entry.source) continue
      const { source, id } = JSON.parse(found.rawText) as { source: string; id: string }
      // The newest comes first: of an event that was taken back and came again, the one that stands.
      if (JSON.stringify([source, id]) === entry.id) return seq
    }
    return null
  }

  /** Some of what was taken back comes again, as it was or with another quantity: it is new, and no conflict. */
  const bringBack = async (entries: readonly UsageEntry[], presentMs: number): Promise<void> => {
    const rows = entries
      .filter(() => random.chance(60))
      .map((entry): UsageRow => {
        const { tenant, metric, startMs, endMs, dimensions, id } = entry
        const amount = random.chance(50) ? amountOf(entry.units, USAGE_DECIMALS) : amountOf(3n, 0)
        const fact: Fact = {
          ...{ tenant, metric, amount, dimensions },
          start: { ms: startMs },
          end: endMs === null ? null : { ms: endMs },
          identity: { by: 'id', text: id ?? '' },
        }
        return { text: cloudEvent(random, fact), facts: [fact], mended: null }
      })
    if (rows.length === 0) return
    const file: UsageFile = {
      what: 'usage',
      name: `returned-${tally.imports}.jsonl`,
      source: 'Gateway',
      options: { source: 'Gateway' },
      header: null,
      rows,
      writing: 'plain',
    }
    await importFile(file, presentMs)
    tally.returned += rows.length
  }

  /** Takes some events back, by a batch of its own while no engine holds the book. */
  const reverseUsage = async (presentMs: number, most: number): Promise<void> => {
    const candidates = auditor.reversible().filter(({ source }) => source === 'Gateway')
    const chosen = new Map<number, UsageEntry>()
    for (let i = 0; i < most && candidates.length > 0; i++) {
      const entry = random.pick(candidates)
      const seq = await seqOf(entry)
      if (seq !== null) chosen.set(seq, entry)
    }
    const batch = (await headId()) + 1
    await house.engine.close()
    const lock = acquireLock(house.directory, { pid: process.pid })
    const ledger = openLedgerForWriting(house.directory, { program: 'simulation' })
    await appendBatch(
      ledger,
      { kind: 'correction', title: 'Events taken back', author: 'Ada', recordedMs: presentMs },
      (appender) => {
        for (const [seq, entry] of chosen) appender.reverseUsage(seq, auditor.reverse(entry, batch))
      },
    )
    closeLedger(ledger)
    lock.release()
    tally.reversed += chosen.size
    house = await open(presentMs)
    await bringBack([...chosen.values()], presentMs)
  }

  const closeMonth = async (month: string, presentMs: number, afterMs: number | null): Promise<void> => {
    const reason = 'The simulation closes it.'
    if (afterMs !== null) {
      await house.engine.close()
      await killWhile(house.directory, presentMs, { close: month, reason }, afterMs)
      house = await open(presentMs)
      tally.killedCloses++
    }
    const { closed } = await house.client.reconcile.month({ month: month as Month })
    if (!closed) await house.client.reconcile.close({ month: month as Month, reason })
    auditor.calendar.close(month)
    tally.closed++
  }

  return {
    auditor,
    tally,
    house: () => house,
    present,
    importFile,
    killImport,
    defineMetric,
    saveCustomer,
    answerQuarantine,
    reverseUsage,
    closeMonth,
    killRebuild: async (presentMs: number, afterMs: number): Promise<void> => {
      await house.engine.close()
      await killWhile(house.directory, presentMs, 'rebuild', afterMs)
      tally.killedRebuilds++
      house = await open(presentMs)
    },
    reopen: async (presentMs: number): Promise<void> => {
      await house.engine.close()
      house = await open(presentMs)
    },
    close: () => house.close(),
  }
}
export type Driver = Awaited<ReturnType<typeof startDriver>>
