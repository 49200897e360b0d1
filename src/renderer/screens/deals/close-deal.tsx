import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'

export type Outcome = 'won' | 'lost'

/** Asks once more: a won or lost deal is kept as it is and never changes again. */
export const CloseDeal = (props: {
  /** Null while nothing is asked. */
  outcome: Outcome | null
  dealName: string
  customerName: string
  /** `2026-11-01`, the first day of the proposed terms. */
  startDay: string
  refusal: string | null
  isBusy: boolean
  onCancel: () => void
  onClose: (outcome: Outcome) => void
}) => {
  const { outcome } = props
  return (
    <Modal
      opened={outcome !== null}
      onClose={props.onCancel}
      title={outcome === 'won' ? 'The deal is won?' : 'The deal is lost?'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {outcome === 'won'
            ? `The proposed scenario of ${props.dealName} becomes the contract of ${props.customerName} from ${props.startDay} on, and the next invoice run uses it. The deal cannot be changed afterwards.`
            : `${props.dealName} is kept as lost, with its scenarios. Nothing changes for ${props.customerName}, and the deal cannot be changed afterwards.`}
        </Text>
        {props.refusal !== null && (
          <Alert color="red" title="Refused">
            {props.refusal}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            Cancel
          </Button>
          <Button
            data-autofocus
            loading={props.isBusy}
            onClick={() => outcome !== null && props.onClose(outcome)}
          >
            {outcome === 'won' ? 'Won: make the contract' : 'Lost: keep it as lost'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
