/** Reading an amount of a FOCUS file to canonical text, against decimal.js doing no more than understanding it. */
import { Decimal } from 'decimal.js'
import { parseDecimal } from '../../src/domain/decimal.ts'
import { median, perSecond, spent } from './measure.ts'

export interface Amounts {
  readonly count: number
  readonly oursPerSecond: number
  readonly barePerSecond: number
}

/** As FOCUS files carry them: up to eleven and more decimals, some with an exponent. */
const amountsOf = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 10 === 0 ? `${(index % 9) + 1}E-9` : `${index % 5000}.${String(index * 7919).padStart(11, '0')}`,
  )

export const measureAmounts = async (isSmoke: boolean): Promise<Amounts> => {
  const amounts = amountsOf(isSmoke ? 20_000 : 200_000)
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < (isSmoke ? 3 : 7); round++) {
    ours.push((await spent(() => amounts.map((amount) => parseDecimal(amount)))).wallMs)
    bare.push((await spent(() => amounts.map((amount) => new Decimal(amount)))).wallMs)
  }
  return {
    count: amounts.length,
    oursPerSecond: perSecond(amounts.length, median(ours)),
    barePerSecond: perSecond(amounts.length, median(bare)),
  }
}
