/** Tokens with which programs push events: whom they were made for, one made, one refused. */
import { Alert, Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Contract } from '../../../contract/contract.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

type Token = InferContractRouterOutputs<Contract>['ingestTokens']['list'][number]

const columnsFor = (timeZone: string, onRevoke: (token: Token) => void): readonly Column<Token>[] => {
  return [
    { key: 'name', title: 'Made for', kind: 'text', value: ({ name }) => name },
    { key: 'source', title: 'Pushes events of', kind: 'text', value: ({ source }) => source },
    instantColumn('made', 'Made', ({ createdMs }) => createdMs, timeZone),
    instantColumn('delivered', 'Source last delivered', ({ lastDeliveryMs }) => lastDeliveryMs, timeZone),
    instantColumn('revoked', 'Revoked', ({ revokedMs }) => revokedMs, timeZone),
    {
      key: 'may',
      title: 'May push',
      kind: 'text',
      value: ({ revokedMs }) => (revokedMs === null ? 'yes' : 'no'),
      render: (row) =>
        row.revokedMs === null ? (
          <Group gap="xs" wrap="nowrap">
            yes
            <Button
              variant="default"
              size="compact-xs"
              aria-label={`Revoke the token of ${row.name}`}
              onClick={() => onRevoke(row)}
            >
              Revoke
            </Button>
          </Group>
        ) : (
          'no'
        ),
    },
  ]
}

/** The one moment in which a token is seen: it is nowhere kept, here or in the book. */
const Made = (props: { name: string; token: string; onDone: () => void }) => (
  <Stack gap="sm">
    <Alert color="yellow" title="It is shown this once">
      The book keeps only its hash. Copy it now into the configuration of {props.name}; if it is lost, revoke
      it and make another.
    </Alert>
    <TextInput
      label="Token"
      readOnly
      data-autofocus
      value={props.token}
      onFocus={(event) => event.currentTarget.select()}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
    />
    <Text size="sm">
      Programs send it to <Code>POST /api/ingest</Code> of the served book, as{' '}
      <Code>Authorization: Bearer TOKEN</Code>. It opens nothing else.
    </Text>
    <Group justify="flex-end" gap="xs">
      <CopyButton label="Copy token" text={props.token} />
      <Button onClick={props.onDone}>Done</Button>
    </Group>
  </Stack>
)

const Make = (props: { onMade: (name: string, token: string) => void; onCancel: () => void }) => {
  const [name, setName] = useState('')
  const [source, setSource] = useState('')
  const [busy, setBusy] = useState(false)
  const make = async (event: React.FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const who = name.trim()
    const made = await act('Token', () =>
      client.ingestTokens.create({ name: who, source: source.trim() || who }),
    )
    setBusy(false)
    if (made !== null) props.onMade(who, made.token)
  }
  return (
    <form onSubmit={(event) => void make(event)} aria-label="Make a token">
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label="Made for"
          description="What pushes with it, so that you know whom you refuse."
          placeholder="Gateway in eu-west"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Source"
          description="Its events are kept under this name; an event’s id counts once within it."
          placeholder={name.trim() === '' ? 'the same name' : name.trim()}
          maxLength={120}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === ''}>
            Make token
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

export const TokensSection = () => {
  const { timeZone } = useBook().settings
  const tokens = useQuery(api.ingestTokens.list.queryOptions())
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<{ readonly name: string; readonly token: string } | null>(null)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const columns = useMemo(() => columnsFor(timeZone, setRevoking), [timeZone])
  const close = () => {
    setAdding(false)
    setMade(null)
  }
  return (
    <Section
      title="API tokens"
      actions={
        <Button variant="default" onClick={() => setAdding(true)}>
          Make token
        </Button>
      }
    >
      <Text size="sm" c="dimmed">
        With one of these a program on this machine may push usage events to the book while it is served, and
        do nothing else: it reads no figure and changes no setting.
      </Text>
      <Query of={tokens} what="the tokens">
        {(rows) => (
          <DataTable
            title="Tokens by whom they were made for"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            maxHeight={260}
            empty="None yet. Make one for each program that pushes events, so that one can be refused alone."
          />
        )}
      </Query>
      <Modal
        opened={adding}
        onClose={close}
        size="lg"
        title={made === null ? 'A new token' : `The token of ${made.name}`}
        // A click beside it must not lose what is shown once.
        closeOnClickOutside={made === null}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {made === null ? (
          <Make onMade={(name, token) => setMade({ name, token })} onCancel={close} />
        ) : (
          <Made {...made} onDone={close} />
        )}
      </Modal>
      <Confirm
        opened={revoking !== null}
        title={`Revoke the token of ${revoking?.name ?? ''}?`}
        confirm="Revoke token"
        onClose={() => setRevoking(null)}
        onConfirm={async () => {
          if (revoking === null) return
          await act(
            'Token',
            () => client.ingestTokens.revoke({ id: revoking.id, expectedVersion: revoking.version }),
            () => `The token of ${revoking.name} is refused from now on. What it pushed stays.`,
          )
        }}
      >
        <Text size="sm">
          Whatever pushes with it is refused from now on, and this cannot be taken back: it then needs another
          token. What it pushed stays in the ledger.
        </Text>
      </Confirm>
    </Section>
  )
}
