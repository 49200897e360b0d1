import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../src/domain/canonical.ts'
import {
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../../src/main/collect/collector.ts'
import { retryAfter } from '../../../src/main/engine/collecting/schedule.ts'
import type { Timers } from '../../../src/main/engine/collecting/shapes.ts'
import { type House, openHouse } from './house.ts'

const MINUTE = 60_000

const event = (id: number, value: string | number = 1) =>
  JSON.stringify({
    specversion: '1.0',
    id: String(id),
    source: '/test',
    type: 'calls',
    subject: 'acme',
    time: `2026-10-01T00:00:${String(id % 60).padStart(2, '0')}Z`,
    data: { value },
  })

const page = (checkpoint: Json, ...ids: readonly number[]): Page => ({
  title: `Events to ${JSON.stringify(checkpoint)}`,
  choice: { kind: 'cloudevents' },
  content: ids.map((id) => event(id)).join('\n'),
  checkpoint,
})

/** What the made-up source does next, set by each test. */
let behave: (context: CollectContext<{ readonly host: string }>) => AsyncIterable<Page>
let seen: Json[] = []

const FAKE = collectorOf<{ readonly host: string }>({
  kind: 'made_up',
  title: 'Made up',
  purpose: 'Counts what a test says.',
  fields: [
    { key: 'host', label: 'Host', kind: 'text', required: true },
    { key: 'token', label: 'Token', kind: 'secret', required: false },
  ],
  config: z.strictObject({ host: z.string().min(3) }),
  permissions: (config) => ({
    sentence: 'Read-only.',
    documents: [{ title: 'Policy', language: 'text', text: `read ${config?.host ?? '<host>'}` }],
  }),
  cost: null,
  everyMinutes: 10,
  check: async (context) => [
    {
      state: 'works',
      sentence: `${context.config.host} answers ${(await context.secret('token')) ?? 'anybody'}.`,
    },
  ],
  async *collect(context) {
    seen.push(context.checkpoint)
    yield* behave(context)
  },
} satisfies Collector<{ readonly host: string }>)

/** Timers that go off when the test says so. */
const handTimers = () => {
  const due: { ms: number; work: () => void }[] = []
  const timers: Timers = {
    after: (ms, work) => {
      const entry = { ms, work }
      due.push(entry)
      return () => {
        const at = due.indexOf(entry)
        if (at >= 0) due.splice(at, 1)
      }
    },
    random: () => 0.5,
  }
  return { timers, due }
}

let house: House
let hand: ReturnType<typeof handTimers>
beforeEach(async () => {
  seen = []
  hand = handTimers()
  house = await openHouse({ engine: { collectors: [FAKE], timers: hand.timers } })
})
afterEach(() => house.close())

const connect = (changes: object = {}) =>
  house.client.connections.save({
    id: 'one',
    name: 'One',
    kind: 'made_up',
    config: { host: 'example' },
    everyMinutes: 10,
    paused: false,
    expectedVersion: 0,
    ...changes,
  })
const state = async () => {
  const [found] = await house.client.connections.list()
  if (found === undefined) throw new Error('there is a source')
  return found
}
const run = () => house.job(house.client.connections.run({ id: 'one' }))
const entries = async () => (await house.client.ledger.search({ kind: 'usage' })).rows.length

describe('a run', () => {
  test('commits each page with its checkpoint in one batch and goes on where it left off', async () => {
    await connect()
    behave = async function* () {
      yield page(2, 1, 2)
      yield page(3, 3)
    }
    expect((await run()).result).toEqual({ kind: 'collect', sentence: '3 records new.', added: 3 })
    const { rows } = await house.client.ledger.batches({})
    expect(rows.filter(({ title }) => title.startsWith('Events to')).map(({ title }) => title)).toEqual([
      'Events to 3',
      'Events to 2',
    ])
    behave = async function* () {
      yield page(3, 2, 3)
    }
    expect((await run()).result).toMatchObject({ sentence: '0 records new, 2 known before.' })
    expect(seen).toEqual([null, 3])
  })

  test('keeps what was committed before a failure, and nothing of the page that failed', async () => {
    await connect()
    behave = async function* () {
      yield page(1, 1)
      throw new SourceFailure('The host was cut off after 1 event. What came is kept; it is tried again.', {
        retryable: true,
      })
    }
    expect(await run()).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('cut off after 1 event') },
    })
    expect(await entries()).toBe(1)
    expect(await state()).toMatchObject({
      state: 'failing',
      failures: 1,
      sentence: expect.stringContaining('cut off'),
    })
    behave = async function* ({ checkpoint }) {
      yield page(2, ...(checkpoint === 1 ? [2] : [1, 2]))
    }
    await run()
    expect(await entries()).toBe(2)
    expect(await state()).toMatchObject({ state: 'waiting', failures: 0, lastNew: 1 })
  })

  test('goes on from the checkpoint after the book was opened again', async () => {
    await connect()
    behave = async function* () {
      yield page('here', 1)
    }
    await run()
    house = await house.reopen()
    await run()
    expect(seen).toEqual([null, 'here'])
    expect(await entries()).toBe(1)
  })

  test('a page without records moves the checkpoint, and one that changes nothing adds no batch', async () => {
    await connect()
    behave = async function* () {
      yield { ...page('a'), content: '' }
    }
    await run()
    const before = (await house.client.ledger.batches({})).rows.length
    await run()
    expect((await house.client.ledger.batches({})).rows.length).toBe(before)
    expect(seen).toEqual([null, 'a'])
  })

  test('a range read again leaves the checkpoint alone', async () => {
    await connect()
    behave = async function* ({ range, checkpoint }) {
      yield range === null ? page(9, 9) : page(checkpoint, 5, 9)
    }
    await run()
    const job = await house.job(house.client.connections.backfill({ id: 'one', fromMs: 1, untilMs: 2 }))
    expect(job.result).toMatchObject({ sentence: '1 record new, 1 known before.' })
    await run()
    expect(seen).toEqual([null, 9, 9])
  })

  test('a newer value replaces an older one by its difference where the source restates', async () => {
    await connect()
    behave = async function* () {
      yield { ...page(1), content: event(1, 10), sameId: 'restate' }
    }
    await run()
    behave = async function* () {
      yield { ...page(2), content: event(1, 12), sameId: 'restate' }
    }
    expect((await run()).result).toMatchObject({
      sentence: expect.stringContaining('1 of them replaced an older value'),
    })
    const usage = await house.client.explain.usage({ metric: 'calls', month: '2026-10' as never })
    expect(usage.total).toBe('12')
  })
})

