/**
 * What cgroups used, from samples of their counters. Each difference of two samples counts once, in the window that
 * holds the later one; a window ends with the first sample at or after its end, so windows of a cgroup join without a
 * gap. Pure: the samples, the time and what was known before come in, and what is known then comes out.
 */
import { type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import type { Measured } from '../collect/kinds/events.ts'
import { grown, unitHours } from '../collect/kinds/prometheus/samples.ts'
import type { Reading } from './cgroup-tree.ts'

/** A memory size is taken to hold until the next sample, and no longer than this: while no agent ran nobody knows. */
const HELD_MS = 30 * 60_000

/** Whose a cgroup is. */
export interface Owner {
  /** Null where nobody can be named: the book puts such records into its quarantine. */
  readonly tenant: string | null
  readonly dimensions: Readonly<Record<string, string>>
}

export interface Unit {
  readonly path: string
  readonly groups: Readonly<Record<string, string>>
  /** Where the open window began, and the last sample; UTC milliseconds. */
  readonly fromMs: number
  readonly atMs: number
  readonly counters: Readonly<Record<string, DecimalText>>
  readonly memory: DecimalText | null
  /** The open window's usage by measure. */
  readonly sums: Readonly<Record<string, DecimalText>>
  /** Null while it is not known yet; its window is not ended then. */
  readonly owner: Owner | null
  /** Removed since its last sample: what it used is emitted with the others. */
  readonly isGone: boolean
}

export interface Cgroups {
  /** What is chosen: counters of a choice made since are no new ones, and what they had reached is no usage. */
  readonly selection: string
  readonly atMs: number
  readonly units: Readonly<Record<string, Unit>>
}

/** Measures by the counter's name after its device. */
const MEASURES: Readonly<Record<string, string>> = {
  cpu: 'cpu.seconds',
  rbytes: 'io.read.bytes',
  wbytes: 'io.written.bytes',
  rios: 'io.reads',
  wios: 'io.writes',
}
const MEMORY = 'memory.byte_hours'
const measureOf = (counter: string): string => MEASURES[counter.slice(counter.indexOf('/') + 1)] ?? counter

const added = (sums: Unit['sums'], grew: readonly (readonly [string, DecimalText])[]): Unit['sums'] => {
  const result = { ...sums }
  for (const [measure, value] of grew)
    if (value !== ZERO) result[measure] = sumDecimals([result[measure] ?? ZERO, value])
  return result
}

const sampled = (
  { key, path, groups, values }: Reading,
  before: Cgroups | null,
  selection: string,
  nowMs: number,
): Unit | null => {
  const known = before?.units[key]
  if (values === null) return known ?? null
  // A counter that appeared under watch began at zero; one that was there before the watch has counted for others.
  const isWatched = before !== null && before.selection === selection
  const grew = Object.entries(values.counters).map(([name, now]) => {
    const last = known?.counters[name]
    return [measureOf(name), last !== undefined ? grown(last, now) : isWatched ? now : ZERO] as const
  })
  const held =
    known === undefined || known.memory === null
      ? []
      : unitHours([{ startMs: known.atMs, endMs: nowMs }], [{ ms: known.atMs, value: known.memory }], HELD_MS)
  return {
    path,
    groups,
    fromMs: known?.fromMs ?? (isWatched ? before.atMs : nowMs),
    atMs: nowMs,
    counters: { ...known?.counters, ...values.counters },
    memory: values.memory,
    sums: added(known?.sums ?? {}, [...grew, [MEMORY, held[0] ?? ZERO]]),
    owner: known?.owner ?? null,
    isGone: false,
  }
}

/**
 * Takes one sample of all.
 * @param nowMs after the last sample's time
 * @param ownerOf null where it cannot be said yet
 */
export const sample = (
  before: Cgroups | null,
  readings: readonly Reading[],
  selection: string,
  nowMs: number,
  ownerOf: (unit: Unit) => Owner | null,
): Cgroups => {
  const units: Record<string, Unit> = {}
  for (const reading of readings) {
    const unit = sampled(reading, before, selection, nowMs)
    if (unit !== null) units[reading.key] = unit
  }
  for (const [key, unit] of Object.entries(before?.units ?? {})) units[key] ??= { ...unit, isGone: true }
  for (const [key, unit] of Object.entries(units))
    if (unit.owner === null) units[key] = { ...unit, owner: ownerOf(unit) }
  return { selection, atMs: nowMs, units }
}

const recordsOf = (key: string, unit: Unit, owner: Owner, prefix: string): readonly Measured[] =>
  Object.entries(unit.sums).map(([measure, value]) => ({
    id: `${measure}/${key}/${unit.fromMs}`,
    metric: `${prefix}.${measure}`,
    tenant: owner.tenant,
    value,
    startMs: unit.fromMs,
    endMs: unit.atMs,
    dimensions: owner.dimensions,
  }))

/** Ends the windows that `isOver` says are, and takes the removed cgroups out. */
export const endWindows = (
  cgroups: Cgroups,
  prefix: string,
  isOver: (unit: Unit) => boolean,
): { readonly records: readonly Measured[]; readonly left: Cgroups } => {
  const records: Measured[] = []
  const units: Record<string, Unit> = {}
  for (const [key, unit] of Object.entries(cgroups.units)) {
    if (unit.owner === null || !isOver(unit)) {
      units[key] = unit
      continue
    }
    records.push(...recordsOf(key, unit, unit.owner, prefix))
    if (!unit.isGone) units[key] = { ...unit, fromMs: unit.atMs, sums: {} }
  }
  return { records, left: { ...cgroups, units } }
}

/** Everything as of an earlier present: the clock was set back, and the counters are counted on from there. */
export const setBack = (cgroups: Cgroups, nowMs: number): Cgroups => ({
  ...cgroups,
  atMs: nowMs,
  units: Object.fromEntries(
    Object.entries(cgroups.units).map(([key, unit]) => [
      key,
      { ...unit, atMs: Math.min(unit.atMs, nowMs), fromMs: Math.min(unit.fromMs, nowMs) },
    ]),
  ),
})
