import { describe, expect, it } from 'vitest'
import { runInScratchHouse } from './support.ts'

const lint = (path: string, source: string) => {
  const { code, text } = runInScratchHouse(
    ['biome.json', '.gitignore', 'scripts/lint'],
    { [path]: `${source}\n` },
    'node_modules/@biomejs/biome/bin/biome',
    ['lint', '--error-on-warnings', 'src'],
  )
  return { code, text: text.replace(/\s+/g, ' ') }
}

describe('the bans of src/domain and src/main', () => {
  it.each([
    // source                                                 what the message names
    ['export const now = Date.now()', 'take the clock as a parameter'],
    ['export const read = Date.now', 'take the clock as a parameter'],
    ['export const now = new Date()', 'take the clock as a parameter'],
    ['export const now = Temporal.Now.instant()', 'take the clock as a parameter'],
    ['export const id = Math.random()', 'seeded generator'],
    ["export const price = parseFloat('1.10')", 'parseDecimal of src/domain/decimal.ts'],
    ["export const prices = ['1.10'].map(parseFloat)", 'parseDecimal of src/domain/decimal.ts'],
    ["export const price = Number.parseFloat('1.10')", 'parseDecimal of src/domain/decimal.ts'],
    ['export const text = (1.005).toFixed(2)', 'src/domain/money.ts'],
    ['export const text = (amount: number) => amount.toFixed()', 'src/domain/money.ts'],
  ])('%s', (source, words) => {
    for (const path of ['src/domain/pricing/bad.ts', 'src/main/bill/bad.ts']) {
      const { code, text } = lint(path, source)
      expect(text).toContain(words)
      expect(code).not.toBe(0)
    }
  })

  it.each([
    ['src/main/engine/clock.ts', 'export const now = () => Date.now()'],
    ['src/domain/money.ts', 'export const text = (amount: { toFixed(): string }) => amount.toFixed()'],
    ['src/domain/period.ts', 'export const day = new Date(0)'],
    ['src/renderer/width.ts', 'export const width = (ratio: number) => ratio.toFixed(2)'],
  ])('allows in %s: %s', (path, source) => {
    const { code, text } = lint(path, source)
    expect(text).not.toContain('banned')
    expect(code).toBe(0)
  })
})
