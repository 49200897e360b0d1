/**
 * The index of the pages' event keys, on disk: sorted runs of 64-bit numbers, a fingerprint of 32 bits above the
 * event's seq less the run's base. It finds candidates; the key in the page decides. Small runs are merged into
 * larger ones, so that a book of many small batches does not have to look in each.
 */
import type { Database } from 'better-sqlite3'
import { boundedMap } from './bounded-map.ts'
import { letGo } from './let-go.ts'
import { KEY_BYTES } from './usage-page.ts'

/** Keys in one row of `usage_key_part`. */
const PART_KEYS = 2048
/** Parts of one run at most; a part's number is the run's times this, and its own. */
const PARTS_MAX = 65_536
/** As many runs of a level are merged into one of the next, up to a size that is merged in memory. */
const RUNS_PER_LEVEL = 8
const MERGED_KEYS_MAX = 4_194_304
const PARTS_REMEMBERED = 64

interface Run {
  readonly runNo: number
  readonly level: number
  readonly keys: number
  readonly baseSeq: number
}

/** Where a key of a source is filed. Different sources may use the same ids, so the source is mixed in. */
export const fingerprintOf = (sourceNo: number, keys: Uint8Array, index: number): number => {
  const at = index * KEY_BYTES
  const word =
    (keys[at] as number) |
    ((keys[at + 1] as number) << 8) |
    ((keys[at + 2] as number) << 16) |
    ((keys[at + 3] as number) << 24)
  return (word ^ Math.imul(sourceNo, 0x9e3779b1)) >>> 0
}

/** A part as pairs of 32-bit words, `[seq - base, fingerprint, …]`: a sorted array of 64-bit numbers, little-endian. */
const wordsOf = (bytes: Uint8Array | undefined): Uint32Array => {
  // A part that is missing, or cut, has no keys: verify names it.
  if (bytes === undefined || bytes.length % 8 !== 0) return new Uint32Array(0)
  return bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : new Uint32Array(Uint8Array.from(bytes).buffer)
}

export interface KeyRuns {
  /** Keys in all runs. */
  readonly keys: number
  /** Seqs of the events that may have the fingerprint. */
  candidates(fingerprint: number): number[]
  /** Writes keys as a run, and merges where there are enough. Seqs and fingerprints are of equal length. */
  write(seqs: Float64Array, fingerprints: Uint32Array): void
  /** Every key, run by run. Returns whether each run is in order and its parts are filed under their first keys. */
  each(take: (fingerprint: number, seq: number) => void): boolean
  /** Removes every run. */
  clear(): void
  /** Forgets what was read: after a batch was rolled back. */
  forget(): void
}

