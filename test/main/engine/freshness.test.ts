/** When a connected source is late, and who is told. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { collectorOf, type Page } from '../../../src/main/collect/collector.ts'
import { events, focus, type House, openHouse } from './house.ts'

/** What the source has, set by each test. */
let has: Pick<Page, 'choice' | 'content'>

const FAKE = collectorOf<object>({
  kind: 'made_up',
  title: 'Made up',
  purpose: 'Gives what a test says.',
  fields: [],
  config: z.strictObject({}),
  permissions: () => ({ sentence: 'None.', documents: [] }),
  cost: null,
  everyMinutes: 10,
  check: async () => [],
  async *collect({ nowMs }) {
    yield { title: 'Page', checkpoint: nowMs, ...has }
  },
})

let house: House
beforeEach(async () => {
  house = await openHouse({
    now: '2026-11-02T12:00:00Z',
    engine: { collectors: [FAKE], timers: { after: () => () => undefined, random: () => 0.5 } },
  })
  await connect()
})
afterEach(() => house.close())

const connect = (changes: object = {}) =>
  house.client.connections.save({
    id: 'one',
    name: 'One',
    kind: 'made_up',
    config: {},
    everyMinutes: 10,
    paused: false,
    expectedVersion: 0,
    ...changes,
  })
const run = () => house.job(house.client.connections.run({ id: 'one' }))
const state = async () => {
  const [found] = await house.client.connections.list()
  return found === undefined ? null : [found.newestMs, found.lagMs, found.late]
}
const needs = async () => {
  const overview = await house.client.cost.overview({ month: '2026-11' as never })
  return overview.needs.filter(({ kind }) => kind === 'late_source').map(({ sentence }) => sentence)
}

test('usage is late after three runs and an hour without a newer record', async () => {
  has = {
    choice: { kind: 'cloudevents' },
    content: events([['1', 'calls', 'acme', '2026-11-02T11:30:00Z', '1']]),
  }
  const newestMs = Date.parse('2026-11-02T11:30:00Z')
  expect(await state()).toEqual([null, null, false])
  await run()
  expect(await state()).toEqual([newestMs, 30 * 60_000, false])
  house.clock.set('2026-11-02T13:00:00Z')
  await run()
  expect([await state(), await needs()]).toEqual([[newestMs, 90 * 60_000, false], []])
  house.clock.set('2026-11-02T13:01:00Z')
  await run()
  expect([await state(), await needs()]).toEqual([
    [newestMs, 91 * 60_000, true],
    ['One: the newest record is 91 minutes old.'],
  ])
  house.clock.set('2026-11-05T13:01:00Z')
  expect(await needs()).toEqual(['One: the newest record is 3 days old.'])
  await connect({ paused: true, expectedVersion: 1 })
  expect([(await state())?.[2], await needs()]).toEqual([false, []])
})

test('cost of a day comes up to a day after it ended', async () => {
  has = { choice: { kind: 'focus' }, content: focus([{ day: '2026-11-01', service: 'EC2', billed: '3' }]) }
  await run()
  house.clock.set('2026-11-03T01:00:00Z')
  expect(await needs()).toEqual([])
  house.clock.set('2026-11-03T01:31:00Z')
  expect(await needs()).toEqual(['One: the newest record is 2 days old.'])
})

test('a source that never brought anything is told', async () => {
  has = { choice: { kind: 'cloudevents' }, content: '' }
  await run()
  house.clock.set('2026-11-02T13:30:00Z')
  expect(await needs()).toEqual([])
  house.clock.set('2026-11-02T15:00:00Z')
  expect(await needs()).toEqual([
    'The source One has brought nothing since it was set up 3 hours ago. Check it, and what it is told to read.',
  ])
})
