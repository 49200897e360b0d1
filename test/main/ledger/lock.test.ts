import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLock, describeLock } from '../../../src/main/ledger/lock.ts'
import { temporaryFolder } from './book.ts'

const LOCK = (folder: string) => join(folder, 'book.lock')
const acquire = (folder: string) => acquireLock(folder, { pid: process.pid })
const write = (folder: string, pid: number, started: string | null) =>
  writeFileSync(LOCK(folder), JSON.stringify({ pid, started, address: 'http://127.0.0.1:1', token: 't' }))
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid

test('the lock names its holder, for its owner only, until it is released', () => {
  const folder = temporaryFolder()
  expect(describeLock(folder)).toBeNull()
  const lock = acquire(folder)
  expect(describeLock(folder)).toMatchObject({ pid: process.pid, address: null, token: null })
  lock.updateLock('http://127.0.0.1:4711', 'secret')
  expect(describeLock(folder)).toMatchObject({
    pid: process.pid,
    address: 'http://127.0.0.1:4711',
    token: 'secret',
  })
  expect(statSync(LOCK(folder)).mode & 0o777).toBe(0o600)
  expect(() => acquire(folder)).toThrow(
    `The book in ${folder} is open in process ${process.pid} at http://127.0.0.1:4711. Close it there, or go through that process.`,
  )
  lock.release()
  lock.release()
  expect(existsSync(LOCK(folder))).toBe(false)
  acquire(folder).release()
})

test('a living process keeps the book', async () => {
  const folder = temporaryFolder()
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)'])
  onTestFinished(() => void holder.kill())
  await once(holder.stdout, 'data')
  write(folder, holder.pid ?? 0, null)
  expect(() => acquire(folder)).toThrow(`is open in process ${holder.pid} at http://127.0.0.1:1`)
  expect(readFileSync(LOCK(folder), 'utf8')).toContain(`"pid":${holder.pid}`)
})

test.each<[string, (folder: string) => void]>([
  ['a dead process', (folder) => write(folder, deadPid(), null)],
  ['an earlier process with the same pid', (folder) => write(folder, process.pid, '1')],
  // Where the system says when a process started.
  ...(process.platform === 'linux'
    ? ([
        ['an earlier process whose pid another has now', (folder) => write(folder, process.ppid, 'never')],
      ] satisfies [string, (folder: string) => void][])
    : []),
  ['a crash in the middle of writing', (folder) => writeFileSync(LOCK(folder), '{"pid":')],
])('the lock of %s is taken over', (_, leave) => {
  const folder = temporaryFolder()
  leave(folder)
  expect(describeLock(folder)).toBeNull()
  const lock = acquire(folder)
  expect(describeLock(folder)?.pid).toBe(process.pid)
  lock.release()
})
