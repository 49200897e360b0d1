import { Decimal } from '../../domain/decimal.ts'
import { Amount } from './amount.tsx'
import { PROBLEM_COLOR } from './problem.tsx'

/** Margin as a share of revenue; below the book's floor it is red and says so in words. */
export const MarginPercent = (props: {
  value: string | null
  floor: string
  /** Where known exactly: the printed percentage is rounded. */
  isBelow?: boolean | null
}) => {
  const isBelow = props.isBelow ?? (props.value !== null && new Decimal(props.value).lt(props.floor))
  return (
    <span style={{ whiteSpace: 'nowrap', ...(isBelow ? { color: PROBLEM_COLOR } : {}) }}>
      {isBelow && <b>below floor </b>}
      <Amount value={props.value} kind="percent" />
    </span>
  )
}
