/** Whether the cube holds exactly what the ledger says it appended: asked before anything is billed. */
import { costFromUnits } from '../../../domain/decimal.ts'
import { controlTotals } from '../../ledger/read-totals.ts'
import type { Session } from '../session.ts'

export const cubeAgrees = async (
  session: Session,
): Promise<{ readonly agrees: boolean; readonly sentence: string }> => {
  await session.follow()
  const trouble = session.trouble()
  // What is appended meanwhile is another comparison's; what the cube could not follow is a difference.
  const asOf = trouble === null ? { asOfBatch: session.followed().batchId } : {}
  const ledger = controlTotals(session.ledger, asOf)
  const [cube, rollUps] = await Promise.all([
    session.cube.controlTotals(asOf),
    session.cube.rollUpsDiffering(),
  ])
  const differing: string[] = []
  const measures = new Map(cube.usage.map((each) => [each.measureNo, each]))
  for (const [measureNo, sum] of ledger.usage) {
    const own = measures.get(measureNo)
    if ((own?.events ?? 0) !== sum.events || (own?.quantity ?? 0n) !== sum.quantity)
      differing.push(
        `measure ${measureNo}: ${sum.events} events, ${sum.quantity} in the ledger, ${own?.events ?? 0} and ${own?.quantity ?? 0n} in the cube`,
      )
  }
  const currencies = new Map(cube.cost.map((each) => [each.currency, each]))
  for (const [currency, sum] of ledger.cost) {
    const own = currencies.get(currency)
    if ((own?.entries ?? 0) !== sum.entries || (own?.billed ?? '0') !== costFromUnits(sum.billed))
      differing.push(
        `${currency}: ${sum.entries} cost entries, ${costFromUnits(sum.billed)} billed in the ledger, ${own?.entries ?? 0} and ${own?.billed ?? '0'} in the cube`,
      )
  }
  const extra = cube.usage.some(({ measureNo, events }) => events > 0 && !ledger.usage.has(measureNo))
  // What months are told from must be what a single record is told from.
  for (const { metric, month, table } of rollUps)
    differing.push(`${metric} in ${month}: the monthly sums (${table}) are not those of its facts`)
  if (extra) differing.push('the cube has usage of a measure that the ledger has not')
  for (const currency of currencies.keys())
    if (!ledger.cost.has(currency))
      differing.push(`the cube has cost in ${currency}, and the ledger has none`)
  return differing.length === 0
    ? { agrees: true, sentence: 'The cube’s totals equal the ledger’s.' }
    : {
        agrees: false,
        sentence: `The cube’s totals differ from the ledger’s: ${differing.join('; ')}.${trouble === null ? '' : ` ${trouble}`}`,
      }
}
