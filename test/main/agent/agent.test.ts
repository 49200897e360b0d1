import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openAgent, type World } from '../../../src/main/agent/agent.ts'
import { configOf, type Event, openBench, rowsOf, spooled, temporaryFolder } from './support.ts'
import { makeRoot, writeCgroup } from './tree.ts'

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const worldOf = (changes: Partial<World> = {}) => {
  const said: string[] = []
  let nowMs = Date.parse('2026-11-02T12:00:00Z')
  const world: World = {
    nowMs: () => nowMs,
    random: () => 0,
    newId: () => 'instance-1',
    environment: {},
    say: (sentence) => said.push(sentence),
    boot: 'boot1',
    ...changes,
  }
  return {
    world,
    said,
    set: (time: string) => {
      nowMs = Date.parse(`2026-11-02T${time}Z`)
    },
  }
}

const never = new AbortController().signal
const eventsIn = (folder: string): readonly Event[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as Event)

const UID = '0f6b1c9e-7d0a-4c1e-9b0f-1a2b3c4d5e6f'
const STATIC = '0123456789abcdef0123456789abcdef'
const POD = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`
const MIRRORED = `kubepods.slice/kubepods-pod${STATIC}.slice`

/** An API server with its own certificate, and the service account that knows it. */
const startKubernetes = async (folder: string) => {
  const account = join(folder, 'serviceaccount')
  mkdirSync(account)
  const [key, certificate] = [join(folder, 'key.pem'), join(account, 'ca.crt')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ].concat([
      ...['-keyout', key, '-out', certificate, '-subj', '/CN=kubernetes'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ]),
    { stdio: 'ignore' },
  )
  writeFileSync(join(account, 'token'), 'planted-account-token\n')
  const asked: { readonly path: string; readonly accept: string; readonly authorization: string }[] = []
  const kubernetes = { status: 200, pods: [] as object[] }
  const server = createHttps(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    ({ url = '', headers }, response) => {
      asked.push({ path: url, accept: headers.accept ?? '', authorization: headers.authorization ?? '' })
      const isSecond = url.includes('continue=')
      response.writeHead(kubernetes.status, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          kind: 'PartialObjectMetadataList',
          metadata: isSecond ? {} : { continue: 'more' },
          items: isSecond ? kubernetes.pods : [],
        }),
      )
    },
  )
  const port = await listen(server)
  return {
    asked,
    kubernetes,
    account,
    environment: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(port),
      NODE_NAME: 'node-7',
    },
  }
}

test('pods have their names of Kubernetes: tenant by label, namespace and name as dimensions; static pods too', async () => {
  const folder = temporaryFolder()
  const root = makeRoot(folder)
  const { asked, kubernetes, account, environment } = await startKubernetes(folder)
  kubernetes.pods = [
    { metadata: { uid: UID, name: 'web-1', namespace: 'shop', labels: { customer: 'acme', app: 'web' } } },
    {
      metadata: {
        uid: 'another',
        name: 'proxy-node-7',
        namespace: 'kube-system',
        annotations: { 'kubernetes.io/config.mirror': STATIC },
      },
    },
  ]
  const config = configOf(folder, {
    name: 'node-7',
    stateFolder: join(folder, 'state'),
    cgroups: {
      root,
      units: 'pods',
      tenantFrom: 'label:customer',
      tenantOtherwise: 'platform',
      labels: ['app'],
    },
    output: { kind: 'folder', folder: join(folder, 'out') },
  })
  const { world, set } = worldOf({ environment, serviceAccount: account })
  const run = async (time: string, micros: number) => {
    set(time)
    for (const path of [POD, MIRRORED]) writeCgroup(root, path, { cpuMicros: micros })
    const agent = await openAgent(config, world)
    onTestFinished(agent.close)
    const summary = await agent.once(never)
    agent.close()
    return summary
  }
  expect(await run('12:00:00', 1_000_000)).toMatchObject({ events: 0, cgroups: 2 })
  expect(await run('12:01:00', 3_500_000)).toEqual({
    events: 2,
    filesSent: 1,
    filesWaiting: 0,
    bytesWaiting: 0,
    cgroups: 2,
  })
  const events = eventsIn(join(folder, 'out'))
  expect(
    events.map(({ subject, data: { value, dimensions } }) => ({ subject, value, ...dimensions })),
  ).toEqual(
    expect.arrayContaining([
      { subject: 'acme', value: '2.5', agent: 'node-7', namespace: 'shop', pod: 'web-1', app: 'web' },
      { subject: 'platform', value: '2.5', agent: 'node-7', namespace: 'kube-system', pod: 'proxy-node-7' },
    ]),
  )
  expect(asked[0]).toEqual({
    path: '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-7&resourceVersion=0',
    accept: expect.stringMatching(/^application\/json;as=PartialObjectMetadataList;v=v1;g=meta\.k8s\.io/),
    authorization: 'Bearer planted-account-token',
  })
  expect(asked[1]?.path).toBe('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-7&continue=more')
  kubernetes.status = 403
  await expect(run('12:02:00', 4_000_000)).rejects.toThrow(
    'Kubernetes cannot be asked for this node’s pods: its service account may not list pods (403); apply the ClusterRole of resources/agent.',
  )
})

test('a pod that is not named yet waits with its window, and goes without a tenant after six hours', () => {
  const bench = openBench({ units: 'pods', tenantFrom: 'namespace' })
  bench.pods = new Map()
  bench.at('00:00:00')
  writeCgroup(bench.root, POD, { cpuMicros: 1_000_000 })
  bench.at('00:01:00')
  bench.at('00:06:00', true)
  expect(spooled(bench.store())).toEqual([])
  bench.restart()
  bench.pods = new Map([[UID, { namespace: 'shop', name: 'web-1', labels: {} }]])
  bench.at('00:07:00')
  expect(rowsOf(spooled(bench.store()))).toEqual(['shop cgroup.cpu.seconds 1 00:00:00–00:07:00'])

  const other = openBench({ units: 'pods', tenantFrom: 'namespace' })
  other.pods = new Map()
  other.at('00:00:00')
  writeCgroup(other.root, POD, { cpuMicros: 1_000_000 })
  other.at('00:01:00')
  other.at('05:59:00')
  expect(spooled(other.store())).toEqual([])
  other.at('06:00:00')
  expect(spooled(other.store())).toMatchObject([{ data: { value: '1', dimensions: { pod: UID } } }])
  expect(rowsOf(spooled(other.store()))).toEqual(['– cgroup.cpu.seconds 1 00:00:00–06:00:00'])
})

test('an exporter counts from scrape to scrape, over a restart of the agent and of itself', async () => {
  const folder = temporaryFolder()
  let value = 100
  let authorization = ''
  const port = await listen(
    createHttp((request, response) => {
      authorization = request.headers.authorization ?? ''
      response.end(`# TYPE app_requests_total counter\napp_requests_total{customer="acme"} ${value}\n`)
    }),
  )
  writeFileSync(join(folder, 'password'), 'planted-password\n')
  const config = configOf(folder, {
    name: 'node-7',
    stateFolder: join(folder, 'state'),
    prometheus: [
      {
        name: 'app',
        url: `http://127.0.0.1:${port}/metrics`,
        password: { file: join(folder, 'password') },
        tenantLabel: 'customer',
        metrics: [{ metric: 'app.requests', selector: 'app_requests_total', method: 'counter' }],
      },
    ],
    output: { kind: 'folder', folder: join(folder, 'out') },
  })
  const { world, set } = worldOf()
  for (const [time, now] of [
    ['12:00:00', 100],
    ['12:01:00', 107],
    ['12:02:00', 4],
  ] as const) {
    set(time)
    value = now
    const agent = await openAgent(config, world)
    await agent.once(never)
    agent.close()
  }
  const events = eventsIn(join(folder, 'out'))
  expect(rowsOf(events)).toEqual([
    'acme app.requests 7 12:00:00–12:01:00',
    'acme app.requests 4 12:01:00–12:02:00',
  ])
  expect(events[0]?.source).toBe('exporter:node-7/app')
  expect(authorization).toBe('Bearer planted-password')
})

