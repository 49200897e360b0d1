import { Alert, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** The figure that is explained, large, with what it counts. */
export const Total = (props: { children: ReactNode; unit: string; note?: ReactNode }) => (
  <div>
    <Text fz={26} fw={600} lh={1.2} component="div">
      {props.children}{' '}
      <Text span fz="md" c="dimmed">
        {props.unit}
      </Text>
    </Text>
    {props.note !== undefined && <Text size="sm">{props.note}</Text>}
  </div>
)

/** What arrived after the figure was made. */
export const LateNote = (props: { sentence: string | null }) =>
  props.sentence === null ? null : (
    <Alert variant="default" title="Late since">
      {props.sentence}
    </Alert>
  )

export const ChainHead = (props: { hash: string; asOf?: ReactNode; children?: ReactNode }) => (
  <Group justify="space-between" gap="xs">
    <Text size="xs" c="dimmed" title={props.hash}>
      Chain head <code>{`${props.hash.slice(0, 8)}…${props.hash.slice(-4)}`}</code>
      {props.asOf !== undefined && <> · {props.asOf}</>}
    </Text>
    <Group gap="xs">{props.children}</Group>
  </Group>
)
