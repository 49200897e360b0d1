/** Takes chunks of cost into a batch. */
import { costToUnits } from '../../domain/decimal.ts'
import type { CostChunk } from './chunk.ts'
import type { ParsedBill } from './files/record.ts'
import { resolving } from './names.ts'
import { lineRecord } from './record-lines.ts'
import type { BillIntake, Taking } from './taking.ts'

export const costIntake = ({
  appender,
  intake,
  file,
  sourceNo,
  reader,
  calendar,
  count,
}: Taking): ((chunk: CostChunk, header: readonly string[]) => void) => {
  const bills = resolving<ParsedBill>((bill) => appender.bill(bill))
  const sets = resolving<string>((content) => appender.attributeSet('cost', content))
  const currencies = resolving<string>(() => 0)

  const billIntake = (billNo: number, bill: ParsedBill): BillIntake => {
    let known = intake.bills.get(billNo)
    if (known === undefined) {
      known = { bill, postedMs: calendar.postedMsOfMonth(bill.month), billed: new Map() }
      intake.bills.set(billNo, known)
    }
    return known
  }

  return (chunk, header) => {
    bills.learn(chunk.bills)
    sets.learn(chunk.sets)
    currencies.learn(chunk.currencies)
    const record = lineRecord(chunk.lines, header, file, reader)
    for (let at = 0; at < chunk.count; at++) {
      const billNo = bills.of(chunk.bill[at] as number)
      const bill = bills.nameOf(chunk.bill[at] as number)
      const currency = currencies.nameOf(chunk.currency[at] as number)
      const billedCost = chunk.billed[at]
      if (billedCost === undefined) throw new Error(`the chunk has no billed cost for its entry ${at}`)
      const known = billIntake(billNo, bill)
      const postedMs = calendar.postedMsOfMonth(bill.month)
      const sum = known.billed.get(currency)
      const units = costToUnits(billedCost)
      if (sum === undefined) known.billed.set(currency, { units, rows: 1 })
      else {
        sum.units += units
        sum.rows++
      }
      const end = chunk.endMs[at] as number
      record.at(at)
      const outcome = appender.costEntry(
        chunk.keys.subarray(at * 16, at * 16 + 16),
        {
          sourceNo,
          billNo,
          startMs: chunk.startMs[at] as number,
          endMs: Number.isNaN(end) ? null : end,
          postedMs,
          currency,
          billedCost,
          effectiveCost: chunk.effective[at] ?? null,
          listCost: chunk.list[at] ?? null,
          contractedCost: chunk.contracted[at] ?? null,
          consumedQuantity: chunk.consumed[at] ?? null,
          // Asked only by what is posted: a row that is known leaves no set behind.
          get setNo() {
            return sets.of(chunk.set[at] as number)
          },
        },
        record,
      )
      if (outcome === 'new') {
        intake.entriesAdded++
        if (postedMs !== null) intake.late++
      } else intake.stayed++
      count(record.row, outcome === 'new' ? 'added' : outcome)
    }
  }
}
