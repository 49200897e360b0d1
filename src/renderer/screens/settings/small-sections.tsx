/** Who acts, colours, the Stripe key, upkeep, the API and what program this is. */
import {
  Anchor,
  Button,
  Code,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core'
import { useState } from 'react'
import { client, host } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { useJobs } from '../../ui/jobs.tsx'
import { Section } from '../../ui/page.tsx'

export const AuthorSection = () => {
  const book = useBook()
  const [author, setAuthor] = useState(book.author)
  const [busy, setBusy] = useState(false)
  const save = async (event: React.FormEvent) => {
    event.preventDefault()
    setBusy(true)
    await act(
      'Name',
      () => client.book.saveAuthor({ author: author.trim() }),
      (status) => `What follows is recorded under ${status.author}.`,
    )
    setBusy(false)
  }
  return (
    <Section title="Who acts">
      <form onSubmit={(event) => void save(event)} aria-label="Who acts">
        <Group align="flex-end" gap="xs">
          <TextInput
            label="Your name"
            description="Imports, approvals and closes are recorded under it."
            w={320}
            maxLength={80}
            value={author}
            onChange={(event) => setAuthor(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={busy}
            disabled={author.trim() === '' || author.trim() === book.author}
          >
            Save name
          </Button>
        </Group>
      </form>
    </Section>
  )
}

export const StripeSection = () => {
  const { stripeKey } = useBook()
  const [key, setKey] = useState('')
  const [busy, setBusy] = useState(false)
  const store = async (event: React.FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const stored = await act(
      'Stripe key',
      () => client.book.storeStripeKey({ key: key.trim() }),
      (status) => status.stripeKey.sentence,
    )
    setBusy(false)
    if (stored !== null) setKey('')
  }
  return (
    <Section title="Stripe key">
      <Text size="sm">{stripeKey.sentence}</Text>
      {stripeKey.canStore && (
        <form onSubmit={(event) => void store(event)} aria-label="Stripe key">
          <Group align="flex-end" gap="xs">
            <PasswordInput
              size="xs"
              label={stripeKey.available ? 'Another key' : 'Secret key'}
              description="Kept in the keychain of this machine, never in the book."
              w={320}
              autoComplete="off"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" loading={busy} disabled={key.trim().length < 8}>
              Store key
            </Button>
          </Group>
        </form>
      )}
    </Section>
  )
}

export const ColoursSection = () => {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Section title="Colours">
      <SegmentedControl
        aria-label="Colours"
        w="fit-content"
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
        data={[
          { value: 'auto', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
    </Section>
  )
}

export const UpkeepSection = () => {
  const { running, run } = useJobs()
  const busy = (kind: string) => running.some((job) => job.kind === kind && job.state === 'running')
  return (
    <Section title="Upkeep">
      <Stack gap={4} maw={340} align="flex-start">
        <Button
          variant="default"
          loading={busy('rebuild_cube')}
          onClick={() => void run(() => client.book.rebuildCube())}
        >
          Rebuild derived figures
        </Button>
        <Text size="xs" c="dimmed">
          Deletes the derived store and builds it again from the ledger. Nothing is lost: the ledger is the
          truth.
        </Text>
      </Stack>
    </Section>
  )
}

/** In a browser the API is where this page came from; a desktop window has no address. */
export const ApiSection = () => (
  <Section title="API">
    <Text size="sm">
      Everything these screens do can be done by a script over HTTP on this machine, with the token that the
      program printed when it was started.
    </Text>
    {host.kind === 'browser' ? (
      <Stack gap={4} align="flex-start">
        <Anchor href="/api/docs" target="_blank" rel="noreferrer" size="sm">
          {window.location.origin}/api/docs
        </Anchor>
        <Anchor href="/api/openapi.json" target="_blank" rel="noreferrer" size="sm">
          {window.location.origin}/api/openapi.json
        </Anchor>
      </Stack>
    ) : (
      <Text size="sm">
        Start <Code>countinghouse serve --book FOLDER</Code>; it prints an address, under which{' '}
        <Code>/api/docs</Code> is the manual and <Code>/api/openapi.json</Code> the description for programs.
      </Text>
    )}
  </Section>
)

export const AboutSection = () => {
  const book = useBook()
  return (
    <Section title="About">
      <Text size="sm">{book.program}</Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        This book is the folder <Code>{book.directory}</Code>
        {book.demo && ', a demo whose data is invented'}.
      </Text>
    </Section>
  )
}
