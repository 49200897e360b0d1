import { Button, Group, Text } from '@mantine/core'
import { formatCount } from '../../ui/format.ts'

/** Below a paged table: how much is shown, and the next page. */
export const More = (props: { shown: number; more: boolean; loading: boolean; onMore: () => void }) => (
  <Group gap="xs">
    {props.more && (
      <Button variant="default" loading={props.loading} onClick={props.onMore}>
        More
      </Button>
    )}
    <Text size="xs" c="dimmed" role="status">
      {formatCount(props.shown)} shown{props.more ? '; there are more' : ', these are all'}.
    </Text>
  </Group>
)
