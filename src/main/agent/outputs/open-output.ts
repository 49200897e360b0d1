/** The output that the configuration names; AWS' clients are loaded only for their own. */
import type { OutputConfig } from '../config.ts'
import type { Output } from './output.ts'

export const openOutput = async (config: OutputConfig, environment: NodeJS.ProcessEnv): Promise<Output> => {
  switch (config.kind) {
    case 'folder':
      return (await import('./folder.ts')).folderOutput(config.folder)
    case 's3':
      return (await import('./s3.ts')).s3Output(config, environment)
    case 'kinesis':
      return (await import('./kinesis.ts')).kinesisOutput(config, environment)
    case 'ingest':
      return (await import('./ingest.ts')).ingestOutput(config, environment)
  }
}
