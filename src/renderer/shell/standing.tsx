import { Alert, Stack } from '@mantine/core'
import { useBook } from '../ui/book.tsx'

/** What is the matter with the book as a whole: that it can't be written, or that figures are behind the ledger. */
export const Standing = () => {
  const { readOnly, trouble } = useBook()
  if (readOnly === null && trouble === null) return null
  return (
    <Stack
      gap="xs"
      px="md"
      pt="md"
      role="status"
      aria-label="State of the book"
      style={{ overflowWrap: 'anywhere' }}
    >
      {readOnly !== null && (
        <Alert color="yellow" p="xs" title={`Open for reading only: ${readOnly}`}>
          Everything can be looked at, exported and verified. What would write is refused and says so.
        </Alert>
      )}
      {trouble !== null && (
        <Alert color="red" p="xs" title="Figures are behind the ledger">
          {trouble}
        </Alert>
      )}
    </Stack>
  )
}
