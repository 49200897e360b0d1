import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CubeRouter } from '../../../src/main/cube/cube-thread.ts'
import { startThread } from '../../../src/main/thread/start-thread.ts'
import { threadFile } from '../../../src/main/thread/thread-file.ts'
import { at, bookIn, makeBook } from './book.ts'

const ENTRY = threadFile(
  new URL('../../../src/main/cube/cube.ts', import.meta.url).href,
  './cube-thread.ts',
  'cube-thread',
)

describe('the cube in a thread of its own', () => {
  it('follows, answers, rebuilds with progress and can be cancelled', async () => {
    const book = makeBook()
    const startMs = at('2026-10-01')
    const usage = [{ tenant: 'acme', metric: 'api.calls', scale: 2, quantity: 150n, startMs }]
    book.add({ documents: [bookIn('UTC')], usage })
    const thread = startThread<CubeRouter>(ENTRY, { bookDirectory: book.directory }, { name: 'cube' })
    try {
      const { client } = thread
      expect(await client.follow()).toMatchObject({ lastBatchId: 1, rebuilt: null })
      const question = {
        metric: 'api.calls',
        startMs,
        endMs: startMs + 1,
        grain: 'month' as const,
        groupBy: ['tenant' as const],
      }
      expect(await client.usageSlice(question)).toEqual({
        rows: [{ keys: ['acme'], bucket: '2026-10', quantity: '1.5' }],
      })
      expect(await client.controlTotals({})).toEqual({
        usage: [{ measureNo: 1, events: 1, quantity: 150n }],
        cost: [],
      })
      const events = []
      for await (const event of await client.rebuild()) events.push(event)
      expect(events.at(-1)).toEqual({ result: { lastBatchId: 1, lastSeq: 4, entries: 4, rebuilt: 'asked' } })
      expect(await client.status()).toMatchObject({ lastBatchId: 1, ledgerBatchId: 1, following: false })
      const wrong = client.costSlice({
        months: [],
        currency: 'USD',
        grain: 'total',
        groupBy: ['colour' as never],
      })
      await expect(wrong).rejects.toThrow('there is no field colour to group or filter by')
      await expect(client.monthsSeen({}, { signal: AbortSignal.abort() })).rejects.toThrow()
      expect(await client.monthsSeen({})).toEqual([{ month: '2026-10', usageEvents: 1, costEntries: 0 }])
    } finally {
      await thread.close()
      book.close()
    }
  })

  it('says why it cannot start', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'cube-'))
    const thread = startThread<CubeRouter>(ENTRY, { bookDirectory: empty }, { name: 'cube' })
    try {
      await expect(thread.client.status()).rejects.toThrow('There is no book in')
    } finally {
      await thread.close()
      rmSync(empty, { recursive: true })
    }
  })
})
