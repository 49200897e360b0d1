import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { fingerprintOf, type KeyRuns, keyRuns } from '../../../src/main/ledger/key-runs.ts'
import { MIGRATIONS } from '../../../src/main/ledger/schema.ts'

const newDatabase = () => {
  const database = new Database(':memory:')
  onTestFinished(() => void database.close())
  for (const migration of MIGRATIONS) database.exec(migration)
  return database
}

/** Writes keys with seqs from `seq` on, each a few more than the one before; returns the seq after them. */
const writer =
  (runs: KeyRuns, kept: Map<number, number[]>, draw: () => number) => (count: number, seq: number) => {
    const seqs = new Float64Array(count)
    const fingerprints = new Uint32Array(count)
    let next = seq
    for (let i = 0; i < count; i++) {
      next += 1 + (draw() % 3)
      seqs[i] = next
      // Some come again and again, at the ends of the range, too.
      const drawn = draw()
      fingerprints[i] = drawn % 50 === 0 ? ([0, 7, 2 ** 32 - 1][drawn % 3] ?? 0) : drawn
      const found = kept.get(fingerprints[i] ?? 0)
      if (found === undefined) kept.set(fingerprints[i] ?? 0, [next])
      else found.push(next)
    }
    runs.write(seqs, fingerprints)
    return next
  }

/** Numbers of 32 bits, the same for the same seed. */
const drawing = (seed: number) => {
  let state = seed | 1
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b1
    state |= 0
    return (state ^ (state >>> 13)) >>> 0
  }
}

const sorted = (seqs: readonly number[]) => seqs.toSorted((one, other) => one - other)

const expectKept = (runs: KeyRuns, kept: ReadonlyMap<number, readonly number[]>, draw: () => number) => {
  const all: [number, number][] = []
  expect(runs.each((fingerprint, seq) => all.push([fingerprint, seq]))).toBe(true)
  const expected = [...kept].flatMap(([fingerprint, seqs]) => seqs.map((seq) => [fingerprint, seq]))
  expect(runs.keys).toBe(expected.length)
  const order = (one: readonly number[], other: readonly number[]) =>
    (one[1] ?? 0) - (other[1] ?? 0) || (one[0] ?? 0) - (other[0] ?? 0)
  expect(all.sort(order)).toEqual(expected.sort(order))
  const asked = [0, 1, 2 ** 32 - 1, ...Array.from({ length: 50 }, draw)]
  let i = 0
  const every = Math.ceil(kept.size / 300)
  for (const fingerprint of kept.keys())
    if (i++ % every === 0) asked.push(fingerprint, (fingerprint + 1) >>> 0)
  for (const fingerprint of asked)
    expect(sorted(runs.candidates(fingerprint))).toEqual(sorted(kept.get(fingerprint) ?? []))
}

const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 150 }) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(1, 64, 2047, 2048, 2049, 4096), { maxLength: 25 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(1, 5000, 30_000), { maxLength: 4 }) },
)

test('whatever was written is found, and nothing else, also by whoever reads it anew', () => {
  let levelMost = 0
  fc.assert(
    fc.property(sizes, fc.integer(), (counts, seed) => {
      const database = newDatabase()
      const draw = drawing(seed)
      const runs = keyRuns(database)
      const kept = new Map<number, number[]>()
      const write = writer(runs, kept, draw)
      let seq = 0
      for (const count of counts) seq = write(count, seq)
      expectKept(runs, kept, draw)
      runs.forget()
      expectKept(runs, kept, draw)
      expectKept(keyRuns(database), kept, draw)
      const { level } = database
        .prepare('SELECT coalesce(max(level), 0) AS level FROM usage_key_run')
        .get() as {
        level: number
      }
      levelMost = Math.max(levelMost, level)
      runs.clear()
      expectKept(runs, new Map(), draw)
      database.close()
    }),
    { numRuns: 25 },
  )
  // Runs were merged, and what was merged was merged again.
  expect(levelMost).toBeGreaterThan(2)
})

test('after a rollback the runs are those of before it', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.integer(), (before, within, seed) => {
      const database = newDatabase()
      const draw = drawing(seed)
      const runs = keyRuns(database)
      const kept = new Map<number, number[]>()
      const write = writer(runs, kept, draw)
      let seq = 0
      for (const count of before) seq = write(count, seq)
      const lost = new Map([...kept].map(([fingerprint, seqs]) => [fingerprint, [...seqs]]))
      const writeLost = writer(runs, lost, draw)
      database.exec('BEGIN')
      let lostSeq = seq
      for (const count of within) lostSeq = writeLost(count, lostSeq)
      expectKept(runs, lost, draw)
      database.exec('ROLLBACK')
      runs.forget()
      expectKept(runs, kept, draw)
      for (const count of [3, 3000]) seq = write(count, seq)
      expectKept(runs, kept, draw)
      database.close()
    }),
    { numRuns: 15 },
  )
})

test('seqs beyond 32 bits are found; runs too far apart stay apart', () => {
  const runs = keyRuns(newDatabase())
  const kept = new Map<number, number[]>()
  const draw = drawing(5)
  const write = writer(runs, kept, draw)
  for (let i = 0; i < 40; i++) write(20, i * 2 ** 30 + 2 ** 31)
  expectKept(runs, kept, draw)
})

test('the same id of another source has another fingerprint', () => {
  const keys = Uint8Array.from({ length: 32 }, (_, i) => 200 + (i % 16))
  expect(fingerprintOf(1, keys, 0)).toBe(fingerprintOf(1, keys, 1))
  expect(fingerprintOf(2, keys, 0)).not.toBe(fingerprintOf(1, keys, 0))
})
