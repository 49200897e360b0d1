/** The month workbook as a user exports it: LibreOffice, calculating afresh, comes to every figure we stored. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Month } from '../../src/domain/period.ts'
import { type DemoHouse, openDemoHouse } from '../support/demo-house.ts'
import { recalculateWorkbook } from './support.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const folder = mkdtempSync(join(tmpdir(), 'countinghouse-workbook-'))
let house: DemoHouse
beforeAll(async () => {
  house = await openDemoHouse()
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true, force: true })
})

const formulasOf = async (path: string): Promise<Map<string, string>> => {
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.readFile(path)
  const found = new Map<string, string>()
  workbook.eachSheet((sheet) =>
    sheet.eachRow((row) =>
      row.eachCell((cell) => {
        if (cell.formula === undefined) return
        const { result } = cell
        found.set(
          `${sheet.name}!${cell.address}`,
          typeof result === 'number' ? String(Math.round(result * 100) / 100) : String(result),
        )
      }),
    ),
  )
  return found
}

describe('the exported month workbook', () => {
  test.each(['last', 'first'] as const)('of the demo book’s %s month', async (which) => {
    const { months } = await house.client.book.status()
    const month = (which === 'last' ? months.at(-1) : months[0])?.month as Month
    const file = await house.client.exports.month({ month })
    const path = join(folder, file.name)
    writeFileSync(path, Buffer.from(await file.arrayBuffer()))
    const ours = await formulasOf(path)
    expect(ours.size).toBeGreaterThan(20)
    const recalculated = await recalculateWorkbook(path)
    try {
      expect(Object.fromEntries(await formulasOf(recalculated.path))).toEqual(Object.fromEntries(ours))
    } finally {
      await recalculated.remove()
    }
  })
})
