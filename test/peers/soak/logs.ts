/** A real nginx that writes and rotates its access log; its lines have the machine's own time. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { startNginx } from '../support.ts'
import { keptUsage, type SoakPeer, totalsOf } from './peer.ts'

const run = promisify(execFile)

export const nginxPeer = async (startMs: number): Promise<SoakPeer> => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-soak-nginx-'))
  const server = await startNginx(folder)
  let rotations = 0
  /** As logrotate does: renamed, reopened, and the one before packed. */
  const rotate = async () => {
    rotations += 1
    await rename(join(folder, 'access.log'), join(folder, `access.log.${rotations}`))
    server.signal('SIGUSR1')
    if (rotations > 1) await run('gzip', [join(folder, `access.log.${rotations - 1}`)])
  }
  return {
    source: {
      name: 'nginx',
      kind: 'log_files',
      config: { path: join(folder, 'access.log*'), format: 'combined', tenantFrom: 'segment:1' },
      everyMinutes: 10,
    },
    work: async (step) => {
      for (const [tenant, requests] of [
        ['acme', 120 + step],
        ['bolt', 40],
      ] as const)
        await run('ab', ['-q', '-n', String(requests), '-c', '4', '-k', `${server.url}/${tenant}/x`])
      if (step % 2 === 1) await rotate()
    },
    own: async () => {
      const names = (await readdir(folder)).filter((name) => name.startsWith('access.log'))
      const texts = await Promise.all(
        names.map(async (name) => {
          const bytes = await readFile(join(folder, name))
          return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
        }),
      )
      const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '')
      return totalsOf(
        lines.flatMap((line) => {
          const [, tenant = '?', bytes = '?'] = /"GET \/(\w+)\/x HTTP\/1\.\d" 200 (\d+) /.exec(line) ?? []
          return [
            [`http.requests ${tenant}`, '1' as DecimalText],
            [`http.response.bytes ${tenant}`, bytes as DecimalText],
          ] as const
        }),
      )
    },
    kept: keptUsage(startMs, 'http.requests', 'http.response.bytes'),
    close: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
