/** A simulated file as bytes on the disk. */
import { gzipSync } from 'node:zlib'
import { csvLine } from './auditor.ts'
import type { SimulatedFile } from './records.ts'

export const contentOf = (file: SimulatedFile): string | Buffer => {
  const lines =
    file.what === 'usage'
      ? [...(file.header === null ? [] : [file.header]), ...file.rows.map(({ text }) => text)]
      : [
          csvLine(file.header),
          ...file.rows.map(({ cells }) => csvLine(file.header.map((title) => cells[title] ?? ''))),
        ]
  const text = `${lines.join('\n')}\n`
  return file.gzip ? gzipSync(text) : text
}

export const nameOf = (file: SimulatedFile): string => (file.gzip ? `${file.name}.gz` : file.name)
