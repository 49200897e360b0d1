/**
 * Which file is which since the last run: a log is known by its place on the disk and by what was read of it, so that
 * it is read on after it was renamed, copied and truncated, or packed, and never again from its beginning.
 */
import { basename } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { continues, isCopyOf, type LogFile, lengthOf, type Mark, markAt } from './files.ts'

const FORGET_MS = 24 * 3_600_000

const known = z.object({
  /** Part of the ids of all its lines: its first name, and a number of its own. */
  id: z.string(),
  place: z.string(),
  /** As it was last seen; a rotated one begins with it. */
  name: z.string().default(''),
  offset: z.number().int(),
  head: z.string(),
  tail: z.string(),
  /** Size and time of a gzip that was read to its end; it is not unpacked again while it has them. */
  done: z.string().nullable(),
  /** Since when no file continues it; forgotten after a day. */
  goneMs: z.number().int().nullable(),
})
export type Known = z.output<typeof known>

const checkpointShape = z.object({ next: z.number().int(), files: z.array(known) })
export type LogCheckpoint = z.output<typeof checkpointShape>

export const readCheckpoint = (json: Json): LogCheckpoint | null => {
  const read = checkpointShape.safeParse(json)
  return read.success ? read.data : null
}

export interface Followed {
  readonly known: Known
  readonly file: LogFile
}

const stampOf = ({ size, modifiedMs }: LogFile): string => `${size}/${Math.round(modifiedMs)}`

const isMarkOf = async (file: LogFile, each: Known): Promise<boolean> =>
  (each.done !== null && each.place === file.place && each.done === stampOf(file)) ||
  continues(file, each satisfies Mark)

/**
 * Joins what was known to the files that are there. A gzip that is not whole yet, and a copy of a file that is still
 * there itself, are left for a later run.
 */
export const follow = async (
  before: LogCheckpoint,
  chosen: readonly LogFile[],
  others: () => Promise<readonly LogFile[]>,
  nowMs: number,
): Promise<{
  readonly next: number
  readonly followed: readonly Followed[]
  readonly gone: readonly Known[]
}> => {
  const followed: Followed[] = []
  const free = new Set(chosen)
  const take = (each: Known, file: LogFile) => {
    free.delete(file)
    followed.push({ known: { ...each, place: file.place, name: basename(file.path), goneMs: null }, file })
  }
  const takeByPlace = async (some: readonly Known[]): Promise<readonly Known[]> => {
    const left: Known[] = []
    for (const each of some) {
      const file = [...free].find(({ place }) => place === each.place)
      if (file !== undefined && (await isMarkOf(file, each))) take(each, file)
      else left.push(each)
    }
    return left
  }
  let lost = await takeByPlace(before.files)
  if (lost.length > 0) {
    for (const file of await others()) free.add(file)
    lost = await takeByPlace(lost)
  }
  const gone: Known[] = []
  for (const each of lost) {
    // Of files that begin alike, one with its name and more; then plain ones: while one is packed, both are there.
    const isOther = ({ path }: LogFile) => Number(!basename(path).startsWith(`${each.name}.`))
    const candidates = [...free].sort(
      (a, b) => isOther(a) - isOther(b) || Number(a.packed) - Number(b.packed),
    )
    let file: LogFile | null = null
    for (const candidate of each.offset === 0 ? [] : candidates)
      if (file === null && (await continues(candidate, each))) file = candidate
    if (file !== null) take(each, file)
    else if (each.goneMs === null) gone.push({ ...each, goneMs: nowMs })
    else if (nowMs - each.goneMs < FORGET_MS) gone.push(each)
  }
  let { next } = before
  // The longer first, so that a copy of what is new itself is met after its original.
  const fresh = chosen.filter((each) => free.has(each))
  fresh.sort((a, b) => Number(a.packed) - Number(b.packed) || b.size - a.size)
  for (const file of fresh) {
    const length = await lengthOf(file)
    if (length === null) continue
    let isCopy = false
    for (const { file: original } of followed)
      isCopy ||= !original.packed && (await isCopyOf(file, length, original))
    if (isCopy) continue
    const mark = await markAt(file, 0)
    if (mark === null) continue
    const name = basename(file.path)
    take({ id: `${name}#${next}`, place: file.place, name, ...mark, done: null, goneMs: null }, file)
    next += 1
  }
  return { next, followed, gone }
}

/** What is known of a file once it was read up to an offset. Null where the file changed meanwhile. */
export const advanced = async (
  { known: each, file }: Followed,
  offset: number,
  isWhole: boolean,
): Promise<Known | null> => {
  const mark = await markAt(file, offset)
  return mark === null ? null : { ...each, ...mark, done: file.packed && isWhole ? stampOf(file) : null }
}
