/** What must hold of every import, all of them into one book that grows. */
import { strict as assert } from 'node:assert'
import {
  type ImportContext,
  ImportRefusal,
  importFile,
  replayRecord,
} from '../../../src/main/collect/import-file.ts'
import { proposeMetric } from '../../../src/main/collect/metrics.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'
import type { WritingLedger } from '../../../src/main/ledger/open.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { listQuarantine } from '../../../src/main/ledger/read-exceptions.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { checkOpened, writeInput } from './file-properties.ts'
import { CONTEXT } from './kinds.ts'
import { plainText, type ValidRecord } from './valid-records.ts'

const IMPORT: ImportContext = { ...CONTEXT, author: 'ann', timeZone: 'Europe/Berlin', proposedMetrics: [] }

type Result = Awaited<ReturnType<typeof importFile>>

/** The result, or the sentence of the refusal; anything else that is thrown is a bug. */
const importOrRefuse = async (
  ledger: WritingLedger,
  path: string,
  name: string,
  choice: ReaderChoice,
  delivery: 'restate' | 'add',
): Promise<Result | string> => {
  const before = readHead(ledger)
  const source = choice.kind === 'focus' ? 'Costs' : 'Usage'
  try {
    return await importFile(ledger, { path, name, source, choice, delivery }, IMPORT, () => {})
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error
    assert.ok(error.message.startsWith(name) && error.message.endsWith('.'), `no sentence: ${error.message}`)
    assert.ok(error.issues.length > 0, 'refused without an issue')
    assert.deepEqual(readHead(ledger), before, 'refused, but the book was changed')
    return error.message
  }
}

const REPLAYED_MOST = 3

/** A record that nobody mended is refused in the same words, and changes nothing. */
const checkReplays = async (ledger: WritingLedger, batchId: number, choice: ReaderChoice): Promise<void> => {
  const kept = listQuarantine(ledger).filter(
    (record) => record.batchId === batchId && record.code !== 'line_is_too_long',
  )
  for (const { seq, raw, message } of kept.slice(0, REPLAYED_MOST)) {
    const before = readHead(ledger)
    const request = { quarantineSeq: seq, raw, source: choice.kind === 'focus' ? 'Costs' : 'Usage', choice }
    await assert.rejects(replayRecord(ledger, request, IMPORT), { name: 'ImportRefusal', message })
    assert.deepEqual(readHead(ledger), before, 'refused, but the book was changed')
  }
}

export const checkImport = async (
  ledger: WritingLedger,
  folder: string,
  input: { readonly kind: string; readonly hex: string; readonly delivery: 'restate' | 'add' },
  choice: ReaderChoice,
): Promise<Result | string> => {
  const name = input.kind
  const path = writeInput(folder, name, input.hex)
  const { counts, refused, header } = await checkOpened(path, name, choice)
  const first = await importOrRefuse(ledger, path, name, choice, input.delivery)
  if (refused) assert.equal(typeof first, 'string', 'the reader refuses it, the import does not')
  if (typeof first !== 'string') {
    assert.equal(first.rows, first.added + first.duplicate + first.conflict + first.quarantined)
    assert.equal(first.rows, counts.accepted + counts.rejected, 'rows read and rows taken in')
    assert.ok(first.quarantined >= counts.rejected)
    assert.equal(counts.header, header === null ? 0 : 1)
    if (first.batchId !== null) await checkReplays(ledger, first.batchId, choice)
  }
  const entries = readHead(ledger)?.entries
  const again = await importOrRefuse(ledger, path, name, choice, input.delivery)
  if (typeof first === 'string') assert.equal(again, first)
  else {
    assert.ok(typeof again !== 'string', `taken first, then refused: ${again}`)
    const { added, entriesAdded, rows, conflict, quarantined } = again
    assert.deepEqual(
      { added, entriesAdded },
      { added: 0, entriesAdded: 0 },
      'the same file again adds something',
    )
    assert.deepEqual([rows, quarantined], [first.rows, first.quarantined])
    assert.ok(conflict >= first.conflict)
    assert.equal(readHead(ledger)?.entries, entries, 'the same file again adds entries')
  }
  return first
}

/** Metrics of valid events, as fine as a metric can be. */
export const EXACT_METRICS = ['exact.one', 'exact.two', 'exact.three'] as const
const proposedMetrics = EXACT_METRICS.map((metric) => proposeMetric(metric, 12))

/** Valid events under a source of their own: all are added, and they sum to what they say. */
export const checkValidImport = async (
  ledger: WritingLedger,
  folder: string,
  records: readonly (ValidRecord & { readonly id: string })[],
): Promise<void> => {
  const path = writeInput(
    folder,
    'valid.jsonl',
    Buffer.from(records.map(({ line }) => line).join('\n')).toString('hex'),
  )
  const source = `source ${readHead(ledger)?.batchId ?? 0}`
  const request = {
    path,
    name: 'valid.jsonl',
    source,
    choice: { kind: 'cloudevents' },
    delivery: 'add',
  } as const
  const first = await importFile(ledger, request, { ...IMPORT, proposedMetrics }, () => {})
  const byId = new Map<string, ValidRecord>()
  for (const record of records) if (!byId.has(record.id)) byId.set(record.id, record)
  assert.deepEqual(
    [first.rows, first.added, first.quarantined],
    [records.length, byId.size, 0],
    first.issues.map(({ message }) => message).join(' '),
  )
  const sums = new Map<string, bigint>()
  for (const { metric, quantity } of byId.values())
    sums.set(metric, (sums.get(metric) ?? 0n) + atTwelveDecimals(quantity))
  assert.deepEqual(
    first.metrics.map(({ metric, quantity }) => `${metric} ${quantity}`).sort(),
    [...sums].map(([metric, sum]) => `${metric} ${plainText(sum, -12)}`).sort(),
  )
  const again = await importFile(ledger, request, { ...IMPORT, proposedMetrics }, () => {})
  assert.deepEqual([again.added, again.entriesAdded, again.conflict], [0, 0, first.conflict])
}

const atTwelveDecimals = (quantity: string): bigint => {
  const [whole = '', fraction = ''] = quantity.split('.')
  return BigInt(whole + fraction.padEnd(12, '0'))
}

/** After all of it the book is whole. */
export const checkBook = async (ledger: WritingLedger): Promise<void> => {
  const verification = await verifyLedger(ledger)
  assert.ok(verification.ok, verification.ok ? '' : verification.fault.sentence)
}
