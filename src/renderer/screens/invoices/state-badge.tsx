import { Badge } from '@mantine/core'
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconExclamationCircle,
  IconSend,
} from '@tabler/icons-react'
import type { Issue } from '../../../domain/issue.ts'
import { codeWords, type State } from './selection.ts'

const LOOK = {
  draft: { word: 'Draft', icon: IconCircleDashed, color: 'var(--mantine-color-dimmed)' },
  approved: { word: 'Approved', icon: IconCircleCheck, color: 'var(--mantine-color-blue-6)' },
  delivered: { word: 'Delivered', icon: IconSend, color: 'var(--mantine-color-teal-6)' },
  void: { word: 'Void', icon: IconBan, color: 'var(--mantine-color-dimmed)' },
} satisfies Record<State, object>

export const stateWord = (state: State): string => LOOK[state].word

/** An invoice's state: icon and word. */
export const StateBadge = (props: { state: State }) => {
  const look = LOOK[props.state]
  return (
    <Badge
      variant="default"
      tt="none"
      w="max-content"
      leftSection={<look.icon size={12} color={look.color} />}
    >
      {look.word}
    </Badge>
  )
}

/** A check that found something: short here, its sentence on hovering and on the invoice itself. */
export const IssueBadge = (props: { issue: Issue }) => {
  const isError = props.issue.severity === 'error'
  const Icon = isError ? IconExclamationCircle : IconAlertTriangle
  return (
    <Badge
      variant="default"
      tt="none"
      w="max-content"
      title={props.issue.message}
      leftSection={<Icon size={12} color={`var(--mantine-color-${isError ? 'red' : 'orange'}-6)`} />}
    >
      {codeWords(props.issue.code)}
    </Badge>
  )
}
