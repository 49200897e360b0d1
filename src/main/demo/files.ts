/** Writes the generated files into the book's folder, where the import reads them and people may look at them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { CostFile } from './cost-files.ts'
import type { UsageFile } from './usage-files.ts'

const FILES_FOLDER = 'demo files'

/** Fast rather than small: the files are read once or twice. */
const GZIP_LEVEL = 3

const compress = promisify(gzip)

const write = async (path: string, content: Uint8Array | string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

/** Returns the path written to. */
export const writeUsage = async (directory: string, { name, lines }: UsageFile): Promise<string> =>
  write(
    join(directory, FILES_FOLDER, 'usage', `${name}.gz`),
    await compress(`${lines.join('\n')}\n`, { level: GZIP_LEVEL }),
  )

export const writeCost = (directory: string, { name, text }: CostFile): Promise<string> =>
  write(join(directory, FILES_FOLDER, 'cost', name), text)

export const writeStory = (directory: string, text: string): Promise<string> =>
  write(join(directory, FILES_FOLDER, 'README.md'), text)
