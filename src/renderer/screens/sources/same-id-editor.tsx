import { Radio, Stack } from '@mantine/core'

export type SameId = 'conflict' | 'restate'

/** What a record means whose id came before with another value. */
export const SameIdEditor = (props: { sameId: SameId; onChange: (sameId: SameId) => void }) => (
  <Radio.Group
    label="If an id came before with another value"
    value={props.sameId}
    onChange={(value) => props.onChange(value as SameId)}
  >
    <Stack gap="xs" mt={6}>
      <Radio
        value="conflict"
        label="Keep what is counted, and ask"
        description="The later record is kept aside as a conflict, to be taken or not in the Ledger. Nothing counted changes."
      />
      <Radio
        value="restate"
        label="The newer value replaces the older"
        description="What was counted is reversed and the value of this file posted in its place. Of a closed month the difference counts in the next open one."
      />
    </Stack>
  </Radio.Group>
)
