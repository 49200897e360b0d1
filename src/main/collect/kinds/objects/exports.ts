/**
 * Cost exports by their manifests. What belongs to an export is what its manifest lists: a provider writes it last, so
 * that files newer than their manifest are of a delivery that is still under way.
 */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { SourceFailure } from '../../collector.ts'
import { csvRow } from './csv-row.ts'
import { parquetRows } from './parquet-rows.ts'
import { listObjects, type ObjectStore, type StoredObject, wholeObject } from './store.ts'
import { unpacked } from './unpack.ts'

export interface ManifestPlace {
  /** Folder of the export, the same for all its periods. */
  readonly of: string
  /** `BILLING_PERIOD=2026-11`, or the manifest's folder where its path tells none. */
  readonly period: string
  readonly hasPeriod: boolean
}

export interface ListedFile {
  readonly key: string
  /** Bytes that it has at least where it is whole; null where the manifest does not say. */
  readonly bytesMin: number | null
}

/** How a provider lays its exports out, and what the rows in them are. */
export interface ExportLayout {
  /** Who delivers them: `AWS`. */
  readonly provider: string
  readonly manifestName: RegExp
  /** What to do where there is no manifest yet. */
  readonly firstDelivery: string
  readonly placeOf: (key: string) => ManifestPlace
  /**
   * @param key of the manifest
   * @param json null where it is no JSON
   * @throws SourceFailure where it is no manifest, or one of what must not be read as a bill
   */
  readonly filesOf: (key: string, json: unknown) => readonly ListedFile[]
  /** How rows of these columns become rows of FOCUS; null where they are. */
  readonly focusOf: (header: readonly string[]) => {
    readonly header: readonly string[]
    readonly row: (cells: readonly string[]) => readonly string[]
  } | null
}

/** One billing period as it was delivered. */
export interface Delivery {
  readonly manifest: StoredObject
  readonly period: string
  readonly files: readonly StoredObject[]
}

export const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1)

/** The newest manifest of each period. @throws SourceFailure where two exports would speak for one bill */
export const newestManifests = (
  { manifestName, placeOf }: ExportLayout,
  objects: readonly StoredObject[],
): readonly StoredObject[] => {
  const manifests = objects.filter(({ key }) => manifestName.test(key))
  const places = manifests.map(({ key }) => placeOf(key))
  const exports = new Set(places.map((place) => place.of))
  if (exports.size > 1 && places.every((place) => place.hasPeriod))
    throw new SourceFailure(
      `There are ${exports.size} exports under this prefix (${[...exports].join(', ')}), and each would replace the other’s bill. Give the prefix of one that is of the whole billing account; exports of different billing accounts are each a source of its own.`,
      { retryable: false },
    )
  const newest = new Map(manifests.map((each) => [placeOf(each.key).period, each]))
  return [...newest.values()].sort((a, b) => a.modifiedMs - b.modifiedMs)
}

/**
 * What a manifest lists, where all of it is there and none of it is newer than the manifest; null while it is written.
 * @throws SourceFailure where the manifest cannot be read
 */
export const deliveryOf = async (
  store: ObjectStore,
  { filesOf, placeOf }: ExportLayout,
  manifest: StoredObject,
  objects: readonly StoredObject[],
): Promise<Delivery | null> => {
  let json: unknown = null
  try {
    json = JSON.parse((await wholeObject(store, manifest)).toString().replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // The layout says that it is no manifest.
  }
  const known = new Map(objects.map((each) => [each.key, each]))
  const files: StoredObject[] = []
  for (const { key, bytesMin } of filesOf(manifest.key, json)) {
    const file = known.get(key)
    if (file === undefined || file.modifiedMs > manifest.modifiedMs || file.size < (bytesMin ?? 0))
      return null
    files.push(file)
  }
  return { manifest, period: placeOf(manifest.key).period, files }
}

const rangesOf = (store: ObjectStore, object: StoredObject) => ({
  byteLength: object.size,
  slice: async (start: number, end = object.size): Promise<ArrayBuffer> => {
    const bytes = await wholeObject(store, object, { start: start < 0 ? object.size + start : start, end })
    const copy = new Uint8Array(bytes.length)
    copy.set(bytes)
    return copy.buffer
  },
})

type Row = { readonly header: readonly string[]; readonly cells: readonly string[] }

async function* csvRows(store: ObjectStore, object: StoredObject): AsyncIterable<Row> {
  const parser = Readable.from(unpacked(store.bytes(object), object.key)).compose(
    parse({ bom: true, relax_column_count: false }),
  )
  let header: readonly string[] | null = null
  for await (const cells of parser as AsyncIterable<readonly string[]>) {
    if (header === null) header = cells
    else yield { header, cells }
  }
}

const damaged = (provider: string, object: StoredObject, error: unknown) =>
  error instanceof SourceFailure
    ? error
    : new SourceFailure(
        `${object.key} cannot be read (${(error as Error).message}). Nothing of its bill was changed; it is read again when ${provider} delivers the export anew.`,
        { retryable: false },
      )

/** Rows of FOCUS, whichever the export has. */
async function* focusRows(
  store: ObjectStore,
  { provider, focusOf }: ExportLayout,
  object: StoredObject,
): AsyncIterable<Row> {
  const rows = /\.parquet$/i.test(object.key) ? parquetRows(rangesOf(store, object)) : csvRows(store, object)
  try {
    let columns: readonly string[] | null = null
    let shape: ReturnType<typeof focusOf> = null
    for await (const row of rows) {
      if (row.header !== columns) {
        columns = row.header
        shape = focusOf(columns)
      }
      yield shape === null ? row : { header: shape.header, cells: shape.row(row.cells) }
    }
  } catch (error) {
    store.signal.throwIfAborted()
    throw damaged(provider, object, error)
  }
}

const ROWS_A_PIECE = 1000

/**
 * All files of a delivery as one CSV of FOCUS.
 * @throws SourceFailure also at its end, where the manifest was replaced meanwhile: nothing of it may then be kept
 */
export async function* deliveryText(
  store: ObjectStore,
  layout: ExportLayout,
  { manifest, files }: Delivery,
): AsyncIterable<Uint8Array> {
  let header: readonly string[] | null = null
  let lines: string[] = []
  for (const file of files)
    for await (const row of focusRows(store, layout, file)) {
      if (header === null) {
        header = row.header
        lines.push(csvRow(header))
      } else if (row.header !== header && row.header.join('\n') !== header.join('\n'))
        throw new SourceFailure(
          `${file.key} has other columns than the files before it. Nothing of its bill was changed.`,
          { retryable: false },
        )
      lines.push(csvRow(row.cells))
      if (lines.length >= ROWS_A_PIECE) {
        yield Buffer.from(`${lines.join('\n')}\n`)
        lines = []
      }
    }
  if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`)
  const [now] = (await listObjects(store, manifest.key)).filter(({ key }) => key === manifest.key)
  if (now?.etag !== manifest.etag || now.modifiedMs !== manifest.modifiedMs)
    throw new SourceFailure(
      `${manifest.key} was replaced while its export was read. Nothing of it was kept; the newer one is read next.`,
      { retryable: true },
    )
}
