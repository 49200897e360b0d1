/**
 * What our exactness costs: each benchmark runs our way and the bare way on the same input, and the ratio of the
 * two is what is watched, since a ratio means the same on every machine. Ratios of imports are of processor time, so
 * that a busy machine does not change them; rates and slices are by the clock.
 *
 * `--smoke` runs a small input once, to prove that the benchmarks still run. `--events N` and `--rows N` set the
 * sizes of the usage and the cost file.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Decimal } from 'decimal.js'
import { parseDecimal } from '../../src/domain/decimal.ts'
import { openCube } from '../../src/main/cube/cube.ts'
import { writeCloudEvents, writeFocus } from './files.ts'
import { bareCost, bareUsage, importCost, importUsage } from './imports.ts'
import { askBare, askOurs, flatFacts, SLICES } from './slices.ts'

interface Result {
  readonly name: string
  readonly count: number
  readonly rounds: number
  /** In the unit's own words: amounts or rows a second, or milliseconds. */
  readonly ours: string
  readonly bare: string
  /** Ours over bare: 2 means twice the time. */
  readonly ratio: number
}

const { values } = parseArgs({
  options: { smoke: { type: 'boolean' }, events: { type: 'string' }, rows: { type: 'string' } },
})
const isSmoke = values.smoke === true
const events = Number(values.events ?? (isSmoke ? 5_000 : 1_000_000))
const costRows = Number(values.rows ?? (isSmoke ? 2_000 : 200_000))

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0

interface Spent {
  readonly wallMs: number
  readonly cpuMs: number
}
const spent = async (work: () => unknown): Promise<Spent> => {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 }
}

const perSecond = (count: number, ms: number, unit: string) =>
  `${Math.round((count / ms) * 1000).toLocaleString('en')} ${unit}/s`

/** Amounts as FOCUS files carry them: up to eleven and more decimals, some with an exponent. */
const focusAmounts = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 10 === 0 ? `${(index % 9) + 1}E-9` : `${index % 5000}.${String(index * 7919).padStart(11, '0')}`,
  )

const benchAmounts = async (): Promise<Result> => {
  const count = isSmoke ? 2_000 : 200_000
  const rounds = isSmoke ? 1 : 7
  const amounts = focusAmounts(count)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push((await spent(() => amounts.map((amount) => parseDecimal(amount)))).wallMs)
    bare.push((await spent(() => amounts.map((amount) => new Decimal(amount)))).wallMs)
  }
  return {
    name: 'parse a FOCUS amount to canonical text, against new Decimal',
    count,
    rounds,
    ours: perSecond(count, median(ours), 'amounts'),
    bare: perSecond(count, median(bare), 'amounts'),
    ratio: median(ours) / median(bare),
  }
}

const benchImport = async (
  name: string,
  unit: string,
  count: number,
  ours: () => Promise<void>,
  bare: () => Promise<void>,
): Promise<Result> => {
  const bareSpent = await spent(bare)
  const oursSpent = await spent(ours)
  return {
    name,
    count,
    rounds: 1,
    ours: perSecond(count, oursSpent.wallMs, unit),
    bare: perSecond(count, bareSpent.wallMs, unit),
    ratio: oursSpent.cpuMs / bareSpent.cpuMs,
  }
}

const benchSlices = async (directory: string): Promise<Result[]> => {
  const rounds = isSmoke ? 1 : 31
  const facts = await flatFacts(directory)
  const cube = await openCube(directory)
  const results: Result[] = []
  for (const slice of SLICES) {
    const ours: number[] = []
    const bare: number[] = []
    for (let round = 0; round < rounds; round++) {
      const answers: number[] = []
      ours.push((await spent(async () => answers.push((await askOurs(cube, slice)).length))).wallMs)
      bare.push((await spent(async () => answers.push((await askBare(facts, slice)).length))).wallMs)
      if (answers[0] === 0 || answers[0] !== answers[1])
        throw new Error(`${slice.name}: ${answers[0]} rows of ours and ${answers[1]} of plain SQL`)
    }
    results.push({
      name: `slice: ${slice.name}, against SQL over a flat table`,
      count: events,
      rounds,
      ours: `p50 ${median(ours).toFixed(1)} ms`,
      bare: `p50 ${median(bare).toFixed(1)} ms`,
      ratio: median(ours) / median(bare),
    })
  }
  await cube.close()
  facts.closeSync()
  return results
}

const directory = mkdtempSync(join(tmpdir(), 'countinghouse-bench-'))
try {
  const usageFile = join(directory, 'usage.jsonl')
  const costFile = join(directory, 'cost.csv')
  writeCloudEvents(usageFile, { count: events })
  writeFocus(costFile, { count: costRows })
  const results = [
    await benchAmounts(),
    await benchImport(
      'import CloudEvents and follow, against JSON.parse and one insert',
      'events',
      events,
      () => importUsage(join(directory, 'usage'), usageFile, events),
      () => bareUsage(join(directory, 'usage.sqlite'), usageFile),
    ),
    await benchImport(
      'import FOCUS and follow, against csv-parse and one insert',
      'rows',
      costRows,
      () => importCost(join(directory, 'cost'), costFile, costRows),
      () => bareCost(join(directory, 'cost.sqlite'), costFile),
    ),
    ...(await benchSlices(join(directory, 'usage'))),
  ]
  const output = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'out', 'bench.json')
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, `${JSON.stringify({ smoke: isSmoke, results }, null, 2)}\n`)
  console.table(results.map((result) => ({ ...result, ratio: Number(result.ratio.toFixed(2)) })))
} finally {
  rmSync(directory, { recursive: true, force: true })
}
