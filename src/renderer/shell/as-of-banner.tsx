import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { sentenceOf } from '../api.ts'
import { useAsOf, useLookAsOf } from '../ui/as-of.ts'
import { useBook } from '../ui/book.tsx'
import { formatInstant } from '../ui/format.ts'
import styles from './as-of.module.css'

/** On every screen while the past is looked at: of which batch the figures are, and the way back. */
export const AsOfBanner = () => {
  const { head, settings } = useBook()
  const asOf = useAsOf()
  const look = useLookAsOf()
  if (asOf === null) return null
  return (
    <div className={styles.banner} role="status">
      <Text size="sm" title={`Chain head ${head.hash}`}>
        <b>
          As of {formatInstant(head.recordedMs ?? 0, settings.timeZone)} (batch {head.batchId})
        </b>
        : what came later is not counted, and nothing can be changed here.
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => look(null)}>
        Back to now
      </Button>
    </div>
  )
}

/** In place of the screens where the address names a moment that cannot be looked at. */
export const NoSuchMoment = (props: { error: unknown }) => {
  const look = useLookAsOf()
  return (
    <Center p="xl" mih="60vh">
      <Stack align="center" gap="sm" maw={560}>
        <Title order={1}>No such moment</Title>
        <Text ta="center">{sentenceOf(props.error)}</Text>
        <Button onClick={() => look(null)}>Back to now</Button>
      </Stack>
    </Center>
  )
}
