/**
 * A machine that loses its power: the ledger's file and its write-ahead log as they may lie on the disk then. A commit
 * is in the log before it is acknowledged, so whatever is cut off behind it, or was on its way into the file, the book
 * must open with exactly the batches whose commits are whole, and go on from there to what it would have become.
 */
import { cpSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Random, randomFor } from '../../../src/main/demo/random.ts'
import { LEDGER_FILE } from '../../../src/main/ledger/open.ts'
import { crashSeed } from './crash.ts'
import { type Chain, chainOf, checkChain, cubeOf, factsOf, runSteps, writing } from './look.ts'
import { reached, SCRIPTS, type Script } from './script.ts'
import { bookIn, type Workshop } from './workshop.ts'

const LOG_FILE = `${LEDGER_FILE}-wal`
const SECTOR_BYTES = 512

const script: Script = SCRIPTS.import

/** A book in the middle of its work: with everything after its base in the log. */
interface Written {
  readonly folder: string
  /** Bytes of the log when each batch was acknowledged, by batch. */
  readonly logBytes: ReadonlyMap<number, number>
  /** The ledger's file once the log had been taken into it. */
  readonly takenIn: Buffer
  readonly pageBytes: number
  readonly chain: Chain
  readonly facts: Awaited<ReturnType<typeof factsOf>>
  readonly contents: Awaited<ReturnType<typeof cubeOf>>
}

const write = async ({ files, place, base }: Workshop): Promise<Written> => {
  const [working, folder] = [place('power-working'), place('power-lost')]
  cpSync(await base('import'), working, { recursive: true })
  const book = bookIn(working)
  const logBytes = new Map<number, number>([[script.base, 0]])
  const pageBytes = await writing(book, async (ledger) => {
    ledger.database.pragma('wal_autocheckpoint = 0')
    while (reached(ledger) < script.steps.length) {
      await script.steps[reached(ledger)]?.(ledger, files)
      logBytes.set(reached(ledger), statSync(join(book, LOG_FILE)).size)
    }
    cpSync(book, bookIn(folder), {
      recursive: true,
      filter: (path) => !path.endsWith('-shm') && !path.endsWith('.lock'),
    })
    return Number(ledger.database.pragma('page_size', { simple: true }))
  })
  return {
    folder,
    logBytes,
    takenIn: readFileSync(join(book, LEDGER_FILE)),
    pageBytes,
    chain: await chainOf(book),
    facts: await factsOf(book),
    contents: await cubeOf(book),
  }
}

/** The last batch whose commit lies within so many bytes of the log. */
const wholeWithin = ({ logBytes }: Written, bytes: number): number =>
  Math.max(...[...logBytes].flatMap(([batch, end]) => (end <= bytes ? [batch] : [])))

/** The log ends somewhere, and its last sectors may hold anything. */
const cutLog = (book: string, written: Written, random: Random): number => {
  const file = join(book, LOG_FILE)
  const ends = [...written.logBytes.values()]
  const size = statSync(file).size
  // A third close to a commit, where it matters by a byte.
  const near = (ends[random.below(ends.length)] ?? 0) + random.below(65) - 32
  const bytes = random.below(3) === 0 ? Math.min(size, Math.max(0, near)) : random.below(size + 1)
  truncateSync(file, bytes)
  if (random.below(2) === 0) {
    const garbage = Buffer.alloc(SECTOR_BYTES * (1 + random.below(16)), random.below(256))
    writeFileSync(file, garbage, { flag: 'a' })
  }
  return wholeWithin(written, bytes)
}

/** The log is whole, and some of its pages have been written into the file: in any order, the last of them perhaps in part. */
const tearFile = (book: string, { takenIn, pageBytes }: Written, random: Random): number => {
  const file = join(book, LEDGER_FILE)
  const before = readFileSync(file)
  const pages = takenIn.length / pageBytes
  const size = Math.max(before.length, random.below(pages + 1) * pageBytes)
  const torn = Buffer.alloc(size)
  before.copy(torn)
  for (let page = 0; page < size / pageBytes; page++)
    if (random.below(2) === 0) takenIn.copy(torn, page * pageBytes, page * pageBytes, (page + 1) * pageBytes)
  const half = random.below(size / pageBytes) * pageBytes
  takenIn.copy(torn, half, half, half + pageBytes / 2)
  writeFileSync(file, torn)
  return script.steps.length
}

export interface PowerLosses {
  readonly rounds: number
  /** Rounds by the batch that the book came back with. */
  readonly cameBack: ReadonlyMap<number, number>
}

/** Loses the power so many times, each time with the same book, and brings every book to its end. */
export const losePower = async (workshop: Workshop, rounds: number): Promise<PowerLosses> => {
  const written = await write(workshop)
  const random = randomFor(`${crashSeed}/power`)
  const cameBack = new Map<number, number>()
  for (let round = 1; round <= rounds; round++) {
    const folder = workshop.place(`power-${round}`)
    cpSync(written.folder, folder, { recursive: true })
    const book = bookIn(folder)
    const lose = round % 3 === 0 ? tearFile : cutLog
    const wanted = lose(book, written, random)
    try {
      const found = await writing(book, async () => checkChain(book, written.chain, [], script.base))
      expect(found).toBe(wanted)
      await runSteps(book, workshop.files, script, script.steps.length)
      expect(await factsOf(book)).toEqual(written.facts)
      expect(await cubeOf(book)).toEqual(written.contents)
      cameBack.set(found, (cameBack.get(found) ?? 0) + 1)
    } catch (error) {
      throw new Error(`${lose.name}, round ${round}, COUNTINGHOUSE_CRASH_SEED=${crashSeed}`, { cause: error })
    }
  }
  return { rounds, cameBack }
}

/** One line for a person. */
export const powerText = ({ rounds, cameBack }: PowerLosses): string =>
  `power: lost ${rounds} times (${[...cameBack]
    .sort(([a], [b]) => a - b)
    .map(([batch, count]) => `${count} back at batch ${batch}`)
    .join(', ')})`
