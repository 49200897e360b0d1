import { expect } from 'vitest'
import { sql } from '../../src/main/collect/kinds/sql/sql.ts'
import { openHouse } from '../main/engine/house.ts'

/** The present of every query of these tests. */
export const NOW = '2026-11-02T10:20:00Z'

/** An engine with the table `events` that a query of ours counts. */
export interface Warehouse {
  readonly config: object
  /** The engine's own sum from 10:00 of 1 November until an hour of 2 November, UTC. */
  readonly sum: (until: '10:00' | '12:00') => Promise<string | undefined>
  /** Late rows, a correction, and all of one tenant's removed. */
  readonly changePast: () => Promise<unknown>
  /** A row of 11:59:59.999 on 2 November. */
  readonly addNewest: () => Promise<unknown>
}

/** What the ledger holds is what the engine sums: at first, when nothing changed, after the past did, and later. */
export const checkFollowed = async (warehouse: Warehouse): Promise<void> => {
  const house = await openHouse({ now: NOW, engine: { collectors: [sql] } })
  try {
    await house.client.connections.save({
      id: 'warehouse',
      name: 'Warehouse',
      kind: 'sql',
      config: warehouse.config as never,
      everyMinutes: 60,
      paused: true,
      expectedVersion: 0,
    })
    const collect = async () => {
      const { state, result, error } = await house.job(house.client.connections.run({ id: 'warehouse' }))
      if (result?.kind !== 'collect') throw new Error(`${state}: ${error?.message}`)
      return result.sentence
    }
    const total = async () =>
      (await house.client.explain.usage({ metric: 'bytes', month: '2026-11' as never })).total
    expect(await collect()).toMatch(/^\d+ records new\.$/)
    expect(await total()).toBe(await warehouse.sum('10:00'))
    expect(await collect()).toMatch(/^0 records new, \d+ known before\.$/)
    await warehouse.changePast()
    expect(await collect()).toContain('replaced an older value')
    expect(await total()).toBe(await warehouse.sum('10:00'))
    house.clock.set('2026-11-02T12:20:00Z')
    await warehouse.addNewest()
    await collect()
    expect(await total()).toBe(await warehouse.sum('12:00'))
  } finally {
    await house.close()
  }
}
