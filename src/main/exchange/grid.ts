/** Reads an Excel workbook or a CSV file into rows of plain text, as a person sees them. */
import { parse } from 'csv-parse/sync'
import type ExcelJS from 'exceljs'
import { Decimal, toDecimalText } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import { SPREADSHEET_DIGITS } from './cells.ts'
import { excel } from './excel.ts'
import { ExchangeRefusal } from './refusal.ts'
import { originalText } from './table.ts'

export interface GridCell {
  /** Trimmed; empty for an empty cell. Numbers are plain decimals, dates `YYYY-MM-DD`. */
  readonly text: string
  /** Why the cell cannot be read and what to do, as the end of a sentence; absent where it can. */
  readonly fault?: string
  /** Whether a spreadsheet holds it as a number, which has no leading zeros of its own. */
  readonly isNumber?: true
}

export interface GridRow {
  /** As the spreadsheet counts it, from 1. In CSV, the record's number. */
  readonly row: number
  /** The first column first. */
  readonly cells: readonly GridCell[]
}

export interface GridSheet {
  readonly name: string
  readonly rows: readonly GridRow[]
}

const EMPTY: GridCell = { text: '' }

/** The most a template file may weigh; rate cards and customer lists are far below it. */
const FILE_BYTES_MAX = 20 * 1024 * 1024

/**
 * A number as Excel shows it: a double cut to 15 significant digits, which undoes what binary arithmetic
 * adds behind them (0.1 + 0.2 is 0.3).
 */
const numberText = (value: number): string =>
  toDecimalText(new Decimal(value).toSignificantDigits(SPREADSHEET_DIGITS, Decimal.ROUND_HALF_EVEN))

/** A number in a format of zeros alone, as `000000000000` for an account, has the leading zeros that people see. */
const numberCell = (value: number, format: string | undefined): GridCell => {
  const text = numberText(value)
  return /^0{2,}$/.test(format ?? '') && /^\d+$/.test(text)
    ? { text: text.padStart(format?.length ?? 0, '0') }
    : { text, isNumber: true }
}

const dateCell = (date: Date): GridCell => {
  if (Number.isNaN(date.getTime()))
    return { text: '', fault: 'holds a date that is none; write it as YYYY-MM-DD' }
  const iso = date.toISOString()
  return iso.endsWith('T00:00:00.000Z')
    ? { text: iso.slice(0, 10) }
    : { text: iso, fault: 'holds a time of day; write the day alone, as YYYY-MM-DD' }
}

const valueCell = (value: unknown, format?: string): GridCell => {
  if (value === null || value === undefined) return EMPTY
  if (typeof value === 'string') return { text: value.replaceAll('\u00a0', ' ').trim() }
  if (typeof value === 'number') return numberCell(value, format)
  if (typeof value === 'boolean') return { text: value ? 'TRUE' : 'FALSE' }
  if (value instanceof Date) return dateCell(value)
  const object = value as {
    richText?: { text: string }[]
    error?: string
    hyperlink?: string
    text?: unknown
  }
  if (object.error !== undefined)
    return {
      text: object.error,
      fault: `holds the error ${object.error}; mend its formula or write the value`,
    }
  if (object.richText !== undefined) return valueCell(object.richText.map(({ text }) => text).join(''))
  if (object.hyperlink !== undefined) return valueCell(object.text)
  return { text: '', fault: 'holds something that cannot be read; write the value as text or number' }
}

const excelCell = (cell: ExcelJS.Cell): GridCell => {
  if (cell.isMerged && cell.master.fullAddress.col !== cell.fullAddress.col)
    return { text: '', fault: 'is merged with the cell to its left; unmerge them and fill in each' }
  const master = cell.isMerged ? cell.master : cell
  if (master.type !== excel().ValueType.Formula) return valueCell(master.value, master.numFmt)
  return master.result === undefined
    ? {
        text: '',
        fault: 'holds a formula without a stored value; save the file in Excel, or write the value',
      }
    : valueCell(master.result, master.numFmt)
}

const excelSheet = (worksheet: ExcelJS.Worksheet): GridSheet => {
  const rows: GridRow[] = []
  worksheet.eachRow((row, number) => {
    rows.push({
      row: number,
      cells: Array.from({ length: row.cellCount }, (_, index) => excelCell(row.getCell(index + 1))),
    })
  })
  return { name: worksheet.name, rows }
}

