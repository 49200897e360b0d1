/** A key of a sliced report: a click shows only what has it. */
export const KeyCell = (props: { label: string; onFilter: () => void }) => (
  <button
    type="button"
    className="explain-button"
    title={`Show only ${props.label}`}
    aria-label={`${props.label}: show only this`}
    onClick={(event) => {
      event.stopPropagation()
      props.onFilter()
    }}
  >
    {props.label}
  </button>
)
