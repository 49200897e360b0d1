/**
 * Every kind of source that the wizard is walked through with, each against a small server or files of its own. A new
 * kind is a row: what is typed, what the wizard then says, and the sentence once the source fails.
 */
import { SIGNATURE } from '../support/fake-azure.ts'
import { athena, cloudWatch, costExplorer, inventory, kinesis, s3 } from './source-kinds/aws.ts'
import { KEY, SECRET, type SourceKind } from './source-kinds/kind.ts'
import { azure, exporter, logFiles, sql } from './source-kinds/others.ts'

/** To be found nowhere but in the environment of the served program. */
export const PLANTED = [KEY, SECRET, SIGNATURE]

export const SOURCE_KINDS: readonly SourceKind[] = [
  logFiles,
  exporter,
  sql,
  athena,
  costExplorer,
  cloudWatch,
  inventory,
  kinesis,
  s3,
  azure,
]
