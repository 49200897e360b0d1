/** Scripts of batches, killed: imports and corrections, and a cube that follows them and is built again. */
import { cpSync } from 'node:fs'
import { expect } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { type Mark, run } from './kill.ts'
import { chainOf, checkChain, cubeOf, factsOf, runSteps, writing } from './look.ts'
import { SCRIPTS, type Script } from './script.ts'
import type { Subject } from './subject.ts'
import { bookIn, type Workshop } from './workshop.ts'

/** A killed cube stands where its last acknowledged follow left it or later, unless it was being built again. */
const checkCube = async (directory: string, marks: readonly Mark[]): Promise<void> => {
  const cube = await openCube(directory)
  try {
    const last = marks.findLast(({ word }) => word === 'followed' || word === 'rebuilding')
    if (last === undefined) return
    const { lastBatchId, madeAnew } = await cube.status()
    expect(madeAnew).toBe(false)
    if (last.word === 'followed') expect(lastBatchId).toBeGreaterThanOrEqual(Number(last.rest[0]))
  } finally {
    await cube.close()
  }
}

const subjectOf =
  (kind: keyof typeof SCRIPTS) =>
  async ({ files, place, base }: Workshop): Promise<Subject> => {
    const script: Script = SCRIPTS[kind]
    const unkilled = place(`${kind}-clean`)
    cpSync(await base(kind), unkilled, { recursive: true })
    const clean = await run({ kind, folder: unkilled, files }, null)
    const book = bookIn(unkilled)
    const chain = await chainOf(book)
    expect(chain.size).toBe(script.steps.length)
    // Else the kills would be aimed at nothing.
    expect(clean.filter(({ word }) => word === 'committing')).toHaveLength(script.steps.length - script.base)
    const facts = await factsOf(book)
    const contents = await cubeOf(book)

    return {
      kind,
      clean,
      points: ['committing', 'storing'],
      base: await base(kind),
      check: async (folder, marks) => {
        const batches = await checkChain(bookIn(folder), chain, marks, script.base)
        // Nothing is there whose commit had not begun.
        const begun = marks.filter(({ word }) => word === 'committing').map(({ rest }) => Number(rest[0]))
        expect(batches).toBeLessThanOrEqual(Math.max(script.base, ...begun))
        if (kind === 'cube') await checkCube(bookIn(folder), marks)
        return { mayGoOn: batches < script.steps.length, batches }
      },
      finish: async (folder, random) => {
        const killed = bookIn(folder)
        await runSteps(killed, files, script, script.steps.length)
        expect(await factsOf(killed)).toEqual(facts)
        expect(await cubeOf(killed)).toEqual(contents)
        if (random.below(3) > 0) return
        // The same files again, as somebody would who does not know how far the import had come.
        await writing(killed, async (ledger) => {
          for (const step of script.again) await step(ledger, files)
        })
        const { entries, control } = await factsOf(killed)
        expect({ entries, control }).toEqual({ entries: facts.entries, control: facts.control })
      },
    }
  }

export const importSubject = subjectOf('import')
export const correctionSubject = subjectOf('correction')
export const cubeSubject = subjectOf('cube')