describe('the schedule', () => {
  test('runs a source soon after it is connected, then every so many minutes', async () => {
    behave = async function* () {
      yield page(1, 1)
    }
    await connect()
    expect(hand.due.map(({ ms }) => ms)).toEqual([3000])
    hand.due.shift()?.work()
    await expect.poll(async () => (await state()).lastNew).toBe(1)
    await expect.poll(() => hand.due.map(({ ms }) => ms)).toEqual([10 * MINUTE])
  })

  test('tries again sooner and ever later, then once an hour', () => {
    const failure = new SourceFailure('busy', { retryable: true })
    const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => retryAfter(failures, failure, 10, () => 0.5))
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 60 * MINUTE, 60 * MINUTE])
    const asked = new SourceFailure('busy', { retryable: true, retryAfterMs: 7000 })
    expect(retryAfter(1, asked, 10, () => 0.5)).toBe(7000)
    const long = new SourceFailure('busy', { retryable: true, retryAfterMs: 60 * 24 * 60 * MINUTE })
    expect(retryAfter(1, long, 10, () => 0.5)).toBe(24 * 60 * MINUTE)
    expect(retryAfter(1, new SourceFailure('wrong key', { retryable: false }), 10, () => 0.5)).toBe(
      10 * MINUTE,
    )
    expect([0, 0.999].map((chance) => retryAfter(1, failure, 10, () => chance))).toEqual([27_000, 32_994])
  })

  test('says that a source is broken after six failures in a row', async () => {
    await connect()
    behave = async function* () {
      yield* []
      throw new SourceFailure('Nobody answers at example.', { retryable: true })
    }
    for (let failures = 1; failures <= 6; failures++) await run()
    const { needs } = await house.client.cost.overview({ month: '2026-10' as never })
    expect(needs.map(({ sentence }) => sentence)).toContain(
      'The source One is failing (6 times in a row): Nobody answers at example.',
    )
    expect(await state()).toMatchObject({
      state: 'broken',
      failures: 6,
      sentence: expect.stringContaining('once an hour'),
    })
  })

  test('leaves a paused or removed source alone', async () => {
    await connect()
    await connect({ paused: true, expectedVersion: 1 })
    expect(hand.due).toEqual([])
    expect(await state()).toMatchObject({ state: 'paused', nextRunMs: null })
    await connect({ expectedVersion: 2 })
    expect(hand.due).toHaveLength(1)
    await house.client.connections.remove({ id: 'one', expectedVersion: 3 })
    expect(hand.due).toEqual([])
    expect(await house.client.connections.list()).toEqual([])
  })

  test('runs a source once at a time', async () => {
    await connect()
    let together = 0
    let most = 0
    behave = async function* () {
      most = Math.max(most, ++together)
      await new Promise((resolve) => setTimeout(resolve, 20))
      yield page(1, 1)
      together--
    }
    await Promise.all([run(), run(), run()])
    expect(most).toBe(1)
  })
})

