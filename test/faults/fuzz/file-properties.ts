/** What must hold of every file on the disk: opening, telling, previewing and importing it. */
import { strict as assert } from 'node:assert'
import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadOptions } from '../../../src/contract/sources.ts'
import { detectKind } from '../../../src/main/collect/files/detect.ts'
import { HEAD_BYTES } from '../../../src/main/collect/files/encoding.ts'
import { openFile, readHead } from '../../../src/main/collect/files/open-file.ts'
import { previewFile } from '../../../src/main/collect/preview-file.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'
import { CONTEXT } from './kinds.ts'
import { checkAccounts, checkLines, type Outcome, readAll } from './properties.ts'

const PREVIEW = {
  ...CONTEXT,
  timeZone: 'UTC',
  costBasis: 'billed',
  metrics: [],
  mappings: [],
  attribute: () => null,
  entriesOfBill: () => 0,
  importedBefore: () => null,
} as const

/** The file under a name that tells nothing, read by a reader. */
export const writeInput = (folder: string, name: string, hex: string): string => {
  const path = join(folder, name)
  writeFileSync(path, Buffer.from(hex, 'hex'))
  return path
}

const optionsOf = (choice: ReaderChoice): ReadOptions => ({
  kind: choice.kind,
  ...(choice.kind === 'csv' ? { mapping: choice.mapping } : {}),
  ...(choice.kind === 'access_log' ? { log: choice.log } : {}),
})

/** Reads the file and takes its text beside it, to count the lines of what was decoded. */
export const checkOpened = async (path: string, name: string, choice: ReaderChoice): Promise<Outcome> => {
  const bytes = await openFile(path, { name })
  let text = ''
  for await (const piece of bytes.text) text += piece
  const file = await openFile(path, { name })
  const outcome = await readAll(file, choice)
  checkAccounts(name, outcome)
  const { damage, refusal } = file.condition
  // A cut file ends in the middle of a row, which is none.
  const whole = damage === null ? text : text.slice(0, text.lastIndexOf('\n') + 1)
  checkLines(whole, choice, outcome)
  if (refusal !== null || damage?.code === 'gzip_damaged')
    assert.ok(outcome.refused, 'damaged, but not refused')
  if (damage?.code === 'gzip_truncated' && !outcome.refused)
    assert.ok(
      outcome.issues.some(({ code }) => code === 'gzip_truncated'),
      'nobody hears that the file was cut',
    )
  return outcome
}

/** The opener and everything that looks at a file before it is imported. */
export const checkFile = async (
  folder: string,
  name: string,
  hex: string,
  choice: ReaderChoice,
): Promise<Outcome> => {
  const path = writeInput(folder, name, hex)
  const outcome = await checkOpened(path, name, choice)

  const file = await openFile(path)
  for await (const _ of file.text);
  const read = file.sha256()
  if (file.condition.refusal === null) assert.equal(read, hash('sha256', Buffer.from(hex, 'hex'), 'hex'))
  await file.close()

  const head = await readHead(path)
  assert.ok(head.text.length <= HEAD_BYTES)
  const { reason } = await detectKind(path)
  assert.ok(reason.endsWith('.'), `no sentence: ${reason}`)

  const described = { fileId: 'f', path, name, size: hex.length / 2 }
  const proposed = await previewFile(described, {}, PREVIEW)
  assert.ok(proposed.kind !== 'unknown' || proposed.issues.length > 0, 'unknown, but no issue says why')
  const chosen = await previewFile(described, optionsOf(choice), PREVIEW)
  if (!outcome.refused && chosen.wholeFile)
    assert.equal(chosen.rowsRead, outcome.counts.accepted + outcome.counts.rejected)
  return outcome
}
