import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyFilter } from '../../../src/main/ledger/key-filter.ts'

const fingerprint = fc.oneof(
  fc.nat(2 ** 31 - 1).map((n) => n * 2 + 1),
  fc.constantFrom(0, 1, 2 ** 32 - 1),
)

test('what was added may be there, however full the filter is', () => {
  fc.assert(
    fc.property(
      fc.array(fingerprint, { maxLength: 500 }),
      fc.constantFrom(1, 100, 5000),
      (added, capacity) => {
        const filter = keyFilter(capacity)
        for (const each of added) filter.add(each)
        for (const each of added) expect(filter.mayHave(each)).toBe(true)
      },
    ),
  )
})

test('of what was not added few may be there, at its capacity', () => {
  const filter = keyFilter(20_000)
  // Odd numbers are added, even ones are not; the factor spreads them over 32 bits.
  const spread = (n: number) => Math.imul(n, 0x9e3779b1) >>> 0
  for (let i = 0; i < 20_000; i++) filter.add(spread(i * 2 + 1))
  let wrong = 0
  for (let i = 0; i < 20_000; i++) if (filter.mayHave(spread(i * 2))) wrong++
  expect(wrong).toBeLessThan(400)
  expect(keyFilter(10).mayHave(7)).toBe(false)
})
