import { Table } from '@mantine/core'
import type { PriceStep } from '../../../domain/invoice/invoice.ts'
import { formatPrice } from '../../../domain/pricing/format.ts'
import { Amount } from '../../ui/amount.tsx'
import { DASH, formatExact, signOf } from '../../ui/format.ts'
import type { LineExplanation } from './words.ts'

/** "0.40", "0.40 per 1,000"; a dash where the step has no unit price. */
const unitPrice = (step: PriceStep, currency: string): string =>
  step.unitAmount === undefined
    ? DASH
    : `${formatPrice(step.unitAmount, currency)}${step.per === undefined || step.per === '1' ? '' : ` per ${formatExact(step.per)}`}`

/** The price as a sheet would show it: every step exact, added up to the one rounded amount. */
export const StepsTable = (props: { explanation: LineExplanation }) => {
  const { line, currency } = props.explanation
  const rounded = line.steps.some((step) => step.kind === 'rounding')
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table withTableBorder aria-label="Price, step by step" captionSide="bottom">
        <Table.Caption ta="left">
          {rounded
            ? 'Steps are exact; the line is rounded half-even, once.'
            : 'Steps are exact, and so is the line: rounded half-even, once, nothing was left over.'}
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            <Table.Th ta="right">Quantity</Table.Th>
            <Table.Th ta="right">Unit price ({currency})</Table.Th>
            <Table.Th ta="right">Amount ({currency})</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {line.steps.map((step, index) => (
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
            <Table.Th>Amount of the line</Table.Th>
            <Table.Td />
            <Table.Td />
            <Table.Td ta="right" fw={600}>
              <Amount value={line.amount} currency={currency} />
            </Table.Td>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  )
}
