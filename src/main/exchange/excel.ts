/** The Excel library, loaded when a workbook is first read or written: it takes 35 MB and a quarter of a second. */
import { createRequire } from 'node:module'
import type ExcelJS from 'exceljs'

const load = createRequire(import.meta.url)

export const excel = (): typeof ExcelJS => load('exceljs') as typeof ExcelJS
