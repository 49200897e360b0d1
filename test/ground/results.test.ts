import { describe, expect, it } from 'vitest'
import { runInScratchHouse } from './support.ts'

const results = (stages: Record<string, object>, args: readonly string[]) => {
  const sources = Object.fromEntries(
    Object.entries(stages).map(([stage, counts]) => [
      `out/results/${stage}.sum.json`,
      JSON.stringify(counts),
    ]),
  )
  const { code, text } = runInScratchHouse(['scripts'], sources, 'scripts/results.mjs', args)
  return { code, lastLine: text.trim().split('\n').at(-1) }
}

describe('the sum of all stages', () => {
  it.each([
    // stages                                                                                            last line                          code
    [
      { unit: { passed: 3, failed: 0, skipped: 0 }, e2e: { passed: 1, failed: 0, skipped: 0 } },
      '4 passed, 0 failed',
      0,
    ],
    [{ unit: { passed: 3, failed: 0, skipped: 2 } }, '3 passed, 0 failed, 2 skipped', 0],
    [
      { unit: { passed: 3, failed: 1, skipped: 0 }, e2e: { passed: 1, failed: 2, skipped: 0 } },
      '4 passed, 3 failed',
      1,
    ],
    [{}, '0 passed, 0 failed', 1],
  ])('%o', (stages, lastLine, code) => {
    expect(results(stages, ['sum'])).toEqual({ code, lastLine })
  })
})
