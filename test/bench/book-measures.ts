/** What is measured of a finished book by the engine alone: its start, its slices, and its verification. */
import { constants, cpSync, mkdirSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Book } from './books.ts'
import { writeCloudEvents } from './files.ts'
import { median, percentile, perSecond, type Times, timesOf } from './measure.ts'
import { CACHE, type Plan } from './plan.ts'
import { say, startEngineChild } from './programs.ts'
import { SLICES, type SliceName } from './slices.ts'

export interface Start {
  readonly starts: number
  /** From the call that opens the book to its first answered query; medians. */
  readonly answeredMs: number
  readonly openMs: number
  /** The same from the start of the process: with Node and the program's own code read. */
  readonly processMs: number
  readonly slowestMs: number
  readonly load: readonly number[]
}

/** The book's files are in the system's cache, as the import or the start before left them. */
export const measureStart = async (plan: Plan, { directory, events }: Book): Promise<Start> => {
  say(`start on a book of ${events} events`)
  const [answered, opened, processes]: [number[], number[], number[]] = [[], [], []]
  for (let start = 0; start < plan.starts; start++) {
    const startedMs = performance.now()
    const engine = startEngineChild(plan)
    const { openMs, answeredMs } = await engine.call('open', directory)
    processes.push(performance.now() - startedMs)
    answered.push(answeredMs)
    opened.push(openMs)
    await engine.call('close')
    await engine.end()
  }
  return {
    starts: plan.starts,
    answeredMs: Math.round(median(answered)),
    openMs: Math.round(median(opened)),
    processMs: Math.round(median(processes)),
    slowestMs: Math.round(percentile(answered, 1)),
    load: loadavg(),
  }
}

export interface OurTimes extends Times {
  /** The first call after the engine's start. */
  readonly firstMs: number
}

export interface OurSlices {
  readonly slices: Readonly<Record<SliceName, OurTimes>>
  readonly peakBytes: number | null
  readonly load: readonly number[]
}

export const measureOurSlices = async (plan: Plan, { directory, events }: Book): Promise<OurSlices> => {
  say(`slices of a book of ${events} events`)
  const engine = startEngineChild(plan)
  await engine.call('open', directory)
  const slices: Partial<Record<SliceName, OurTimes>> = {}
  for (const { name } of SLICES) {
    const [firstMs = Number.NaN] = await engine.call('ask', name, 1)
    slices[name] = { ...timesOf(await engine.call('ask', name, plan.calls)), firstMs: Math.round(firstMs) }
  }
  const peakBytes = engine.peakBytes()
  await engine.call('close')
  await engine.end()
  return { slices: slices as Record<SliceName, OurTimes>, peakBytes, load: loadavg() }
}

export interface During {
  readonly slices: Readonly<Record<SliceName, Times>>
  /** Events that were imported meanwhile. */
  readonly imported: number
  readonly importPerSecond: number
  readonly peakBytes: number | null
  readonly load: readonly number[]
}

const FILES_MAX = 4

/** On a copy of the book, into which files are imported while it is asked. */
export const measureDuring = async (plan: Plan, { directory, events }: Book): Promise<During> => {
  const folder = join(CACHE, 'during')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    const copy = join(folder, 'book')
    cpSync(directory, copy, { recursive: true, mode: constants.COPYFILE_FICLONE })
    const count = Math.ceil(events / (plan.size === 'smoke' ? 2 : 10))
    const paths = Array.from({ length: FILES_MAX }, (_, index) => {
      const path = join(folder, `more-${index}.jsonl`)
      const from = events + index * count
      writeCloudEvents(path, { from, to: from + count, total: events, ids: 'sequential' })
      return path
    })
    say(`slices while ${count} events are imported`)
    const engine = startEngineChild(plan)
    await engine.call('open', copy)
    // What is compared with was asked before, too.
    for (const { name } of SLICES) await engine.call('ask', name, 1)
    const { slices, importedMs, files } = await engine.call('askWhileImporting', paths, plan.calls)
    const peakBytes = engine.peakBytes()
    await engine.call('close')
    await engine.end()
    const imported = files * count
    return { slices, imported, importPerSecond: perSecond(imported, importedMs), peakBytes, load: loadavg() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Verified {
  readonly entries: number
  readonly perSecond: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number | null
  readonly load: readonly number[]
}

export const measureVerify = async (plan: Plan, { directory, events }: Book): Promise<Verified> => {
  say(`verification of a book of ${events} events`)
  const engine = startEngineChild(plan)
  await engine.call('open', directory)
  const { wallMs, cpuMs, entries } = await engine.call('verify')
  const peakBytes = engine.peakBytes()
  await engine.call('close')
  await engine.end()
  return {
    entries,
    perSecond: perSecond(entries, wallMs),
    seconds: Math.round(wallMs) / 1000,
    cpuSeconds: Math.round(cpuMs) / 1000,
    peakBytes,
    load: loadavg(),
  }
}