describe('the wizard', () => {
  test('tells the kinds, their permissions, a check and real records, and keeps nothing', async () => {
    expect((await house.client.connections.kinds()).map(({ kind }) => kind)).toEqual(['made_up'])
    const typed = { kind: 'made_up', name: 'One', config: { host: 'example' } }
    expect(await house.client.connections.permissions(typed)).toMatchObject({
      documents: [{ text: 'read example' }],
    })
    expect(await house.client.connections.check(typed)).toEqual({
      ok: true,
      findings: [{ state: 'works', sentence: 'example answers anybody.' }],
    })
    behave = async function* () {
      yield page(1, 1, 2)
    }
    const { preview } = await house.client.connections.preview(typed)
    expect(preview?.records.map(({ what, tenant, amount }) => [what, tenant, amount])).toEqual([
      ['calls', 'acme', '1'],
      ['calls', 'acme', '1'],
    ])
    expect(await entries()).toBe(0)
    expect(await house.client.connections.list()).toEqual([])
  })

  test('never says a secret back', async () => {
    const typed = {
      kind: 'made_up',
      name: 'One',
      config: { host: 'example' },
      secrets: { token: 'hunter2-hunter2' },
    }
    const { findings } = await house.client.connections.check(typed)
    expect(findings[0]?.sentence).toBe('example answers [SECRET].')
    await expect(
      house.client.connections.check({ ...typed, config: { host: 'example', token: 'hunter2' } }),
    ).rejects.toThrow('Token is a secret: it is saved apart')
  })

  test.each([
    [{ config: { host: 'x' } }, 'Host: '],
    [{ config: { host: 'example', port: '1' } }, 'Made up has no field port.'],
    [{ kind: 'other' }, 'no kind of source called other'],
  ])('%j is refused in words', async (changes, words) => {
    await expect(connect(changes)).rejects.toThrow(words)
    expect(await house.client.connections.list()).toEqual([])
  })

  test('a name is one source’s, and fixed once there are records', async () => {
    behave = async function* () {
      yield page(1, 1)
    }
    await connect()
    await expect(connect({ id: 'two' })).rejects.toThrow('already')
    await run()
    await expect(connect({ name: 'Other', expectedVersion: 1 })).rejects.toThrow('would count again')
  })
})
