/** A book open for reading only: which calls are answered, and that each of the others is refused before it does anything. */
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRouterClient } from '@orpc/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { contract } from '../../../src/contract/contract.ts'
import type { Month } from '../../../src/domain/period.ts'
import { startEngine } from '../../../src/main/engine/engine.ts'
import { isReadingCall } from '../../../src/main/engine/read-only.ts'
import { events, openHouse } from './house.ts'

const pathsOf = (router: object, path: readonly string[] = []): (readonly string[])[] =>
  '~orpc' in router
    ? [path]
    : Object.entries(router).flatMap(([name, inner]) => pathsOf(inner as object, [...path, name]))
const CALLS = pathsOf(contract)

/** Calls that read, by a name that says so; what is added to the contract with another name is looked at here. */
const READS =
  /^(jobs\..*|files\.(openPath|discard)|book\.(status|backups|backup|restore)|.*\.(list|get|query|preview|table|fields|dimensions|views|mappings|arrivals|baseline|model|tenants|unattributed|margin|waterfall|overview|deliveryPreview|template|search|history|batches|quarantine|conflicts|verify|forecast|recompute|asOf|kinds|permissions|check|on)|explain\..*|rules\.(try|propose)|allocation\.(report|costToServe)|customers\.contractHistory|rateCards\.(simulate|startSimulation)|(exports|reconcile)\.month)$/

test('each call of the contract either reads or is refused', () => {
  expect(CALLS.length).toBeGreaterThan(70)
  expect(CALLS.map((path) => [path.join('.'), isReadingCall(path)])).toEqual(
    CALLS.map((path) => [path.join('.'), READS.test(path.join('.'))]),
  )
})

const closedBook = async () => {
  const house = await openHouse()
  onTestFinished(() => rmSync(join(house.directory, '..'), { recursive: true, force: true }))
  await house.take('u.jsonl', events([['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']]))
  await house.engine.close()
  return house.directory
}

const contentOf = (directory: string) =>
  readdirSync(directory)
    .sort()
    .map((name) => [name, hash('sha256', readFileSync(join(directory, name)))])

const openReadOnly = async (directory: string) => {
  const engine = await startEngine({ directory, environment: {}, readOnly: true })
  let isOpen = true
  const close = async () => {
    if (isOpen) await engine.close()
    isOpen = false
  }
  onTestFinished(close)
  return { client: createRouterClient(engine.router, { context: { local: true } }), close }
}

const callsOf = async (client: Awaited<ReturnType<typeof openReadOnly>>['client']) =>
  (
    await client.usage.query({
      metric: 'calls',
      from: '2026-10' as Month,
      to: '2026-10' as Month,
      grain: 'month',
      groupBy: [],
      filters: [],
      compare: 'none',
    })
  ).total

test('every call that writes is refused with the one sentence, and the folder is as it was', async () => {
  const directory = await closedBook()
  const before = contentOf(directory)
  const { client, close } = await openReadOnly(directory)
  for (const path of CALLS.filter((each) => !isReadingCall(each))) {
    const call = path.reduce(
      (inner, name) => inner[name] as never,
      client as unknown as Record<string, unknown>,
    )
    await expect(
      (call as unknown as (input: unknown) => Promise<unknown>)({}),
      path.join('.'),
    ).rejects.toMatchObject({
      code: 'READ_ONLY',
      status: 403,
      message: `The book in ${directory} is open for reading only, because it was opened with --read-only. Nothing was changed. Open it without that to write in it.`,
    })
  }
  expect(await callsOf(client)).toBe('5')
  await close()
  expect(contentOf(directory)).toEqual(before)
})

test.each<[string, (directory: string) => void]>([
  ['is missing', (directory) => rmSync(join(directory, 'cube.duckdb'))],
  ['is no cube', (directory) => writeFileSync(join(directory, 'cube.duckdb'), 'x'.repeat(20_000))],
])('a cube that %s is built elsewhere', async (_, change) => {
  const directory = await closedBook()
  change(directory)
  const before = contentOf(directory)
  const { client, close } = await openReadOnly(directory)
  expect(await callsOf(client)).toBe('5')
  await close()
  expect(contentOf(directory)).toEqual(before)
})

test('a cube that is behind the ledger is left as it is, and figures are those of the ledger', async () => {
  const house = await openHouse()
  onTestFinished(() => house.close())
  await house.take('u.jsonl', events([['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']]))
  await house.engine.close()
  const cube = join(house.directory, 'cube.duckdb')
  const behind = readFileSync(cube)
  const again = await house.reopen()
  await again.take('v.jsonl', events([['2', 'calls', 'acme', '2026-10-01T00:00:00Z', '6']]))
  await again.engine.close()
  writeFileSync(cube, behind)
  const before = contentOf(house.directory)
  const { client, close } = await openReadOnly(house.directory)
  expect(await callsOf(client)).toBe('11')
  await close()
  expect(contentOf(house.directory)).toEqual(before)
})

test('a folder without a book is not made one', async () => {
  const directory = await closedBook()
  const empty = join(directory, '..', 'empty')
  mkdirSync(empty)
  for (const folder of [empty, join(empty, 'missing')])
    await expect(startEngine({ directory: folder, environment: {}, readOnly: true })).rejects.toMatchObject({
      code: 'book_does_not_exist',
      message: `There is no book in ${folder} to be opened for reading. Name the folder of a book.`,
    })
  expect(readdirSync(empty)).toEqual([])
})

test('while it is read nobody else writes it', async () => {
  const directory = await closedBook()
  await openReadOnly(directory)
  await expect(startEngine({ directory, environment: {} })).rejects.toMatchObject({
    code: 'book_is_held_by_another_process',
    message: `The book in ${directory} is open in process ${process.pid}. Close it there, or go through that process.`,
  })
})

test('what a killed process wrote to read a book is removed when one is next opened', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'countinghouse-temporary-'))
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true, force: true })
  })
  const folders = () => readdirSync(temporary).filter((name) => name.startsWith('countinghouse-reading-'))
  const [first, second] = [await closedBook(), await closedBook()]
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../support/reading-child.ts', import.meta.url)), first],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const ofChild = folders()
  expect(ofChild).toHaveLength(1)

  const beside = await openReadOnly(second)
  expect(folders()).toEqual(expect.arrayContaining(ofChild))
  await beside.close()
  expect(folders()).toEqual(ofChild)

  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(folders()).toEqual(ofChild)
  const next = await openReadOnly(first)
  expect(folders()).toHaveLength(1)
  expect(folders()).not.toEqual(ofChild)
  await next.close()
  expect(folders()).toEqual([])
})
