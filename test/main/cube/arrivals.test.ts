import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { daysArrived, lateEntries, sourcesSeen } from '../../../src/main/cube/queries/arrivals.ts'
import { at, bookIn, makeBook } from './book.ts'
import type { World } from './oracle.ts'
import { worlds, write } from './world.ts'

const PERIODS = [
  { month: '2026-10', period: { startMs: at('2026-09-30T22:00:00Z'), endMs: at('2026-10-31T23:00:00Z') } },
  { month: '2026-03', period: { startMs: at('2026-01-01'), endMs: at('2027-01-01') } },
  { month: '2026-11', period: { startMs: at('2026-10-25T00:15:00Z'), endMs: at('2026-10-25T01:00:00Z') } },
]

const SPANS = [
  ['2026-01-01', '2026-12-31'],
  ['2026-10-25', '2026-10-25'],
  ['2026-10-31', '2026-11-01'],
] as const

const within = (ms: number, { startMs, endMs }: { startMs: number; endMs: number }) =>
  ms >= startMs && ms < endMs

const sign = ({ correction }: { readonly correction?: unknown }) => (correction === 'reversal' ? -1 : 1)

/** Entries by service day, counted by hand. */
const daysByHand = (world: World, firstDay: string, lastDay: string) => {
  const groups = new Map<string, { records: number; lastBatchId: number }>()
  for (const entry of [...world.usage, ...world.cost]) {
    const day = Temporal.Instant.fromEpochMilliseconds(entry.startMs)
      .toZonedDateTimeISO(world.timeZone)
      .toPlainDate()
      .toString()
    if (day < firstDay || day > lastDay) continue
    const { records = 0, lastBatchId = 0 } = groups.get(day) ?? {}
    groups.set(day, {
      records: records + sign(entry),
      lastBatchId: Math.max(lastBatchId, entry.batchId),
    })
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, counted]) => ({ sourceNo: 1, day, ...counted }))
}

/** At 18 decimals. */
const units = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(18, '0'))
  return text.startsWith('-') ? -value : value
}

describe('what arrived', () => {
  it('equals a plain recomputation', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (plan) => {
        const book = makeBook()
        const world = await write(book, plan)
        const cube = await openCube(book.directory)
        try {
          await cube.follow()
          const all = [...world.usage, ...world.cost]
          const seen = await cube.read(sourcesSeen)
          expect(seen).toEqual(
            all.length === 0
              ? []
              : [
                  {
                    sourceNo: 1,
                    records: all.reduce((sum, entry) => sum + sign(entry), 0),
                    lastServiceMs: Math.max(...all.map(({ startMs }) => startMs)),
                    lastBatchId: Math.max(...all.map(({ batchId }) => batchId)),
                  },
                ],
          )
          for (const [firstDay, lastDay] of SPANS)
            expect(await cube.read((c) => daysArrived(c, { firstDay, lastDay }))).toEqual(
              daysByHand(world, firstDay, lastDay),
            )
          for (const { month, period } of PERIODS) {
            const lateUsage = world.usage.filter((each) => each.postedMs && within(each.startMs, period))
            const lateCost = world.cost.filter((each) => each.postedMs && each.billMonth === month)
            const late = await cube.read((c) =>
              lateEntries(c, { month, period, currency: 'USD', computedAtBatch: 2 }),
            )
            expect({ ...late, billed: units(late.billed) }).toEqual({
              usageEvents: lateUsage.length,
              costEntries: lateCost.length,
              billed: lateCost
                .filter(({ currency }) => currency === 'USD')
                .reduce((sum, { billed }) => sum + units(billed), 0n),
              postedMs:
                lateUsage.length + lateCost.length === 0
                  ? null
                  : Math.max(...[...lateUsage, ...lateCost].map(({ postedMs }) => postedMs ?? 0)),
              usageBatchesAfter: new Set(
                world.usage
                  .filter((each) => each.batchId > 2 && within(each.postedMs ?? each.startMs, period))
                  .map(({ batchId }) => batchId),
              ).size,
            })
          }
        } finally {
          await cube.close()
          book.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is nothing in an empty book', async () => {
    const book = makeBook()
    book.add({ documents: [bookIn('UTC')] })
    const cube = await openCube(book.directory)
    try {
      await cube.follow()
      expect(await cube.read(sourcesSeen)).toEqual([])
      expect(
        await cube.read((c) =>
          lateEntries(c, {
            month: '2026-10',
            period: { startMs: 0, endMs: 1 },
            currency: 'USD',
            computedAtBatch: 0,
          }),
        ),
      ).toEqual({ usageEvents: 0, costEntries: 0, billed: '0', postedMs: null, usageBatchesAfter: 0 })
    } finally {
      await cube.close()
      book.close()
    }
  })
})
