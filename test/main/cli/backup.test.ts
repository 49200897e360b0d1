/** Backups on the command line: made, listed, restored, with and without a process that holds the book. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { overwrite } from '../../support/damage.ts'
import { makeReadOnly, runAsNobody } from '../../support/other-user.ts'
import { events } from '../engine/house.ts'
import { answer, run, startServing, temporaryFolder } from './support.ts'

// Each command is a program of its own, and takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

interface Made {
  readonly directory: string
  readonly batchId: number
  readonly entries: number
  readonly bytes: number
  readonly head: string
  readonly sentence: string
}

const newBook = async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  const directory = join(folder, 'book')
  const book = ['--book', directory]
  await answer(0, 'init', '--name', 'X', '--currency', 'USD', '--time-zone', 'UTC', ...book)
  const file = (name: string, id: string) => {
    writeFileSync(join(folder, name), events([[id, 'calls', 'acme', '2026-09-01T00:00:00Z', '3']]))
    return join(folder, name)
  }
  await answer(0, 'import', 'usage', file('first.jsonl', '1'), ...book)
  return { folder, directory, book, file }
}

test('a backup into a folder one names, the list, and a restore that says what is missing', async () => {
  const { folder, directory, book, file } = await newBook()
  const elsewhere = join(folder, 'elsewhere')
  const made = await answer<Made>(0, 'backup', '--to', elsewhere, ...book)
  expect(made).toMatchObject({ directory: elsewhere, batchId: 2 })
  expect(made.sentence).toBe(
    `The ledger was copied to ${elsewhere} and the copy checked: ${made.entries} entries up to batch 2, head ${made.head.slice(0, 12)}, ${made.bytes.toLocaleString('en')} bytes.`,
  )
  expect(await answer(1, 'backup', '--to', elsewhere, ...book)).toMatchObject({
    error: {
      code: 'book_exists_already',
      message: `There is a book in ${elsewhere} already. Choose an empty folder.`,
    },
  })
  expect((await run('backups', ...book)).out).toBe(
    'There is no backup in the book’s folder yet. Make one with "backup".\n',
  )
  const own = await answer<Made>(0, 'backup', ...book)
  await answer(0, 'import', 'usage', file('second.jsonl', '2'), ...book)
  const listed = (await run('backups', ...book)).out.split('\n')
  expect(listed[0]).toMatch(/^Made +Batch +Entries +Bytes +Since then +Folder$/)
  expect(listed[2]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC +2 +\d+ +[\d,]+ +1 batch +\/.*\/backups\/\S+$/)

  // The book whose backup it is is found by its place.
  const to = join(folder, 'restored')
  const restored = await run('restore', '--from', own.directory, '--to', to)
  expect(restored).toMatchObject({ code: 0, err: '' })
  expect(restored.out).toMatch(
    /was verified and restored to \S+\/restored: \d+ entries up to batch 2, head [0-9a-f]{12}\. Missing is what the book learnt since: 1 batch with \d+ entr(y|ies), 3 \(second\.jsonl\)\. Keep the book's folder until you have that again\.\n$/,
  )
  expect(readdirSync(to)).toEqual(['ledger.sqlite'])
  expect(await answer(0, 'verify', '--book', to)).toMatchObject({ ok: true })
  // Looking at the book of today left it as it was.
  expect(readdirSync(directory).sort()).toEqual(['backups', 'cube.duckdb', 'ledger.sqlite'])
  for (const [target, code, message] of [
    [
      to,
      'book_exists_already',
      `There is a book in ${to} already, and restoring never overwrites one. Nothing was restored; name an empty folder.`,
    ],
  ])
    expect(await answer(1, 'restore', '--from', own.directory, '--to', target ?? '')).toEqual({
      error: { code, message, issues: [] },
    })
  expect(await answer(1, 'restore', '--from', folder, '--to', join(folder, 'new'))).toMatchObject({
    error: {
      code: 'book_does_not_exist',
      message: `There is no backup in ${folder}. Nothing was restored; name the folder that holds its ledger.sqlite.`,
    },
  })
  expect(existsSync(join(folder, 'new'))).toBe(false)
})

test('while the book is served, both go through the process that holds it', async () => {
  const { folder, book } = await newBook()
  const server = await startServing(['serve', ...book])
  onTestFinished(async () => void (await server.stop('SIGTERM')))
  const own = await answer<Made>(0, 'backup', ...book)
  const elsewhere = join(folder, 'elsewhere')
  expect(await answer(0, 'backup', '--to', elsewhere, ...book)).toMatchObject({ head: own.head })
  const to = join(folder, 'restored')
  expect(await answer(0, 'restore', '--from', own.directory, '--to', to)).toMatchObject({
    directory: to,
    head: own.head,
    missingBatches: 0,
  })
})

test('a book that is damaged beyond opening is restored from its backup', async () => {
  const { folder, directory, book } = await newBook()
  const own = await answer<Made>(0, 'backup', ...book)
  overwrite(join(directory, 'ledger.sqlite'), 100, 20)
  expect((await run('status', ...book)).code).toBe(1)
  const to = join(folder, 'restored')
  expect(await answer(0, 'restore', '--from', own.directory, '--to', to, ...book)).toMatchObject({
    head: own.head,
    missingBatches: null,
  })
  expect(await answer(0, 'verify', '--book', to)).toMatchObject({ ok: true })
})

test('a folder that cannot be written takes no backup and no restored book', async () => {
  const { folder, book, directory } = await newBook()
  const own = await answer<Made>(0, 'backup', ...book)
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o755)
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  onTestFinished(makeReadOnly(closed))
  onTestFinished(makeReadOnly(directory))
  const target = join(closed, 'new')
  expect(await runAsNobody('backup', '--to', target, ...book)).toMatchObject({
    code: 1,
    err: `The backup was not made: the folder ${target} cannot be written. Nothing of it was kept, and the book is as it was. Name a folder that may be written.\n`,
  })
  expect(await runAsNobody('restore', '--from', own.directory, '--to', target)).toMatchObject({
    code: 1,
    err: `The folder ${target} cannot be written. Nothing was restored; name a folder that may be written.\n`,
  })
  expect(readdirSync(closed)).toEqual([])
  // What may be read can be backed up to a folder of one's own.
  expect(await runAsNobody('backup', '--to', 'mine', ...book)).toMatchObject({ code: 0, left: ['mine'] })
  expect(await runAsNobody('restore', '--from', own.directory, '--to', 'mine')).toMatchObject({
    code: 0,
    left: ['mine'],
  })
})

test('the demo is opened for reading only once it is made', async () => {
  const folder = temporaryFolder()
  expect(await run('demo', '--read-only', '--book', folder)).toEqual({
    code: 1,
    out: '',
    err: `There is no demo book in ${folder} to be opened for reading. Leave out --read-only to have it made.\n`,
  })
  expect(readdirSync(folder)).toEqual([])
})
