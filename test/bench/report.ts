/** The results as tables, and their place in docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiskUse, Share } from './disk.ts'
import { growthPlot } from './growth-plot.ts'
import { ROOT } from './plan.ts'
import { POSTGRES_SETTINGS } from './postgres.ts'
import type { Growth, Results } from './results.ts'
import { count, megabytes, milliseconds, peaksOf, type Row, rowsOf, times } from './rows.ts'
import { SLICES } from './slices.ts'

const [BEGIN, END] = ['<!-- written by npm run bench: begin -->', '<!-- written by npm run bench: end -->']

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const MET = new Map<boolean | null, string>([
  [true, 'met'],
  [false, '**not met**'],
  [null, ''],
])

/** Whether a bar is met is not said of a smoke, whose figures are of nearly empty books. */
export const mainTable = (rows: readonly Row[], size: Results['size']): string =>
  table(
    ['what', 'measured', 'bar', ''],
    rows.map(({ what, measured, bar, met }) => [
      what,
      measured,
      bar,
      size === 'smoke' ? '' : (MET.get(met) ?? ''),
    ]),
  )

const slicesTable = ({ slices, postgresSlices, during }: Results): string | null => {
  if (slices === undefined) return null
  const samePostgres = postgresSlices?.events === slices.events ? postgresSlices : undefined
  return table(
    [
      'slice',
      'ours p50',
      'p95',
      'first',
      'DuckDB p50',
      'p95',
      'ratio of p50',
      'PostgreSQL p50',
      'ratio',
      'with index p50',
      'ratio',
      'ours while importing p95',
      'ratio of p95',
    ],
    SLICES.map(({ name }) => {
      const { ours, duckdb } = slices.slices[name]
      const [plain, indexed] = [samePostgres?.plain[name], samePostgres?.indexed[name]]
      const meanwhile = during?.slices[name]
      return [
        name,
        milliseconds(ours.p50),
        milliseconds(ours.p95),
        milliseconds(ours.firstMs),
        milliseconds(duckdb.p50),
        milliseconds(duckdb.p95),
        times(duckdb.p50 / ours.p50),
        ...(plain === undefined ? ['–', '–'] : [milliseconds(plain.p50), times(plain.p50 / ours.p50)]),
        ...(indexed === undefined ? ['–', '–'] : [milliseconds(indexed.p50), times(indexed.p50 / ours.p50)]),
        ...(meanwhile === undefined
          ? ['–', '–']
          : [`${milliseconds(meanwhile.p95)} (${meanwhile.calls} calls)`, times(meanwhile.p95 / ours.p95)]),
      ]
    }),
  )
}

const diskTable = ({
  records,
  ledgerBytes,
  cubeBytes,
  otherBytes,
  ledgerKinds,
  ledger,
  cube,
}: DiskUse): string => {
  const each = (bytes: number) => (bytes / records).toFixed(1)
  const line = (where: string) => (share: Share) => [where, `\`${share.name}\``, each(share.bytes)]
  const isSeen = ({ bytes }: Share) => bytes / records >= 0.05
  return table(
    ['where', 'what', 'bytes an event'],
    [
      ['ledger', '**the file**', each(ledgerBytes)],
      ...ledgerKinds.map(({ name, bytes }) => ['ledger', `all ${name}`, each(bytes)]),
      ...ledger.filter(isSeen).map(line('ledger')),
      ['cube', '**the file**', each(cubeBytes)],
      ...cube.filter(isSeen).map(line('cube')),
      ['beside', 'other files of the book', each(otherBytes)],
    ],
  )
}

const growthTable = (growth: readonly Growth[]): string =>
  table(
    [
      'events',
      'import',
      'of each file',
      ...SLICES.map(({ name }) => `${name}, p95`),
      'verify',
      'disk',
      'start',
      'import’s peak',
    ],
    growth.map(({ book, slices, verify, disk, start }) => [
      count(book.events),
      `${count(book.importPerSecond)}/s`,
      book.filesPerSecond.map((each) => `${Math.round(each / 1000)}k`).join(' '),
      ...SLICES.map(({ name }) => milliseconds(slices.slices[name].p95)),
      `${count(verify.perSecond)}/s`,
      `${disk.bytesPerRecord} bytes`,
      milliseconds(start.answeredMs),
      book.importPeakBytes === null ? '–' : megabytes(book.importPeakBytes),
    ]),
  )

const runSentence = ({ size, machine, startedAt, minutes, commit }: Results): string => {
  const settings = Object.entries(POSTGRES_SETTINGS).map(([name, value]) => `${name} ${value}`)
  return [
    `Run of ${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${Math.round(minutes)} minutes${size === 'whole' ? '' : `, **${size} size: its figures say nothing of the bars**`}, at ${commit}:`,
    `${machine.processors} processors (${machine.model}), ${megabytes(machine.memoryBytes)} of memory, ${machine.system}, Node ${machine.node};`,
    machine.postgres === null ? 'without PostgreSQL.' : `${machine.postgres} with ${settings.join(', ')}.`,
  ].join('\n')
}

/** Everything that was measured, in Markdown. */
export const reportOf = (results: Results): string => {
  const peaks = peaksOf(results)
  const slices = slicesTable(results)
  return [
    runSentence(results),
    mainTable(rowsOf(results), results.size),
    ...(slices === null ? [] : ['### Slices', slices]),
    ...(results.disk === undefined ? [] : ['### Disk', diskTable(results.disk)]),
    ...(results.importUuid === undefined
      ? []
      : [
          `### Disk, ${count(results.importUuid.records)} events with UUID ids`,
          diskTable(results.importUuid.disk),
        ]),
    ...(peaks.length === 0
      ? []
      : [
          '### Memory',
          table(
            ['while', 'peak of the engine’s process'],
            peaks.map(({ what, bytes }) => [what, megabytes(bytes)]),
          ),
        ]),
    ...(results.growth === undefined
      ? []
      : [
          '### Growth',
          '![Growth of the figures with the book](performance-growth.svg)',
          growthTable(results.growth),
        ]),
  ].join('\n\n')
}

/** Puts the report between its marks in docs/performance.md, and its figures and picture beside. */
export const writeDocs = (results: Results): void => {
  const docs = join(ROOT, 'docs')
  const page = join(docs, 'performance.md')
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from === -1 || to < from) throw new Error(`${page} has lost the marks that the table stands between.`)
  writeFileSync(page, `${text.slice(0, from + BEGIN.length)}\n\n${reportOf(results)}\n\n${text.slice(to)}`)
  writeFileSync(join(docs, 'performance.json'), `${JSON.stringify(results, null, 1)}\n`)
  if (results.growth !== undefined)
    writeFileSync(join(docs, 'performance-growth.svg'), growthPlot(results.growth))
}
