import { Select } from '@mantine/core'
import { COST_BASES, type CostBasis } from '../../contract/cost.ts'
import { useBook } from './book.tsx'

export const BASIS_NAMES = {
  billed: 'Billed',
  effective: 'Effective (amortised)',
  contracted: 'Contracted',
  list: 'List',
} satisfies Record<CostBasis, string>

/** What cost is counted by on this screen; the book's own basis is the choice that the address leaves out. */
export const BasisSelect = (props: {
  value: CostBasis | undefined
  onChange: (basis: CostBasis | undefined) => void
}) => {
  const { costBasis } = useBook().settings
  return (
    <Select
      aria-label="Cost basis"
      w={210}
      allowDeselect={false}
      data={COST_BASES.map((value) => ({ value, label: `${BASIS_NAMES[value]} cost` }))}
      value={props.value ?? costBasis}
      onChange={(value) => {
        const basis = COST_BASES.find((each) => each === value)
        props.onChange(basis === costBasis ? undefined : basis)
      }}
    />
  )
}
