/** Usage cut as charges ask for it, against plain recomputation of the same entries (test/main/cube/oracle.ts). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Decimal } from '../../../src/domain/decimal.ts'
import type { UsageCut } from '../../../src/domain/pricing/usage.ts'
import { openCube } from '../../../src/main/cube/cube.ts'
import { type AskedCut, usageCuts } from '../../../src/main/cube/queries/cuts.ts'
import { at, makeBook } from './book.ts'
import * as oracle from './oracle.ts'
import { METRIC_NAMES, worlds, write } from './world.ts'

const filters = fc.array(
  fc.constantFrom(
    { dimension: 'region', values: ['eu'] },
    { dimension: 'region', values: ['us', 'eu'] },
    { dimension: 'user', values: ['u1', 'ü3'] },
  ),
  { minLength: 1, maxLength: 2 },
)
const dimensions = fc.subarray(['region', 'user', 'nowhere'])
const opening = fc.constantFrom('level' as const, 'change' as const)
/** As `usageNeeds` asks for: singles and levels are of single events, the rest adds events up. */
const cuts: fc.Arbitrary<UsageCut> = fc.oneof(
  fc.constant({}),
  fc.record({ filters, dimensions, bucketMs: fc.constantFrom(900_000, 3_600_000) }, { requiredKeys: [] }),
  fc.record(
    { byValue: fc.constant(true), dimensions, filters, bucketMs: fc.constant(3_600_000) },
    { requiredKeys: ['byValue'] },
  ),
  fc.record({ events: fc.constant(true), dimensions, filters }, { requiredKeys: ['events'] }),
  fc.record({ events: fc.constant(true), opening, filters }, { requiredKeys: ['events', 'opening'] }),
)
const needs: fc.Arbitrary<AskedCut> = fc
  .record({
    metric: fc.constantFrom(...METRIC_NAMES),
    startMs: fc.constantFrom(at('2026-01-01'), at('2026-10-24T22:00:00Z'), at('2026-10-31T18:00:00Z')),
    endMs: fc.constantFrom(at('2027-01-01'), at('2026-11-01T06:00:00Z')),
    cut: cuts,
    afterBatch: fc.option(fc.constantFrom(1, 2), { nil: undefined, freq: 4 }),
  })
  .map(({ afterBatch, ...need }) => (afterBatch === undefined ? need : { ...need, afterBatch }))

const SUMS = new Set(['api.calls', 'undocumented'])

/** Answers in no order but events', which is tested on its own. */
const sorted = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort()

test('every cut equals a plain recomputation', async () => {
  await fc.assert(
    fc.asyncProperty(
      worlds,
      fc.array(needs, { minLength: 10, maxLength: 10 }),
      fc.constantFrom(undefined, 2, 3),
      async (plan, asked, asOfBatch) => {
        const book = makeBook()
        const world = await write(book, plan)
        const cube = await openCube(book.directory)
        try {
          await cube.follow()
          const found = await cube.read((connection) =>
            usageCuts(connection, { needs: asked, ...(asOfBatch === undefined ? {} : { asOfBatch }) }),
          )
          for (const [index, need] of asked.entries()) {
            const expected = oracle.usageCut(world, { ...need, asOfBatch })
            // Of a whole period it is only said whether there were events at all.
            const isWhole = Object.keys(need.cut).length === 0 && need.afterBatch === undefined
            const rows = found.rows
              .filter((row) => row.index === index)
              .map(({ index: _, events, ...row }) => ({ ...row, events: isWhole ? 1 : events }))
            const wanted = expected.rows.map((row) => (isWhole ? { ...row, events: 1 } : row))
            expect(sorted(rows), JSON.stringify(need)).toEqual(sorted(wanted))
            // What events are priced by on their own adds up to what they are together, reversals too.
            if (SUMS.has(need.metric))
              for (const { value, events, quantity } of rows)
                if (value !== undefined) expect(new Decimal(value).times(events).eq(quantity)).toBe(true)
            if (need.cut.events === true)
              for (const tenant of new Set(rows.map((row) => row.tenant)))
                expect(rows.filter((row) => row.tenant === tenant)).toEqual(
                  wanted.filter((row) => row.tenant === tenant),
                )
            const openings = found.openings
              .filter((each) => each.index === index)
              .map(({ tenant, opening: level }) => ({ tenant, opening: level }))
            expect(sorted(openings), JSON.stringify(need)).toEqual(sorted(expected.openings))
          }
        } finally {
          await cube.close()
          book.close()
        }
      },
    ),
    { numRuns: 40, endOnFailure: true },
  )
})
