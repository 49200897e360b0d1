import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'

/** Asks why, and acts on it. What is written is kept in the ledger under the person's name. */
export const ReasonForm = (props: {
  label: string
  /** One button for each answer. */
  answers: readonly {
    readonly label: string
    readonly isMain?: boolean
    readonly act: (reason: string) => Promise<unknown>
  }[]
  /** Where there is a way back. */
  onCancel?: () => void
}) => {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState<string | null>(null)
  const words = reason.trim()
  return (
    <Stack gap="xs">
      <Textarea
        label={props.label}
        description="Kept in the ledger, under your name."
        autosize
        minRows={2}
        maxLength={500}
        autoFocus={props.onCancel !== undefined}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="xs">
        {props.onCancel !== undefined && (
          <Button variant="default" onClick={props.onCancel}>
            Cancel
          </Button>
        )}
        {props.answers.map(({ label, isMain, act }) => (
          <Button
            key={label}
            variant={isMain ? 'filled' : 'default'}
            disabled={words === '' || (busy !== null && busy !== label)}
            loading={busy === label}
            onClick={() => {
              setBusy(label)
              void act(words).finally(() => setBusy(null))
            }}
          >
            {label}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}
