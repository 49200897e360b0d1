import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig, readSecret, UNITS } from '../../../src/main/agent/config.ts'
import { configOf, temporaryFolder } from './support.ts'

const FOLDER = { kind: 'folder', folder: '/out' }
const SERVICES = { units: 'services', tenantFrom: 'group:service' }
const least = { stateFolder: '/var/lib/agent', cgroups: SERVICES, output: FOLDER }

test('the least there is to say, and what it stands for', () => {
  expect(configOf(temporaryFolder(), least)).toMatchObject({
    name: 'host',
    sampleSeconds: 10,
    windowSeconds: 300,
    spoolMegabytes: 256,
    cgroups: { root: '/sys/fs/cgroup', match: UNITS.services, metricPrefix: 'cgroup', asksKubernetes: false },
    prometheus: [],
  })
})

const app = {
  name: 'app',
  url: 'http://h/metrics',
  tenant: 'a',
  metrics: [{ metric: 'm', selector: 'x', method: 'counter' }],
}
const FAULTS: readonly (readonly [document: object, fault: string])[] = [
  [{ ...least, name: 'a/b' }, 'name: letters, digits, dots and dashes'],
  [{ ...least, sampleSeconds: 20, windowSeconds: 10 }, 'sampleSeconds: no longer than windowSeconds'],
  [{ ...least, windowSeconds: 70 }, 'windowSeconds: a part of an hour without rest: 60, 300, 600, 3600'],
  [{ ...least, cgroups: undefined }, 'cgroups: cgroups or prometheus: there is nothing to measure'],
  [{ ...least, cgroups: { ...SERVICES, match: 'x' } }, 'cgroups.units: either units or match, and not both'],
  [
    { ...least, cgroups: { match: '(', tenantFrom: 'fixed:a' } },
    'cgroups.match: a regular expression over the path below the root',
  ],
  [
    { ...least, cgroups: { ...SERVICES, tenantFrom: 'app' } },
    'cgroups.tenantFrom: namespace, label:NAME, group:NAME or fixed:TENANT',
  ],
  [
    { ...least, cgroups: { ...SERVICES, tenantFrom: 'namespace' } },
    'cgroups.tenantFrom: namespaces and labels are of pods: choose the units pods or containers, or name a group (?<pod>…)',
  ],
  [
    { ...least, prometheus: [{ ...app, url: 'ftp://h' }] },
    'prometheus[0].url: an address like http://host:9100/metrics',
  ],
  [
    { ...least, prometheus: [{ ...app, tenantLabel: 'x' }] },
    'prometheus[0].tenantLabel: either a label that names the tenant, or the one tenant that everything here is of',
  ],
  [
    { ...least, prometheus: [{ ...app, metrics: [{ metric: 'm', selector: '{', method: 'counter' }] }] },
    'prometheus[0].metrics[0].selector: a name, or name{label="value"}',
  ],
  [{ ...least, prometheus: [app, app] }, 'prometheus: each endpoint has a name of its own'],
  [
    { ...least, output: { kind: 'ftp' } },
    'output.kind: an output with a kind: folder, s3, kinesis or ingest',
  ],
  [
    { ...least, output: { kind: 's3', region: 'here', bucket: 'usage' } },
    'output.region: a region like eu-central-1',
  ],
  [
    { ...least, output: { kind: 's3', region: 'eu-west-1', bucket: 'usage', prefix: 'a' } },
    'output.prefix: empty, or a path that ends with /',
  ],
  [
    { ...least, output: { kind: 'ingest', url: 'http://h/api/ingest', token: 'chi_1' } },
    'output.token: where the secret lies: {"file": "…"} or {"environment": "VARIABLE"}',
  ],
]
test.each(FAULTS)('%j', (document, fault) => {
  expect(() => configOf(temporaryFolder(), document)).toThrow(fault)
})

test('the node’s name is the agent’s where a DaemonSet says it', () => {
  const path = join(temporaryFolder(), 'agent.json')
  writeFileSync(path, JSON.stringify(least))
  expect(readConfig(path, { NODE_NAME: 'node-7' }, 'host')).toMatchObject({ name: 'node-7' })
  expect(readConfig(`${path}.not`, {}, 'host')).toEqual([
    { path: '', message: expect.stringMatching(/^it cannot be read: ENOENT/) },
  ])
})

test('a secret is read when it is needed, from a file or the environment, and never told', () => {
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, 'chi_one\n')
  expect(readSecret({ file }, {})).toBe('chi_one')
  writeFileSync(file, '')
  expect(() => readSecret({ file }, {})).toThrow(`A secret is missing: ${file} is empty.`)
  expect(readSecret({ environment: 'TOKEN' }, { TOKEN: 'chi_two' })).toBe('chi_two')
  expect(() => readSecret({ environment: 'TOKEN' }, {})).toThrow(
    'A secret is missing: the environment variable TOKEN is not set.',
  )
})

const POD = '0f6b1c9e-7d0a-4c1e-9b0f-1a2b3c4d5e6f'
const MANGLED = POD.replaceAll('-', '_')
const ID = 'a'.repeat(64)
const PATHS: readonly (readonly [path: string, units: keyof typeof UNITS, groups: object | null])[] = [
  [
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${MANGLED}.slice`,
    'pods',
    { pod: MANGLED },
  ],
  [`kubepods.slice/kubepods-pod${MANGLED}.slice`, 'pods', { pod: MANGLED }],
  [
    `kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${MANGLED}.slice`,
    'pods',
    { pod: MANGLED },
  ],
  [`kubepods/burstable/pod${POD}`, 'pods', { pod: POD }],
  [
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${'0f'.repeat(16)}.slice`,
    'pods',
    { pod: '0f'.repeat(16) },
  ],
  ['kubepods.slice/kubepods-burstable.slice', 'pods', null],
  [`kubepods.slice/kubepods-pod${MANGLED}.slice/cri-containerd-${ID}.scope`, 'pods', null],
  [
    `kubepods.slice/kubepods-pod${MANGLED}.slice/cri-containerd-${ID}.scope`,
    'containers',
    { pod: MANGLED, container: ID },
  ],
  [
    `kubepods.slice/kubepods-pod${MANGLED}.slice/crio-${ID}.scope`,
    'containers',
    { pod: MANGLED, container: ID },
  ],
  [`kubepods/besteffort/pod${POD}/${ID}`, 'containers', { pod: POD, container: ID }],
  [`kubepods.slice/kubepods-pod${MANGLED}.slice`, 'containers', null],
  ['system.slice/nginx.service', 'services', { service: 'nginx' }],
  ['user.slice/user-1000.slice/user@1000.service', 'services', { service: 'user@1000' }],
  ['system.slice/docker.socket', 'services', null],
]
test.each(PATHS)('%s as %s', (path, units, groups) => {
  const found = new RegExp(UNITS[units]).exec(path)
  expect(found === null ? null : { ...found.groups }).toEqual(groups)
})

test('the examples of resources/agent are understood', () => {
  const folder = new URL('../../../resources/agent/', import.meta.url)
  const unit = JSON.parse(readFileSync(new URL('agent.json', folder), 'utf8')) as object
  expect(configOf(temporaryFolder(), unit)).toMatchObject({ output: { kind: 'ingest' } })
  const yaml = readFileSync(new URL('daemonset.yaml', folder), 'utf8')
  const [, block = ''] = /agent\.json: \|\n((?: {4}.*\n)+)/.exec(yaml) ?? []
  expect(configOf(temporaryFolder(), JSON.parse(block) as object)).toMatchObject({
    cgroups: { asksKubernetes: true },
    output: { kind: 's3' },
  })
})
