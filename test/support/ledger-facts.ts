/** What a ledger and its cube say of themselves, as plain JSON: two books that say the same are the same. */
import { costToUnits } from '../../src/domain/decimal.ts'
import type { Cube } from '../../src/main/cube/cube.ts'
import { readRows } from '../../src/main/cube/database.ts'
import { controlTotals as cubeTotals } from '../../src/main/cube/queries/seen.ts'
import { CUBE_TABLES } from '../../src/main/cube/schema.ts'
import type { Ledger } from '../../src/main/ledger/open.ts'
import { listBatches, readHead } from '../../src/main/ledger/read.ts'
import { countConflicts, countQuarantine } from '../../src/main/ledger/read-exceptions.ts'
import { controlTotals } from '../../src/main/ledger/read-totals.ts'
import { addCost, addUsage, controlText, noControl } from '../../src/main/ledger/totals.ts'

export const ledgerFacts = (ledger: Ledger) => {
  const head = readHead(ledger)
  return {
    batches: head?.batchId ?? 0,
    entries: head?.entries ?? 0,
    hash: head?.hash ?? '',
    control: controlText(controlTotals(ledger)),
    quarantine: countQuarantine(ledger),
    conflicts: countConflicts(ledger).open,
    /** What each batch did, zeros left out. */
    counts: [...listBatches(ledger, { limit: 1000 })]
      .reverse()
      .map(({ counts }) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))),
  }
}
export type LedgerFacts = ReturnType<typeof ledgerFacts>

/** The cube's own sums over all it holds, in the words of the ledger's: the two texts must be equal. */
export const cubeControlText = async (cube: Cube): Promise<string> => {
  const totals = await cube.read((connection) => cubeTotals(connection, {}))
  const control = noControl()
  for (const { measureNo, events, quantity } of totals.usage) addUsage(control, measureNo, events, quantity)
  for (const { currency, entries, billed, effective } of totals.cost)
    addCost(control, currency, entries, costToUnits(billed), costToUnits(effective))
  return controlText(control)
}

/** Every row of every table of the cube, as text. */
export const cubeContents = (cube: Cube): Promise<Record<string, string[]>> =>
  cube.read(async (connection) => {
    const tables: Record<string, string[]> = {}
    for (const table of [...CUBE_TABLES, 'cube_state'])
      tables[table] = (await readRows(connection, `SELECT * FROM ${table}`)).map(String).sort()
    return tables
  })
