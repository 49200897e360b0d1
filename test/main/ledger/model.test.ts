/** The ledger against a model that is plain to see: lists of revisions by source and key. */
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { type Appender, appendBatch } from '../../../src/main/ledger/append.ts'
import type { Entry } from '../../../src/main/ledger/entry.ts'
import { closeLedger, openLedgerForWriting, type WritingLedger } from '../../../src/main/ledger/open.ts'
import type { PostedRecord } from '../../../src/main/ledger/raw-block.ts'
import { historyOfRecord, rawRecord, readEntry, searchEntries } from '../../../src/main/ledger/read.ts'
import { controlTotals, listMeasures, listSources } from '../../../src/main/ledger/read-totals.ts'
import type { UsageFields } from '../../../src/main/ledger/usage.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { contentKey, HEADER, temporaryFolder, usageFields } from './book.ts'

/** What an event says; two of the same id that differ in it are a conflict. */
interface Payload {
  readonly quantity: bigint
  readonly measure: 'calls' | 'bytes'
  readonly endMs: number | null
  readonly set: string | null
}

interface Revision {
  readonly payload: Payload
  readonly record: string
  /** Known once the batch was committed. */
  seq: number
  reversal: 'none' | 'asked' | number
  readonly batchNo: number
}

/** All revisions of a record, the posting first. */
interface Kept {
  readonly source: string
  readonly keyHex: string
  readonly revisions: Revision[]
  /** The batch that delivered it again last. */
  seenIn: number
}

const QUANTITIES = [0n, 10n, -5n, 2n ** 63n - 1n, -(2n ** 63n - 1n), 2n ** 53n + 1n, 4_294_967_296n]
const PAYLOADS: readonly Payload[] = QUANTITIES.flatMap((quantity, i) => [
  { quantity, measure: i % 2 === 0 ? 'calls' : 'bytes', endMs: null, set: null },
  { quantity, measure: 'calls', endMs: 1_789_000_000_000 + i, set: `{"region":"eu-${i % 3}"}` },
])

type Step =
  | { readonly kind: 'id'; readonly source: string; readonly id: string; readonly payload: number }
  | { readonly kind: 'content'; readonly source: string; readonly content: string }
  | { readonly kind: 'record'; readonly source: string; readonly first: number; readonly events: number }
  | { readonly kind: 'bulk'; readonly source: string; readonly from: number; readonly count: number }
  | { readonly kind: 'reverse'; readonly which: number }

interface Delivery {
  readonly steps: readonly Step[]
  /** Before its entries are written, or once all of them are. */
  readonly fails: 'no' | 'early' | 'late'
  readonly reopens: boolean
}

