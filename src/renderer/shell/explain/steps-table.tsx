import { Steps } from '../../ui/steps.tsx'
import type { LineExplanation } from './words.ts'

const ORDER =
  'Always: measured, converted, included units, price, multipliers, days, discounts in their order, minimum, maximum, rounded; then of the invoice: discounts, bounds, commitments, tax, credits.'

/** The price of a line: every step exact, added up to the one rounded amount. */
export const StepsTable = (props: { explanation: LineExplanation }) => {
  const { line, currency } = props.explanation
  const rounded = line.steps.some((step) => step.kind === 'rounding')
  return (
    <Steps
      steps={line.steps}
      amount={line.amount}
      currency={currency}
      total="Amount of the line"
      caption={
        rounded
          ? `Steps are exact, in the order in which they apply; the line is rounded once, as its step says. ${ORDER}`
          : `Steps are exact, in the order in which they apply, and so is the line: nothing was to be rounded. ${ORDER}`
      }
    />
  )
}
