/** What must hold of every file, whatever is in it. Each check throws with what it found. */
import { strict as assert } from 'node:assert'
import { parseDecimal } from '../../../src/domain/decimal.ts'
import { type TextSource, textSource } from '../../../src/main/collect/files/open-file.ts'
import type {
  ParsedCost,
  ParsedUsage,
  Reading,
  Rejected,
  RowCounts,
} from '../../../src/main/collect/files/record.ts'
import { type ReaderChoice, startReading } from '../../../src/main/collect/readers.ts'
import { CONTEXT } from './kinds.ts'

export interface Outcome {
  readonly entries: readonly (ParsedUsage | ParsedCost)[]
  readonly rejected: readonly Rejected[]
  readonly counts: RowCounts
  readonly issues: Reading<unknown>['issues']
  readonly header: readonly string[] | null
  readonly refused: boolean
}

/** A line longer than the reader keeps is read again as its beginning only, which may be anything. */
const KEEPS_ITS_BEGINNING = 'line_is_too_long'

export const readAll = async (source: TextSource, choice: ReaderChoice): Promise<Outcome> => {
  const reading = startReading(source, choice, CONTEXT)
  const entries: (ParsedUsage | ParsedCost)[] = []
  const rejected: Rejected[] = []
  for await (const chunk of reading.chunks)
    for (const record of chunk)
      if (record.kind === 'rejected') rejected.push(record)
      else entries.push(record)
  const { counts, issues, header, refused } = reading
  return { entries, rejected, counts: { ...counts }, issues: [...issues], header, refused }
}

/** Every row is accounted for once, and whatever is said of it names file and row. */
export const checkAccounts = (name: string, outcome: Outcome): void => {
  const { entries, rejected, counts, issues, refused } = outcome
  assert.equal(
    counts.rows,
    counts.header + counts.blank + counts.accepted + counts.rejected,
    'rows do not add up',
  )
  for (const { message } of issues)
    assert.ok(message.startsWith(`${name}: `), `an issue without file: ${message}`)
  if (refused) {
    assert.ok(
      issues.some(({ severity }) => severity === 'error'),
      'refused, but no issue says why',
    )
    return
  }
  assert.equal(rejected.length, counts.rejected)
  const acceptedRows = new Set(entries.map(({ row }) => row))
  const rejectedRows = new Set(rejected.map(({ row }) => row))
  assert.equal(acceptedRows.size, counts.accepted, 'accepted rows')
  assert.equal(rejectedRows.size, counts.rejected, 'a row is rejected twice')
  for (const row of acceptedRows) assert.ok(!rejectedRows.has(row), `row ${row} is accepted and rejected`)
  for (const row of [...acceptedRows, ...rejectedRows])
    assert.ok(Number.isInteger(row) && row >= 1 && row <= counts.rows, `there is no row ${row}`)
  for (const { row, message, code, column } of rejected) {
    const place = column === null ? `row ${row}: ` : `row ${row}, column `
    assert.ok(message.startsWith(`${name}, ${place}`), `${code} does not name file and row: ${message}`)
    assert.ok(
      message.endsWith('.') && message.length < 3_000,
      `${code} is no sentence: ${message.slice(0, 200)}`,
    )
    assert.ok(
      !/\{\w+\}/.test(message.replace(/"(?:[^"\\]|\\.)*"|\{"[^}]*\}?/g, '')),
      `${code} is not filled in: ${message}`,
    )
  }
  for (const entry of entries) checkEntry(entry)
}

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const checkEntry = (entry: ParsedUsage | ParsedCost): void => {
  for (const ms of [entry.startMs, ...(entry.endMs === null ? [] : [entry.endMs])])
    assert.ok(Number.isInteger(ms) && ms >= 0 && ms <= LAST_MS, `no time: ${ms}`)
  assert.ok(entry.endMs === null || entry.endMs >= entry.startMs, 'the end is before the start')
  if (entry.kind === 'usage') {
    assert.equal(parseDecimal(entry.quantityText), entry.quantityText, 'not canonical')
    assert.ok(!entry.quantityText.startsWith('-'), 'a negative quantity')
    assert.ok(entry.tenant !== '' && entry.metric !== '' && entry.identity.text !== '', 'something is empty')
    assert.ok(entry.startMs <= CONTEXT.nowMs + 5 * 60_000, 'in the future')
    for (const value of Object.values(entry.dimensions)) assert.equal(typeof value, 'string')
  } else
    for (const amount of [entry.billedCost, entry.effectiveCost, entry.listCost, entry.contractedCost])
      assert.ok(amount === null || parseDecimal(amount) === amount, `not canonical: ${amount}`)
}

/** A text given in pieces of these lengths, again and again; a pair of surrogates may be cut in two. */
const inPieces = (name: string, given: string, lengths: readonly number[]): TextSource => ({
  ...textSource(name, ''),
  text: (async function* () {
    const text = given.toWellFormed()
    for (let at = 0, i = 0; at < text.length; i++) {
      const length = lengths[i % lengths.length] ?? 1
      yield text.slice(at, at + length)
      at += length
    }
  })(),
})

/** However a text is cut into pieces, it reads the same. */
const checkPieces = async (
  name: string,
  text: string,
  choice: ReaderChoice,
  lengths: readonly number[],
  whole: Outcome,
): Promise<void> => {
  const cut = await readAll(inPieces(name, text, lengths), choice)
  if (whole.refused) assert.deepEqual(cut.issues, whole.issues)
  else assert.deepEqual(cut, whole)
}

/** Lines are counted here once more: a reader of lines has as many rows. */
export const checkLines = (text: string, choice: ReaderChoice, { counts, refused }: Outcome): void => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (refused) return
  if (choice.kind === 'csv' || choice.kind === 'focus')
    assert.ok(counts.rows <= lines.length, 'more rows than lines')
  else assert.equal(counts.rows, lines.length, 'rows are not lines')
}

/** What was rejected is rejected again for the same reason, if nobody mends it. */
const checkRejectedAgain = async (name: string, choice: ReaderChoice, outcome: Outcome): Promise<void> => {
  if (outcome.refused) return
  for (const { raw, code, message } of outcome.rejected) {
    if (code === KEEPS_ITS_BEGINNING) continue
    const again = await readAll(textSource(name, raw), choice)
    assert.deepEqual(
      again.rejected.map((rejected) => rejected.code),
      [code],
      `read again: ${JSON.stringify(raw)}, rejected first with: ${message}`,
    )
    assert.equal(again.counts.accepted, 0)
  }
}

/** All of it for a text in memory. */
export const checkText = async (
  name: string,
  text: string,
  choice: ReaderChoice,
  lengths: readonly number[],
): Promise<Outcome> => {
  const outcome = await readAll(textSource(name, text), choice)
  checkAccounts(name, outcome)
  checkLines(text, choice, outcome)
  await checkPieces(name, text, choice, lengths, outcome)
  await checkRejectedAgain(name, choice, outcome)
  return outcome
}
