/**
 * Fills the table of docs/performance.md: each part runs ours and the least or the usual way with the same data, in the
 * same run. `npm run bench` starts it (scripts/bench.mjs).
 *
 * `--smoke` is the small run of CI, which proves that all of it still runs and that the answers agree. `--scale 0.1` or
 * `--events N`, `--rows N` give sizes between. `--only NAME` (or a list) measures parts, on the books of the cache where
 * there are any; `--fresh` makes them anew. `--ours` leaves the peers out. `--rounds N` repeats imports. `--profile`
 * keeps where the engine's threads spent their time in out/profiles, for Chromium's developer tools. `--write` writes
 * the docs, as a run of all parts at full size does.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { measureAmounts } from './amounts.ts'
import { measureDuring, measureOurSlices, measureStart, measureVerify } from './book-measures.ts'
import { type Book, bookOf } from './books.ts'
import { diskUse } from './disk.ts'
import { measureFocusImport, measureUsageImport } from './imports.ts'
import { compareWithDuckdb, compareWithPostgres, fitsPostgres } from './peer-slices.ts'
import { CACHE, type Plan, ROOT, readPlan } from './plan.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { commitOf, say } from './programs.ts'
import { measureRating } from './rating.ts'
import { mainTable, reportOf, writeDocs } from './report.ts'
import type { Filling, Growth, Results } from './results.ts'
import { rowsOf } from './rows.ts'

const BOOK_PARTS = ['start', 'slices', 'during', 'rating', 'verify', 'disk', 'growth'] as const

const measureImports = async (plan: Plan, results: Filling, server: Postgres | null): Promise<void> => {
  if (plan.parts.has('import'))
    results.importSequential = await measureUsageImport(plan, 'sequential', server)
  if (plan.parts.has('import-uuid')) results.importUuid = await measureUsageImport(plan, 'uuid', server)
  if (plan.parts.has('focus')) {
    results.amounts = await measureAmounts(plan.size === 'smoke')
    results.focus = await measureFocusImport(plan)
  }
}

/** The large book; growth needs all of it. */
const measureBook = async (
  plan: Plan,
  results: Filling,
  book: Book,
  server: Postgres | null,
): Promise<void> => {
  const wants = (part: (typeof BOOK_PARTS)[number]) => plan.parts.has(part) || plan.parts.has('growth')
  const { directory, ...built } = book
  results.book = built
  if (wants('start')) results.start = await measureStart(plan, book)
  if (wants('slices') || wants('during'))
    if (plan.oursOnly || !plan.parts.has('slices')) results.ourSlices = await measureOurSlices(plan, book)
    else results.slices = await compareWithDuckdb(plan, book)
  if (wants('verify')) results.verify = await measureVerify(plan, book)
  if (wants('disk')) results.disk = await diskUse(directory, book.events)
  if (plan.parts.has('rating')) results.rating = await measureRating(plan, book)
  if (plan.parts.has('during')) results.during = await measureDuring(plan, book)
  if (plan.parts.has('slices') && server !== null) {
    const events = [...plan.growth].reverse().find(fitsPostgres)
    if (events === undefined) say('PostgreSQL: there is too little room on the disk for its rows')
    else results.postgresSlices = await compareWithPostgres(plan, await bookOf(plan, events), server)
  }
}

const measureGrowth = async (plan: Plan, results: Results): Promise<readonly Growth[]> => {
  const found: Growth[] = []
  for (const events of plan.growth.slice(0, -1)) {
    const { directory, ...book } = await bookOf(plan, events)
    const whole = { directory, ...book }
    found.push({
      book,
      start: await measureStart(plan, whole),
      slices: await measureOurSlices(plan, whole),
      verify: await measureVerify(plan, whole),
      disk: await diskUse(directory, events),
    })
  }
  const { book, start, verify, disk, slices, ourSlices } = results
  const large =
    slices === undefined
      ? ourSlices
      : {
          slices: Object.fromEntries(Object.entries(slices.slices).map(([name, { ours }]) => [name, ours])),
          peakBytes: slices.peakBytes,
          load: slices.load,
        }
  if (book && start && verify && disk && large)
    found.push({ book, start, slices: large as Growth['slices'], verify, disk })
  return found
}

const machine = (server: Postgres | null): Results['machine'] => ({
  processors: cpus().length,
  model: cpus()[0]?.model.trim() ?? 'unknown',
  memoryBytes: totalmem(),
  system: `${type()} ${release()}`,
  node: process.versions.node,
  postgres: server?.version ?? null,
})

// A run that is cut off ends what it started: each registers what to do at the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
const plan = readPlan(process.argv.slice(2), process.env)
const startedMs = performance.now()
const startedAt = new Date().toISOString()
mkdirSync(CACHE, { recursive: true })
const wantsPostgres = ['import', 'import-uuid', 'slices'].some((part) => plan.parts.has(part as 'import'))
if (plan.postgres === null && wantsPostgres && !plan.oursOnly)
  say('PostgreSQL is not installed: what is compared with it is left out')
const server =
  plan.postgres === null || !wantsPostgres || plan.oursOnly ? null : await startPostgres(plan.postgres)
const results: Filling = {
  size: plan.size,
  machine: machine(server),
  startedAt,
  minutes: 0,
  commit: commitOf(),
}
/** After each part, so that a run that is cut off leaves what it found. */
const keep = () => {
  results.minutes = Math.round((performance.now() - startedMs) / 600) / 100
  mkdirSync(join(ROOT, 'out'), { recursive: true })
  writeFileSync(
    join(ROOT, 'out', 'bench.json'),
    `${JSON.stringify({ ...results, rows: rowsOf(results) }, null, 2)}\n`,
  )
}
try {
  await measureImports(plan, results, server)
  keep()
  if (BOOK_PARTS.some((part) => plan.parts.has(part))) {
    await measureBook(plan, results, await bookOf(plan, plan.bookEvents), server)
    keep()
  }
  if (plan.parts.has('growth')) results.growth = await measureGrowth(plan, results)
} finally {
  keep()
  await server?.end()
}
writeFileSync(join(ROOT, 'out', 'bench.md'), `${reportOf(results)}\n`)
if (plan.writesDocs) writeDocs(results)
console.log(mainTable(rowsOf(results), results.size))
console.log(`\nout/bench.json has all figures, out/bench.md the tables; ${results.minutes} minutes.`)
