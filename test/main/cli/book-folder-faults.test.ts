/** What a book's folder may be, each through the command line: the sentence, the exit code, and what is left as it was. */
import { hash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { overwrite } from '../../support/damage.ts'
import { makeReadOnly, runAsNobody } from '../../support/other-user.ts'
import { events } from '../engine/house.ts'
import { answer, run, startServing, temporaryFolder } from './support.ts'

// Each command is a program of its own, and takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/** A closed book with one import, copied for each test. */
const model = { directory: '' }

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-model-'))
  chmodSync(folder, 0o755)
  model.directory = join(folder, 'book')
  const usage = join(folder, 'usage.jsonl')
  writeFileSync(
    usage,
    events([
      ['1', 'calls', 'acme', '2026-09-01T00:00:00Z', '3'],
      ['2', 'calls', 'acme', '2026-09-02T00:00:00Z', '4'],
    ]),
  )
  const book = ['--book', model.directory]
  await answer(0, 'init', '--name', 'X', '--currency', 'USD', '--time-zone', 'UTC', ...book)
  await answer(0, 'import', 'usage', usage, ...book)
  return () => rmSync(folder, { recursive: true, force: true })
})

const copyOfBook = (): string => {
  const folder = temporaryFolder()
  // Others may go through it, so that they can be refused at the book itself.
  chmodSync(folder, 0o755)
  const directory = join(folder, 'book')
  cpSync(model.directory, directory, { recursive: true })
  return directory
}

const contentOf = (directory: string) =>
  readdirSync(directory)
    .sort()
    .map((name) => [name, hash('sha256', readFileSync(join(directory, name)))])

const filesOf = (directory: string) => contentOf(directory).filter(([name]) => name !== 'backups')

type Case = readonly [
  what: string,
  prepare: (directory: string) => void,
  code: string,
  words: (directory: string) => string,
]

test.each<Case>([
  [
    'no book',
    (directory) => renameSync(directory, `${directory}.elsewhere`),
    'book_does_not_exist',
    (directory) =>
      `There is no book in ${directory}. Make one there with "init", or name its folder with --book.`,
  ],
  [
    'a book of a newer program',
    (directory) => {
      const database = new Database(join(directory, 'ledger.sqlite'))
      database.pragma('user_version = 99')
      database.close()
    },
    'book_is_from_a_newer_program',
    (directory) =>
      `${directory}/ledger.sqlite was written by a newer program (ledger version 99; this program knows VERSION). Nothing was changed; install the newer program to open this book.`,
  ],
  [
    'a file that is no ledger',
    (directory) => writeFileSync(join(directory, 'ledger.sqlite'), 'some other text '.repeat(100)),
    'book_is_not_a_ledger',
    (directory) => `${directory}/ledger.sqlite is not a ledger. Choose the folder of a book.`,
  ],
  [
    'a database of another program',
    (directory) => {
      writeFileSync(join(directory, 'ledger.sqlite'), '')
      const database = new Database(join(directory, 'ledger.sqlite'))
      database.exec('CREATE TABLE t (a)')
      database.close()
    },
    'book_is_not_a_ledger',
    (directory) => `${directory}/ledger.sqlite is not a ledger. Choose the folder of a book.`,
  ],
  [
    'a damaged page of the schema',
    (directory) => overwrite(join(directory, 'ledger.sqlite'), 100, 20),
    'book_is_damaged',
    (directory) =>
      `${directory}/ledger.sqlite is damaged. Keep a copy of it, then restore the latest backup of the book ("restore" on the command line).`,
  ],
  [
    'an emptied ledger',
    (directory) => truncateSync(join(directory, 'ledger.sqlite')),
    'book_is_damaged',
    (directory) =>
      `${directory}/ledger.sqlite is empty, although there was a book in this folder. Nothing was changed; keep a copy of the folder, then restore the latest backup of the book ("restore" on the command line).`,
  ],
  [
    'a book in another process that takes no commands',
    (directory) =>
      writeFileSync(
        join(directory, 'book.lock'),
        JSON.stringify({ pid: process.pid, started: null, address: null, token: null }),
      ),
    'book_is_held_by_another_process',
    (directory) =>
      `The book in ${directory} is open in process ${process.pid}, which takes no commands. Wait until it is done or close it, then try again.`,
  ],
])('%s is refused and left as it is', async (_, prepare, code, words) => {
  const directory = copyOfBook()
  prepare(directory)
  const before = existsSync(directory) ? filesOf(directory) : []
  for (const more of [[], ['--read-only']]) {
    const { error } = await answer<{ error: { code: string; message: string } }>(
      1,
      'status',
      '--book',
      directory,
      ...more,
    )
    const isHeld = code === 'book_is_held_by_another_process' && more.length > 0
    const expected = isHeld
      ? `The book in ${directory} is open in process ${process.pid}, which may write it. Leave out --read-only to go through that process, or close it there.`
      : words(directory)
    expect(error.code).toBe(code)
    expect(error.message.replace(/knows \d+/, 'knows VERSION')).toBe(expected)
  }
  expect(existsSync(directory) ? filesOf(directory) : []).toEqual(before)
})

