/** Ids in a contract of charges and commitments that there are not: terms that hold for nothing. */
import type { Issue } from '../../domain/issue.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import { nearestName } from './field-names.ts'

type Named = readonly [column: string, ids: readonly string[]]

const chargesNamed = (contract: Contract): readonly Named[] => [
  ['chargeDiscounts', Object.keys(contract.chargeDiscounts)],
  ['multipliers', Object.keys(contract.multipliers ?? {}).filter((id) => id !== '*')],
  ...(contract.discounts ?? []).map(
    ({ on }, at): Named => [
      `discounts[${at}].on.chargeIds`,
      on.kind === 'charges' ? (on.chargeIds ?? []) : [],
    ],
  ),
  ...(contract.commitments ?? []).map(({ counts }, at): Named => [`commitments[${at}].counts`, counts ?? []]),
  ...(contract.credits ?? []).map(({ scope }, at): Named => [`credits[${at}].scope`, scope ?? []]),
  ...(contract.billTo ?? []).map(({ chargeIds }, at): Named => [`billTo[${at}].chargeIds`, chargeIds]),
  ...(contract.ramp ?? []).map(({ fees }, at): Named => [`ramp[${at}].fees`, Object.keys(fees ?? {})]),
  ['trial.quantities', contract.trial?.kind === 'usage' ? Object.keys(contract.trial.quantities) : []],
]

/** A warning for each id that names nothing. */
export const unknownCharges = (contract: Contract, chargeIds: readonly string[]): readonly Issue[] => {
  const commitments = (contract.commitments ?? []).map(({ id }) => id)
  const warnings = (named: readonly Named[], what: string, known: readonly string[]): readonly Issue[] =>
    named.flatMap(([column, ids]) =>
      ids
        .filter((id) => !known.includes(id))
        .map((id): Issue => {
          const near = nearestName(id, known)
          const remedy = near === null ? `There are: ${known.join(', ') || 'none'}.` : `Did you mean ${near}?`
          return {
            severity: 'warning',
            code: 'id_is_unknown',
            message: `${column}: there is no ${what} ${id}, so this holds for nothing. ${remedy}`,
            column,
          }
        }),
    )
  const rampCommitments = (contract.ramp ?? []).map(
    (step, at): Named => [`ramp[${at}].commitments`, Object.keys(step.commitments ?? {})],
  )
  return [
    ...warnings(chargesNamed(contract), 'charge', chargeIds),
    ...warnings(rampCommitments, 'commitment', commitments),
  ]
}
