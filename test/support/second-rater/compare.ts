/** Draws cases by their numbers, and says in full where the program and the second rater disagree. */
import type { ContractQuestion } from './contract.ts'
import { type ChargeCase, drawChargeCase } from './draw-case.ts'
import { drawContractCase, drawListCase } from './draw-contract.ts'
import { disagreement } from './product-charge.ts'
import { type ContractCase, contractDisagreement, listDisagreement } from './product-contract.ts'
import { shrink } from './shrink.ts'

/** Cases of two seeds are different ones. */
const numberOf = (seed: number, i: number): number => (Math.imul(seed, 0x9e3779b1) + i) >>> 0

/** The numbers by which the cases of a seed are drawn. */
export const caseNumbers = (seed: number, from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => numberOf(seed, from + i))

const inFull = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? inner.toString() : inner))

/** The same, but for figures: so that what is left of a case fails for the reason for which the whole did. */
const kindOf = (said: string): string => said.replace(/-?\d+(\.\d+)?/g, '#').split('\n')[0] ?? ''

interface Comparison<Case> {
  readonly draw: (number: number) => Case
  readonly disagreement: (drawn: Case) => string | null
}

const disagreements = <Case extends object>(
  { draw, disagreement: saying }: Comparison<Case>,
  seed: number,
  from: number,
  count: number,
): readonly string[] => {
  const found: string[] = []
  for (let i = from; i < from + count && found.length < 3; i++) {
    const drawn = draw(numberOf(seed, i))
    const said = saying(drawn)
    if (said === null) continue
    const least = shrink(drawn, (less) => {
      try {
        const now = saying(less)
        return now !== null && kindOf(now) === kindOf(said)
      } catch {
        return false
      }
    })
    found.push(`case ${i} of seed ${seed}: ${saying(least) ?? said}\n${inFull(least)}`)
  }
  return found
}

const CHARGES: Comparison<ChargeCase> = { draw: drawChargeCase, disagreement }

/** The cases `from` to before `from + count` of a seed on which the program disagrees, three at most. */
export const chargeDisagreements = (seed: number, from: number, count: number): readonly string[] =>
  disagreements(CHARGES, seed, from, count)

const CONTRACTS: Comparison<ContractCase> = { draw: drawContractCase, disagreement: contractDisagreement }

/** The same of contracts, whose months are rated one after the other. */
export const contractDisagreements = (seed: number, from: number, count: number): readonly string[] =>
  disagreements(CONTRACTS, seed, from, count)

const LISTS: Comparison<ContractQuestion> = { draw: drawListCase, disagreement: listDisagreement }

/** The same of customers that pay list prices without a contract. */
export const listDisagreements = (seed: number, from: number, count: number): readonly string[] =>
  disagreements(LISTS, seed, from, count)
