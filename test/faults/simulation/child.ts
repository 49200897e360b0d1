/**
 * An engine in a process of its own, to be killed: imports one file, closes a month, or builds the cube again. Run with the book's
 * folder, the instant it takes for the present, and what to do as JSON; says `begun` when it begins.
 */
import { createRouterClient } from '@orpc/server'
import type { ReadOptions } from '../../../src/contract/sources.ts'
import type { Month } from '../../../src/domain/period.ts'
import { startEngine } from '../../../src/main/engine/engine.ts'

export type Task =
  | { readonly path: string; readonly options: ReadOptions }
  | { readonly close: string; readonly reason: string }
  | 'rebuild'

const [directory = '', presentMs = '', json = ''] = process.argv.slice(2)
const task = JSON.parse(json) as Task
const engine = await startEngine({ directory, clock: { nowMs: () => Number(presentMs) }, environment: {} })
const client = createRouterClient(engine.router, { context: { local: true } })

process.stdout.write('begun\n')
const begin = async (): Promise<string | null> => {
  if (task === 'rebuild') return (await client.book.rebuildCube()).jobId
  if ('close' in task) {
    await client.reconcile.close({ month: task.close as Month, reason: task.reason })
    return null
  }
  const { fileId } = await client.files.openPath({ path: task.path })
  return (await client.imports.start({ fileId, options: task.options })).jobId
}
const jobId = await begin()
if (jobId !== null)
  for await (const job of await client.jobs.watch({ jobId })) if (job.state !== 'running') break
await engine.close()
