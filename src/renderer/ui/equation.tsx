import { Alert, Group, Paper, Text } from '@mantine/core'
import type { CostBasis, CostEquation } from '../../contract/cost.ts'
import { Decimal, type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import type { Month } from '../../domain/period.ts'
import { Amount } from './amount.tsx'
import { AppLink } from './app-link.tsx'
import { useExplain } from './explain-context.tsx'
import { directTarget, unattributedTarget } from './explain-margin.ts'
import { formatMoney } from './format.ts'

/** bill = direct + allocated + unattributed, with idle capacity where it is kept apart, and whether it holds. */
export const BillEquation = (props: {
  equation: CostEquation
  currency: string
  basis: CostBasis
  month: Month
}) => {
  const { equation, currency, basis, month } = props
  const explain = useExplain()
  const of = { month, currency, basis, equation }
  const { bill, direct, allocated, idle, unattributed } = equation
  const sum = sumDecimals([direct, allocated, idle, unattributed])
  const difference = new Decimal(bill).minus(sum)
  const allocation = () => explain({ kind: 'allocation', month, basis })
  const term = (words: string, value: DecimalText, onExplain: () => void) => (
    <>
      <Text span>{words}</Text>
      <b>
        <Amount value={equation.isKnown ? value : null} currency={currency} onExplain={onExplain} />
      </b>
    </>
  )
  return (
    <>
      <Paper withBorder p="sm" component="section" aria-label="The equation of the bill">
        <Group gap="xs" fz="lg">
          {term('bill', bill, () => explain({ kind: 'cost', basis, scope: { month, filters: [] } }))}
          {term('= direct', direct, () => explain(directTarget(of)))}
          {term('+ allocated', allocated, allocation)}
          {idle !== ZERO && term('+ idle capacity', idle, allocation)}
          {term('+ unattributed', unattributed, () => explain(unattributedTarget(of)))}
          <Text span size="sm">
            {currency}
            {basis === 'billed' ? '' : `, ${basis} cost`}
          </Text>
          {equation.holds ? (
            <Text
              span
              role="img"
              aria-label="holds"
              c="light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))"
              fw={700}
            >
              ✓
            </Text>
          ) : (
            <Text span c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))" fw={700}>
              ✗ does not hold
            </Text>
          )}
        </Group>
      </Paper>
      {!equation.holds && (
        <Alert color="red" title="The parts do not add up to the bill">
          {difference.isZero()
            ? 'Cost by customer and tenant adds up to another figure than direct and allocated cost.'
            : `Its parts are ${formatMoney(sum, currency)} ${currency}; the bill is ${formatMoney(equation.bill, currency)} ${currency}, a difference of ${difference.toFixed()}.`}{' '}
          The ledger is kept as it is; these figures are derived from it.{' '}
          <AppLink to="/settings">Rebuild the derived store in Settings</AppLink>; if the equation still does
          not hold, <AppLink to="/ledger">verify the ledger</AppLink>.
        </Alert>
      )}
    </>
  )
}
