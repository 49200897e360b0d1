import { Steps } from '../../ui/steps.tsx'
import type { LineExplanation } from './words.ts'

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
          ? 'Steps are exact; the line is rounded half-even, once.'
          : 'Steps are exact, and so is the line: rounded half-even, once, nothing was left over.'
      }
    />
  )
}
