import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { sentenceOf } from '../api.ts'

export const Loading = (props: { what: string }) => (
  <Center p="xl" role="status" aria-live="polite">
    <Group gap="sm">
      <Loader size="sm" />
      <Text c="dimmed">
        Reading {props.what.charAt(0).toLowerCase()}
        {props.what.slice(1)} …
      </Text>
    </Group>
  </Center>
)

/** An empty state says the next step. */
export const Empty = (props: { title: string; children: ReactNode; action?: ReactNode }) => (
  <Center p="xl">
    <Stack align="center" gap="xs" maw={520}>
      <Title order={2}>{props.title}</Title>
      <Text c="dimmed" ta="center">
        {props.children}
      </Text>
      {props.action}
    </Stack>
  </Center>
)

export const Failure = (props: { what: string; error: unknown; retry?: () => void }) => (
  <Alert
    color="red"
    title={`${props.what.charAt(0).toUpperCase()}${props.what.slice(1)} can’t be shown`}
    m="md"
  >
    <Stack gap="xs" align="flex-start">
      <Text>{sentenceOf(props.error)}</Text>
      {props.retry && (
        <Button variant="default" onClick={props.retry}>
          Try again
        </Button>
      )}
    </Stack>
  </Alert>
)

interface QueryLike<Data> {
  readonly data: Data | undefined
  readonly error: unknown
  readonly isPending: boolean
  readonly refetch: () => unknown
}

/** Loading, failure or the data of a query. */
export function Query<Data>(props: {
  of: QueryLike<Data>
  what: string
  children: (data: Data) => ReactNode
}) {
  const { data, error } = props.of
  if (data !== undefined) return <>{props.children(data)}</>
  if (error !== null && error !== undefined)
    return <Failure what={props.what} error={error} retry={() => void props.of.refetch()} />
  return <Loading what={props.what} />
}
