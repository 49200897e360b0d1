/** Which invoice of a contract that has several takes which lines. */
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Line } from './lines.ts'
import { type Minting, shareOut } from './money.ts'
import { greater, NOUGHT, negate, sign, total } from './rational.ts'

export interface Part {
  /** Null where the contract has one invoice. */
  readonly address: string | null
  readonly lines: readonly Line[]
}

export const byAddress = (contract: Contract, lines: readonly Line[], minting: Minting): readonly Part[] => {
  const addresses = contract.billTo ?? []
  if (addresses.length === 0) return [{ address: null, lines }]
  const charges = lines.filter(({ kind }) => kind === 'charge')
  const own = addresses.map(({ chargeIds }) => charges.filter(({ id }) => chargeIds.includes(id)))
  const named = own.flat()
  own[0] = charges.filter((line) => !named.includes(line) || own[0]?.includes(line))
  const weights = own.map((some) => total(some.map(({ amount }) => greater(amount, NOUGHT))))
  const parts = addresses.map(({ id }, i) => ({ address: id, lines: [...(own[i] as Line[])] }))
  for (const line of lines) {
    if (line.kind === 'charge') continue
    const isShared = (line.kind === 'discount' || line.kind === 'maximum') && sign(total(weights)) > 0
    if (!isShared) {
      parts[0]?.lines.push(line)
      continue
    }
    const isBelow = sign(line.amount) < 0
    const shares = shareOut(isBelow ? negate(line.amount) : line.amount, weights, minting)
    for (const [i, share] of shares.entries())
      parts[i]?.lines.push({ ...line, amount: isBelow ? negate(share) : share })
  }
  return parts
}
