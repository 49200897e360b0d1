import { Alert, Button, Center, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { BookStatus } from '../../contract/book.ts'
import { api, client, refreshAll, sentenceOf } from '../api.ts'
import { BackupsTable } from '../ui/backups.tsx'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const CURRENCIES = Intl.supportedValuesOf('currency')

/** A folder that has backups and no ledger lost one: it is offered before a new book is. */
const LostBook = () => {
  const backups = useQuery(api.book.backups.queryOptions())
  if (backups.data === undefined || backups.data.length === 0) return null
  return (
    <Paper withBorder p="xl" w={760} maw="100%" component="section" aria-label="Backups in this folder">
      <Stack>
        <Title order={2}>This folder holds backups of a book</Title>
        <Text c="dimmed">
          Its ledger is not here any more. Restore the latest backup to go on with it; what came in after that
          has to be imported again.
        </Text>
        <BackupsTable
          backups={backups.data}
          timeZone="UTC"
          hasBook={false}
          goesTo="the backup becomes the book of this folder."
        />
      </Stack>
    </Paper>
  )
}

/** The first screen of all: a new book. */
export const Welcome = (props: { status: BookStatus }) => {
  const [error, setError] = useState<string | null>(null)
  const form = useForm({
    initialValues: {
      name: '',
      currency: 'USD',
      timeZone: 'UTC',
      costBasis: 'billed' as 'billed' | 'effective',
    },
    validate: { name: (name) => (name.trim() === '' ? 'A book needs a name: your company’s, say.' : null) },
  })
  const create = form.onSubmit(async (values) => {
    setError(null)
    try {
      await client.book.create(values)
      await refreshAll()
    } catch (failure) {
      setError(sentenceOf(failure))
    }
  })
  return (
    <Center mih="100vh" p="md">
      <Stack align="center" component="main">
        <LostBook />
        <Paper withBorder p="xl" w={520} maw="100%">
          <form onSubmit={create}>
            <Stack>
              <Title order={1}>A new book</Title>
              <Text c="dimmed">
                A book is one ledger and its settings: a folder on this machine that you can copy, back up and
                move. It will be kept in <b>{props.status.directory}</b>.
              </Text>
              {error && <Alert color="red">{error}</Alert>}
              <TextInput
                label="Name"
                placeholder="Acme Cloud"
                data-autofocus
                {...form.getInputProps('name')}
              />
              <Select
                label="Currency of invoices and margins"
                data={CURRENCIES}
                searchable
                allowDeselect={false}
                {...form.getInputProps('currency')}
              />
              <Select
                label="Billing time zone"
                description="Months and days begin at midnight here. It is fixed once the book holds entries."
                data={ZONES}
                searchable
                allowDeselect={false}
                {...form.getInputProps('timeZone')}
              />
              <Select
                label="Cost that margins are made of"
                description="Billed is what the provider charges this month; effective spreads commitments over their term."
                data={[
                  { value: 'billed', label: 'Billed cost' },
                  { value: 'effective', label: 'Effective cost (amortised)' },
                ]}
                allowDeselect={false}
                {...form.getInputProps('costBasis')}
              />
              <Button type="submit" size="sm">
                Create the book
              </Button>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </Center>
  )
}
