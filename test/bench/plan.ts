/** What a run measures, and how much of it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What is generated once and kept: books, the peers' facts. */
export const CACHE = join(ROOT, '.cache', 'bench')

export const PARTS = [
  'import',
  'import-uuid',
  'focus',
  'start',
  'slices',
  'during',
  'rating',
  'verify',
  'disk',
  'growth',
] as const
export type PartName = (typeof PARTS)[number]

export interface Plan {
  readonly size: 'smoke' | 'middle' | 'whole'
  readonly parts: ReadonlySet<PartName>
  readonly importEvents: number
  readonly costRows: number
  /** The large book's events. */
  readonly bookEvents: number
  /** Sizes at which growth is measured; the last is the large book. */
  readonly growth: readonly number[]
  /** Imports are repeated so often, ours and the peers' in turn. */
  readonly rounds: number
  /** Calls of each slice. */
  readonly calls: number
  /** The same of PostgreSQL, which takes seconds. */
  readonly postgresCalls: number
  readonly starts: number
  /** Only ours is measured. */
  readonly oursOnly: boolean
  /** Books in the cache are made anew: always in a run of all parts, whose figures belong together. */
  readonly fresh: boolean
  /** Whether docs/performance.* is written. */
  readonly writesDocs: boolean
  /** The folder of PostgreSQL's programs; null where there is none. */
  readonly postgres: string | null
  /** What Node is told before the engine's file. */
  readonly engineArguments: readonly string[]
}

const WHOLE = { importEvents: 5_000_000, costRows: 1_000_000, bookEvents: 20_000_000 }
const SMOKE = { importEvents: 50_000, costRows: 20_000, bookEvents: 50_000 }
/** Imports up to this size are repeated. */
const SHORT_EVENTS = 1_000_000

const sizes = (values: { smoke?: boolean; scale?: string; events?: string; rows?: string }) => {
  const scale = Number(values.scale ?? 1)
  const scaled = (count: number) => Math.max(1_000, Math.round(count * scale))
  const base = values.smoke
    ? SMOKE
    : {
        importEvents: scaled(WHOLE.importEvents),
        costRows: scaled(WHOLE.costRows),
        bookEvents: scaled(WHOLE.bookEvents),
      }
  const events = values.events === undefined ? null : Number(values.events)
  return {
    importEvents: events ?? base.importEvents,
    bookEvents: events ?? base.bookEvents,
    costRows: values.rows === undefined ? base.costRows : Number(values.rows),
  }
}

/** @throws Error where an option cannot be understood. */
export const readPlan = (args: readonly string[], environment: NodeJS.ProcessEnv): Plan => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      smoke: { type: 'boolean' },
      scale: { type: 'string' },
      events: { type: 'string' },
      rows: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true },
      ours: { type: 'boolean' },
      fresh: { type: 'boolean' },
      write: { type: 'boolean' },
      profile: { type: 'boolean' },
    },
  })
  const only = (values.only ?? []).flatMap((list) => list.split(','))
  const unknown = only.find((name) => !PARTS.includes(name as PartName))
  if (unknown !== undefined)
    throw new Error(`There is nothing called ${unknown} to measure; there are ${PARTS.join(', ')}.`)
  const counts = sizes(values as Parameters<typeof sizes>[0])
  for (const count of Object.values(counts))
    if (!Number.isSafeInteger(count) || count < 1)
      throw new Error('--scale, --events and --rows want numbers above 0.')
  const isSmoke = values.smoke === true
  const isWhole = Object.entries(WHOLE).every(
    ([name, count]) => counts[name as keyof typeof counts] === count,
  )
  const { bookEvents } = counts
  return {
    ...counts,
    size: isSmoke ? 'smoke' : isWhole ? 'whole' : 'middle',
    parts: new Set(only.length === 0 ? PARTS : (only as PartName[])),
    growth: [Math.ceil(bookEvents / 20), Math.ceil(bookEvents / 4), bookEvents],
    rounds: Number(values.rounds ?? (isSmoke || counts.importEvents > SHORT_EVENTS ? 1 : 3)),
    calls: isSmoke ? 11 : 40,
    postgresCalls: isSmoke ? 2 : 3,
    starts: isSmoke ? 1 : 5,
    oursOnly: values.ours === true,
    fresh: values.fresh === true || only.length === 0,
    writesDocs: values.write === true || (isWhole && only.length === 0),
    postgres: environment.PEER_POSTGRES ?? null,
    engineArguments: [
      ...(environment.ENGINE_NODE_ARGUMENTS ?? '').split(' ').filter(Boolean),
      ...(values.profile === true ? ['--cpu-prof', `--cpu-prof-dir=${join(ROOT, 'out', 'profiles')}`] : []),
    ],
  }
}
