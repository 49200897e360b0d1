import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import { describe, expect, it } from 'vitest'
import { recalculateWorkbook, sofficePath } from './support.ts'

describe.skipIf(!sofficePath)('LibreOffice', () => {
  it('calculates a formula afresh, whatever value was stored with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countinghouse-workbook-'))
    const path = join(folder, 'sum.xlsx')
    const workbook = new ExcelJS.Workbook()
    const sheet = workbook.addWorksheet('Sum')
    sheet.addRows([[0.1], [0.2]])
    sheet.getCell('A3').value = { formula: 'ROUND(SUM(A1:A2),2)', result: 99 }
    await workbook.xlsx.writeFile(path)

    const recalculated = await recalculateWorkbook(path)
    const read = new ExcelJS.Workbook()
    await read.xlsx.readFile(recalculated.path)
    expect(read.getWorksheet('Sum')?.getCell('A3').result).toBe(0.3)

    await recalculated.remove()
    await rm(folder, { recursive: true })
  })
})
