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
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Issue } from '../../domain/issue.ts'

/** What the list that holds a card gives to it. */
export interface OrderedCardProps {
  readonly index: number
  readonly count: number
  readonly issues: readonly Issue[]
  readonly open: boolean
  /** Added just now: brought into view, with its name ready to be typed. */
  readonly isNew?: boolean
  readonly onOpen: (open: boolean) => void
  readonly onMove: (by: -1 | 1) => void
  /** To a place in the list, from 0; the others keep their order. */
  readonly onPlace: (to: number) => void
  readonly onRemove: () => void
}

/** The number of the card in its list; another one typed moves it there on Enter, or on leaving the field. */
const PlaceField = (props: {
  place: string
  index: number
  count: number
  onPlace: (to: number) => void
}) => {
  const [typed, setTyped] = useState<string | null>(null)
  const move = () => {
    const to = Number(typed)
    setTyped(null)
    if (typed !== null && Number.isInteger(to) && to >= 1 && to !== props.index + 1)
      props.onPlace(Math.min(to, props.count) - 1)
  }
  return (
    <TextInput
      aria-label={`Number in the order, ${props.place}`}
      title="Type another number to move it there"
      inputMode="numeric"
      w={52}
      maxLength={5}
      value={typed ?? String(props.index + 1)}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={move}
      onKeyDown={(event) => {
        if (event.key === 'Enter') move()
        if (event.key === 'Escape') setTyped(null)
      }}
    />
  )
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
  const { index, issues, name, open, isNew = false } = props
  const card = useRef<HTMLLIElement>(null)
  const nameField = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!isNew) return
    card.current?.scrollIntoView({ block: 'center' })
    nameField.current?.focus({ preventScroll: true })
  }, [isNew])
  return (
    <Paper withBorder p="sm" component="li" aria-label={name} ref={card}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" flex={1} miw={0}>
            {open && props.count > 1 ? (
              <PlaceField {...props} />
            ) : (
              <Badge variant="default" size="lg" aria-label={`Number ${index + 1}`}>
                {index + 1}
              </Badge>
            )}
            {open ? (
              <TextInput
                ref={nameField}
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
