/** Objects in memory, listed and given as S3 does: pages of a listing, ranges, and If-Match. */
import { createHash } from 'node:crypto'
import type { AwsAnswer, AwsCall } from './fake-aws.ts'

export interface FakeObject {
  readonly bytes: Buffer
  readonly modified: string
}

const etagOf = ({ bytes }: FakeObject) => `"${createHash('md5').update(bytes).digest('hex')}"`
const xml = (text: string): AwsAnswer => ({ headers: { 'content-type': 'application/xml' }, body: text })
const error = (status: number, code: string): AwsAnswer => ({
  ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`),
  status,
})

export const answerAsS3 = (
  objects: ReadonlyMap<string, FakeObject>,
  { path, headers }: AwsCall,
  listedAtOnce = 2,
): AwsAnswer => {
  const url = new URL(path, 'http://s3')
  const [bucket = '', ...rest] = url.pathname.slice(1).split('/')
  if (bucket !== 'bucket') return error(404, 'NoSuchBucket')
  if (url.searchParams.get('list-type') === '2') {
    const prefix = url.searchParams.get('prefix') ?? ''
    const from = Number(url.searchParams.get('continuation-token') ?? 0)
    const all = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
    const part = all.slice(from, from + listedAtOnce)
    const more = from + listedAtOnce < all.length
    return xml(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${
        more ? `<NextContinuationToken>${from + listedAtOnce}</NextContinuationToken>` : ''
      }${part
        .map(
          ([key, object]) =>
            `<Contents><Key>${key}</Key><LastModified>${object.modified}</LastModified><ETag>${etagOf(object).replaceAll('"', '&quot;')}</ETag><Size>${object.bytes.length}</Size></Contents>`,
        )
        .join('')}</ListBucketResult>`,
    )
  }
  const object = objects.get(decodeURIComponent(rest.join('/')))
  if (object === undefined) return error(404, 'NoSuchKey')
  if (headers['if-match'] !== undefined && headers['if-match'] !== etagOf(object))
    return error(412, 'PreconditionFailed')
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
  if (start === undefined) return { headers: { etag: etagOf(object) }, body: object.bytes }
  return { status: 206, body: object.bytes.subarray(Number(start), Number(end) + 1) }
}
