/** The whole crash suite: at least 200 kills over all kinds of work (test/faults/crash). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CrashReport, crash, crashSeed, reportText } from '../faults/crash/crash.ts'
import { losePower, type PowerLosses, powerText } from '../faults/crash/power-loss.ts'
import { openWorkshop, type Workshop } from '../faults/crash/workshop.ts'

/** Kills of a kind among 250; `COUNTINGHOUSE_CRASH_ROUNDS` asks for more or fewer in all. */
const SHARES = {
  import: 60,
  engine: 15,
  correction: 50,
  cube: 40,
  migration: 30,
  backup: 25,
  'busy backup': 30,
} as const
const TOTAL = 250
/** Losses of power beside them. */
const LOSSES = 60
const total = Number(process.env.COUNTINGHOUSE_CRASH_ROUNDS ?? TOTAL)

let workshop: Workshop
const reports: CrashReport[] = []
let losses: PowerLosses | null = null
beforeAll(() => {
  workshop = openWorkshop()
})
afterAll(() => {
  workshop.close()
  const rounds = reports.reduce((sum, report) => sum + report.rounds, 0)
  console.info(
    [
      `COUNTINGHOUSE_CRASH_SEED=${crashSeed}: ${rounds} kills`,
      ...reports.map(reportText),
      ...(losses === null ? [] : [powerText(losses)]),
    ].join('\n  '),
  )
})

test.each(Object.entries(SHARES) as [keyof typeof SHARES, number][])(
  `%s is killed again and again and loses nothing (COUNTINGHOUSE_CRASH_SEED=${crashSeed})`,
  async (kind, share) => {
    const rounds = Math.ceil((share * total) / TOTAL)
    const report = await crash(workshop, kind, rounds)
    reports.push(report)
    expect(report.rounds).toBe(rounds)
    // Kills that all miss the work would prove nothing.
    expect(report.inside).toBeGreaterThanOrEqual(Math.floor(rounds / 4))
  },
  600_000,
)

test(`a book whose machine lost its power has every whole batch, and no other (COUNTINGHOUSE_CRASH_SEED=${crashSeed})`, async () => {
  losses = await losePower(workshop, Math.ceil((LOSSES * total) / TOTAL))
  // Books that all came back at the same batch would prove little.
  expect(losses.cameBack.size).toBeGreaterThan(2)
}, 600_000)
