import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { asOfIn } from '../as-of.ts'

/**
 * Asks before changes are lost to another screen, another record, another moment looked at, or a closed or reloaded
 * page. A change of the address that stays on the screen asks nothing. `what` begins the sentences: "The rules".
 */
export const LeaveGuard = (props: { isDirty: boolean; what: string; isPlural?: boolean }) => {
  const { isDirty, what } = props
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && (current.pathname !== next.pathname || asOfIn(current.search) !== asOfIn(next.search)),
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  return (
    <Modal
      opened={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={`${what} ${props.isPlural ? 'are' : 'is'} not saved`}
    >
      <Stack gap="md">
        <Text size="sm">You changed something here. Leaving now drops the changes.</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
          <Button data-autofocus onClick={() => blocker.reset?.()}>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
