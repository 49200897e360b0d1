import { Button, Group, Modal, Stack } from '@mantine/core'
import { type ReactNode, useState } from 'react'

/** Asks once more before something that can't be taken back. */
export const Confirm = (props: {
  opened: boolean
  title: string
  confirm: string
  children: ReactNode
  isReady?: boolean
  onConfirm: () => Promise<unknown>
  onClose: () => void
}) => {
  const [isBusy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    await props.onConfirm()
    setBusy(false)
    props.onClose()
  }
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {props.children}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            data-autofocus
            loading={isBusy}
            disabled={props.isReady === false}
            onClick={() => void confirm()}
          >
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
