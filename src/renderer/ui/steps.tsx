import { Table } from '@mantine/core'
import type { DecimalText } from '../../domain/decimal.ts'
import type { PriceStep } from '../../domain/invoice/invoice.ts'
import { formatPrice } from '../../domain/pricing/format.ts'
import { Amount } from './amount.tsx'
import { DASH, formatExact, signOf } from './format.ts'

/** "0.40", "0.40 per 1,000"; a dash where the step has no unit price. */
const unitPrice = (step: PriceStep, currency: string): string =>
  step.unitAmount === undefined
    ? DASH
    : `${formatPrice(step.unitAmount, currency)}${step.per === undefined || step.per === '1' ? '' : ` per ${formatExact(step.per)}`}`

/** The price as a sheet would show it: every step exact, added up to the amount below. */
export const Steps = (props: {
  steps: readonly PriceStep[]
  amount: DecimalText
  currency: string
  /** Of the last row: "Amount of the line". */
  total: string
  caption?: string
}) => {
  const { steps, currency } = props
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table withTableBorder aria-label="Price, step by step" captionSide="bottom">
        {props.caption !== undefined && <Table.Caption ta="left">{props.caption}</Table.Caption>}
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            <Table.Th ta="right">Quantity</Table.Th>
            <Table.Th ta="right">Unit price ({currency})</Table.Th>
            <Table.Th ta="right">Amount ({currency})</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are ordered, never moved, and have no id
            <Table.Tr key={index}>
              <Table.Td>{step.text}</Table.Td>
              <Table.Td ta="right">
                <Amount value={step.quantity} />
              </Table.Td>
              <Table.Td className="amount">{unitPrice(step, currency)}</Table.Td>
              <Table.Td className="amount" data-sign={signOf(step.amount)}>
                {formatPrice(step.amount, currency)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>{props.total}</Table.Th>
            <Table.Td />
            <Table.Td />
            <Table.Td ta="right" fw={600}>
              <Amount value={props.amount} currency={currency} />
            </Table.Td>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  )
}
