/** Damage as a failing disk does it: bytes of a file overwritten in place, at a place of the SQLite file that is meant. */
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'

/** Overwrites `length` bytes at `offset` with 0xff. */
export const overwrite = (file: string, offset: number, length: number): void => {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(length, 0xff), 0, length, offset)
  closeSync(descriptor)
}

export const cutInHalf = (file: string): void => truncateSync(file, Math.trunc(statSync(file).size / 2))

export const pageSize = (file: string): number => readFileSync(file).readUInt16BE(16)

const INTERIOR_TABLE_PAGE = 0x05

/** The page of one of a table's leaves, from its root page down (file format, 1.6). Counted from 1. */
export const leafPage = (file: string, rootPage: number, which: 'middle' | 'last' = 'middle'): number => {
  const bytes = readFileSync(file)
  const size = bytes.readUInt16BE(16)
  const start = (rootPage - 1) * size
  if (bytes[start] !== INTERIOR_TABLE_PAGE) return rootPage
  const cells = bytes.readUInt16BE(start + 3)
  const cell = bytes.readUInt16BE(start + 12 + 2 * Math.trunc(cells / 2))
  return leafPage(file, bytes.readUInt32BE(start + (which === 'last' ? 8 : cell)), which)
}
