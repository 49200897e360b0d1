/** A few rounds of the crash suite with every kind of work; all of it runs in `npm run test:peers`. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { crash, crashSeed, reportText } from './crash.ts'
import { losePower, powerText } from './power-loss.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

let workshop: Workshop
beforeAll(() => {
  workshop = openWorkshop()
})
afterAll(() => workshop.close())

test.each([
  ['import', 5],
  ['engine', 2],
  ['correction', 4],
  ['cube', 3],
  ['migration', 3],
  ['backup', 3],
  ['busy backup', 3],
] as const)(
  `%s is killed %i times and loses nothing (COUNTINGHOUSE_CRASH_SEED=${crashSeed})`,
  async (kind, rounds) => {
    const report = await crash(workshop, kind, rounds)
    console.info(`COUNTINGHOUSE_CRASH_SEED=${crashSeed} ${reportText(report)}`)
    expect(report.rounds).toBe(rounds)
  },
  180_000,
)

test(`a book whose machine lost its power has every whole batch, and no other (COUNTINGHOUSE_CRASH_SEED=${crashSeed})`, async () => {
  const losses = await losePower(workshop, 9)
  console.info(powerText(losses))
  expect(losses.rounds).toBe(9)
}, 180_000)