export const keyRuns = (database: Database): KeyRuns => {
  const readRuns = database.prepare(
    'SELECT run_no AS runNo, level, keys, base_seq AS baseSeq FROM usage_key_run ORDER BY run_no',
  )
  const readFences = database
    .prepare(
      'SELECT first_fingerprint FROM usage_key_part WHERE part_no >= ? AND part_no < ? ORDER BY part_no',
    )
    .pluck()
  const readPart = database.prepare('SELECT bytes FROM usage_key_part WHERE part_no = ?').pluck()
  let runs: Run[] | null = null
  let total = 0
  const fences = new Map<number, Float64Array>()
  let parts = boundedMap<number, Uint32Array>(PARTS_REMEMBERED)

  const runsNow = (): Run[] => {
    if (runs === null) {
      runs = readRuns.all() as Run[]
      total = runs.reduce((sum, { keys }) => sum + keys, 0)
    }
    return runs
  }
  const fencesOf = ({ runNo }: Run): Float64Array => {
    let found = fences.get(runNo)
    if (found === undefined) {
      found = Float64Array.from(readFences.all(runNo * PARTS_MAX, (runNo + 1) * PARTS_MAX) as number[])
      fences.set(runNo, found)
    }
    return found
  }
  const partOf = (partNo: number): Uint32Array => {
    let words = parts.get(partNo)
    if (words === undefined) {
      words = wordsOf(readPart.get(partNo) as Buffer | undefined)
      parts.set(partNo, words)
    }
    return words
  }

  const insertRun = (level: number, baseSeq: number, sorted: BigUint64Array): void => {
    const runNo = (runsNow().at(-1)?.runNo ?? 0) + 1
    database
      .prepare('INSERT INTO usage_key_run (run_no, level, keys, base_seq) VALUES (?, ?, ?, ?)')
      .run(runNo, level, sorted.length, baseSeq)
    const insertPart = database.prepare(
      'INSERT INTO usage_key_part (part_no, first_fingerprint, bytes) VALUES (?, ?, ?)',
    )
    for (let from = 0, part = 0; from < sorted.length; from += PART_KEYS, part++) {
      const keys = sorted.subarray(from, from + PART_KEYS)
      insertPart.run(
        runNo * PARTS_MAX + part,
        Number((keys[0] as bigint) >> 32n),
        Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength),
      )
    }
    runsNow().push({ runNo, level, keys: sorted.length, baseSeq })
  }

  const eachOf = (run: Run, take: (fingerprint: number, seq: number) => void): boolean => {
    const firsts = fencesOf(run)
    let isOrdered = true
    let last = 0
    for (let part = 0; part * PART_KEYS < run.keys; part++) {
      const words = wordsOf(readPart.get(run.runNo * PARTS_MAX + part) as Buffer | undefined)
      if (words[1] !== firsts[part]) isOrdered = false
      for (let i = 0; i < words.length; i += 2) {
        const fingerprint = words[i + 1] as number
        if (fingerprint < last) isOrdered = false
        last = fingerprint
        take(fingerprint, run.baseSeq + (words[i] as number))
      }
      letGo(words)
    }
    return isOrdered
  }

  const merge = (level: number): void => {
    const ofLevel = runsNow().filter((run) => run.level === level)
    if (ofLevel.length < RUNS_PER_LEVEL) return
    let count = 0
    const merged = ofLevel.filter(({ keys }) => {
      count += keys
      return count <= MERGED_KEYS_MAX
    })
    const baseSeq = Math.min(...merged.map((run) => run.baseSeq))
    if (merged.length < 2) return
    const sorted = new BigUint64Array(merged.reduce((sum, { keys }) => sum + keys, 0))
    const words = new Uint32Array(sorted.buffer)
    let at = 0
    let seqMost = baseSeq
    for (const run of merged)
      eachOf(run, (fingerprint, seq) => {
        if (seq > seqMost) seqMost = seq
        words[at++] = seq - baseSeq
        words[at++] = fingerprint
      })
    // Runs too far apart for 32 bits stay as they are.
    if (seqMost - baseSeq >= 2 ** 32) return
    sorted.sort()
    for (const { runNo } of merged) {
      database
        .prepare('DELETE FROM usage_key_part WHERE part_no >= ? AND part_no < ?')
        .run(runNo * PARTS_MAX, (runNo + 1) * PARTS_MAX)
      database.prepare('DELETE FROM usage_key_run WHERE run_no = ?').run(runNo)
      fences.delete(runNo)
    }
    insertRun(level + 1, baseSeq, sorted)
    letGo(sorted)
    runs = runsNow().filter((run) => !merged.includes(run))
    merge(level + 1)
  }

  const candidatesIn = (run: Run, fingerprint: number, found: number[]): void => {
    const firsts = fencesOf(run)
    // The last part that begins below the fingerprint, because equal ones may begin in the middle of it.
    let from = 0
    let to = firsts.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((firsts[middle] as number) < fingerprint) from = middle + 1
      else to = middle
    }
    for (let part = Math.max(0, from - 1); part < firsts.length; part++) {
      if ((firsts[part] as number) > fingerprint) return
      const words = partOf(run.runNo * PARTS_MAX + part)
      let left = 0
      let right = words.length / 2
      while (left < right) {
        const middle = (left + right) >>> 1
        if ((words[middle * 2 + 1] as number) < fingerprint) left = middle + 1
        else right = middle
      }
      for (; left < words.length / 2 && words[left * 2 + 1] === fingerprint; left++)
        found.push(run.baseSeq + (words[left * 2] as number))
    }
  }

  const forget = (): void => {
    runs = null
    fences.clear()
    parts = boundedMap(PARTS_REMEMBERED)
  }

  return {
    get keys() {
      if (runs === null) runsNow()
      return total
    },
    candidates: (fingerprint) => {
      const found: number[] = []
      for (const run of runsNow()) candidatesIn(run, fingerprint, found)
      return found
    },
    write: (seqs, fingerprints) => {
      const baseSeq = seqs[0] ?? 0
      const sorted = new BigUint64Array(seqs.length)
      const words = new Uint32Array(sorted.buffer)
      for (let i = 0; i < seqs.length; i++) {
        words[i * 2] = (seqs[i] as number) - baseSeq
        words[i * 2 + 1] = fingerprints[i] as number
      }
      sorted.sort()
      // Runs of a size are of a level, so that one large batch is not merged with eight small ones.
      insertRun(Math.floor(Math.log2(Math.max(1, sorted.length)) / 3), baseSeq, sorted)
      total += sorted.length
      letGo(sorted)
      merge(runsNow().at(-1)?.level ?? 0)
    },
    each: (take) => {
      let isOrdered = true
      for (const run of runsNow()) if (!eachOf(run, take)) isOrdered = false
      return isOrdered
    },
    clear: () => {
      database.exec('DELETE FROM usage_key_part; DELETE FROM usage_key_run')
      forget()
    },
    forget,
  }
}
