/** A simulated file as bytes on the disk. */
import { gzipSync } from 'node:zlib'
import { csvLine } from './auditor.ts'
import type { SimulatedFile, Writing } from './records.ts'

export const contentOf = (file: SimulatedFile): string | Buffer => {
  const lines =
    file.what === 'usage'
      ? [...(file.header === null ? [] : [file.header]), ...file.rows.map(({ text }) => text)]
      : [
          csvLine(file.header),
          ...file.rows.map(({ cells }) => csvLine(file.header.map((title) => cells[title] ?? ''))),
        ]
  return WRITE[file.writing](`${lines.join(file.writing === 'CRLF' ? '\r\n' : '\n')}\n`)
}

const WRITE: Record<Writing, (text: string) => string | Buffer> = {
  plain: (text) => text,
  CRLF: (text) => text,
  gzip: (text) => gzipSync(text),
  'with BOM': (text) => `\ufeff${text}`,
  'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
}

export const nameOf = (file: SimulatedFile): string =>
  file.writing === 'gzip' ? `${file.name}.gz` : file.name
