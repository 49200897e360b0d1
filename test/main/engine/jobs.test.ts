/** Long work: other calls answer meanwhile, progress moves, a cancelled import leaves nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { Jobs } from '../../../src/main/engine/jobs.ts'
import { type EventRow, events, focus, gzip, type House, openHouse, sell, verify } from './house.ts'

const COUNT = 60_000
const CALLS: Charge = {
  kind: 'per_unit',
  id: 'calls',
  name: 'Calls',
  metric: 'calls',
  unitAmount: '1' as DecimalText,
  per: '1' as DecimalText,
}
const row = (i: number): EventRow => [
  `e${i}`,
  'calls',
  `t${i % 20}`,
  new Date(Date.UTC(2026, 9, 1) + i * 30_000).toISOString(),
  '1',
]

let house: House
let path: string
beforeAll(async () => {
  house = await openHouse()
  path = house.file('big.jsonl.gz', gzip(events(Array.from({ length: COUNT }, (_, i) => row(i)))))
})
afterAll(() => house.close())

const start = async () => {
  const { fileId } = await house.client.files.openPath({ path })
  return (await house.client.imports.start({ fileId, options: {} })).jobId
}

test('an import cancelled half-way keeps nothing, and the file can be imported after all', async () => {
  const { client } = house
  const { head } = await client.book.status()
  const jobId = await start()
  let done = 0
  let state = ''
  for await (const job of await client.jobs.watch({ jobId })) {
    state = job.state
    done = job.progress.done
    if (job.state === 'running' && done > 0) {
      await client.jobs.cancel({ jobId })
    }
  }
  expect(done).toBeGreaterThan(0)
  expect(state).toBe('cancelled')
  expect((await client.book.status()).head).toEqual(head)
  expect((await client.metrics.list()).map(({ definition }) => definition.metric)).toEqual([])
})

test('progress moves, other calls answer within the job, the watch ends with the result', async () => {
  const { client } = house
  const jobId = await start()
  const dones: number[] = []
  let answered = 0
  let ended = false
  const others = (async () => {
    while (!ended) {
      const status = await client.book.status()
      expect(status.head.batchId).toBeGreaterThan(0)
      await client.cost.overview({ month: '2026-10' as Month })
      if ((await client.jobs.get({ jobId })).state === 'running') answered++
    }
  })()
  let last = await client.jobs.get({ jobId })
  for await (const job of await client.jobs.watch({ jobId })) {
    last = job
    dones.push(job.progress.done)
  }
  ended = true
  await others
  expect(answered).toBeGreaterThan(0)
  expect(dones).toEqual([...dones].sort((a, b) => a - b))
  expect(new Set(dones).size).toBeGreaterThan(2)
  expect(last).toMatchObject({ state: 'done', error: null })
  expect(last.progress.done).toBe(last.progress.total)
  expect(last.result).toMatchObject({ kind: 'import', import: { rows: COUNT, added: COUNT } })
  // What was shown while the cube was behind is not what is shown now.
  const { months } = await client.book.status()
  expect(months).toMatchObject([{ month: '2026-10', usageEvents: COUNT }])
  // Somebody who comes late sees how it ended.
  const late = []
  for await (const job of await client.jobs.watch({ jobId })) late.push(job.state)
  expect(late).toEqual(['done'])
})

test('a month can’t be closed while an import is running', async () => {
  const jobId = await start()
  await expect(house.client.reconcile.close({ month: '2026-09' as Month, reason: 'x' })).rejects.toThrow(
    'September 2026 was not closed: an import is running, and may hold records of it. Close it when the import has ended.',
  )
  await house.client.jobs.cancel({ jobId })
  for await (const _ of await house.client.jobs.watch({ jobId }));
})

test('an import that waits behind a close counts what is late in the next open month', async () => {
  const { client } = house
  await house.take('s.jsonl', events([['s', 'calls', 'acme', '2026-09-01T00:00:00Z', '1']]))
  const before = house.file('late.jsonl', events([['late', 'calls', 'acme', '2026-09-02T00:00:00Z', '1']]))
  const { fileId } = await client.files.openPath({ path: before })
  const closing = client.reconcile.close({ month: '2026-09' as Month, reason: 'agreed' })
  const [, job] = await Promise.all([
    closing,
    closing.then(() => house.job(client.imports.start({ fileId, options: {} }))),
  ])
  expect(job.result).toMatchObject({ kind: 'import', import: { late: 1 } })
})

test('failed jobs say why, and unknown ones are not found', async () => {
  const { fileId } = await house.client.files.openPath({ path: house.file('empty.csv', focus([])) })
  const job = await house.job(
    house.client.imports.start({ fileId, options: { kind: 'focus', source: 'Usage files' } }),
  )
  expect(job).toMatchObject({ state: 'failed', error: { code: 'source_exists_with_another_kind' } })
  expect(job.error?.message).toBe(
    'The source Usage files is of the kind usage, not cost. Nothing of this batch was kept; name the source otherwise.',
  )
  await expect(house.client.jobs.get({ jobId: 'none' })).rejects.toThrow(
    'There is no job none in this session; jobs are forgotten when the engine stops.',
  )
})

test('the cube is rebuilt to the same totals, and the ledger backed up to a book that opens', async () => {
  const { client } = house
  const of = () =>
    client.usage.query({
      metric: 'calls',
      from: '2026-09' as Month,
      to: '2026-11' as Month,
      grain: 'day',
      groupBy: ['tenant'],
      filters: [],
      compare: 'none',
    })
  const before = await of()
  expect((await house.job(client.book.rebuildCube())).state).toBe('done')
  expect(await of()).toEqual(before)
  expect((await house.job(client.book.backup())).result).toMatchObject({ kind: 'backup' })
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
})

test('what was asked while the cube was being rebuilt is forgotten when it is there again', async () => {
  const { client } = house
  await sell(client, { id: 'one', tenants: ['t0'] }, { id: 'list', charges: [CALLS] })
  const { head } = await client.book.status()
  await client.book.saveAuthor({ author: 'Grace' })
  const ask = async (asOf: { asOf?: string }) =>
    (await client.cost.margin({ month: '2026-10' as Month, ...asOf })).total.revenue
  const then = { asOf: String(head.batchId) }
  const before = [await ask({}), await ask(then)]
  expect(before).toEqual(['3000', '3000'])
  // Of another batch each time, so that nothing of before is kept.
  await client.book.saveAuthor({ author: 'Ada' })
  const other = { asOf: String(head.batchId + 1) }
  const { jobId } = await client.book.rebuildCube()
  const seen = new Set<string | null>()
  while ((await client.jobs.get({ jobId })).state === 'running')
    for (const asOf of [other, {}]) seen.add(await ask(asOf))
  expect(seen).toContain('0')
  expect([await ask({}), await ask(then), await ask(other)]).toEqual(['3000', '3000', '3000'])
})

test('what a job says of its failure holds no secret', async () => {
  const jobs = new Jobs({ nowMs: () => 0 }, (text) => text.replaceAll('hush', '…'))
  const { jobId } = jobs.start('verify', 'Verify', 'entries', () =>
    Promise.reject(new Error('the key hush is wrong')),
  )
  expect((await jobs.ended(jobId)).error).toEqual({ code: 'FAILED', message: 'the key … is wrong' })
})