const source = fc.constantFrom('gateway', 'meter')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('id' as const),
      source,
      id: fc.integer({ min: 0, max: 12 }).map((n) => `id ${n}`),
      payload: fc.oneof(
        { weight: 4, arbitrary: fc.constant(3) },
        { weight: 1, arbitrary: fc.nat(PAYLOADS.length - 1) },
      ),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('content' as const),
      source,
      content: fc.constantFrom('a', 'b', 'a\nb', ''),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      source,
      first: fc.nat(20),
      events: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('bulk' as const),
      source,
      from: fc.constantFrom(0, 3000),
      count: fc.constantFrom(4090, 4096, 4097, 5000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reverse' as const), which: fc.nat() }) },
)
const deliveries: fc.Arbitrary<readonly Delivery[]> = fc.array(
  fc.record({
    steps: fc.array(step, { maxLength: 25, size: 'max' }),
    fails: fc.constantFrom('no', 'no', 'no', 'no', 'early', 'late'),
    reopens: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 7, size: 'max' },
)

/** As identity.ts has it: a hash of the content's hash and the ordinal. */
const ordinalKey = (content: string, ordinal: number): string => {
  const input = Buffer.alloc(20)
  input.set(contentKey(content))
  input.writeUInt32BE(ordinal, 16)
  return hash('sha256', input, 'hex').slice(0, 32)
}

const isSame = (one: Payload, other: Payload): boolean =>
  one.quantity === other.quantity &&
  one.measure === other.measure &&
  one.endMs === other.endMs &&
  one.set === other.set

class Model {
  readonly kept: Map<string, Kept>
  counts = { rows: 0, new: 0, duplicate: 0, conflict: 0, reversed: 0, restated: 0 }
  constructor(kept: Map<string, Kept>) {
    this.kept = kept
  }
  copy(): Model {
    return new Model(structuredClone(this.kept))
  }
  #post(key: string, keyHex: () => string, kept: Kept | undefined, from: string, revision: Revision): void {
    this.counts.new++
    if (kept === undefined)
      this.kept.set(key, { source: from, keyHex: keyHex(), revisions: [revision], seenIn: 0 })
    else {
      kept.revisions.push(revision)
      this.counts.restated++
    }
  }
  byId(from: string, id: string, payload: Payload, record: string, batchNo: number): void {
    this.counts.rows++
    const key = `${from} ${id}`
    const kept = this.kept.get(key)
    const last = kept?.revisions.at(-1)
    if (last === undefined || last.reversal !== 'none')
      this.#post(key, () => contentKey(key).toString('hex'), kept, from, {
        payload,
        record,
        seq: 0,
        reversal: 'none',
        batchNo,
      })
    else if (isSame(last.payload, payload)) this.counts.duplicate++
    else this.counts.conflict++
  }
  byContent(from: string, content: string, payload: Payload, batchNo: number): void {
    this.counts.rows++
    for (let ordinal = 0; ; ordinal++) {
      const key = `${from} content ${content} ${ordinal}`
      const kept = this.kept.get(key)
      const last = kept?.revisions.at(-1)
      if (last !== undefined && (last.batchNo === batchNo || kept?.seenIn === batchNo)) continue
      if (last === undefined || last.reversal !== 'none')
        this.#post(key, () => ordinalKey(content, ordinal), kept, from, {
          payload,
          record: content,
          seq: 0,
          reversal: 'none',
          batchNo,
        })
      else {
        this.counts.duplicate++
        if (kept !== undefined) kept.seenIn = batchNo
      }
      return
    }
  }
  /** Entries of earlier batches that can be reversed. */
  reversible(batchNo: number): Revision[] {
    return [...this.kept.values()].flatMap(({ revisions }) =>
      revisions.filter((revision) => revision.reversal === 'none' && revision.batchNo < batchNo),
    )
  }
  sums(): Map<string, { events: number; quantity: bigint }> {
    const sums = new Map<string, { events: number; quantity: bigint }>()
    for (const { revisions } of this.kept.values())
      for (const { payload, reversal } of revisions) {
        const sum = sums.get(payload.measure) ?? { events: 0, quantity: 0n }
        sums.set(payload.measure, {
          events: sum.events + (reversal === 'none' ? 1 : 2),
          quantity: sum.quantity + (reversal === 'none' ? payload.quantity : 0n),
        })
      }
    return sums
  }
}

const CONTENT_PAYLOAD = PAYLOADS[2] as Payload
const BULK_PAYLOAD = PAYLOADS[3] as Payload

