import { formatExact, formatMoney, formatPercent, signOf } from './format.ts'

/** A figure: tabular, right-aligned where its cell is; negative, zero and unknown told apart. */
export const Amount = (props: {
  value: string | null | undefined
  /** Money where given; else an exact quantity. */
  currency?: string
  kind?: 'money' | 'quantity' | 'percent'
  /** Makes the figure a button that explains it. */
  onExplain?: (() => void) | undefined
}) => {
  const kind = props.kind ?? (props.currency === undefined ? 'quantity' : 'money')
  const text =
    kind === 'percent'
      ? formatPercent(props.value)
      : kind === 'money'
        ? formatMoney(props.value, props.currency ?? 'USD')
        : formatExact(props.value)
  const exact = props.value ?? 'unknown'
  const figure = (
    <span className="amount" data-sign={signOf(props.value)} title={kind === 'money' ? exact : undefined}>
      {text}
    </span>
  )
  if (props.onExplain === undefined || props.value === null || props.value === undefined) return figure
  const explain = props.onExplain
  return (
    <button
      type="button"
      className="explain-button"
      aria-label={`${text}: explain`}
      onClick={(event) => {
        event.stopPropagation()
        explain()
      }}
    >
      {figure}
    </button>
  )
}
