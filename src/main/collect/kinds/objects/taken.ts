/** Which versions of objects were taken, as a checkpoint that does not grow with the store. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import type { StoredObject } from './store.ts'

/** An object sent in parts bears the time at which its sending began: one that appears may be so much older. */
const OVERLAP_MS = 24 * 3_600_000

/** Versions remembered at most: of one forgotten the records are known by themselves. */
const TAKEN_MAX = 20_000

const takenSchema = z.object({ untilMs: z.number(), taken: z.array(z.tuple([z.number(), z.string()])) })
/** The newest time of what was taken, and the versions taken of the day before it: all that is older is taken. */
export type Taken = z.output<typeof takenSchema>

export const readTaken = (checkpoint: Json): Taken => {
  const read = takenSchema.safeParse(checkpoint)
  return read.success ? read.data : { untilMs: 0, taken: [] }
}

const versionName = ({ key, etag }: StoredObject): string =>
  createHash('sha256').update(`${key}\0${etag}`).digest('base64url').slice(0, 16)

export const notTaken = (
  objects: readonly StoredObject[],
  { untilMs, taken }: Taken,
  overlapMs = OVERLAP_MS,
): StoredObject[] => {
  const known = new Set(taken.map(([, version]) => version))
  return objects.filter((each) => each.modifiedMs >= untilMs - overlapMs && !known.has(versionName(each)))
}

export const withTaken = ({ untilMs, taken }: Taken, object: StoredObject, overlapMs = OVERLAP_MS): Taken => {
  const newest = Math.max(untilMs, object.modifiedMs)
  return {
    untilMs: newest,
    taken: [...taken, [object.modifiedMs, versionName(object)] as [number, string]]
      .filter(([ms]) => ms >= newest - overlapMs)
      .slice(-TAKEN_MAX),
  }
}
