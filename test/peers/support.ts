/** Starts and stops the peers that scripts/peers.mjs found; it tells where they are in PEER_* and SOFFICE. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** Where stripe-mock is, or undefined where it could not be had. */
export const stripeMockPath = process.env.PEER_STRIPE_MOCK

/** Where moto's server is, or undefined where it could not be had. */
const motoPath = process.env.PEER_MOTO

/** The script of Azurite's blob service, or undefined where it could not be had. */
const azuritePath = process.env.PEER_AZURITE

/** Where LibreOffice's `soffice` is, or undefined where it could not be had. */
const sofficePath = process.env.SOFFICE

const START_ATTEMPTS = 600
const RECALCULATION_TIMEOUT_MS = 150_000

export const freePort = () =>
  new Promise<number>((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? done(address.port) : fail(new Error('no port')),
      )
    })
  })

const answers = async (url: string) => {
  try {
    await fetch(url)
    return true
  } catch {
    return false
  }
}

const stop = (child: ChildProcess) =>
  new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done()
    child.once('exit', () => done())
    child.kill()
  })

/** Starts a program and waits until it answers at the address. Its last words are in the error where it does not. */
export const startProgram = async (
  path: string | undefined,
  args: readonly string[],
  url: string,
): Promise<{ url: string; stop: () => Promise<void>; signal: (name: NodeJS.Signals) => void }> => {
  if (!path) throw new Error(`the program for ${url} is missing: run "npm run test:peers"`)
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said = (said + text).slice(-2000)
  })
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    if (await answers(url)) return { url, stop: () => stop(child), signal: (name) => void child.kill(name) }
    if (child.exitCode !== null) break
    await new Promise((done) => setTimeout(done, 100))
  }
  await stop(child)
  throw new Error(`${basename(path)} did not answer at ${url}: ${said}`)
}

/** A running stripe-mock: `url` has no slash at its end. It validates every request and keeps no state. */
export const startStripeMock = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const port = await freePort()
  return startProgram(stripeMockPath, ['-http-port', String(port)], `http://127.0.0.1:${port}`)
}

/** A running moto: AWS' services in memory, empty at first. */
export const startMoto = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const port = await freePort()
  return startProgram(motoPath, ['-H', '127.0.0.1', '-p', String(port)], `http://127.0.0.1:${port}`)
}

/** A running Azurite: Azure's blob service in memory, with no container yet. Its account is `devstoreaccount1`. */
export const startAzurite = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  if (!azuritePath) throw new Error('Azurite is missing: run "npm run test:peers"')
  const port = await freePort()
  const args = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--inMemoryPersistence']
  const quiet = ['--silent', '--skipApiVersionCheck', '--disableTelemetry']
  return startProgram(process.execPath, [azuritePath, ...args, ...quiet], `http://127.0.0.1:${port}`)
}

/** The account that Azurite has from its start, and its key, which its documentation prints. */
export const AZURITE_ACCOUNT = 'devstoreaccount1'
export const AZURITE_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** The folder of PostgreSQL's programs. */
export const postgresPrograms = (): string => {
  if (process.env.PEER_INITDB) return dirname(process.env.PEER_INITDB)
  const [newest = ''] = readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a))
  return `/usr/lib/postgresql/${newest}/bin`
}

/** A running nginx that writes `access.log` in the folder, and none of what asks for `/up`. */
export const startNginx = async (folder: string) => {
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  await writeFile(
    config,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.txt;
events {}
http {
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  access_log ${folder}/access.log combined;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "measured"; }
    location = /up { access_log off; return 200 "up"; }
  }
}
`,
  )
  const path = process.env.PEER_NGINX ?? '/usr/sbin/nginx'
  const server = await startProgram(path, ['-p', folder, '-c', config], `http://127.0.0.1:${port}/up`)
  return { ...server, url: `http://127.0.0.1:${port}` }
}

/** LibreOffice keeps the values stored in a workbook of others unless told to calculate always (0). */
const ALWAYS_RECALCULATE = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
`

/**
 * Opens a workbook in LibreOffice, calculates every formula afresh, whatever value was stored with it, and saves
 * the outcome. Returns the path of the new workbook; `remove` deletes it.
 */
export const recalculateWorkbook = async (
  workbookPath: string,
): Promise<{ path: string; remove: () => Promise<void> }> => {
  if (!sofficePath) throw new Error('LibreOffice is missing: run "npm run test:peers"')
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-recalculated-'))
  const profile = join(folder, 'profile')
  await mkdir(join(profile, 'user'), { recursive: true })
  await writeFile(join(profile, 'user', 'registrymodifications.xcu'), ALWAYS_RECALCULATE)
  const args = [
    `-env:UserInstallation=${pathToFileURL(profile).href}`,
    ...['--headless', '--norestore', '--convert-to', 'xlsx:Calc MS Excel 2007 XML'],
    ...['--outdir', folder, workbookPath],
  ]
  await promisify(execFile)(sofficePath, args, { timeout: RECALCULATION_TIMEOUT_MS })
  return {
    path: join(folder, basename(workbookPath)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