test('a book that is served is refused to a second server with the process and its address', async () => {
  const directory = copyOfBook()
  const server = await startServing(['serve', '--book', directory])
  onTestFinished(async () => void (await server.stop('SIGTERM')))
  const { pid } = JSON.parse(readFileSync(join(directory, 'book.lock'), 'utf8')) as { pid: number }
  const address = new URL(server.url).origin
  for (const more of [[], ['--read-only']])
    expect(await run('serve', '--book', directory, ...more)).toEqual({
      code: 1,
      out: '',
      err: `The book in ${directory} is open in process ${pid} at ${address}. Close it there, or go through that process.\n`,
    })
})

test('in a folder that can only be read, reports, verify and exports work, and what writes is refused', async () => {
  const directory = copyOfBook()
  const before = contentOf(directory)
  onTestFinished(makeReadOnly(directory))
  const book = ['--book', directory]
  const why = `${directory} may not be written by you`
  const next = 'Get the right to write there, or copy the folder to a place of your own and open it there.'

  const status = await runAsNobody('status', ...book)
  expect(status).toMatchObject({ code: 0, err: '', left: [] })
  expect(status.out).toContain(`Open for reading only: ${why}. ${next}`)
  expect((await runAsNobody('usage', '--metric', 'calls', ...book)).out).toMatch(/^Total\s+7$/m)
  expect(await runAsNobody('verify', ...book)).toMatchObject({ code: 0, err: '' })
  expect(await runAsNobody('explain', 'b2', ...book)).toMatchObject({ code: 0, err: '' })
  const month = ['--month', '2026-09', '--out', 'september.xlsx']
  expect(await runAsNobody('export', 'month', ...month, ...book)).toMatchObject({
    code: 0,
    err: '',
    left: ['september.xlsx'],
  })

  const refusal = `The book in ${directory} is open for reading only, because ${why}. Nothing was changed. ${next}`
  const metrics = join(directory, '..', 'metrics.json')
  writeFileSync(
    metrics,
    JSON.stringify([{ metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 }]),
  )
  for (const writing of [
    ['import', 'usage', join(model.directory, '..', 'usage.jsonl')],
    ['metrics', 'set', metrics],
    ['close', '--month', '2026-09'],
  ])
    expect(await runAsNobody(...writing, ...book)).toEqual({
      code: 1,
      out: '',
      err: `${refusal}\n`,
      left: [],
    })
  expect(await runAsNobody('backup', ...book)).toMatchObject({
    code: 1,
    err: `${refusal} A backup can be made into another folder (--to).\n`,
  })
  expect(contentOf(directory)).toEqual(before)
})

test('what can be read but not made says so', async () => {
  const folder = temporaryFolder()
  const empty = join(folder, 'empty')
  chmodSync(folder, 0o755)
  mkdirSync(empty)
  onTestFinished(makeReadOnly(empty))
  const init = ['init', '--name', 'X', '--currency', 'USD', '--time-zone', 'UTC', '--book']
  expect(await runAsNobody(...init, empty)).toMatchObject({
    code: 1,
    err: `There is no book in ${empty}, and none can be made there: ${empty} may not be written by you. Choose another folder.\n`,
  })
  const within = join(empty, 'new')
  expect(await runAsNobody(...init, within)).toMatchObject({
    code: 1,
    err: `There is no folder ${within}, and you may not make it. Choose another folder for the book.\n`,
  })
})

test('a book left by a killed process is read whole where its log cannot be folded in', async () => {
  const directory = copyOfBook()
  // The log of a connection that is not closed, as a kill leaves it.
  const database = new Database(join(directory, 'ledger.sqlite'))
  database.pragma('journal_mode = WAL')
  database.pragma('wal_autocheckpoint = 0')
  database.exec('CREATE TABLE extra (a); DROP TABLE extra')
  const killed = join(directory, '..', 'killed')
  cpSync(directory, killed, { recursive: true })
  database.close()
  expect(readFileSync(join(killed, 'ledger.sqlite-wal')).length).toBeGreaterThan(0)
  onTestFinished(makeReadOnly(killed))
  expect(await runAsNobody('verify', '--book', killed)).toMatchObject({ code: 0, err: '', left: [] })
})

test('a lock of somebody else that cannot be read says so', async () => {
  const directory = copyOfBook()
  writeFileSync(join(directory, 'book.lock'), '{}')
  onTestFinished(makeReadOnly(directory))
  chmodSync(join(directory, 'book.lock'), 0o000)
  expect(await runAsNobody('status', '--book', directory)).toMatchObject({
    code: 1,
    err: `Another user may have the book open: ${directory}/book.lock is there and may not be read by you. Ask whoever owns it to close the book, or for a backup of it.\n`,
  })
})

test('--read-only writes nothing into the folder', async () => {
  const directory = copyOfBook()
  const before = contentOf(directory)
  const book = ['--book', directory, '--read-only']
  expect((await run('usage', '--metric', 'calls', ...book)).out).toMatch(/^Total\s+7$/m)
  expect(await run('verify', ...book)).toMatchObject({ code: 0 })
  expect(await run('import', 'usage', join(model.directory, '..', 'usage.jsonl'), ...book)).toEqual({
    code: 1,
    out: '',
    err: `The book in ${directory} is open for reading only, because it was opened with --read-only. Nothing was changed. Open it without that to write in it.\n`,
  })
  expect(contentOf(directory)).toEqual(before)
})
