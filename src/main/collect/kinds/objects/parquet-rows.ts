/** Rows of a Parquet file as texts. */
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { COST_DECIMALS_MAX, Decimal, integerToDecimal, toDecimalText } from '../../../../domain/decimal.ts'

/** Rows held at once. */
const ROWS_AT_ONCE = 20_000

/** Two's complement, big-endian, as the format has decimals. */
const integerOf = (bytes: Uint8Array): bigint =>
  BigInt.asIntN(
    bytes.length * 8,
    bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  )

const jsonValue = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value

/**
 * A cell as text. A decimal is exact. A floating-point number is the shortest decimal that stands for it; digits
 * behind the eighteenth decimal, which only such numbers have, are rounded off.
 */
const cellText = (value: unknown, scale: number | undefined): string => {
  if (value === null || value === undefined) return ''
  if (scale !== undefined) {
    const digits = value instanceof Uint8Array ? integerOf(value) : BigInt(String(value))
    return integerToDecimal(digits, scale)
  }
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? toDecimalText(new Decimal(String(value)).toDecimalPlaces(COST_DECIMALS_MAX))
      : ''
  return typeof value === 'object' ? JSON.stringify(value, jsonValue) : String(value)
}

/** Columns of decimals are read as the integers they are kept as, because the library makes floats of them. */
const scalesOf = (metadata: FileMetaData): ReadonlyMap<string, number> => {
  const scales = new Map<string, number>()
  for (const element of metadata.schema) {
    if (element.converted_type !== 'DECIMAL') continue
    scales.set(element.name, element.scale ?? 0)
    delete element.converted_type
    delete element.logical_type
  }
  return scales
}

/** @throws Error where the file is none or is damaged */
export async function* parquetRows(
  file: AsyncBuffer,
): AsyncIterable<{ readonly header: readonly string[]; readonly cells: readonly string[] }> {
  const metadata = await parquetMetadataAsync(file)
  const scales = scalesOf(metadata)
  const top: string[] = []
  for (let at = 1; at < metadata.schema.length; ) {
    const element = metadata.schema[at]
    if (element === undefined) break
    top.push(element.name)
    let below = element.num_children ?? 0
    at++
    while (below > 0) {
      below += (metadata.schema[at]?.num_children ?? 0) - 1
      at++
    }
  }
  const rows = Number(metadata.num_rows)
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const read = await parquetReadObjects({
      file,
      metadata,
      compressors,
      rowStart: start,
      rowEnd: Math.min(start + ROWS_AT_ONCE, rows),
    })
    for (const row of read)
      yield { header: top, cells: top.map((name) => cellText(row[name], scales.get(name))) }
  }
}
