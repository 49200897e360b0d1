/** A small demo book with its engine, for tests that need real figures of every kind. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { makeDemoBook } from '../../src/main/demo/make-demo-book.ts'
import { type Engine, startEngine } from '../../src/main/engine/engine.ts'

export interface DemoHouse {
  readonly client: RouterClient<Engine['router']>
  readonly close: () => Promise<void>
}

/** Seven months of ten customers, up to October 2026. */
export const openDemoHouse = async (): Promise<DemoHouse> => {
  const directory = mkdtempSync(join(tmpdir(), 'countinghouse-demo-'))
  const nowMs = Date.parse('2026-11-02T09:41:00Z')
  const engine = await startEngine({ directory, demo: true, clock: { nowMs: () => nowMs }, environment: {} })
  const client = createRouterClient(engine.router, { context: { local: true } })
  await makeDemoBook(client, { directory, nowMs, onProgress: () => {}, size: { months: 7, customers: 10 } })
  return {
    client,
    close: async () => {
      await engine.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
