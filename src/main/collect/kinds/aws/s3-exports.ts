/**
 * Cost exports of AWS Data Exports (CUR 2.0 and FOCUS, CSV and Parquet). What belongs to an export is what its manifest
 * lists: AWS writes it last, so that files newer than their manifest are of a delivery that is still under way.
 */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { z } from 'zod'
import { SourceFailure } from '../../collector.ts'
import { csvRow } from './csv-row.ts'
import { CUR_HEADER, focusOfCur } from './cur-rows.ts'
import { parquetRows } from './parquet-rows.ts'
import {
  type Bucket,
  listObjects,
  objectBytes,
  type StoredObject,
  unpacked,
  wholeObject,
} from './s3-objects.ts'

const manifestSchema = z.object({
  dataFiles: z.array(z.string()).optional(),
  reportKeys: z.array(z.string()).optional(),
})

/** One billing period as it was delivered. */
export interface Delivery {
  readonly manifest: StoredObject
  /** `BILLING_PERIOD=2026-11`, or the manifest's folder. */
  readonly period: string
  readonly files: readonly StoredObject[]
}

const PERIOD = /(?:^|\/)(BILLING_PERIOD=\d{4}-\d\d)\//i

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1)

const exportAndPeriod = (key: string): { readonly of: string; readonly period: string } => {
  const period = PERIOD.exec(key)
  return period === null
    ? { of: folderOf(key), period: folderOf(key) }
    : { of: key.slice(0, period.index), period: period[1] ?? '' }
}

const keyOf = (name: string): string => name.replace(/^s3:\/\/[^/]+\//, '')

/** The newest manifest of each period. @throws SourceFailure where two exports would speak for one bill */
export const newestManifests = (objects: readonly StoredObject[]): readonly StoredObject[] => {
  const newest = new Map<string, StoredObject>()
  for (const each of objects)
    if (/manifest\.json$/i.test(each.key)) newest.set(exportAndPeriod(each.key).period, each)
  const exports = new Set([...newest.values()].map(({ key }) => exportAndPeriod(key).of))
  const periods = [...newest.values()].filter(({ key }) => PERIOD.test(key))
  if (exports.size > 1 && periods.length === newest.size)
    throw new SourceFailure(
      `There are ${exports.size} exports under this prefix (${[...exports].join(', ')}), and each would replace the other’s bill. Connect each as a source of its own, by its own prefix.`,
      { retryable: false },
    )
  return [...newest.values()].sort((a, b) => a.modifiedMs - b.modifiedMs)
}

/**
 * What a manifest lists, where all of it is there and none of it is newer than the manifest; null while AWS writes.
 * @throws SourceFailure where the manifest cannot be read
 */
export const deliveryOf = async (
  bucket: Bucket,
  manifest: StoredObject,
  objects: readonly StoredObject[],
): Promise<Delivery | null> => {
  const text = (await wholeObject(bucket, manifest)).toString()
  let json: unknown = null
  try {
    json = JSON.parse(text)
  } catch {
    // Said below.
  }
  const read = manifestSchema.safeParse(json)
  const names = read.success ? (read.data.dataFiles ?? read.data.reportKeys) : undefined
  if (names === undefined)
    throw new SourceFailure(
      `${manifest.key} is no manifest of an AWS data export: it lists no dataFiles. Nothing of it was read.`,
      { retryable: false },
    )
  const known = new Map(objects.map((each) => [each.key, each]))
  const files = names.map((name) => known.get(keyOf(name)))
  const whole = files.filter((file) => file !== undefined && file.modifiedMs <= manifest.modifiedMs)
  if (whole.length < files.length) return null
  return {
    manifest,
    period: exportAndPeriod(manifest.key).period,
    files: whole.filter((file) => file !== undefined),
  }
}

const rangesOf = (bucket: Bucket, object: StoredObject) => ({
  byteLength: object.size,
  slice: async (start: number, end = object.size): Promise<ArrayBuffer> => {
    const bytes = await wholeObject(bucket, object, { start: start < 0 ? object.size + start : start, end })
    const copy = new Uint8Array(bytes.length)
    copy.set(bytes)
    return copy.buffer
  },
})

type Row = { readonly header: readonly string[]; readonly cells: readonly string[] }

async function* csvRows(bucket: Bucket, object: StoredObject): AsyncIterable<Row> {
  const parser = Readable.from(unpacked(objectBytes(bucket, object), object.key)).compose(
    parse({ bom: true, relax_column_count: false }),
  )
  let header: readonly string[] | null = null
  for await (const cells of parser as AsyncIterable<readonly string[]>) {
    if (header === null) header = cells
    else yield { header, cells }
  }
}

const damaged = (object: StoredObject, error: unknown) =>
  error instanceof SourceFailure
    ? error
    : new SourceFailure(
        `${object.key} cannot be read (${(error as Error).message}). Nothing of its bill was changed; it is read again when AWS delivers the export anew.`,
        { retryable: false },
      )

/** Rows of FOCUS, whichever the export has. */
async function* focusRows(bucket: Bucket, object: StoredObject): AsyncIterable<Row> {
  const rows = /\.parquet$/i.test(object.key)
    ? parquetRows(rangesOf(bucket, object))
    : csvRows(bucket, object)
  try {
    let places: ReadonlyMap<string, number> | null = null
    for await (const row of rows) {
      if (!row.header.includes('line_item_unblended_cost')) {
        yield row
        continue
      }
      const known: ReadonlyMap<string, number> =
        places ?? new Map(row.header.map((column, index) => [column, index]))
      places = known
      const { cells } = row
      yield { header: CUR_HEADER, cells: focusOfCur((column) => cells[known.get(column) ?? -1] ?? '') }
    }
  } catch (error) {
    bucket.signal.throwIfAborted()
    throw damaged(object, error)
  }
}

const ROWS_A_PIECE = 1000

/**
 * All files of a delivery as one CSV of FOCUS.
 * @throws SourceFailure also at its end, where AWS replaced the manifest meanwhile: nothing of it may then be kept
 */
export async function* deliveryText(
  bucket: Bucket,
  { manifest, files }: Delivery,
): AsyncIterable<Uint8Array> {
  let header: readonly string[] | null = null
  let lines: string[] = []
  for (const file of files)
    for await (const row of focusRows(bucket, file)) {
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
  const [now] = (await listObjects(bucket, manifest.key)).filter(({ key }) => key === manifest.key)
  if (now?.etag !== manifest.etag || now.modifiedMs !== manifest.modifiedMs)
    throw new SourceFailure(
      `${manifest.key} was replaced while its export was read. Nothing of it was kept; the newer one is read next.`,
      { retryable: true },
    )
}
