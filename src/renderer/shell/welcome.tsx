import { Alert, Button, Center, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { BookStatus } from '../../contract/book.ts'
import { client, refreshAll, sentenceOf } from '../api.ts'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const CURRENCIES = Intl.supportedValuesOf('currency')

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
      <Paper withBorder p="xl" w={520} component="main">
        <form onSubmit={create}>
          <Stack>
            <Title order={1}>A new book</Title>
            <Text c="dimmed">
              A book is one ledger and its settings: a folder on this machine that you can copy, back up and
              move. It will be kept in <b>{props.status.directory}</b>.
            </Text>
            {error && <Alert color="red">{error}</Alert>}
            <TextInput label="Name" placeholder="Acme Cloud" data-autofocus {...form.getInputProps('name')} />
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
    </Center>
  )
}
