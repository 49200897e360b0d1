/** Objects of a bucket: `PREFIX/AGENT/2026-11-02/NAME.jsonl.gz`, the same object however often it is sent. */
import { gzipSync } from 'node:zlib'
import { clientSettings } from '../../collect/kinds/aws/account.ts'
import { asking } from '../../collect/kinds/aws/failures.ts'
import type { OutputConfig } from '../config.ts'
import type { Output, SpooledFile } from './output.ts'

type S3Config = Extract<OutputConfig, { readonly kind: 's3' }>

/** Of the file's first event; in UTC. */
const dayOf = ({ lines }: SpooledFile): string =>
  (JSON.parse(lines[0] ?? '{}') as { time?: string }).time?.slice(0, 10) ?? 'unknown'

export const s3Output = async (config: S3Config, environment: NodeJS.ProcessEnv): Promise<Output> => {
  const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    ...(await clientSettings({ config, environment, secret: async () => null })),
    // Another store of the same protocol may know no bucket by its host name.
    ...(config.endpoint === null ? {} : { forcePathStyle: true }),
  })
  return {
    place: `s3://${config.bucket}/${config.prefix}`,
    send: async (file, signal) => {
      await asking(signal, 's3:PutObject', () =>
        client.send(
          new PutObjectCommand({
            Bucket: config.bucket,
            Key: `${config.prefix}${file.agent}/${dayOf(file)}/${file.name}.jsonl.gz`,
            Body: gzipSync(`${file.lines.join('\n')}\n`),
            ContentType: 'application/gzip',
          }),
          { abortSignal: signal },
        ),
      )
      return []
    },
    close: () => client.destroy(),
  }
}
