/**
 * Our log follower against a real nginx that writes and rotates its access log under load: the requests that
 * ApacheBench counted are the requests in the ledger's pages, while files are renamed, reopened and packed.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rename, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../src/domain/canonical.ts'
import { logFiles } from '../../src/main/collect/kinds/log_files/log-files.ts'
import { collectAll, contextFor } from '../main/collect/kinds/collecting.ts'
import { startNginx } from './support.ts'

const REQUESTS = 60_000
const ROTATIONS = 5
const runFile = promisify(execFile)

let folder = ''
let server: Awaited<ReturnType<typeof startNginx>>
let url = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countinghouse-nginx-'))
  server = await startNginx(folder)
  url = server.url
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** ApacheBench's own count of answered requests. */
const load = async (path: string, requests: number): Promise<number> => {
  const { stdout } = await runFile('ab', ['-q', '-n', String(requests), '-c', '16', '-k', `${url}${path}`])
  expect(stdout).toMatch(/Failed requests:\s+0\n/)
  return Number(/Complete requests:\s+(\d+)/.exec(stdout)?.[1])
}

test('the requests that ab counted are those collected, over renames, reopening, packing and truncation', async () => {
  const settings = { path: join(folder, 'access.log*'), format: 'combined', tenantFrom: 'segment:1' }
  let checkpoint: Json = null
  const seen = new Set<string>()
  const counts = new Map<string, number>()
  const bytes = new Map<string, bigint>()
  const collect = async () => {
    const run = await collectAll(
      logFiles,
      contextFor(logFiles, settings, { checkpoint, nowMs: Date.now() }),
    ).catch((error: { retryAfterMs?: number }) => {
      // A file was renamed while it was read: what the run gave is not kept, and the next begins where it did.
      if (error.retryAfterMs === 1000) return null
      throw error
    })
    if (run === null) return
    checkpoint = run.checkpoint
    for (const { id, type, subject = '', data } of run.events) {
      expect(seen.has(id)).toBe(false)
      seen.add(id)
      if (type === 'http.requests') counts.set(subject, (counts.get(subject) ?? 0) + 1)
      else bytes.set(subject, (bytes.get(subject) ?? 0n) + BigInt(data.value))
    }
  }

  let loading = true
  const counted = Promise.all([load('/acme/x', REQUESTS), load('/bolt/y', REQUESTS / 2)]).finally(() => {
    loading = false
  })
  const collecting = (async () => {
    while (loading) {
      await collect()
      await sleep(50)
    }
  })()
  for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
    await sleep(300)
    await rename(join(folder, 'access.log'), join(folder, `access.log.${rotation}`))
    await sleep(50)
    server.signal('SIGUSR1')
    await sleep(300)
    await runFile('gzip', [join(folder, `access.log.${rotation}`)])
  }
  const [acme, bolt] = await counted
  await collecting
  // copytruncate loses what is written between the two, so that it is tried where nothing writes.
  await copyFile(join(folder, 'access.log'), join(folder, 'access.log.9'))
  await truncate(join(folder, 'access.log'))
  const more = await load('/acme/z', 1000)
  await collect()
  await collect()
  expect([acme, bolt, more]).toEqual([REQUESTS, REQUESTS / 2, 1000])
  expect(counts.get('acme')).toBe(acme + more)
  expect(counts.get('bolt')).toBe(bolt)
  expect(bytes.get('bolt')).toBe(BigInt(bolt) * 8n)
})
