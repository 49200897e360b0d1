import { Button, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { ReasonForm } from './reason-form.tsx'

/** Takes an entry's amounts off: a button, then what that means and the reason for it. */
export const ReverseEntry = (props: { seq: number; entryId: string; kind: 'usage' | 'cost' }) => {
  const [asking, setAsking] = useState(false)
  const { entryId } = props
  const reverse = async (reason: string) => {
    const done = await act(
      'Reversed',
      () => client.ledger.reverse({ seq: props.seq, reason }),
      (result) => result.sentence,
    )
    if (done !== null) setAsking(false)
  }
  if (!asking)
    return (
      <Button variant="default" w="fit-content" onClick={() => setAsking(true)}>
        Reverse {entryId}…
      </Button>
    )
  return (
    <Paper withBorder p="sm" component="section" aria-label={`Reverse entry ${entryId}`}>
      <Stack gap="xs">
        <Text size="sm">
          A reversal takes the amounts of entry {entryId} off again. The entry stays, and both are told in its
          history. If its month is closed, they are taken off in the next open month.
        </Text>
        <Text size="sm">
          {props.kind === 'usage'
            ? 'If the same record is imported again, it counts again: mend it at its source, too.'
            : 'The ledger then differs from the provider’s bill, and the month’s check says so. A newer delivery of the bill that still has this line brings it back; one that lacks it leaves it reversed.'}
        </Text>
        <ReasonForm
          label="Reason for reversing"
          answers={[{ label: 'Reverse', isMain: true, act: reverse }]}
          onCancel={() => setAsking(false)}
        />
      </Stack>
    </Paper>
  )
}
