import { Button, SegmentedControl } from '@mantine/core'
import type { LedgerSearch } from './ledger-search.ts'

/** Which of the records that wait for an answer are shown. */
export const AnswerFilter = (props: {
  label: string
  state: LedgerSearch['state']
  onChange: (state: LedgerSearch['state']) => void
}) => (
  <SegmentedControl
    aria-label={props.label}
    w="fit-content"
    value={props.state}
    onChange={(value) => props.onChange(value as LedgerSearch['state'])}
    data={[
      { value: 'open', label: 'Open' },
      { value: 'answered', label: 'Answered' },
      { value: 'all', label: 'All' },
    ]}
  />
)

/** Where there is another page. */
export const ShowMore = (props: {
  /** "Show more" where it is left out. */
  words?: string
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> }
}) =>
  props.pages.hasNextPage && (
    <Button
      variant="default"
      loading={props.pages.isFetchingNextPage}
      onClick={() => void props.pages.fetchNextPage()}
    >
      {props.words ?? 'Show more'}
    </Button>
  )