test('it runs until the signal, says each trouble once, and ends its windows then; a second agent is refused', async () => {
  const folder = temporaryFolder()
  const root = makeRoot(folder)
  writeCgroup(root, 'acme', { cpuMicros: 1_000_000 })
  const document = {
    name: 'node-7',
    stateFolder: join(folder, 'state'),
    sampleSeconds: 1,
    windowSeconds: 3600,
    cgroups: { root, match: '^(?<tenant>[a-z]+)$', tenantFrom: 'group:tenant' },
    prometheus: [
      {
        name: 'app',
        url: 'http://127.0.0.1:1/metrics',
        tenant: 'acme',
        everySeconds: 5,
        metrics: [{ metric: 'm', selector: 'm', method: 'counter' }],
      },
    ],
    output: { kind: 'folder', folder: join(folder, 'out') },
  }
  const { world, said } = worldOf({ nowMs: () => Date.now() })
  const agent = await openAgent(configOf(folder, document), world)
  await expect(openAgent(configOf(folder, document), world)).rejects.toThrow(/^Another agent is at work in /)
  const stopping = new AbortController()
  const running = agent.run(stopping.signal)
  const sampledMs = () =>
    (
      JSON.parse(readFileSync(join(folder, 'state/state.json'), 'utf8')) as {
        cgroups: { atMs: number } | null
      }
    ).cgroups?.atMs
  await vi.waitFor(() => expect(sampledMs()).toBeGreaterThan(0))
  const first = sampledMs() ?? 0
  writeCgroup(root, 'acme', { cpuMicros: 4_000_000 })
  await vi.waitFor(() => expect(sampledMs()).toBeGreaterThan(first), { timeout: 5000 })
  stopping.abort()
  expect(await running).toMatchObject({ events: 1, filesSent: 1, filesWaiting: 0, cgroups: 1 })
  agent.close()
  expect(eventsIn(join(folder, 'out')).map(({ data }) => data.value)).toEqual(['3'])
  expect(said).toEqual([
    `Agent node-7 has begun: events go to ${join(folder, 'out')}.`,
    'endpoint app: http://127.0.0.1:1/metrics cannot be reached: bad port.',
    '1 cgroups and 1 endpoints are watched; 1 events since the start, 1 files sent, 0 wait (0 KB).',
  ])
  expect(readdirSync(join(folder, 'state')).sort()).toEqual(['spool', 'state.json'])
})
