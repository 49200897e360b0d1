/** The fuzzing of importers and of the file opener, as tests; how many inputs is for the caller to say. */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { closeLedger, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { checkExtreme, EXTREMES } from './extremes.ts'
import { checkFile } from './file-properties.ts'
import { checkBook, checkImport, checkValidImport, EXACT_METRICS } from './import-properties.ts'
import { choiceOf } from './kinds.ts'
import { checkText } from './properties.ts'
import { anyFile } from './spoilt-bytes.ts'
import { anyText, pieceLengths, spoiltText } from './spoilt-text.ts'
import { checkValidCosts, checkValidEvents, checkValidRows } from './valid-properties.ts'
import { validCost, validEvent, validRow } from './valid-records.ts'

export interface Inputs {
  /** Texts in memory. */
  readonly texts: number
  /** Valid records, whose meaning is known. */
  readonly valid: number
  /** Files on the disk: opened, told and previewed. */
  readonly files: number
  /** Files imported, twice each, into one book. */
  readonly imports: number
}

const SEED_MAX = 2 ** 31 - 1
const given = process.env.COUNTINGHOUSE_FUZZ_SEED
const seed = given === undefined ? randomInt(SEED_MAX) : Number(given)
if (!Number.isInteger(seed)) throw new Error(`COUNTINGHOUSE_FUZZ_SEED is ${given}, not a whole number`)

const TEST_MS_MAX = 600_000

const some = <Record>(record: fc.Arbitrary<Record>) => fc.array(record, { minLength: 1, maxLength: 5 })

/** An input of an import: mostly files that something is left of. */
const importInput = fc
  .record({
    file: fc.oneof(
      {
        weight: 3,
        arbitrary: spoiltText.map(({ kind, text }) => ({ kind, hex: Buffer.from(text).toString('hex') })),
      },
      { weight: 1, arbitrary: anyFile },
    ),
    delivery: fc.constantFrom('restate' as const, 'add' as const),
  })
  .map(({ file, delivery }) => ({ ...file, delivery }))

export const describeFuzz = (inputs: Inputs): void => {
  let count = 0

  /** Runs a property on so many inputs; a failure is shrunk and shown with the seed. */
  const hold = async <Input>(
    runs: number,
    input: fc.Arbitrary<Input>,
    check: (input: Input) => Promise<unknown>,
  ): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(input, async (each) => {
        count++
        await check(each)
      }),
      { numRuns: runs, seed },
    )
  }

  describe('fuzz', { timeout: TEST_MS_MAX }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-fuzz-'))
    afterAll(() => {
      rmSync(folder, { recursive: true })
      console.log(`fuzz: ${count} inputs, seed ${seed} (COUNTINGHOUSE_FUZZ_SEED=${seed} repeats it)`)
    })

    test('good files that something happened to', () =>
      hold(Math.ceil(inputs.texts * 0.75), fc.tuple(spoiltText, pieceLengths), ([{ kind, text }, lengths]) =>
        checkText(kind, text, choiceOf(kind), lengths),
      ))

    test('any text', () =>
      hold(Math.ceil(inputs.texts * 0.25), fc.tuple(anyText, pieceLengths), ([{ kind, text }, lengths]) =>
        checkText(kind, text, choiceOf(kind), lengths),
      ))

    test('valid events, rows and costs, strangely written', async () => {
      await hold(inputs.valid / 2, some(validEvent({ digits: 40, decimals: 40 })), checkValidEvents)
      await hold(inputs.valid / 4, some(validRow), checkValidRows)
      await hold(inputs.valid / 4, some(validCost), checkValidCosts)
    })

    test('any bytes in a file', () =>
      hold(inputs.files, anyFile, ({ kind, hex }) => checkFile(folder, kind, hex, choiceOf(kind))))

    test.each(EXTREMES)('%s (%s)', async (_, kind, text) => {
      count++
      await checkExtreme(folder, kind, text)
    })

    test('imports into one book', async () => {
      const ledger = openLedgerForWriting(join(folder, 'book'), { program: 'fuzz', create: true })
      const outcomes = { committed: 0, refused: 0 }
      try {
        await hold(inputs.imports, importInput, async (input) => {
          const result = await checkImport(ledger, folder, input, choiceOf(input.kind))
          outcomes[typeof result === 'string' ? 'refused' : 'committed']++
        })
        const metric = fc.constantFrom(...EXACT_METRICS)
        await hold(inputs.imports / 4, some(validEvent({ digits: 6, decimals: 12 }, metric)), (records) =>
          checkValidImport(ledger, folder, records),
        )
        await checkBook(ledger)
      } finally {
        closeLedger(ledger)
      }
      // An import that is never refused, or always, would prove little.
      expect(Math.min(outcomes.committed, outcomes.refused)).toBeGreaterThan(inputs.imports / 20)
    })
  })
}
