/** Exchange rates: the tables kept, one rate entered, a file of the ECB's taken. */

import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contract } from '../../../contract/contract.ts'
import { parseRate } from '../../../domain/rates/rates.ts'
import { api, client, sendFile } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

type Table = InferContractRouterOutputs<Contract>['rates']['list'][number]

const SOURCES = { ecb: 'European Central Bank', entered: 'Entered' } as const

const COLUMNS: readonly Column<Table>[] = [
  { key: 'source', title: 'Source', kind: 'text', value: (row) => SOURCES[row.source] },
  { key: 'base', title: 'One', kind: 'text', value: (row) => row.base },
  { key: 'year', title: 'Year', kind: 'text', value: (row) => String(row.year) },
  { key: 'days', title: 'Days', kind: 'count', value: (row) => String(row.days) },
  { key: 'last', title: 'Last day', kind: 'date', value: (row) => row.lastDay },
  { key: 'currencies', title: 'Currencies', kind: 'text', value: (row) => row.currencies.join(', ') },
  { key: 'author', title: 'By', kind: 'text', value: (row) => row.author },
]

const CURRENCY = /^[A-Z]{3}$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

const EnterRate = () => {
  const [typed, setTyped] = useState({ from: '', to: '', day: '', rate: '' })
  const [busy, setBusy] = useState(false)
  const rate = parseRate(typed.rate)
  const isWhole = CURRENCY.test(typed.from) && CURRENCY.test(typed.to) && DAY.test(typed.day) && rate !== null
  const field = (key: keyof typeof typed, label: string, placeholder: string, width: number) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      w={width}
      maxLength={40}
      value={typed[key]}
      onChange={(event) => {
        const text = event.currentTarget.value.trim()
        setTyped({ ...typed, [key]: key === 'from' || key === 'to' ? text.toUpperCase() : text })
      }}
    />
  )
  const save = async (event: React.FormEvent) => {
    event.preventDefault()
    if (rate === null) return
    setBusy(true)
    const saved = await act(
      'Exchange rate',
      () => client.rates.enter({ from: typed.from, to: typed.to, day: typed.day, rate }),
      ({ sentence }) => sentence,
    )
    setBusy(false)
    if (saved !== null) setTyped({ ...typed, rate: '' })
  }
  return (
    <form onSubmit={(event) => void save(event)} aria-label="Enter an exchange rate">
      <Group align="flex-end" gap="xs">
        {field('from', 'One', 'EUR', 80)}
        {field('rate', 'is', '1.0876', 120)}
        {field('to', 'of', 'USD', 80)}
        {field('day', 'From day', '2026-10-31', 130)}
        <Button type="submit" variant="default" loading={busy} disabled={!isWhole}>
          Enter rate
        </Button>
      </Group>
    </form>
  )
}

const TakeFile = () => {
  const [busy, setBusy] = useState(false)
  const take = async (file: File) => {
    setBusy(true)
    await act(
      'Exchange rates',
      async () => client.rates.import({ fileId: await sendFile(file) }),
      ({ sentence }) => sentence,
    )
    setBusy(false)
  }
  return (
    <div>
      <Text component="label" htmlFor="ecb-file" size="sm" fw={500} display="block">
        File of the ECB’s reference rates (.csv or .xml)
      </Text>
      <input
        id="ecb-file"
        type="file"
        accept=".csv,.xml"
        disabled={busy}
        style={{ font: 'inherit', fontSize: 'var(--mantine-font-size-sm)' }}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          event.currentTarget.value = ''
          if (file !== undefined) void take(file)
        }}
      />
    </div>
  )
}

export const RatesSection = () => {
  const tables = useQuery(api.rates.list.queryOptions())
  return (
    <Section title="Exchange rates">
      <Stack gap="sm">
        <Text size="sm">
          Amounts of different currencies are never added. Where a report shows one in another currency it
          names the rate: an entered rate holds until the next one of the two; the ECB’s hold for ten days at
          most.
        </Text>
        <Query of={tables} what="the exchange rates">
          {(rows) => (
            <DataTable
              title="Exchange rates by year"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => row.id}
              maxHeight={260}
              empty="None yet. Enter a rate, or take eurofxref-hist.csv from the ECB’s page of reference rates."
            />
          )}
        </Query>
        <Group align="flex-end" gap="xl">
          <EnterRate />
          <TakeFile />
        </Group>
      </Stack>
    </Section>
  )
}
