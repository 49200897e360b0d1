/**
 * An engine in a process of its own that imports files until it is done or killed. Run with the book's folder, the
 * instant it takes for the present, and the files; says on its standard output what it has reached.
 */
import { createRouterClient } from '@orpc/server'
import { startEngine } from '../../src/main/engine/engine.ts'

const [directory = '', now = '', ...paths] = process.argv.slice(2)
const say = (words: string) => process.stdout.write(`${words}\n`)

const engine = await startEngine({ directory, clock: { nowMs: () => Date.parse(now) }, environment: {} })
const client = createRouterClient(engine.router, { context: { local: true } })
for (const path of paths) {
  const { fileId } = await client.files.openPath({ path })
  say('begun')
  const { jobId } = await client.imports.start({ fileId, options: {} })
  let text = ''
  for await (const job of await client.jobs.watch({ jobId })) {
    if (job.progress.text !== text) say(job.progress.text)
    text = job.progress.text
    if (job.result?.kind === 'import') say(`result ${JSON.stringify(job.result.import)}`)
    if (job.error !== null) say(`failed ${job.error.message}`)
  }
}
say(`peak ${process.resourceUsage().maxRSS}`)
await engine.close()
