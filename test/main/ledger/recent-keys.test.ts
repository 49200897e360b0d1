import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprintOf } from '../../../src/main/ledger/key-runs.ts'
import { recentKeys } from '../../../src/main/ledger/recent-keys.ts'

/** A key of a few bytes' variety, so that fingerprints and keys are often alike. */
const keyOf = (first: number, last: number): Uint8Array => {
  const key = new Uint8Array(16)
  key[0] = first
  key[15] = last
  return key
}

const step = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      source: fc.integer({ min: 1, max: 3 }),
      first: fc.integer({ min: 0, max: 40 }),
      last: fc.integer({ min: 0, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)

test('keys are found as in a Map, until they are cleared', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000, size: 'max' }), (steps) => {
      const recent = recentKeys()
      let model = new Map<string, number>()
      for (const taken of steps) {
        if (taken === null) {
          recent.clear()
          model = new Map()
          continue
        }
        const { source, first, last } = taken
        const name = `${source} ${first} ${last}`
        // The key stands second of two.
        const keys = new Uint8Array(32)
        keys.set(keyOf(first, last), 16)
        const fingerprint = fingerprintOf(source, keys, 1)
        expect(recent.find(fingerprint, source, keys, 1)).toBe(model.get(name) ?? -1)
        if (model.has(name)) continue
        model.set(name, recent.size)
        recent.add(fingerprint, source, keys, 1)
        expect(recent.size).toBe(model.size)
        expect(recent.fingerprintAt(recent.size - 1)).toBe(fingerprint)
      }
    }),
    { numRuns: 20 },
  )
})
