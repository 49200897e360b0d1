/** Bytes of a book's files overwritten as a failing disk does it: a sentence, no crash, and what is whole stays readable. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { cutInHalf, leafPage, overwrite, pageSize } from '../../support/damage.ts'
import { events, focus, type House, openHouse, verify } from './house.ts'

const MONTH = '2026-10' as Month

// A book is opened for each block of the cube.
vi.setConfig({ testTimeout: 180_000 })
const WHOLE = 'Keep a copy of the book as it is and restore the latest backup that verifies.'

const RESTORE = (directory: string): string =>
  `${directory}/ledger.sqlite is damaged. Keep a copy of it, then restore the latest backup of the book ("restore" on the command line).`

/** A book whose entries fill many pages, closed; each test damages a copy of it. */
const model = { directory: '' }

beforeAll(async () => {
  const house = await openHouse()
  const rows = Array.from({ length: 6_000 }, (_, i) => i)
  await house.take(
    'e.jsonl',
    events(rows.map((i) => [`e${i}`, 'calls', `t${i % 9}`, '2026-10-03T00:00:00Z', '1'])),
  )
  await house.take(
    'f.csv',
    focus(rows.map((i) => ({ day: '2026-10-04', service: `s${i % 5}`, billed: `${i}.5` }))),
  )
  await house.engine.close()
  model.directory = house.directory
  return house.close
})

interface Files {
  readonly ledger: string
  readonly cube: string
}

/** A copy of the book, its files damaged, in a folder of its own. */
const damagedBook = (damage: (files: Files) => void, from = model.directory): string => {
  const base = mkdtempSync(join(tmpdir(), 'countinghouse-damage-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const directory = join(base, 'book')
  const files = { ledger: join(directory, 'ledger.sqlite'), cube: join(directory, 'cube.duckdb') }
  copyBook(directory, from)
  damage(files)
  return directory
}

const copyBook = (directory: string, from: string): void => {
  mkdirSync(directory, { recursive: true })
  for (const name of ['ledger.sqlite', 'cube.duckdb']) copyFileSync(join(from, name), join(directory, name))
}

const openDamaged = async (damage: (files: Files) => void): Promise<House> => {
  const directory = damagedBook(damage)
  const house = await openHouse({}, dirname(directory))
  onTestFinished(() => house.engine.close())
  return house
}

const rootOf = (file: string, table: string): number => {
  const database = new Database(file, { readonly: true })
  try {
    return Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table))
  } finally {
    database.close()
  }
}

/** The head of a page of a table: nothing on it can be read any more. */
const breakPage =
  (table: string, which: 'middle' | 'last' = 'middle') =>
  ({ ledger }: Files): void =>
    overwrite(ledger, (leafPage(ledger, rootOf(ledger, table), which) - 1) * pageSize(ledger), 20)

const costOf = async (house: House) =>
  (
    await house.client.cost.query({
      from: MONTH,
      to: MONTH,
      grain: 'month',
      groupBy: ['service'],
      filters: [],
    })
  ).billed

const backup = (house: House) => house.job(house.client.book.backup())

test('a damaged page of entries: figures and exports go on, verify names the first entry, backup is refused', async () => {
  const house = await openDamaged(breakPage('cost_entry'))
  const { client, directory } = house
  expect(await client.book.status()).toMatchObject({ readOnly: null, trouble: null })
  expect(await costOf(house)).toBe('18000000')
  expect((await client.exports.month({ month: MONTH })).size).toBeGreaterThan(5_000)

  const { ok, fault } = await verify(house)
  expect(ok).toBe(false)
  const seq = fault?.seq ?? 0
  expect(fault?.sentence).toBe(
    `Entry ${seq} is the first that cannot be read, because its page of the ledger's file is damaged. ${WHOLE}`,
  )
  // The one before it can be read, and asking for it says what is the matter.
  expect((await client.explain.byId({ id: `c${seq - 1}` })).text).toContain(`Entry c${seq - 1}`)
  await expect(client.explain.byId({ id: `c${seq}` })).rejects.toMatchObject({
    data: { code: 'book_is_damaged' },
    message: `What was asked for lies on a damaged page of ledger.sqlite in ${directory}. The rest of the book can still be read. Run "verify" to see which entry is the first that does not fit, keep a copy of the whole folder, and restore the latest backup that verifies.`,
  })

  const refused = (await backup(house)).error
  expect(refused?.code).toBe('book_is_damaged')
  expect(refused?.message).toMatch(
    /ledger\.sqlite is damaged \(Tree \d+ page \d+: .*\), so no backup was made of it\. Earlier backups are untouched\. Keep a copy of the whole folder, run "verify" to see which entry is the first that does not fit, and restore the latest backup that verifies\.$/,
  )
  expect(await client.book.backups()).toEqual([])
})

test.each(['cost_entry', 'usage_page', 'usage_event'])(
  'the page of the last entries of %s damaged: the book opens, its figures stay, and nothing is counted twice',
  async (table) => {
    const house = await openDamaged(breakPage(table, 'last'))
    expect(await house.client.book.status()).toMatchObject({ readOnly: null, trouble: null })
    expect(await costOf(house)).toBe('18000000')
    const { ok, fault } = await verify(house)
    expect(ok).toBe(false)
    expect(fault?.sentence).toBe(
      `Entry ${fault?.seq} is the first that cannot be read, because its page of the ledger's file is damaged. ${WHOLE}`,
    )
    // What came before cannot all be read, so nothing is appended to it.
    expect(await house.refusal('g.csv', focus([{ day: '2026-10-04', service: 's0', billed: '0.5' }]))).toBe(
      RESTORE(house.directory),
    )
    expect(await costOf(house)).toBe('18000000')
  },
)

