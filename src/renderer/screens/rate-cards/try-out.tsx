import { Group, Stack, Text } from '@mantine/core'
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import { roundToMinor } from '../../../domain/money.ts'
import type { RatedCharge } from '../../../domain/pricing/rate.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { FromCustomer } from './from-customer.tsx'
import { inputsOf } from './trial.ts'
import { TrialInputs } from './trial-inputs.tsx'
import type { Trial } from './use-trial.ts'

interface TriedRow {
  readonly charge: Charge
  readonly rated: RatedCharge
  /** Rounded as a line of an invoice is. */
  readonly amount: DecimalText
}

const columnsOf = (currency: string, total: DecimalText): readonly Column<TriedRow>[] => [
  { key: 'charge', title: 'Charge', kind: 'text', value: (row) => row.charge.name },
  { key: 'quantity', title: 'Quantity', kind: 'quantity', value: (row) => row.rated.quantity },
  {
    key: 'steps',
    title: 'How it adds up',
    kind: 'text',
    value: (row) =>
      row.rated.steps.map((step) => `${step.text}: ${formatMoney(step.amount, currency)}`).join('; '),
  },
  { key: 'amount', title: 'Amount', kind: 'money', currency, value: (row) => row.amount, total },
]

/** Any quantity, or a real month, rated by the charges as they stand in the grid. */
export const TryOut = ({ trial }: { trial: Trial }) => {
  const { charges, rated, context } = trial
  const { metrics, currency, settings } = context
  const inputs = new Map(
    charges.flatMap((charge) => inputsOf(charge, metrics)).map((input) => [input.key, input]),
  )
  const rows = charges.flatMap((charge, index): TriedRow[] => {
    const own = rated[index]
    return own === undefined
      ? []
      : [{ charge, rated: own, amount: roundToMinor(own.amount, currency, settings.rounding) }]
  })
  return (
    <Section title="Try the whole card">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          A month of these quantities before discounts and commitments, which a contract says. A fee for
          several months, or once, is tried in a month in which it is due.
        </Text>
        <Group align="flex-end" gap="xs">
          <TrialInputs inputs={[...inputs.values()]} trial={trial} />
          <FromCustomer charges={charges} onUse={trial.use} />
        </Group>
        <DataTable
          title="Tried quantities"
          columns={columnsOf(currency, sumDecimals(rows.map((row) => row.amount)))}
          rows={rows}
          rowKey={(row) => row.charge.id}
          empty="Add a charge without faults to try it."
        />
      </Stack>
    </Section>
  )
}
