import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** A screen: its title, what it answers, its actions, its content. */
export const Page = (props: {
  title: string
  question?: string
  actions?: ReactNode
  children: ReactNode
}) => (
  <Stack gap="md" p="md" id="main" tabIndex={-1}>
    <Group justify="space-between" align="flex-end" wrap="wrap">
      <div>
        <Title order={1}>{props.title}</Title>
        {props.question && (
          <Text c="dimmed" size="sm">
            {props.question}
          </Text>
        )}
      </div>
      <Group gap="xs">{props.actions}</Group>
    </Group>
    {props.children}
  </Stack>
)

/** One figure with its name, for the head of a screen. */
export const Figure = (props: { label: string; children: ReactNode; note?: ReactNode }) => (
  <Paper withBorder p="sm" miw={150}>
    <Text size="xs" c="dimmed">
      {props.label}
    </Text>
    <Text fz="xl" fw={600} lh={1.3} component="div">
      {props.children}
    </Text>
    {props.note !== undefined && (
      <Text size="xs" c="dimmed" component="div">
        {props.note}
      </Text>
    )}
  </Paper>
)

export const Section = (props: { title: string; actions?: ReactNode; children: ReactNode }) => (
  <Stack gap="xs" component="section" aria-label={props.title}>
    <Group justify="space-between">
      <Title order={2}>{props.title}</Title>
      <Group gap="xs">{props.actions}</Group>
    </Group>
    {props.children}
  </Stack>
)
