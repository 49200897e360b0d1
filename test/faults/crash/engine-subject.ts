/** The engine with its threads, killed while it imports; looked at as a person would on the screens. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { openHouse, verify } from '../../main/engine/house.ts'
import { run } from './kill.ts'
import { chainOf, checkChain } from './look.ts'
import { NOW } from './script.ts'
import type { Subject } from './subject.ts'
import { ENGINE_BASE, ENGINE_FILES } from './work.ts'
import { bookIn, type Workshop } from './workshop.ts'

const MONTH = '2026-10' as Month
const LAST_BATCH = ENGINE_BASE + ENGINE_FILES.length

/** Does the imports that are left; then everything that a person could see of the book. */
const portraitOf = async (folder: string, files: string) => {
  const house = await openHouse({ now: NOW }, folder)
  try {
    const { client } = house
    const done = (await client.book.status()).head.batchId - ENGINE_BASE
    for (const name of ENGINE_FILES.slice(done)) await house.import(join(files, name))
    const span = { from: MONTH, to: MONTH, grain: 'day' as const, filters: [] }
    const usage = await Promise.all(
      ['calls', 'bytes'].map((metric) =>
        client.usage.query({ ...span, metric, groupBy: ['tenant', 'dimension:region'], compare: 'none' }),
      ),
    )
    const cost = await client.cost.query({ ...span, groupBy: ['service', 'tag:app'] })
    const { head, months, freshness, openQuarantine, openConflicts } = await client.book.status()
    expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true, fault: null })
    return { usage, cost, head, months, freshness, openQuarantine, openConflicts }
  } finally {
    await house.engine.close()
  }
}

export const engineSubject = async ({ files, place }: Workshop): Promise<Subject> => {
  const base = place('base-engine')
  const created = await openHouse({ now: NOW }, base)
  expect((await created.client.book.status()).head.batchId).toBe(ENGINE_BASE)
  await created.engine.close()
  const unkilled = place('engine-clean')
  cpSync(base, unkilled, { recursive: true })
  const clean = await run({ kind: 'engine', folder: unkilled, files }, null)
  // Else the kills would be aimed at nothing.
  expect(clean.map(({ word }) => word)).toContain('following')
  const chain = await chainOf(bookIn(unkilled))
  expect(chain.size).toBe(LAST_BATCH)
  const portrait = await portraitOf(unkilled, files)

  return {
    kind: 'engine',
    clean,
    points: ['following'],
    base,
    check: async (folder, marks) => {
      const batches = await checkChain(bookIn(folder), chain, marks, ENGINE_BASE)
      // What the cube follows is committed, though nobody was told yet that it is done.
      const followed = new Set(marks.filter(({ word }) => word === 'following').map(({ rest }) => rest[0]))
        .size
      expect(batches).toBeGreaterThanOrEqual(ENGINE_BASE + followed)
      return { mayGoOn: batches < LAST_BATCH, batches }
    },
    finish: async (folder) => expect(await portraitOf(folder, files)).toEqual(portrait),
  }
}
