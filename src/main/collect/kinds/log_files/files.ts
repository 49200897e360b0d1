/** A log file's bytes, plain or gzip, and by what it is known again under another name. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SourceFailure } from '../../collector.ts'
import { inflate, isGzip } from '../../files/gzip.ts'

/** So many bytes of the beginning, and before where reading stopped, tell a file from any other. */
const HEAD_BYTES = 4096
const TAIL_BYTES = 256

export interface LogFile {
  readonly path: string
  /** Device and inode. */
  readonly place: string
  readonly size: number
  readonly modifiedMs: number
  readonly packed: boolean
}

const placeOf = async (handle: FileHandle) => {
  const stats = await handle.stat({ bigint: true })
  return { stats, place: `${stats.dev}:${stats.ino}` }
}

const describe = async (path: string): Promise<LogFile | null> => {
  let handle: FileHandle | null = null
  try {
    handle = await open(path, 'r')
    const { stats, place } = await placeOf(handle)
    if (!stats.isFile()) return null
    const head = Buffer.alloc(3)
    await handle.read(head, 0, 3, 0)
    return {
      path,
      place,
      size: Number(stats.size),
      modifiedMs: Number(stats.mtimeMs),
      packed: isGzip(head),
    }
  } catch (error) {
    // Renamed or removed since the folder was listed: the next run sees what became of it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  } finally {
    await handle?.close()
  }
}

const escaped = (text: string) => text.replace(/[.+^${}()|[\]\\]/g, '\\$&')

/**
 * Files of a folder, or those whose name fits a pattern: `/var/log/nginx/access.log*`. `*` and `?` may stand in the
 * last part. `others` lie in the same folder under other names, as far as they can be read: a rotated file may be
 * among them.
 * @throws the system's error where the folder or a chosen file cannot be read
 */
export const listLogs = async (
  pattern: string,
): Promise<{ readonly chosen: readonly LogFile[]; readonly others: () => Promise<readonly LogFile[]> }> => {
  const isFolder = await stat(pattern).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const folder = isFolder ? pattern : dirname(pattern)
  const last = isFolder ? '*' : basename(pattern)
  const fits = new RegExp(`^${escaped(last).replaceAll('*', '.*').replaceAll('?', '.')}$`)
  const entries = await readdir(folder, { withFileTypes: true })
  // A pipe would be waited for.
  const names = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
  const found = async (some: readonly string[], look: (path: string) => Promise<LogFile | null>) => {
    const files = await Promise.all(some.map((name) => look(join(folder, name))))
    return files.filter((file) => file !== null)
  }
  return {
    chosen: await found(
      names.filter((name) => fits.test(name)),
      describe,
    ),
    others: () =>
      found(
        names.filter((name) => !fits.test(name)),
        (path) => describe(path).catch(() => null),
      ),
  }
}

/** The bytes of the file that was listed, though another may have its name by now. */
const streamOf = async (file: LogFile, range: { readonly start?: number; readonly end?: number } = {}) => {
  const handle = await open(file.path, 'r').catch(() => null)
  if (handle !== null && (await placeOf(handle)).place === file.place) return handle.createReadStream(range)
  await handle?.close()
  throw new SourceFailure(`${file.path} was rotated while it was looked at; it is read on in a moment.`, {
    retryable: true,
    retryAfterMs: 1000,
  })
}

/**
 * Bytes from an offset of the unpacked content on, up to another. What comes is what the file has now.
 * @returns whether it ended whole: a gzip that is still being written is not
 */
export async function* bytesOf(file: LogFile, from: number, to: number): AsyncGenerator<Buffer, boolean> {
  if (!file.packed) {
    if (to <= from) return true
    for await (const piece of await streamOf(file, { start: from, end: to - 1 })) yield piece as Buffer
    return true
  }
  const unpacked = inflate(await streamOf(file))
  let at = 0
  try {
    for (;;) {
      const next = await unpacked.next()
      if (next.done) return next.value === null
      const piece = next.value.subarray(Math.max(0, from - at), Math.max(0, to - at))
      at += next.value.length
      if (piece.length > 0) yield piece
      if (at >= to) return true
    }
  } finally {
    // Also where who reads has enough: the file would stay open.
    await unpacked.return(null)
  }
}

const gathered = async (file: LogFile, from: number, to: number): Promise<Buffer | null> => {
  const pieces: Buffer[] = []
  for await (const piece of bytesOf(file, from, to)) pieces.push(Buffer.from(piece))
  const bytes = Buffer.concat(pieces)
  return bytes.length === to - from ? bytes : null
}

/** Length of the unpacked content; null where a gzip is not whole. */
export const lengthOf = async (file: LogFile): Promise<number | null> => {
  if (!file.packed) return file.size
  let length = 0
  const bytes = bytesOf(file, 0, Number.MAX_SAFE_INTEGER)
  for (;;) {
    const next = await bytes.next()
    if (next.done) return next.value ? length : null
    length += next.value.length
  }
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22)

/** What is remembered of content read up to an offset. */
export interface Mark {
  readonly offset: number
  readonly head: string
  readonly tail: string
}

/** Null where the file is shorter than the offset. */
export const markAt = async (file: LogFile, offset: number): Promise<Mark | null> => {
  const head = await gathered(file, 0, Math.min(HEAD_BYTES, offset))
  const tail = await gathered(file, Math.max(0, offset - TAIL_BYTES), offset)
  return head === null || tail === null ? null : { offset, head: hashOf(head), tail: hashOf(tail) }
}

/** Whether the file begins with the content that the mark was made of. */
export const continues = async (file: LogFile, mark: Mark): Promise<boolean> => {
  if (!file.packed && file.size < mark.offset) return false
  const own = await markAt(file, mark.offset)
  return own !== null && own.head === mark.head && own.tail === mark.tail
}

/** Whether one file is the other's beginning, or its whole: the copy that `copytruncate` makes. */
export const isCopyOf = async (copy: LogFile, length: number, original: LogFile): Promise<boolean> => {
  const mark = await markAt(copy, length)
  return length > 0 && mark !== null && (await continues(original, mark))
}