/** Delivers to the ledger and to the model alike. */
const deliver = (appender: Appender, model: Model, steps: readonly Step[], batchNo: number): void => {
  const fieldsOf = (from: string, { quantity, measure, endMs, set }: Payload): UsageFields =>
    usageFields(appender, {
      sourceNo: appender.source(from, 'cloudevents'),
      measureNo: appender.measure(measure, 0),
      quantity,
      endMs,
      setNo: set === null ? null : appender.attributeSet('usage', set),
    })
  let row = 0
  const originOf = (record: string) => ({ record, csvHeader: null, file: 'x', row: ++row })
  const one = (from: string, id: string, payload: Payload) => {
    appender.usageById(contentKey(`${from} ${id}`), fieldsOf(from, payload), originOf(`record of ${id}`))
    model.byId(from, id, payload, `record of ${id}`, batchNo)
  }
  for (const each of steps) {
    if (each.kind === 'id') one(each.source, each.id, PAYLOADS[each.payload] as Payload)
    else if (each.kind === 'bulk')
      for (let i = 0; i < each.count; i++) one(each.source, `bulk ${each.from + i}`, BULK_PAYLOAD)
    else if (each.kind === 'content') {
      appender.usageByContent(
        contentKey(each.content),
        fieldsOf(each.source, CONTENT_PAYLOAD),
        originOf(each.content),
      )
      model.byContent(each.source, each.content, CONTENT_PAYLOAD, batchNo)
    } else if (each.kind === 'record') {
      const record = `several from ${each.first}`
      row++
      const posted: PostedRecord = {
        kind: 'text',
        row,
        keep: (blocks) => blocks.keep('text', record),
        origin: () => ({ record, csvHeader: null, file: 'x', row }),
      }
      const { sourceNo, tenantNo, measureNo, startMs } = fieldsOf(each.source, BULK_PAYLOAD)
      for (let i = 0; i < each.events; i++) {
        const id = `part ${each.first + i}`
        const payload: Payload = { quantity: 7n, measure: BULK_PAYLOAD.measure, endMs: null, set: null }
        appender.eventById(
          contentKey(`${each.source} ${id}`),
          0,
          {
            sourceNo,
            tenantNo,
            measureNo,
            quantityHigh: 0,
            quantityLow: 7,
            startMs,
            endMs: Number.NaN,
            postedMs: Number.NaN,
            setNo: 0,
          },
          posted,
        )
        model.byId(each.source, id, payload, record, batchNo)
      }
    } else {
      const among = model.reversible(batchNo)
      const revision = among[each.which % Math.max(1, among.length)]
      if (revision === undefined) continue
      revision.reversal = 'asked'
      model.counts.reversed++
      appender.reverseUsage(revision.seq, null)
    }
  }
}

/** Compares the entries of the batch with the model's, and gives the model their seqs. */
const compareEntries = (ledger: WritingLedger, model: Model, batchId: number, batchNo: number): void => {
  const sources = new Map(listSources(ledger).map(({ sourceNo, sourceKey }) => [sourceNo, sourceKey]))
  const entries = searchEntries(ledger, { batchId, tables: ['usage_event'], limit: 1_000_000 })
  const [reversals, postings] = [true, false].map((isReversal) =>
    entries.filter(({ columns }) => (columns.correction === 'reversal') === isReversal),
  ) as [Entry[], Entry[]]
  const byName = new Map(
    postings.map((entry) => {
      const { event_key, source_no, revision } = entry.columns
      return [`${event_key} ${sources.get(Number(source_no))} ${revision}`, entry]
    }),
  )
  let expected = 0
  for (const { keyHex, source: from, revisions } of model.kept.values())
    for (const [i, revision] of revisions.entries()) {
      if (revision.batchNo !== batchNo) continue
      expected++
      const entry = byName.get(`${keyHex} ${from} ${i}`)
      const columns: Entry['columns'] = entry?.columns ?? {}
      const { quantity, endMs } = revision.payload
      expect([columns.quantity, columns.end_ms, columns.correction, columns.corrects]).toEqual([
        quantity.toString(),
        endMs,
        i === 0 ? null : 'restatement',
        i === 0 ? null : revisions[i - 1]?.seq,
      ])
      revision.seq = entry?.seq ?? 0
      const { block_no, block_row } = columns
      if (!revision.record.startsWith('record of bulk'))
        expect(rawRecord(ledger, Number(block_no), Number(block_row))).toEqual({
          kind: 'text',
          text: revision.record,
        })
    }
  expect(postings).toHaveLength(expected)
  expect(reversals).toHaveLength(model.counts.reversed)
  const bySeq = new Map(
    [...model.kept.values()].flatMap(({ revisions }) =>
      revisions.map((revision) => [revision.seq, revision]),
    ),
  )
  for (const { seq, columns } of reversals) {
    const revision = bySeq.get(Number(columns.corrects))
    expect(revision?.reversal).toBe('asked')
    expect(columns.quantity).toBe((-(revision?.payload.quantity ?? 0n)).toString())
    if (revision !== undefined) revision.reversal = seq
  }
}

