import { Badge, Button, Group, Menu, Paper, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ConnectionState } from '../../../../contract/connections.ts'
import { api, client, refreshAll } from '../../../api.ts'
import { act } from '../../../ui/action.ts'
import { useBook } from '../../../ui/book.tsx'
import { formatInstant } from '../../../ui/format.ts'
import { Section } from '../../../ui/page.tsx'
import { Query } from '../../../ui/states.tsx'
import classes from '../sources.module.css'
import { intervalInWords, spanInWords } from '../words.ts'
import { ConnectWizard } from './wizard.tsx'

/** The class is the badge's colour, in light and dark. */
const STATES: Record<ConnectionState['state'], { readonly words: string; readonly look: string }> = {
  waiting: { words: 'collecting', look: 'fresh' },
  running: { words: 'running now', look: 'running' },
  failing: { words: 'failing', look: 'late' },
  broken: { words: 'broken', look: 'broken' },
  paused: { words: 'paused', look: 'paused' },
  secret_missing: { words: 'secret missing', look: 'late' },
}
/** Every run ends well, and brings nothing new. */
const LATE = { words: 'late', look: 'late' }

const Card = (props: { state: ConnectionState; onChange: () => void }) => {
  const { connection, version, ...state } = props.state
  const { timeZone } = useBook().settings
  const when = (ms: number | null) => (ms === null ? '–' : formatInstant(ms, timeZone))
  const look = state.state === 'waiting' && state.late ? LATE : STATES[state.state]
  const pause = () =>
    act(
      connection.name,
      () => client.connections.save({ ...connection, paused: !connection.paused, expectedVersion: version }),
      () => (connection.paused ? 'Resumed.' : 'Paused: nothing is collected until it is resumed.'),
    )
  return (
    <Paper withBorder p="sm" role="group" aria-label={connection.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text fw={600}>{connection.name}</Text>
          <Text size="xs" c="dimmed">
            {state.title}, {intervalInWords(connection.everyMinutes)}
          </Text>
        </div>
        <Badge variant="outline" className={classes[look.look] ?? ''} style={{ flexShrink: 0 }}>
          {look.words}
        </Badge>
      </Group>
      <Text size="sm" my={6}>
        {state.sentence}
      </Text>
      <dl className={classes.facts}>
        <dt>Newest record</dt>
        <dd>
          {state.newestMs === null || state.lagMs === null
            ? 'none yet'
            : `${when(state.newestMs)}, ${spanInWords(state.lagMs)} ago`}
        </dd>
        <dt>Last success</dt>
        <dd>{when(state.lastSuccessMs)}</dd>
        <dt>Next run</dt>
        <dd>{when(state.nextRunMs)}</dd>
      </dl>
      <Group gap="xs" mt="xs">
        <Button
          size="xs"
          variant="default"
          disabled={state.state === 'running'}
          onClick={() => void act(connection.name, () => client.connections.run({ id: connection.id }))}
        >
          Collect now
        </Button>
        <Menu withinPortal>
          <Menu.Target>
            <Button size="xs" variant="default">
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={props.onChange}>Change …</Menu.Item>
            <Menu.Item onClick={() => void pause()}>{connection.paused ? 'Resume' : 'Pause'}</Menu.Item>
            <Menu.Item
              onClick={() =>
                void act(
                  connection.name,
                  () => client.connections.remove({ id: connection.id, expectedVersion: version }),
                  () => 'Disconnected. What it brought stays.',
                )
              }
            >
              Disconnect
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Paper>
  )
}

/** Sources are collected while nobody clicks: once one has brought something, every figure may have changed. */
const useRefreshed = (states: readonly ConnectionState[] | undefined): void => {
  const successes = states?.map(({ lastSuccessMs }) => lastSuccessMs ?? 0).join(' ')
  const seen = useRef(successes)
  useEffect(() => {
    if (successes === undefined || successes === seen.current) return
    if (seen.current !== undefined) void refreshAll()
    seen.current = successes
  }, [successes])
}

/** Connected sources, how each is doing, and the way to connect another. */
export const Connections = () => {
  const connections = useQuery({
    ...api.connections.list.queryOptions(),
    // Who has just pressed "Collect now" waits for what becomes of it.
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ state }) => state === 'running') ? 1000 : 10_000,
  })
  useRefreshed(connections.data)
  const [editing, setEditing] = useState<{ readonly existing: ConnectionState | null } | null>(null)
  return (
    <Section
      title="Connected sources"
      actions={<Button onClick={() => setEditing({ existing: null })}>Add source</Button>}
    >
      <Query of={connections} what="the connected sources">
        {(states) => (
          <>
            {states.length === 0 ? (
              <Text size="sm" c="dimmed">
                None yet. A connected source is collected by itself, every few minutes, for as long as
                Countinghouse runs.
              </Text>
            ) : (
              <div className={classes.cards}>
                {states.map((state) => (
                  <Card
                    key={state.connection.id}
                    state={state}
                    onChange={() => setEditing({ existing: state })}
                  />
                ))}
              </div>
            )}
            {editing !== null && (
              <ConnectWizard
                existing={editing.existing}
                ids={states.map(({ connection }) => connection.id)}
                onClose={() => setEditing(null)}
              />
            )}
          </>
        )}
      </Query>
    </Section>
  )
}
