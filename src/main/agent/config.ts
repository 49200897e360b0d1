/** What the agent is told: one JSON document, read at the start and never again. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SourceFailure } from '../collect/collector.ts'
import { accountShape } from '../collect/kinds/aws/account.ts'
import { exporter } from '../collect/kinds/exporter/exporter.ts'

/** Paths of pods and containers as the kubelet makes them, with systemd's slices or without (`kubepods/burstable/pod…`). */
const POD = '(?:^|/)(?:[^/]*-)?pod(?<pod>[0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12})(?:\\.slice)?'
export const UNITS = {
  pods: `${POD}$`,
  containers: `${POD}/(?:[^/]+-)?(?<container>[0-9a-f]{64})(?:\\.scope)?$`,
  services: '(?:^|/)(?<service>[^/]+)\\.service$',
} as const

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/
const text = z.string().trim().min(1)
const isRegExp = (source: string): boolean => {
  try {
    return new RegExp(source) !== null
  } catch {
    return false
  }
}

/** Where a secret lies: never in the configuration itself. */
const secret = z.union([z.strictObject({ file: text }), z.strictObject({ environment: text })], {
  error: 'where the secret lies: {"file": "…"} or {"environment": "VARIABLE"}',
})
export type SecretPlace = z.output<typeof secret>

const TENANT_FROM = /^(?:namespace|(?:label|group|fixed):.+)$/

const cgroups = z
  .strictObject({
    root: text.default('/sys/fs/cgroup'),
    units: z.enum(['pods', 'containers', 'services'], { error: 'pods, containers or services' }).optional(),
    match: text.refine(isRegExp, 'a regular expression over the path below the root').optional(),
    tenantFrom: text.regex(TENANT_FROM, 'namespace, label:NAME, group:NAME or fixed:TENANT'),
    tenantOtherwise: text.optional(),
    labels: z.array(text).max(20).default([]),
    metricPrefix: text.regex(/^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, dots').default('cgroup'),
    skipDevices: z.array(text.regex(/^\d+:\d+$/, 'a device as io.stat names it, like 253:0')).default([]),
  })
  .transform(({ units, match, ...rest }, context) => {
    if ((units === undefined) === (match === undefined)) {
      context.addIssue({ code: 'custom', path: ['units'], message: 'either units or match, and not both' })
      return z.NEVER
    }
    const pattern = match ?? UNITS[units ?? 'pods']
    const asks = rest.tenantFrom === 'namespace' || /^label:/.test(rest.tenantFrom) || rest.labels.length > 0
    if (asks && !pattern.includes('(?<pod>')) {
      context.addIssue({
        code: 'custom',
        path: ['tenantFrom'],
        message:
          'namespaces and labels are of pods: choose the units pods or containers, or name a group (?<pod>…)',
      })
      return z.NEVER
    }
    return { ...rest, match: pattern, asksKubernetes: asks }
  })
export type CgroupsConfig = z.output<typeof cgroups>

const endpoint = z
  .looseObject({
    name: text.regex(NAME, 'letters, digits, dots and dashes'),
    everySeconds: z.int().min(5).max(3600).default(60),
    password: secret.optional(),
  })
  .transform(({ name, everySeconds, password, ...rest }, context) => {
    const read = exporter.config.safeParse(rest)
    if (read.success) return { name, everySeconds, password: password ?? null, exporter: read.data }
    for (const { path, message } of read.error.issues)
      context.addIssue({ code: 'custom', path: [...path], message })
    return z.NEVER
  })
export type EndpointConfig = z.output<typeof endpoint>

const output = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('folder'), folder: text }),
    z.strictObject({
      kind: z.literal('s3'),
      ...accountShape,
      bucket: text.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
      prefix: z
        .string()
        .trim()
        .default('')
        .refine((path) => path === '' || /[^/]\/$/.test(path), 'empty, or a path that ends with /'),
    }),
    z.strictObject({
      kind: z.literal('kinesis'),
      ...accountShape,
      stream: text.regex(/^[\w.-]{1,128}$/, 'the name of a stream'),
    }),
    z.strictObject({
      kind: z.literal('ingest'),
      url: z.url({ protocol: /^https?$/, error: 'an address like http://127.0.0.1:4100/api/ingest' }),
      token: secret,
    }),
  ],
  { error: 'an output with a kind: folder, s3, kinesis or ingest' },
)
export type OutputConfig = z.output<typeof output>

const HOUR_S = 3600

const agentConfig = z
  .strictObject({
    name: text.regex(NAME, 'letters, digits, dots and dashes').optional(),
    stateFolder: text,
    sampleSeconds: z.int().min(1).max(300).default(10),
    windowSeconds: z
      .int()
      .min(10)
      .max(HOUR_S)
      .refine((seconds) => HOUR_S % seconds === 0, 'a part of an hour without rest: 60, 300, 600, 3600')
      .default(300),
    spoolMegabytes: z.int().min(1).max(1_000_000).default(256),
    cgroups: cgroups.optional(),
    prometheus: z.array(endpoint).max(20).default([]),
    output,
  })
  .refine(({ sampleSeconds, windowSeconds }) => sampleSeconds <= windowSeconds, {
    path: ['sampleSeconds'],
    error: 'no longer than windowSeconds',
  })
  .refine(({ cgroups: some, prometheus }) => some !== undefined || prometheus.length > 0, {
    path: ['cgroups'],
    error: 'cgroups or prometheus: there is nothing to measure',
  })
  .refine(({ prometheus }) => new Set(prometheus.map(({ name }) => name)).size === prometheus.length, {
    path: ['prometheus'],
    error: 'each endpoint has a name of its own',
  })
export type AgentConfig = Omit<z.output<typeof agentConfig>, 'name'> & { readonly name: string }

export interface ConfigFault {
  /** `prometheus[0].url`; empty for the document. */
  readonly path: string
  readonly message: string
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')

/**
 * Reads the document. Without a name the agent has the node's (`NODE_NAME`, as the DaemonSet sets it), else the machine's.
 * @param hostname of this machine
 */
export const readConfig = (
  path: string,
  environment: NodeJS.ProcessEnv,
  hostname: string,
): AgentConfig | readonly ConfigFault[] => {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return [{ path: '', message: `it cannot be read: ${(error as Error).message}` }]
  }
  const read = agentConfig.safeParse(json)
  if (!read.success)
    return read.error.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message }))
  return { ...read.data, name: read.data.name ?? (environment.NODE_NAME || hostname) }
}

/**
 * The secret as it is now: files of secrets are replaced in place.
 * @throws SourceFailure that names the place and never the value
 */
export const readSecret = (place: SecretPlace, environment: NodeJS.ProcessEnv): string => {
  const missing = (why: string) => new SourceFailure(`A secret is missing: ${why}.`, { retryable: false })
  if ('environment' in place) {
    const value = environment[place.environment]?.trim()
    if (!value) throw missing(`the environment variable ${place.environment} is not set`)
    return value
  }
  let value: string
  try {
    value = readFileSync(place.file, 'utf8').trim()
  } catch (error) {
    throw missing((error as Error).message)
  }
  if (value === '') throw missing(`${place.file} is empty`)
  return value
}