/** Everything of every record, also through a connection that only reads, and in the cube. */
const compareBook = async (ledger: WritingLedger, model: Model): Promise<void> => {
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  const measures = new Map(listMeasures(ledger).map(({ measureNo, metric }) => [measureNo, metric]))
  const named = (sums: Iterable<readonly [number, { events: number; quantity: bigint }]>) =>
    new Map([...sums].map(([no, { events, quantity }]) => [measures.get(no) ?? '', { events, quantity }]))
  const sums = model.sums()
  expect(named(controlTotals(ledger).usage)).toEqual(sums)
  let asked = 0
  for (const { revisions } of model.kept.values()) {
    const isBulk = revisions.length === 1 && revisions[0]?.reversal === 'none'
    if (isBulk && asked++ > 30) continue
    const seqs = revisions.flatMap(({ seq, reversal }) =>
      typeof reversal === 'number' ? [seq, reversal] : [seq],
    )
    for (const seq of seqs) {
      expect(historyOfRecord(ledger, 'usage_event', seq).map((entry) => entry.seq)).toEqual(seqs)
      expect(readEntry(ledger, seq)?.entry.seq).toBe(seq)
    }
  }
  const cube = await openCube(ledger.directory)
  try {
    await cube.follow()
    const rows = await cube.read((connection) =>
      readRows<[number, bigint, string]>(
        connection,
        'SELECT measure_no, count(*), sum(quantity)::VARCHAR FROM usage_fact GROUP BY measure_no',
      ),
    )
    const ofCube = rows.map(
      ([no, events, quantity]) => [no, { events: Number(events), quantity: BigInt(quantity) }] as const,
    )
    expect(named(ofCube)).toEqual(sums)
  } finally {
    await cube.close()
  }
}

const run = async (all: readonly Delivery[]): Promise<void> => {
  const folder = temporaryFolder()
  let ledger = openLedgerForWriting(folder, { program: 'test 1', create: true })
  onTestFinished(() => closeLedger(ledger))
  let model = new Model(new Map())
  for (const [i, { steps, fails, reopens }] of all.entries()) {
    const next = fails === 'no' ? new Model(model.kept) : model.copy()
    const batchNo = i + 1
    const failing = {
      ...HEADER,
      get title(): string {
        throw new Error('this one fails')
      },
    }
    const writing = appendBatch(ledger, fails === 'late' ? failing : HEADER, (appender) => {
      deliver(appender, next, steps, batchNo)
      if (fails === 'early') throw new Error('this one fails')
    })
    if (fails !== 'no') await expect(writing).rejects.toThrow('this one fails')
    else {
      const summary = await writing
      expect(summary.counts).toMatchObject(next.counts)
      compareEntries(ledger, next, summary.batchId, batchNo)
      model = next
    }
    if (!reopens) continue
    closeLedger(ledger)
    ledger = openLedgerForWriting(folder, { program: 'test 1' })
  }
  await compareBook(ledger, model)
}

test('whatever is delivered, reversed, refused and delivered again, the ledger keeps what the model keeps', {
  timeout: 120_000,
}, async () => {
  await fc.assert(fc.asyncProperty(deliveries, run), { numRuns: 25 })
})

test('the same for batches whose keys are written while they run, and merged', {
  timeout: 120_000,
}, async () => {
  const bulk = (from: number, count: number): Delivery => ({
    steps: [
      { kind: 'content', source: 'meter', content: 'a' },
      { kind: 'bulk', source: 'gateway', from, count },
      { kind: 'bulk', source: 'meter', from, count: 10 },
      { kind: 'content', source: 'meter', content: 'a' },
      { kind: 'bulk', source: 'gateway', from: from + 5, count: 10 },
      { kind: 'reverse', which: 3 },
    ],
    fails: 'no',
    reopens: false,
  })
  await run([
    bulk(0, 263_000),
    { ...bulk(200_000, 5000), fails: 'early' },
    { ...bulk(400_000, 3), fails: 'late' },
    bulk(260_000, 4000),
    { ...bulk(10, 3), reopens: true },
    ...Array.from({ length: 9 }, (_, i) => bulk(300_000 + i * 20, 30)),
    // Its keys are merged with those of earlier batches, and all of that is undone.
    { ...bulk(400_000, 300), fails: 'late' },
    bulk(400_000, 300),
  ])
})
