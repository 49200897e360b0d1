/**
 * `kill -9` in the middle of an import, 20 times at random moments of reading, commit and following, then the import
 * again: the book must equal one that was never killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { closeLedger, openLedgerForReading } from '../../../src/main/ledger/open.ts'
import { type ChargeRow, type EventRow, events, focus, gzip, openHouse, verify } from './house.ts'

const ROUNDS = 20
const NOW = '2026-11-10T12:00:00Z'
const MONTH = '2026-10' as Month
const EVENTS_A_FILE = 20_000
const EVENT_FILES = 5
const CHARGES = 5_000
const CHILD = fileURLToPath(new URL('../../support/import-child.ts', import.meta.url))

const seed = Number(process.env.KILL_SEED ?? process.pid)
/** mulberry32: the same moments again for the seed that is printed. */
const random = (() => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
})()

const eventRow = (number: number): EventRow => [
  `e${number}`,
  number % 3 === 0 ? 'bytes' : 'calls',
  `tenant-${number % 50}`,
  new Date(Date.UTC(2026, 9, 1) + number * 25_000).toISOString(),
  String(number % 97),
  { region: number % 2 === 0 ? 'eu' : 'us' },
]

const charge = (number: number): ChargeRow => ({
  day: `2026-10-${String(1 + (number % 31)).padStart(2, '0')}`,
  service: `service ${number % 8}`,
  billed: `${number % 11}.${String(number).padStart(9, '0')}1`,
  app: `tenant-${number % 50}`,
})

const range = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => of(i))

const root = mkdtempSync(join(tmpdir(), 'countinghouse-kill-'))
const files = [
  ...range(EVENT_FILES, (file) => ({
    path: join(root, `events-${file}.jsonl.gz`),
    content: gzip(events(range(EVENTS_A_FILE, (i) => eventRow(file * EVENTS_A_FILE + i)))),
  })),
  { path: join(root, 'focus.csv'), content: focus(range(CHARGES, charge)) },
]

beforeAll(() => {
  for (const { path, content } of files) writeFileSync(path, content)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const emptyBook = async (name: string): Promise<string> => {
  const base = join(root, name)
  const house = await openHouse({ now: NOW }, base)
  await house.engine.close()
  return base
}

const start = (base: string, paths: readonly string[]): ChildProcess =>
  spawn(process.execPath, [CHILD, join(base, 'book'), NOW, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))

const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout as NodeJS.ReadableStream })

/** How long a file takes from its beginning until it is read and committed, and until the cube has followed. */
const runToTheEnd = async (base: string) => {
  const child = start(
    base,
    files.map(({ path }) => path),
  )
  const took: { committedMs: number; doneMs: number }[] = []
  let begunMs = 0
  let committedMs = 0
  for await (const line of linesOf(child)) {
    const at = performance.now()
    if (line === 'begun') begunMs = at
    if (line === 'Following in the cube') committedMs = at - begunMs
    if (line.startsWith('result ')) took.push({ committedMs, doneMs: at - begunMs })
    expect(line).not.toMatch(/^failed/)
  }
  expect(child.exitCode ?? (await ended(child))).toBe(0)
  return took
}

/** Imports that the ledger of a killed engine holds. */
const importsIn = (base: string): number => {
  const ledger = openLedgerForReading(join(base, 'book'))
  const { imports } = ledger.database
    .prepare(`SELECT count(*) AS imports FROM batch WHERE kind = 'import'`)
    .get() as { imports: number }
  closeLedger(ledger)
  return imports
}

/** Everything that a person could see of the book, as one text. */
const portrait = async (base: string): Promise<string> => {
  const house = await openHouse({ now: NOW }, base)
  try {
    const { client } = house
    const usage = await Promise.all(
      ['calls', 'bytes'].map((metric) =>
        client.usage.query({
          metric,
          from: MONTH,
          to: MONTH,
          grain: 'day',
          groupBy: ['tenant', 'dimension:region'],
          filters: [],
          compare: 'none',
        }),
      ),
    )
    const cost = await client.cost.query({
      from: MONTH,
      to: MONTH,
      grain: 'day',
      groupBy: ['service', 'tag:app'],
      filters: [],
    })
    const { head, months } = await client.book.status()
    const checked = await verify(house)
    expect(checked).toMatchObject({ ok: true, cubeAgrees: true, fault: null })
    return JSON.stringify({
      usage,
      cost,
      entries: head.entries,
      batches: head.batchId,
      hash: head.hash,
      months,
    })
  } finally {
    await house.engine.close()
  }
}

test(`an import killed ${ROUNDS} times loses nothing and doubles nothing (KILL_SEED=${seed})`, async () => {
  console.info(`KILL_SEED=${seed}`)
  const clean = await emptyBook('clean')
  const took = await runToTheEnd(clean)
  expect(took).toHaveLength(files.length)

  let base = await emptyBook('killed-0')
  let imported = 0
  const moments = { 'before the commit': 0, 'after the commit': 0 }
  for (let round = 1; round <= ROUNDS; round++) {
    if (imported === files.length) {
      expect(await portrait(base)).toBe(await portrait(clean))
      base = await emptyBook(`killed-${round}`)
      imported = 0
    }
    const { committedMs, doneMs } = took[imported] as (typeof took)[number]
    // A third each: while it is read, about when it is committed, while the cube follows.
    const [after, fromMs, toMs] = (
      [
        ['begun', 0, committedMs * 0.9],
        ['begun', committedMs * 0.9, committedMs * 1.1],
        ['Following in the cube', 0, doneMs - committedMs],
      ] as const
    )[round % 3] as readonly [string, number, number]
    const child = start(base, [files[imported]?.path ?? ''])
    for await (const line of linesOf(child)) {
      if (line !== after) continue
      setTimeout(() => child.kill('SIGKILL'), fromMs + random() * (toMs - fromMs))
    }
    if (child.exitCode === null && child.signalCode === null) await ended(child)
    const isKilled = child.signalCode === 'SIGKILL'
    // What ends by itself leaves no lock. What dies may, unless it died after releasing it; the next start takes it over.
    if (!isKilled) expect(existsSync(join(base, 'book', 'book.lock'))).toBe(false)
    const now = importsIn(base)
    expect([imported, imported + 1]).toContain(now)
    moments[now === imported ? 'before the commit' : 'after the commit']++
    imported = now
  }
  console.info(moments)
  expect(moments['before the commit']).toBeGreaterThan(0)
  expect(moments['after the commit']).toBeGreaterThan(0)

  const rest = start(
    base,
    files.slice(imported).map(({ path }) => path),
  )
  expect(await ended(rest)).toBe(0)
  // Hash for hash: the chain itself can't tell that anything had been killed.
  expect(await portrait(base)).toBe(await portrait(clean))
}, 240_000)
