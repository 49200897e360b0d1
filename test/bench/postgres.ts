/** A PostgreSQL of the benchmarks' own: made in a temporary folder, reached by a Unix socket, gone when it ends. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** All that is not PostgreSQL's default. The log of writes is made durable at every commit, as ours is. */
export const POSTGRES_SETTINGS = {
  shared_buffers: '512MB',
  synchronous_commit: 'on',
  max_wal_size: '4GB',
} as const

export const USER = 'bench'
export const DATABASE = 'postgres'

export interface Postgres {
  readonly version: string
  /** The folder of its socket. */
  readonly socket: string
  /** Rows in text format into the table. */
  readonly copy: (table: string, rows: Readable) => Promise<void>
  readonly end: () => Promise<void>
}

/** Who may run it: PostgreSQL refuses to be root. */
const owner = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody'])
    try {
      const [uid, gid] = ['-u', '-g'].map((option) =>
        Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' })),
      )
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {
      // There is no such user here.
    }
  return null
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts one with the programs of the folder. @throws Error where it does not come up. */
export const startPostgres = async (programs: string): Promise<Postgres> => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-postgres-'))
  const who = owner()
  if (who !== null) chownSync(folder, who.uid, who.gid)
  const as = { cwd: folder, ...(who ?? {}) }
  const data = join(folder, 'data')
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.on('exit', remove)
  try {
    execFileSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'],
      { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
    )
  } catch (error) {
    remove()
    throw error
  }
  const settings = Object.entries(POSTGRES_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', ...settings],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  server.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-4_000)
  })
  const gone = once(server, 'exit')
  // A run that is cut off leaves neither the server nor its gigabytes.
  const stopAtExit = () => {
    server.kill('SIGQUIT')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
  }
  process.prependListener('exit', stopAtExit)
  const end = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGQUIT')
    await gone
    process.off('exit', stopAtExit)
    process.off('exit', remove)
    remove()
  }
  for (let attempt = 0; !log.includes('ready to accept connections'); attempt++) {
    if (server.exitCode !== null || attempt > 300) {
      await end()
      throw new Error(`PostgreSQL did not start: ${log.trim()}`)
    }
    await sleep(100)
  }
  const version = execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' }).trim()
  return {
    version,
    socket: folder,
    copy: async (table, rows) => {
      const psql = spawn(
        join(programs, 'psql'),
        [
          '-h',
          folder,
          '-U',
          USER,
          '-d',
          DATABASE,
          '-qX',
          '-v',
          'ON_ERROR_STOP=1',
          '-c',
          `COPY ${table} FROM STDIN`,
        ],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      )
      let text = ''
      psql.stderr.on('data', (chunk) => {
        text += chunk
      })
      const ended = once(psql, 'exit')
      await pipeline(rows, psql.stdin)
      const [code] = await ended
      if (code !== 0) throw new Error(`COPY into PostgreSQL failed: ${text.trim()}`)
    },
    end,
  }
}
