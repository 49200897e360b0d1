import { Alert, Button, Drawer, Group, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { z } from 'zod'
import type { quarantineRow } from '../../../contract/ledger.ts'
import { client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { formatInstant } from '../../ui/format.ts'

export type QuarantineRow = z.output<typeof quarantineRow>

export const STATE_WORDS: Readonly<Record<QuarantineRow['state'], string>> = {
  open: 'open',
  replayed: 'mended and replayed',
  dismissed: 'dismissed',
}

/** Asks for the reason and dismisses; the reason is kept in the ledger. */
export const DismissForm = (props: { seqs: readonly number[]; onDone: () => void }) => {
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const dismiss = async () => {
    setBusy(true)
    const done = await act(
      'Dismissed',
      () => client.ledger.dismiss({ seqs: [...props.seqs], note: note.trim() }),
      (result) =>
        `${result.dismissed} ${result.dismissed === 1 ? 'record' : 'records'} answered. The raw text is kept.`,
    )
    setBusy(false)
    if (done !== null) props.onDone()
  }
  return (
    <Stack gap="xs">
      <Textarea
        label="Reason for dismissing"
        description="Kept in the ledger, under your name."
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button
          variant="default"
          disabled={note.trim() === '' || props.seqs.length === 0}
          loading={busy}
          onClick={() => void dismiss()}
        >
          Dismiss
        </Button>
      </Group>
    </Stack>
  )
}

const Body = (props: { row: QuarantineRow; onOpenEntry: (seq: number) => void; onDone: () => void }) => {
  const { row } = props
  const { answer } = row
  const { timeZone } = useBook().settings
  const [raw, setRaw] = useState(row.raw)
  const [busy, setBusy] = useState(false)
  const replay = async () => {
    setBusy(true)
    const done = await act(
      'Replay',
      () => client.ledger.replay({ seq: row.seq, raw }),
      (result) => result.sentence,
    )
    setBusy(false)
    if (done !== null) props.onDone()
  }
  return (
    <Stack gap="md">
      <Alert color={row.state === 'open' ? 'red' : 'gray'} title={`Row ${row.row} of ${row.file}`}>
        <Text size="sm">{row.message}</Text>
        <Text size="xs" mt={4}>
          {row.column !== null && `Column ${row.column}. `}
          Source {row.source}, batch {row.batchId}, {formatInstant(row.recordedMs, timeZone)}.
        </Text>
        {answer !== null && (
          <Text size="xs" mt={4}>
            {answer.author} answered on {formatInstant(answer.recordedMs, timeZone)}, batch {answer.batchId}.
          </Text>
        )}
      </Alert>
      {answer?.entrySeq != null && (
        <Group>
          <Button variant="default" onClick={() => props.onOpenEntry(answer.entrySeq ?? 0)}>
            Open the entry that came of it
          </Button>
        </Group>
      )}
      <Textarea
        label="The record"
        description={
          row.state === 'open'
            ? 'Mend it here and replay it. What came is kept as it was.'
            : `It was ${STATE_WORDS[row.state]}.${row.note === null ? '' : ` ${row.note}`}`
        }
        autosize
        minRows={6}
        maxRows={24}
        readOnly={row.state !== 'open'}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={raw}
        onChange={(event) => setRaw(event.currentTarget.value)}
      />
      {row.state === 'open' && (
        <>
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" disabled={raw === row.raw} onClick={() => setRaw(row.raw)}>
              As it came
            </Button>
            <Button loading={busy} disabled={raw.trim() === ''} onClick={() => void replay()}>
              Replay
            </Button>
          </Group>
          <DismissForm seqs={[row.seq]} onDone={props.onDone} />
        </>
      )}
    </Stack>
  )
}

export const QuarantineDrawer = (props: {
  row: QuarantineRow | null
  onOpenEntry: (seq: number) => void
  onClose: () => void
}) => (
  <Drawer
    opened={props.row !== null}
    onClose={props.onClose}
    position="right"
    size="min(720px, 92vw)"
    title={
      <Text fw={600} component="span">
        A rejected record
      </Text>
    }
    closeButtonProps={{ 'aria-label': 'Close the record' }}
  >
    {props.row !== null && (
      <Body key={props.row.seq} row={props.row} onOpenEntry={props.onOpenEntry} onDone={props.onClose} />
    )}
  </Drawer>
)
