/** Backups listed, restored and compared with the book of today; a book moved, killed and all. */
import { spawn } from 'node:child_process'
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
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createRouterClient } from '@orpc/server'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Job } from '../../../src/contract/book.ts'
import { startEngine } from '../../../src/main/engine/engine.ts'
import { leafPage, overwrite, pageSize } from '../../support/damage.ts'
import { events, type House, openHouse, verify } from './house.ts'

const NOW = '2026-11-10T12:00:00Z'

const withHouse = async (): Promise<House> => {
  const house = await openHouse({ now: NOW })
  onTestFinished(() => house.close())
  await house.take('first.jsonl', events([['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']]))
  return house
}

const resultOf = <K extends NonNullable<Job['result']>['kind']>(job: Job, kind: K) => {
  if (job.result?.kind !== kind) throw new Error(`${job.state}: ${job.error?.message}`)
  return job.result as Extract<NonNullable<Job['result']>, { kind: K }>
}
const backup = async (house: House, to?: string) =>
  resultOf(await house.job(house.client.book.backup(to === undefined ? {} : { to })), 'backup')

test('a backup says where, how large and at which batch; the list says what the book learnt since', async () => {
  const house = await withHouse()
  const made = await backup(house)
  const { size } = statSync(join(made.directory, 'ledger.sqlite'))
  const { head } = await house.client.book.status()
  expect(made).toEqual({
    kind: 'backup',
    directory: join(house.directory, 'backups', '2026-11-10T12-00-00-000Z'),
    bytes: size,
    batchId: 2,
    entries: head.entries,
    head: head.hash,
    sentence: `The ledger was copied to ${made.directory} and the copy checked: ${head.entries} entries up to batch 2, head ${head.hash.slice(0, 12)}, ${size.toLocaleString('en')} bytes.`,
  })
  // One file, that can be read where nothing can be written.
  expect(readdirSync(made.directory)).toEqual(['ledger.sqlite'])

  house.clock.set('2026-11-11T12:00:00Z')
  await house.take('second.jsonl', events([['2', 'calls', 'acme', '2026-10-02T00:00:00Z', '6']]))
  await backup(house)
  const broken = join(house.directory, 'backups', 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'ledger.sqlite'), 'no ledger '.repeat(100))
  const listed = await house.client.book.backups()
  expect(
    listed.map(({ name, batchId, missingBatches, problem }) => [name, batchId, missingBatches, problem]),
  ).toEqual(
    expect.arrayContaining([
      ['2026-11-11T12-00-00-000Z', 3, 0, null],
      ['2026-11-10T12-00-00-000Z', 2, 1, null],
      ['broken', null, null, `${broken}/ledger.sqlite is not a ledger. Choose the folder of a book.`],
    ]),
  )
  // Looking leaves nothing behind.
  expect(readdirSync(made.directory)).toEqual(['ledger.sqlite'])
})

test('a restore verifies, names what is missing, never overwrites, and opens as a book', async () => {
  const house = await withHouse()
  const { directory: from, head, entries } = await backup(house)
  await house.take('second.jsonl', events([['2', 'calls', 'acme', '2026-10-02T00:00:00Z', '6']]))
  const base = join(house.directory, '..', 'elsewhere')
  const to = join(base, 'book')
  const restored = resultOf(await house.job(house.client.book.restore({ from, to })), 'restore')
  const now = await house.client.book.status()
  expect(restored).toEqual({
    kind: 'restore',
    directory: to,
    batchId: 2,
    entries,
    head,
    missingBatches: 1,
    sentence: `The backup in ${from} was verified and restored to ${to}: ${entries} entries up to batch 2, head ${head.slice(0, 12)}. Missing is what the book learnt since: 1 batch with ${now.head.entries - entries} entries, 3 (second.jsonl). Keep the book's folder until you have that again.`,
  })
  expect(readdirSync(to)).toEqual(['ledger.sqlite'])
  const again = await house.job(house.client.book.restore({ from, to }))
  expect(again.error).toEqual({
    code: 'book_exists_already',
    message: `There is a book in ${to} already, and restoring never overwrites one. Nothing was restored; name an empty folder.`,
  })
  const other = await openHouse({ now: NOW }, base)
  onTestFinished(() => other.engine.close())
  expect((await other.client.book.status()).head.hash).toBe(head)
  expect(await verify(other)).toMatchObject({ ok: true, cubeAgrees: true })
  await other.take('second.jsonl', events([['2', 'calls', 'acme', '2026-10-02T00:00:00Z', '6']]))
})

