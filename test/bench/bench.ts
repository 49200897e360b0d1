/**
 * What our exactness costs: each benchmark runs our way and the bare way on the same input, and the ratio of the
 * two is what is watched, since a ratio means the same on every machine. `--smoke` runs a small input once, to
 * prove that the benchmarks still run.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Decimal } from 'decimal.js'
import { parseDecimal } from '../../src/domain/decimal.ts'

type Benchmark = {
  name: string
  unit: string
  /** Does both ways over the same number of units; each returns something derived from its work. */
  prepare: (count: number) => { ours: () => unknown; bare: () => unknown }
}

const SMOKE_COUNT = 2_000
const FULL_COUNT = 200_000
const FULL_ROUNDS = 7

/** Amounts as FOCUS files carry them: up to eleven and more decimals, some with an exponent. */
const focusAmounts = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 10 === 0 ? `${(index % 9) + 1}E-9` : `${index % 5000}.${String(index * 7919).padStart(11, '0')}`,
  )

const BENCHMARKS: Benchmark[] = [
  {
    name: 'parse a FOCUS amount to canonical text',
    unit: 'amount',
    prepare: (count) => {
      const amounts = focusAmounts(count)
      return {
        ours: () => amounts.map((amount) => parseDecimal(amount)),
        bare: () => amounts.map((amount) => new Decimal(amount)),
      }
    },
  },
]

const duration_ms = (action: () => unknown) => {
  const started = performance.now()
  action()
  return performance.now() - started
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const isSmoke = process.argv.includes('--smoke')
const count = isSmoke ? SMOKE_COUNT : FULL_COUNT
const rounds = isSmoke ? 1 : FULL_ROUNDS

const results = BENCHMARKS.map(({ name, unit, prepare }) => {
  const { ours, bare } = prepare(count)
  const pairs = Array.from({ length: rounds }, () => ({ ours: duration_ms(ours), bare: duration_ms(bare) }))
  const oursMs = median(pairs.map((pair) => pair.ours))
  const bareMs = median(pairs.map((pair) => pair.bare))
  return { name, unit, count, rounds, perSecond: Math.round((count / oursMs) * 1000), ratio: oursMs / bareMs }
})

const output = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'out', 'bench.json')
mkdirSync(dirname(output), { recursive: true })
writeFileSync(output, `${JSON.stringify({ smoke: isSmoke, results }, null, 2)}\n`)
console.table(
  results.map(({ name, unit, perSecond, ratio }) => ({
    name,
    'per second': `${perSecond} ${unit}s`,
    ratio: ratio.toFixed(2),
  })),
)
