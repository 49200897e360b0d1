/**
 * An engine in a process of its own, to be killed: imports one file or builds the cube again. Run with the book's
 * folder, the instant it takes for the present, and what to do as JSON; says `begun` when it begins.
 */
import { createRouterClient } from '@orpc/server'
import type { ReadOptions } from '../../../src/contract/sources.ts'
import { startEngine } from '../../../src/main/engine/engine.ts'

export type Task = { readonly path: string; readonly options: ReadOptions } | 'rebuild'

const [directory = '', presentMs = '', json = ''] = process.argv.slice(2)
const task = JSON.parse(json) as Task
const engine = await startEngine({ directory, clock: { nowMs: () => Number(presentMs) }, environment: {} })
const client = createRouterClient(engine.router, { context: { local: true } })

const begin = async () => {
  if (task === 'rebuild') return client.book.rebuildCube()
  const { fileId } = await client.files.openPath({ path: task.path })
  return client.imports.start({ fileId, options: task.options })
}
const { jobId } = await begin()
process.stdout.write('begun\n')
for await (const job of await client.jobs.watch({ jobId }))
  if (job.state === 'failed') process.stdout.write(`failed ${job.error?.message}\n`)
await engine.close()
