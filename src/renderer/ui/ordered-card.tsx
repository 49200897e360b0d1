import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  Stack,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Issue } from '../../domain/issue.ts'

/** What the list that holds a card gives to it. */
export interface OrderedCardProps {
  readonly index: number
  readonly count: number
  readonly issues: readonly Issue[]
  readonly open: boolean
  readonly onOpen: (open: boolean) => void
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}

/** One of a list whose order counts: named, moved, deleted; opened for editing, else what `summary` says of it. */
export const OrderedCard = (
  props: OrderedCardProps & {
    /** What it is called where it has no name of its own: `rule 3`. */
    place: string
    name: string
    /** What is typed as its name, and takes what is typed. */
    typedName: string
    nameError?: string | null
    onName: (name: string) => void
    usable: boolean
    editor: ReactNode
    summary: ReactNode
  },
) => {
  const { index, issues, name, open } = props
  return (
    <Paper withBorder p="sm" component="li" aria-label={name}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" flex={1} miw={0}>
            <Badge variant="default" circle aria-label={`Number ${index + 1}`}>
              {index + 1}
            </Badge>
            {open ? (
              <TextInput
                aria-label={`Name, ${props.place}`}
                maxLength={120}
                flex={1}
                placeholder={name}
                value={props.typedName}
                error={props.nameError}
                onChange={(event) => props.onName(event.currentTarget.value)}
              />
            ) : (
              <Text fw={600} truncate>
                {name}
              </Text>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <Button
              variant="default"
              size="compact-xs"
              aria-expanded={open}
              onClick={() => props.onOpen(!open)}
            >
              {open ? 'Fold' : 'Edit'}
              <VisuallyHidden> {name}</VisuallyHidden>
            </Button>
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${name} up`}
              disabled={index === 0}
              onClick={() => props.onMove(-1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${name} down`}
              disabled={index === props.count - 1}
              onClick={() => props.onMove(1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="red" aria-label={`Delete ${name}`} onClick={props.onRemove}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Group>
        {open && <Stack gap={6}>{props.editor}</Stack>}
        {props.summary}
        {issues.length > 0 && (
          <Alert color={props.usable ? 'blue' : 'red'} p="xs">
            {issues.map((issue) => (
              <Text key={`${issue.column} ${issue.code}`} size="sm">
                {issue.message}
              </Text>
            ))}
          </Alert>
        )}
      </Stack>
    </Paper>
  )
}
