/** Blobs in memory, listed and given as the Blob service does: pages by marker, ranges, and If-Match. */
import { createHash } from 'node:crypto'
import type { CollectContext } from '../../src/main/collect/collector.ts'
import { azureBlob } from '../../src/main/collect/kinds/azure/blob.ts'
import type { AwsAnswer, AwsCall } from './fake-aws.ts'
import type { FakeObject } from './fake-s3.ts'

/** The part of a SAS that must be found nowhere. */
export const SIGNATURE = 'cGxhbnRlZC9zaWduYXR1cmUrb2Yrbm9ib2R5PQ'
export const SAS = `sv=2025-01-05&sr=c&sp=rl&se=2999-12-31T00%3A00%3A00Z&sig=${SIGNATURE}%3D`

const etagOf = ({ bytes }: FakeObject) =>
  `0x8D${createHash('md5').update(bytes).digest('hex').slice(0, 13).toUpperCase()}`

export const azureError = (
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code} it is.\nRequestId:1f2e\nTime:2026-11-10T12:00:00.0000000Z</Message></Error>`,
})

const listing = (objects: ReadonlyMap<string, FakeObject>, url: URL, listedAtOnce: number): AwsAnswer => {
  const prefix = url.searchParams.get('prefix') ?? ''
  const from = Number(url.searchParams.get('marker') ?? 0)
  const all = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
  const next = from + listedAtOnce < all.length ? String(from + listedAtOnce) : ''
  const blobs = all
    .slice(from, from + listedAtOnce)
    .map(
      ([key, object]) =>
        `<Blob><Name>${key}</Name><Properties><Last-Modified>${new Date(object.modified).toUTCString()}</Last-Modified><Etag>${etagOf(object)}</Etag><Content-Length>${object.bytes.length}</Content-Length><Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType><LeaseStatus>unlocked</LeaseStatus></Properties></Blob>`,
    )
  return {
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://localhost/" ContainerName="usage"><Prefix>${prefix}</Prefix><Blobs>${blobs.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
  }
}

export const answerAsAzure = (
  objects: ReadonlyMap<string, FakeObject>,
  { path, headers }: AwsCall,
  listedAtOnce = 2,
): AwsAnswer => {
  const url = new URL(path, 'http://azure')
  const [, account, container, ...rest] = url.pathname.split('/')
  if (account !== 'acme' || container !== 'usage') return azureError(404, 'ContainerNotFound')
  if (url.searchParams.get('comp') === 'list') return listing(objects, url, listedAtOnce)
  const object = objects.get(decodeURIComponent(rest.join('/')))
  if (object === undefined) return azureError(404, 'BlobNotFound')
  const etag = `"${etagOf(object)}"`
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    return azureError(412, 'ConditionNotMet')
  const range = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-ms-range'] ?? headers.range ?? ''))
  const [, start = '0', end = String(object.bytes.length - 1)] = range ?? []
  return {
    status: range === null ? 200 : 206,
    headers: {
      etag,
      'x-ms-blob-type': 'BlockBlob',
      'last-modified': new Date(object.modified).toUTCString(),
    },
    body: object.bytes.subarray(Number(start), Number(end) + 1),
  }
}

export const azureContext = (
  settings: object,
  changes: Partial<CollectContext<unknown>> = {},
): CollectContext<unknown> => ({
  config: azureBlob.config.parse({ container: 'usage', ...settings }),
  source: 'Azure',
  checkpoint: null,
  range: null,
  nowMs: Date.parse('2026-11-10T12:00:00Z'),
  timeZone: 'UTC',
  signal: new AbortController().signal,
  secret: async (field) => (field === 'sas' ? SAS : null),
  environment: {},
  ...changes,
})
