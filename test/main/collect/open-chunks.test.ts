import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Currency } from '../../../src/domain/money.ts'
import type { Chunk } from '../../../src/main/collect/chunk.ts'
import { importFile } from '../../../src/main/collect/import-file.ts'
import { openChunks } from '../../../src/main/collect/open-chunks.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { newBook, temporaryFolder } from '../ledger/book.ts'

const CONTEXT = { nowMs: Date.UTC(2026, 5, 1), currency: 'USD' as Currency }
const IMPORT = { ...CONTEXT, author: 'ann', timeZone: 'UTC', proposedMetrics: [] }
/** Above it a file is read in a thread. */
const LIMIT = 4 * 1_048_576

const line = (i: number) =>
  i % 1000 === 999
    ? `{"spoilt":${i}`
    : `{"specversion":"1.0","id":"e${i}","source":"/gw","type":"${i % 7 === 0 ? 'bytes' : 'calls'}","subject":"${i % 11 === 0 ? 'Zoë' : `t${i % 40}`}","time":"2026-03-01T12:00:00Z","data":{"value":${i % 13 === 0 ? `${i}.5` : i},"region":"eu-${i % 5}"}}`

/** Lines of about as many bytes. */
const events = (bytes: number): string => {
  const lines: string[] = []
  for (let i = 0, length = 0; length < bytes; i++) {
    const text = line(i)
    lines.push(text)
    length += text.length + 1
  }
  return `${lines.join('\n')}\n`
}

const fileOf = (content: string | Buffer, name = 'a.jsonl'): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

const requestOf = (path: string) => ({ path, name: 'a.jsonl', choice: { kind: 'cloudevents' } }) as const

const readAll = async (path: string, threadBytesMin: number) => {
  const opened = await openChunks(requestOf(path), CONTEXT, undefined, threadBytesMin)
  const chunks: Chunk[] = []
  try {
    for await (const chunk of opened.chunks) chunks.push(chunk)
    return { chunks, end: opened.end() }
  } finally {
    await opened.close()
  }
}

const importIt = (
  ledger: ReturnType<typeof newBook>,
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onProgress?: () => void } = {},
) =>
  importFile(
    ledger,
    { ...requestOf(path), source: 'Usage', delivery: 'add' },
    IMPORT,
    () => options.onProgress?.(),
    options.signal,
  )

test('a file gives the same chunks here and in a thread, packed or not', async () => {
  const text = events(600_000)
  for (const content of [text, gzipSync(text), '', 'x\n', gzipSync(text).subarray(0, 20_000)]) {
    const path = fileOf(content)
    const here = await readAll(path, Number.POSITIVE_INFINITY)
    const inThread = await readAll(path, 0)
    expect(inThread).toEqual(here)
  }
})

test('a file just over the limit and one just under it make the same batches of the same lines', async () => {
  const text = events(LIMIT)
  const lines = text.split('\n')
  const under = fileOf(text.slice(0, LIMIT - 200_000).replace(/[^\n]*$/, ''))
  const over = fileOf(text)
  const [one, other] = [newBook(), newBook()]
  await importIt(one, over)
  const first = await importIt(other, under)
  expect(first.quarantined).toBeGreaterThan(10)
  const second = await importIt(other, over)
  expect(second.added + first.added).toBe(
    lines.filter((each) => each !== '' && !each.startsWith('{"spoilt')).length,
  )
  expect(second).toMatchObject({
    duplicate: first.added,
    conflict: 0,
    quarantined: lines.filter((each) => each.startsWith('{"spoilt')).length,
  })
  for (const ledger of [one, other]) expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('the same file read here and in a thread has the same batch hash', async () => {
  const path = fileOf(events(LIMIT + 1000))
  const hashes: (string | undefined)[] = []
  for (const threadBytesMin of [0, Number.POSITIVE_INFINITY]) {
    const ledger = newBook()
    await importFile(
      ledger,
      { ...requestOf(path), source: 'Usage', delivery: 'add' },
      IMPORT,
      () => {},
      undefined,
      threadBytesMin,
    )
    hashes.push(readHead(ledger)?.hash)
  }
  expect(hashes[0]).toBeDefined()
  expect(hashes[0]).toBe(hashes[1])
})

test('an import given up while a thread reads leaves nothing, and the next one works', async () => {
  const ledger = newBook()
  const path = fileOf(events(LIMIT * 2))
  for (const when of [0, 1, 5]) {
    const abort = new AbortController()
    let steps = 0
    if (when === 0) setImmediate(() => abort.abort(new Error('given up by ann')))
    const started = performance.now()
    const importing = importIt(ledger, path, {
      signal: abort.signal,
      onProgress: () => {
        steps++
        if (steps === when) abort.abort(new Error('given up by ann'))
      },
    })
    await expect(importing).rejects.toThrow('given up by ann')
    // The thread left by itself, without being ended by force.
    expect(performance.now() - started).toBeLessThan(4500)
    expect(readHead(ledger)).toBeNull()
  }
  expect((await importIt(ledger, path)).added).toBeGreaterThan(10_000)
  expect((await importIt(ledger, path)).added).toBe(0)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test.each([Number.POSITIVE_INFINITY, 0])(
  'what is no file is said in a sentence (limit %d)',
  async (limit) => {
    const folder = temporaryFolder()
    const missing = await readAll(join(folder, 'none.jsonl'), limit)
    expect(missing.end).toMatchObject({ refused: true })
    expect(missing.end.issues[0]?.message).toMatch(/^a\.jsonl.*there is no such file.*\.$/)
    const directory = await readAll(folder, limit)
    expect(directory.end.issues[0]?.message).toMatch(/^a\.jsonl.*it is a folder.*\.$/)
  },
)

/** Imports a file that something befalls once its first piece was read. */
const befallen = async (befall: (path: string) => void) => {
  const ledger = newBook()
  const path = fileOf(events(LIMIT * 3))
  let done = false
  const result = await importIt(ledger, path, {
    onProgress: () => {
      if (!done) befall(path)
      done = true
    },
  }).catch((error: unknown) => (error instanceof Error ? error.message : 'no error'))
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  return { result, entries: readHead(ledger)?.entries ?? 0 }
}

test('a file that is removed while it is read is read to its end', async () => {
  const whole = await befallen(() => {})
  expect(await befallen((path) => rmSync(path))).toEqual(whole)
})

test('a file that is cut while it is read is refused, and nothing of it is kept', async () => {
  expect(await befallen((path) => truncateSync(path, 1000))).toEqual({
    result: expect.stringMatching(
      /^a\.jsonl: .*\(it became shorter while it was read; .*nothing was imported\./,
    ),
    entries: 0,
  })
})
