/**
 * Files on their way in. A browser sends chunks, spooled into the book's `uploads` folder until they are imported
 * or discarded; the local command line names a path, which is read where it lies.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { newId } from './clock.ts'
import { notFound, refused } from './refusals.ts'

export interface StagedFile {
  readonly fileId: string
  /** The name people know it by. */
  readonly name: string
  readonly path: string
  readonly size: number
}

interface Upload extends StagedFile {
  received: number
  readonly spooled: boolean
}

export class Uploads {
  readonly directory: string
  readonly #uploads = new Map<string, Upload>()

  /** @param directory the book's `uploads` folder; emptied at start, since nothing in it outlives the engine. */
  constructor(directory: string) {
    this.directory = directory
  }

  async begin(name: string, size: number): Promise<{ fileId: string }> {
    await mkdir(this.directory, { recursive: true })
    const fileId = newId()
    const path = join(this.directory, fileId)
    await (await open(path, 'wx', 0o600)).close()
    this.#uploads.set(fileId, { fileId, name: basename(name), path, size, received: 0, spooled: true })
    return { fileId }
  }

  /** @throws REFUSED where the chunk does not continue what came before or exceeds the announced size. */
  async append(fileId: string, offset: number, chunk: Uint8Array): Promise<{ received: number }> {
    const upload = this.#find(fileId)
    if (!upload.spooled || offset !== upload.received || offset + chunk.length > upload.size)
      throw refused(
        'chunk_out_of_place',
        `${upload.name}: ${chunk.length} bytes at ${offset} do not continue the ${upload.received} of ${upload.size} bytes received so far. Send the file again.`,
      )
    const file = await open(upload.path, 'r+')
    try {
      await file.write(chunk, 0, chunk.length, offset)
    } finally {
      await file.close()
    }
    upload.received += chunk.length
    return { received: upload.received }
  }

  /** @throws REFUSED where nothing readable lies at the path. */
  async openPath(path: string): Promise<{ fileId: string }> {
    const found = await stat(path).catch(() => null)
    if (found === null || !found.isFile())
      throw refused('file_not_found', `There is no file at ${path}. Nothing was read; check the path.`)
    const fileId = newId()
    this.#uploads.set(fileId, {
      fileId,
      name: basename(path),
      path,
      size: found.size,
      received: found.size,
      spooled: false,
    })
    return { fileId }
  }

  /** A file that has arrived whole. @throws NOT_FOUND, REFUSED */
  get(fileId: string): StagedFile {
    const upload = this.#find(fileId)
    if (upload.received !== upload.size)
      throw refused(
        'file_not_whole',
        `${upload.name} has not arrived whole: ${upload.received} of ${upload.size} bytes. Send the rest, or discard it.`,
      )
    return upload
  }

  async discard(fileId: string): Promise<void> {
    const upload = this.#uploads.get(fileId)
    this.#uploads.delete(fileId)
    if (upload?.spooled === true) await rm(upload.path, { force: true })
  }

  async clear(): Promise<void> {
    this.#uploads.clear()
    await rm(this.directory, { recursive: true, force: true })
  }

  #find(fileId: string): Upload {
    const upload = this.#uploads.get(fileId)
    if (upload === undefined)
      throw notFound(
        'That file is not staged any more: it was imported, discarded, or the engine was started anew. Choose it again.',
      )
    return upload
  }
}