test('a window may name the book’s own backups and no folder', async () => {
  const house = await withHouse()
  await backup(house)
  const window = createRouterClient(house.engine.router, { context: { local: false } })
  for (const call of [
    () => window.book.backup({ to: '/tmp/somewhere' }),
    () => window.book.restore({ from: house.directory, to: '/tmp/somewhere' }),
  ])
    await expect(call()).rejects.toMatchObject({
      data: { code: 'paths_are_for_the_command_line' },
      message: 'Only the command line of this machine may name folders. Use the book’s own backups.',
    })
  for (const name of ['none', '..', '../backups/2026-11-10T12-00-00-000Z', house.directory])
    await expect(window.book.restore({ backup: name })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `There is no backup ${name} in the book’s backups folder.`,
    })
  const restored = resultOf(
    await house.job(window.book.restore({ backup: '2026-11-10T12-00-00-000Z' })),
    'restore',
  )
  expect(restored.directory).toBe(`${house.directory}-restored-2026-11-10T12-00-00`)
  const second = resultOf(
    await house.job(window.book.restore({ backup: '2026-11-10T12-00-00-000Z' })),
    'restore',
  )
  expect(second.directory).toBe(`${house.directory}-restored-2026-11-10T12-00-00-2`)
})

test('where the ledger is gone, a backup is restored in its place and opened', async () => {
  const house = await withHouse()
  const { head } = await backup(house)
  await house.engine.close()
  for (const name of readdirSync(house.directory))
    if (name.startsWith('ledger')) rmSync(join(house.directory, name))
  const engine = await startEngine({ directory: house.directory, environment: {} })
  onTestFinished(() => engine.close())
  const client = createRouterClient(engine.router, { context: { local: false } })
  expect(await client.book.status()).toMatchObject({ open: false })
  const [only] = await client.book.backups()
  expect(only).toMatchObject({ missingBatches: null, problem: null })
  const { jobId } = await client.book.restore({ backup: only?.name ?? '' })
  for await (const _ of await client.jobs.watch({ jobId }));
  expect((await client.jobs.get({ jobId })).error).toBeNull()
  expect(await client.book.status()).toMatchObject({ open: true, head: { hash: head } })
})

test('a backup whose entries were changed is refused with the entry, and nothing is restored', async () => {
  const house = await withHouse()
  await house.take(
    'many.jsonl',
    events(Array.from({ length: 3000 }, (_, i) => [`m${i}`, 'calls', `t${i}`, '2026-10-01T00:00:00Z', '1'])),
  )
  const { directory: from } = await backup(house)
  const file = join(from, 'ledger.sqlite')
  const database = new Database(file)
  const root = Number(
    database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'tenant'").pluck().get(),
  )
  const guard = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'tenant'")
    .all() as { name: string; sql: string }[]
  for (const { name } of guard) database.exec(`DROP TRIGGER ${name}`)
  database.exec("UPDATE tenant SET tenant = 'mallory' WHERE tenant = 'acme'")
  for (const { sql } of guard) database.exec(sql)
  const seq = Number(database.prepare("SELECT seq FROM tenant WHERE tenant = 'mallory'").pluck().get())
  database.close()
  const to = join(house.directory, '..', 'restored')
  expect((await house.job(house.client.book.restore({ from, to }))).error).toEqual({
    code: 'backup_is_damaged',
    message: `The backup in ${from} does not verify: Entry ${seq} (tenant) was changed after it was appended. Keep a copy of the book as it is and restore the latest backup that verifies. Nothing was restored; choose another backup.`,
  })
  overwrite(file, (leafPage(file, root) - 1) * pageSize(file), 20)
  const damaged = (await house.job(house.client.book.restore({ from, to }))).error
  expect(damaged?.code).toBe('backup_is_damaged')
  expect(damaged?.message).toMatch(
    /does not verify: its file is damaged .* Nothing was restored; choose another backup\.$/,
  )
  expect(existsSync(to)).toBe(false)
})