const refuse = (message: string): never => {
  throw new ExchangeRefusal('file_cannot_be_read', message)
}

/** The most a workbook may weigh unpacked: a few kilobytes can be packed so as to fill all memory. */
const UNPACKED_BYTES_MAX = 300 * 1024 * 1024

/** The sum of the sizes that a zip file's central directory gives (PKWARE APPNOTE 4.3.12, offset 24). */
const unpackedBytes = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let total = 0
  for (let at = bytes.indexOf(0x50); at >= 0 && at + 46 <= bytes.length; at = bytes.indexOf(0x50, at + 1))
    if (view.getUint32(at, true) === 0x02014b50) total += view.getUint32(at + 24, true)
  return total
}

const readExcel = async (bytes: Uint8Array): Promise<readonly GridSheet[]> => {
  if (unpackedBytes(bytes) > UNPACKED_BYTES_MAX)
    refuse(
      'The workbook is far larger inside than a template can be. Nothing was read. Copy your rows into a fresh template.',
    )
  const workbook = new (excel().Workbook)()
  try {
    // exceljs declares a Buffer of its own; it takes any ArrayBuffer.
    await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  } catch {
    refuse(
      'The file looks like an Excel workbook and cannot be opened: it is damaged or has a password. Nothing was read. Save it again as .xlsx without a password.',
    )
  }
  return workbook.worksheets.map(excelSheet)
}

const decode = (bytes: Uint8Array): string => {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : null
  try {
    return new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse(
      'The file is neither an Excel workbook nor CSV in UTF-8. Nothing was read. Save it as .xlsx, or as "CSV UTF-8".',
    )
  }
}

/** Excel writes CSV with the separator of the system's region. The header says which one it was. */
const delimiterOf = (text: string): string => {
  const line = text.split(/\r?\n/).find((candidate) => /[,;\t]/.test(candidate)) ?? ''
  const counted = [',', ';', '\t'].map((delimiter) => [delimiter, line.split(delimiter).length] as const)
  return counted.reduce((best, next) => (next[1] > best[1] ? next : best))[0]
}

const readCsv = (bytes: Uint8Array): GridSheet => {
  const text = decode(bytes)
  try {
    const records: string[][] = parse(text, {
      delimiter: delimiterOf(text),
      bom: true,
      relax_column_count: true,
    })
    return {
      name: 'CSV',
      rows: records.map((fields, index) => ({
        row: index + 1,
        cells: fields.map((field) => ({ text: originalText(field).trim() })),
      })),
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refuse(
      `The file cannot be read as CSV: ${reason}. Nothing was read. Mend the quotes in that line, or save the file as .xlsx.`,
    )
  }
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte)

/**
 * The sheets of an `.xlsx` file, or a CSV file (comma, semicolon or tab; UTF-8, or UTF-16 with its mark) as
 * one sheet named "CSV". Formulas give their stored value, a vertically merged block its value in each row.
 * @throws ExchangeRefusal `file_cannot_be_read`, with what to do.
 */
const readGrid = async (bytes: Uint8Array): Promise<readonly GridSheet[]> => {
  if (bytes.length === 0) refuse('The file is empty. Nothing was read. Fill in the template and save it.')
  if (bytes.length > FILE_BYTES_MAX)
    refuse(
      `The file has ${bytes.length} bytes and at most ${FILE_BYTES_MAX} are read. Nothing was read. Remove what is not needed from it.`,
    )
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]))
    refuse(
      'The file is an old Excel workbook (.xls) or has a password. Nothing was read. Save it as .xlsx without a password.',
    )
  return startsWith(bytes, [0x50, 0x4b]) ? readExcel(bytes) : [readCsv(bytes)]
}

/** Reads a file, or the one issue why it cannot be read. */
export const readSheets = async (bytes: Uint8Array): Promise<readonly GridSheet[] | Issue> => {
  try {
    return await readGrid(bytes)
  } catch (error) {
    if (error instanceof ExchangeRefusal)
      return { severity: 'error', code: error.code, message: error.message }
    throw error
  }
}
