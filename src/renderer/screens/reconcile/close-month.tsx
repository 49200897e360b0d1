import { Alert, Button, Group, List, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addMonths, type Month, monthName } from '../../../domain/period.ts'
import { client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { useSubmit } from '../../ui/submit.ts'
import { blockingChecks, type MonthState } from './words.ts'

const Form = (props: { month: Month; state: MonthState; onClose: () => void }) => {
  const { month, state } = props
  const { author } = useBook()
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const { isBusy, refusal, submit } = useSubmit()
  const open = state.checks.filter((check) => check.state === 'open')
  const needsReason = blockingChecks(state.checks).length > 0
  const isReady = typed.trim() === month && (!needsReason || reason.trim() !== '')
  const close = async () => {
    const trimmed = reason.trim()
    const done = await submit(
      () => client.reconcile.close({ month, ...(trimmed === '' ? {} : { reason: trimmed }) }),
      () => `${monthName(month)} is closed by ${author}.`,
    )
    if (done !== null) props.onClose()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void close()
      }}
    >
      <Stack>
        <Text>
          {author} locks {monthName(month)}. What arrives for it later is kept, and counts in{' '}
          {monthName(addMonths(month, 1))} or the next open month. This can’t be taken back.
        </Text>
        {open.length === 0 ? (
          <Text size="sm">No check is open.</Text>
        ) : (
          <Alert
            variant="default"
            title={open.length === 1 ? '1 check is open' : `${open.length} checks are open`}
          >
            <List size="sm" spacing={4}>
              {open.map((check) => (
                <List.Item key={check.id}>
                  <b>{check.title}.</b> {check.sentence}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        {needsReason && (
          <Textarea
            label="Why it is closed all the same"
            description="Kept with the close, under your name."
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            required
          />
        )}
        <TextInput
          label={`Type ${month} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
          required
        />
        {refusal !== null && (
          <Alert variant="default" title="Not closed" role="alert">
            {refusal}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={!isReady}>
            Lock {monthName(month)}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The deliberate act: the open checks are read, the month typed, the reason given. */
export const CloseMonth = (props: { month: Month; state: MonthState }) => {
  const [isOpen, setOpen] = useState(false)
  if (props.state.closed) return null
  return (
    <>
      <Button onClick={() => setOpen(true)}>Close month</Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Close ${monthName(props.month)}?`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close this dialog' }}
      >
        <Form month={props.month} state={props.state} onClose={() => setOpen(false)} />
      </Modal>
    </>
  )
}
