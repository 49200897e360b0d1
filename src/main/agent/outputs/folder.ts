/** Files in a folder, for `import usage` or whatever copies them on. Each appears whole. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SourceFailure } from '../../collect/collector.ts'
import { isFull, writeWhole } from '../files.ts'
import type { Output } from './output.ts'

export const folderOutput = (folder: string): Output => ({
  place: folder,
  send: async ({ name, lines }) => {
    try {
      mkdirSync(folder, { recursive: true })
      writeWhole(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`, 0o644)
    } catch (error) {
      const why = isFull(error) ? 'the disk is full' : (error as Error).message
      throw new SourceFailure(`Nothing can be written into ${folder}: ${why}.`, { retryable: true })
    }
    return []
  },
  close: () => undefined,
})
