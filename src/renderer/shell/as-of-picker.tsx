import { Button, Group, Popover, ScrollArea, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOfNow } from '../api.ts'
import { useAsOf, useLookAsOf } from '../ui/as-of.ts'
import { useBook } from '../ui/book.tsx'
import { formatInstant } from '../ui/format.ts'
import { Query } from '../ui/states.tsx'
import styles from './as-of.module.css'

const BATCHES = 60

const Batches = (props: { onPick: (batchId: number) => void }) => {
  const book = useBook()
  const batches = useQuery({
    queryKey: ['batches to look at'],
    queryFn: () => clientOfNow.ledger.batches({ limit: BATCHES }),
  })
  return (
    <Query of={batches} what="The batches">
      {({ rows, more }) => (
        <>
          <ScrollArea.Autosize mah={300} type="auto" offsetScrollbars>
            <ul className={styles.batches} aria-label="Batches">
              {rows.map(({ batchId, recordedMs, title }) => (
                <li key={batchId}>
                  <UnstyledButton className={styles.batch} onClick={() => props.onPick(batchId)}>
                    <Text span size="sm" className={styles.number}>
                      {batchId}
                    </Text>
                    <Text span size="sm" className={styles.time}>
                      {formatInstant(recordedMs, book.settings.timeZone)}
                    </Text>
                    <Text span size="sm" truncate title={title}>
                      {title}
                    </Text>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </ScrollArea.Autosize>
          {more && (
            <Text size="xs" c="dimmed">
              The last {BATCHES}; name an earlier moment above.
            </Text>
          )}
        </>
      )}
    </Query>
  )
}

/** "Now ▾": a moment or a batch to look at the whole book as of. */
export const AsOfPicker = () => {
  const book = useBook()
  const asOf = useAsOf()
  const look = useLookAsOf()
  const [opened, setOpened] = useState(false)
  const [moment, setMoment] = useState('')
  const pick = (to: string | number | null) => {
    setOpened(false)
    look(to)
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={480} trapFocus>
      <Popover.Target>
        <Button
          variant={asOf === null ? 'subtle' : 'light'}
          color={asOf === null ? 'gray' : 'blue'}
          leftSection={<IconHistory size={14} />}
          aria-label={asOf === null ? 'As of: now' : `As of: batch ${book.head.batchId}`}
          onClick={() => setOpened(!opened)}
        >
          {asOf === null ? 'Now' : `Batch ${book.head.batchId}`} ▾
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm">The whole book as it was known at a moment, or after a batch.</Text>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (moment !== '') pick(moment)
            }}
          >
            <Group align="flex-end" gap="xs" wrap="nowrap">
              <TextInput
                type="datetime-local"
                label={`Moment (${book.settings.timeZone})`}
                value={moment}
                onChange={(event) => setMoment(event.currentTarget.value)}
                flex={1}
              />
              <Button type="submit" variant="default" disabled={moment === ''}>
                Look
              </Button>
            </Group>
          </form>
          {opened && <Batches onPick={pick} />}
          {asOf !== null && (
            <Button variant="default" onClick={() => pick(null)}>
              Back to now
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