test('without a cube, which cannot be built over a damaged page, the book opens and says so', async () => {
  const house = await openDamaged((files) => {
    breakPage('cost_entry')(files)
    rmSync(files.cube)
  })
  const status = await house.client.book.status()
  expect(status.trouble).toBe(
    `The figures do not follow the ledger any more, because a page of ledger.sqlite in ${house.directory} is damaged. The rest of the book can still be read. Run "verify" to see which entry is the first that does not fit, keep a copy of the whole folder, and restore the latest backup that verifies.`,
  )
  expect((await house.client.ledger.batches({ limit: 10 })).rows).toHaveLength(3)
  expect((await verify(house)).fault?.sentence).toMatch(/^Entry \d+ is the first that cannot be read/)
})

test('a damaged free page: every entry is whole, and a backup is written anew without it', async () => {
  // The first page of the list of free pages (file format, 1.3).
  const house = await openDamaged(({ ledger }) => overwrite(ledger, 32, 4))
  expect(await verify(house)).toMatchObject({ ok: true })
  const made = (await backup(house)).result
  if (made?.kind !== 'backup') throw new Error('no backup was made')
  expect(made.sentence).toContain(
    "The book's own file is damaged where no entry lies (Freelist: invalid page number 4294967295), and the copy is not: restore it into a new folder and go on with that.",
  )
  const to = join(dirname(house.directory), 'restored')
  const restored = await house.job(house.client.book.restore({ from: made.directory, to }))
  expect(restored.result).toMatchObject({ kind: 'restore', head: made.head, missingBatches: 0 })
})

test.each<[string, (files: Files) => void]>([
  ['the page of the schema', ({ ledger }) => overwrite(ledger, 100, 20)],
  ['the page of the batches', breakPage('batch')],
  ['the page of the documents', breakPage('document')],
  ['half of the file', ({ ledger }) => cutInHalf(ledger)],
])('%s: the book is not opened, and the sentence says what to do', async (_, damage) => {
  const directory = damagedBook(damage)
  await expect(openHouse({}, dirname(directory))).rejects.toMatchObject({
    code: 'book_is_damaged',
    message: RESTORE(directory),
  })
  expect(existsSync(join(directory, 'book.lock'))).toBe(false)
})

test('one of many pages of batches damaged: without the last nothing opens, without another verify says so', async () => {
  const whole = damagedBook(() => {})
  const made = await openHouse({}, dirname(whole))
  for (let i = 0; i < 40; i++) await made.client.book.saveAuthor({ author: `Ada ${i}` })
  await made.engine.close()

  const headless = damagedBook(breakPage('batch', 'last'), whole)
  await expect(openHouse({}, dirname(headless))).rejects.toMatchObject({
    code: 'book_is_damaged',
    message: RESTORE(headless),
  })
  expect(existsSync(join(headless, 'book.lock'))).toBe(false)

  const holed = damagedBook(breakPage('batch'), whole)
  const house = await openHouse({}, dirname(holed))
  onTestFinished(() => house.engine.close())
  expect(await costOf(house)).toBe('18000000')
  const { ok, cubeAgrees, fault } = await verify(house)
  expect({ ok, cubeAgrees }).toEqual({ ok: false, cubeAgrees: false })
  expect(fault?.sentence).toBe(
    `Entry ${fault?.seq} is the first that cannot be read, because its page of the ledger's file is damaged. ${WHOLE}`,
  )
})

test('a ledger without a byte, where there was a book, is not taken for a new one', async () => {
  const directory = damagedBook(({ ledger }) => truncateSync(ledger))
  await expect(openHouse({}, dirname(directory))).rejects.toMatchObject({
    code: 'book_is_damaged',
    message: `${directory}/ledger.sqlite is empty, although there was a book in this folder. Nothing was changed; keep a copy of the folder, then restore the latest backup of the book ("restore" on the command line).`,
  })
  expect(statSync(join(directory, 'ledger.sqlite')).size).toBe(0)
})

/** DuckDB's file: a header of three pages, then blocks (storage format). */
const CUBE_HEADER = 12_288
const CUBE_BLOCK = 262_144

test.each<[string, (cube: string) => void]>([
  ['its header', (cube) => overwrite(cube, 0, CUBE_HEADER)],
  [
    'all but its header',
    (cube) => overwrite(cube, CUBE_HEADER + 100, statSync(cube).size - CUBE_HEADER - 100),
  ],
  ['half of it gone', cutInHalf],
  ['every byte gone', (cube) => truncateSync(cube)],
  [
    'one byte of every block',
    (cube) => {
      for (let at = CUBE_HEADER; at < statSync(cube).size; at += CUBE_BLOCK) overwrite(cube, at + 1_000, 1)
    },
  ],
])('a damaged cube (%s) is built again from the ledger', async (_, damage) => {
  const house = await openDamaged(({ cube }) => damage(cube))
  expect(await costOf(house)).toBe('18000000')
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
})

test('a cube damaged in one block is built again when a query comes upon it', async () => {
  const directory = damagedBook(() => {})
  const { size } = statSync(join(directory, 'cube.duckdb'))
  for (let at = CUBE_HEADER; at < size; at += CUBE_BLOCK) {
    copyFileSync(join(model.directory, 'cube.duckdb'), join(directory, 'cube.duckdb'))
    overwrite(join(directory, 'cube.duckdb'), at + 1_000, 4_000)
    const house = await openHouse({}, dirname(directory))
    try {
      expect(await costOf(house)).toBe('18000000')
      expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
    } finally {
      await house.engine.close()
    }
  }
})
