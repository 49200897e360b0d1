import { Alert, Group, Paper, Text } from '@mantine/core'
import { Decimal, sumDecimals } from '../../../domain/decimal.ts'
import type { Month } from '../../../domain/period.ts'
import { Amount } from '../../ui/amount.tsx'
import { AppLink } from '../../ui/app-link.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { directTarget } from '../../ui/explain-margin.ts'
import { formatMoney } from '../../ui/format.ts'
import type { Margin } from './types.ts'

/** bill = direct + unattributed, and whether it holds. */
export const Equation = (props: { equation: Margin['equation']; currency: string; month: Month }) => {
  const { equation, currency, month } = props
  const explain = useExplain()
  const cost = (filters: { field: string; values: null[] }[]) => () =>
    explain({ kind: 'cost', scope: { month, filters } })
  const sum = sumDecimals([equation.direct, equation.unattributed])
  const difference = new Decimal(equation.bill).minus(sum)
  return (
    <>
      <Paper withBorder p="sm" component="section" aria-label="The equation of the bill">
        <Group gap="xs" fz="lg">
          <Text span>bill</Text>
          <b>
            <Amount value={equation.bill} currency={currency} onExplain={cost([])} />
          </b>
          <Text span>= direct</Text>
          <b>
            <Amount
              value={equation.direct}
              currency={currency}
              onExplain={() => explain(directTarget({ month, currency, ...equation }))}
            />
          </b>
          <Text span>+ unattributed</Text>
          <b>
            <Amount
              value={equation.unattributed}
              currency={currency}
              onExplain={cost([{ field: 'tenant', values: [null] }])}
            />
          </b>
          <Text span size="sm">
            {currency}
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
            ? 'Direct cost by customer and tenant adds up to another figure than direct cost.'
            : `Direct and unattributed cost are ${formatMoney(sum, currency)} ${currency}; the bill is ${formatMoney(equation.bill, currency)} ${currency}, a difference of ${difference.toFixed()}.`}{' '}
          The ledger is kept as it is; these figures are derived from it.{' '}
          <AppLink to="/settings">Rebuild the derived store in Settings</AppLink>; if the equation still does
          not hold, <AppLink to="/ledger">verify the ledger</AppLink>.
        </Alert>
      )}
    </>
  )
}
