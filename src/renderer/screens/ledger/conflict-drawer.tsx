import { Alert, Button, Code, Drawer, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { conflictRow } from '../../../contract/ledger.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { CONFLICT_WORDS } from './entry-words.ts'
import { ReasonForm } from './reason-form.tsx'

export type ConflictRow = z.output<typeof conflictRow>

const Answer = (props: { conflict: ConflictRow; onDone: () => void }) => {
  const { seq } = props.conflict
  const answer =
    <Result,>(what: string, action: (note: string) => Promise<Result>, said: (result: Result) => string) =>
    async (note: string) => {
      if ((await act(what, () => action(note), said)) !== null) props.onDone()
    }
  return (
    <ReasonForm
      label="Reason for the answer"
      answers={[
        {
          label: 'Keep the first',
          act: answer(
            'The first is kept',
            (note) => client.ledger.keepFirst({ seqs: [seq], note }),
            () => 'The conflict is answered. What came later stays in the ledger, counted nowhere.',
          ),
        },
        {
          label: 'Take this one',
          isMain: true,
          act: answer(
            'The later record is taken',
            (note) => client.ledger.takeConflict({ seq, note }),
            (result) => result.sentence,
          ),
        },
      ]}
    />
  )
}

const Body = (props: { conflict: ConflictRow; onOpenEntry: (seq: number) => void; onDone: () => void }) => {
  const { conflict } = props
  const { timeZone } = useBook().settings
  const { answer } = conflict
  const history = useQuery(api.ledger.history.queryOptions({ input: { seq: conflict.existingSeq } }))
  return (
    <Stack gap="md">
      <Alert
        color={conflict.state === 'open' ? 'yellow' : 'gray'}
        title={`Row ${conflict.row} of ${conflict.file}: ${CONFLICT_WORDS[conflict.state]}`}
      >
        <Text size="sm">{conflict.message}</Text>
        {answer !== null && (
          <Text size="sm" mt={4}>
            {answer.author} answered on {formatInstant(answer.recordedMs, timeZone)}, batch {answer.batchId}:{' '}
            {conflict.note}
          </Text>
        )}
      </Alert>
      <Section title="What counts under this id now">
        <Query of={history} what="the entry that counts">
          {({ entry, standing }) => (
            <Stack gap="xs">
              <Text size="sm">{standing.sentence}</Text>
              {standing.seq === entry.seq && (
                <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {entry.rawText}
                </Code>
              )}
              <Group>
                <Button
                  variant="default"
                  onClick={() => props.onOpenEntry(standing.seq ?? conflict.existingSeq)}
                >
                  Open entry u{standing.seq ?? conflict.existingSeq} and its history
                </Button>
              </Group>
            </Stack>
          )}
        </Query>
      </Section>
      <Section title="What came later">
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {conflict.raw}
        </Code>
      </Section>
      {conflict.state === 'open' && (
        <Section title="Answer">
          <Text size="sm">
            Take this one: what counts under the id is reversed and this record posted in its place, in one
            batch. Of a closed month the difference counts in the next open one.
          </Text>
          <Answer conflict={conflict} onDone={props.onDone} />
        </Section>
      )}
    </Stack>
  )
}

/** Two records with one id: what counts, what came later, and the answer. */
export const ConflictDrawer = (props: {
  conflict: ConflictRow | null
  onOpenEntry: (seq: number) => void
  onClose: () => void
}) => (
  <Drawer
    opened={props.conflict !== null}
    onClose={props.onClose}
    position="right"
    size="min(720px, 92vw)"
    title={
      <Text fw={600} component="span">
        A conflict
      </Text>
    }
    closeButtonProps={{ 'aria-label': 'Close the conflict' }}
  >
    {props.conflict !== null && (
      <Body
        key={props.conflict.seq}
        conflict={props.conflict}
        onOpenEntry={props.onOpenEntry}
        onDone={props.onClose}
      />
    )}
  </Drawer>
)