test('a backup of another book says so, and one that is newer than the book, too', async () => {
  const house = await withHouse()
  await house.take('own.jsonl', events([['own', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']]))
  const other = await withHouse()
  await other.take('x.jsonl', events([['x', 'bytes', 'acme', '2026-10-01T00:00:00Z', '5']]))
  const { directory: from } = await backup(other)
  const to = join(house.directory, '..', 'of-other')
  const foreign = resultOf(await house.job(house.client.book.restore({ from, to })), 'restore')
  expect(foreign.sentence).toMatch(
    / It is not a backup of the book it was compared with: their chains differ\.$/,
  )
  expect(foreign.missingBatches).toBeNull()

  const early = await backup(other, join(other.directory, '..', 'early'))
  await other.take('y.jsonl', events([['y', 'bytes', 'acme', '2026-10-01T00:00:00Z', '5']]))
  const late = await backup(other, join(other.directory, '..', 'late'))
  const old = join(other.directory, '..', 'old')
  mkdirSync(old)
  cpSync(early.directory, join(old, 'book'), { recursive: true })
  const behind = await openHouse({ now: NOW }, old)
  onTestFinished(() => behind.engine.close())
  const newer = resultOf(
    await behind.job(behind.client.book.restore({ from: late.directory, to: join(old, 'new') })),
    'restore',
  )
  expect(newer.sentence).toMatch(/ It has 1 batch that the book has not any more\.$/)
})

test('a copy that was cut off is no backup, and is gone when the book is opened again', async () => {
  const house = await withHouse()
  const cut = join(house.directory, 'backups', '2026-11-01T00-00-00-000Z')
  mkdirSync(cut, { recursive: true })
  writeFileSync(join(cut, 'ledger.sqlite.unfinished'), 'half')
  expect(await house.client.book.backups()).toEqual([])
  const again = await house.reopen()
  onTestFinished(() => again.close())
  expect(existsSync(cut)).toBe(false)
})

test('a backup in a folder that is read only can be opened and restored from', async () => {
  const house = await withHouse()
  const { directory, head } = await backup(house)
  chmodSync(join(directory, 'ledger.sqlite'), 0o444)
  chmodSync(directory, 0o555)
  onTestFinished(() => chmodSync(directory, 0o755))
  const engine = await startEngine({ directory, environment: {}, readOnly: true })
  const client = createRouterClient(engine.router, { context: { local: true } })
  expect((await client.book.status()).head.hash).toBe(head)
  await engine.close()
  const to = join(house.directory, '..', 'restored')
  expect(resultOf(await house.job(house.client.book.restore({ from: directory, to })), 'restore').head).toBe(
    head,
  )
})

/** Whether the bytes of a file hold the text. */
const holds = (file: string, text: string): boolean => readFileSync(file).includes(text)

test('a book that was killed is moved with its logs, opens as before, and holds no path of the machine', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countinghouse-moved-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const first = join(root, 'first')
  const house = await openHouse({ now: NOW }, first)
  const path = house.file(
    'usage.jsonl',
    events(
      Array.from({ length: 60_000 }, (_, i) => [`e${i}`, 'calls', `t${i % 50}`, '2026-10-01T00:00:00Z', '1']),
    ),
  )
  await house.engine.close()
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../support/import-child.ts', import.meta.url)), house.directory, NOW, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise((done) => child.once('exit', done))
  // Committed, and not yet followed by the cube.
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    if (line === 'Following in the cube') child.kill('SIGKILL')
  await ended
  expect(child.signalCode).toBe('SIGKILL')
  expect(statSync(join(house.directory, 'ledger.sqlite-wal')).size).toBeGreaterThan(0)

  const second = join(root, 'second')
  mkdirSync(second)
  renameSync(house.directory, join(second, 'book'))
  const third = join(root, 'third')
  mkdirSync(third)
  cpSync(join(second, 'book'), join(third, 'book'), { recursive: true })
  const heads: string[] = []
  for (const base of [second, third]) {
    const moved = await openHouse({ now: NOW }, base)
    expect(await verify(moved)).toMatchObject({ ok: true, cubeAgrees: true, batches: 2 })
    heads.push((await moved.client.book.status()).head.hash)
    await moved.engine.close()
    for (const name of readdirSync(moved.directory, { withFileTypes: true }))
      if (name.isFile())
        expect([name.name, holds(join(moved.directory, name.name), root)]).toEqual([name.name, false])
  }
  expect(heads[0]).toBe(heads[1])
})
