import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { lateEntries, quartersArrived, sourcesSeen } from '../../../src/main/cube/queries/arrivals.ts'
import { at, bookIn, makeBook } from './book.ts'
import type { World } from './oracle.ts'
import { worlds, write } from './world.ts'

const PERIODS = [
  { month: '2026-10', period: { startMs: at('2026-09-30T22:00:00Z'), endMs: at('2026-10-31T23:00:00Z') } },
  { month: '2026-03', period: { startMs: at('2026-01-01'), endMs: at('2027-01-01') } },
  { month: '2026-11', period: { startMs: at('2026-10-25T00:15:00Z'), endMs: at('2026-10-25T01:00:00Z') } },
]

const within = (ms: number, { startMs, endMs }: { startMs: number; endMs: number }) =>
  ms >= startMs && ms < endMs

const sign = ({ correction }: { readonly correction?: unknown }) => (correction === 'reversal' ? -1 : 1)

/** Entries by quarter of an hour, counted by hand. */
const quartersByHand = (world: World, period: { startMs: number; endMs: number }) =>
  (['usage', 'cost'] as const).flatMap((kind) => {
    const groups = new Map<number, { entries: number; firstBatchId: number; lastBatchId: number }>()
    for (const entry of world[kind]) {
      if (!within(entry.startMs, period)) continue
      const quarter = entry.startMs - (entry.startMs % 900_000)
      const { entries = 0, firstBatchId = entry.batchId } = groups.get(quarter) ?? {}
      groups.set(quarter, { entries: entries + sign(entry), firstBatchId, lastBatchId: entry.batchId })
    }
    return [...groups]
      .sort(([a], [b]) => a - b)
      .map(([startMs, counted]) => ({ sourceNo: 1, kind, startMs, ...counted }))
  })

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
          for (const { month, period } of PERIODS) {
            expect(await cube.read((c) => quartersArrived(c, period))).toEqual(quartersByHand(world, period))
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
