import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { type BookSettings, bookSettings } from '../../../contract/book.ts'
import { client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { type OpenBook, useBook } from '../../ui/book.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const CURRENCIES = Intl.supportedValuesOf('currency')

const FAULTS: Readonly<Record<string, string>> = {
  name: 'A book needs a name of at most 120 letters.',
  marginFloorPercent: 'Write a percentage from 0 to 100, like 40.',
  unattributedLimitPercent: 'Write a percentage from 0 to 100, like 2.5.',
  invoiceReviewLimit: 'Write an amount, like 10000.',
  stripeApiBase: 'Write an address that begins with http:// or https://, or nothing for Stripe’s own.',
  daysUntilDue: 'Write a number of days from 0 to 365.',
}

type Values = Omit<
  BookSettings,
  'stripeApiBase' | 'marginFloorPercent' | 'unattributedLimitPercent' | 'invoiceReviewLimit'
> & {
  stripeApiBase: string
  marginFloorPercent: string
  unattributedLimitPercent: string
  invoiceReviewLimit: string
}

const valuesOf = (settings: BookSettings): Values => ({
  ...settings,
  stripeApiBase: settings.stripeApiBase ?? '',
})

const read = (values: Values) =>
  bookSettings.safeParse({
    ...values,
    marginFloorPercent: values.marginFloorPercent.trim(),
    unattributedLimitPercent: values.unattributedLimitPercent.trim(),
    invoiceReviewLimit: values.invoiceReviewLimit.trim(),
    stripeApiBase: values.stripeApiBase.trim() === '' ? null : values.stripeApiBase.trim(),
  })

/** Months and amounts already counted would mean something else, so both are fixed by the first entry. */
const holdsEntries = (book: OpenBook) =>
  book.months.some((each) => each.usageEvents > 0 || each.costEntries > 0)

const Form = (props: { book: OpenBook }) => {
  const { book } = props
  const [busy, setBusy] = useState(false)
  const fixed = holdsEntries(book)
  const form = useForm<Values>({
    initialValues: valuesOf(book.settings),
    validate: (values) => {
      const parsed = read(values)
      return parsed.success
        ? {}
        : Object.fromEntries(
            parsed.error.issues.map(({ path, message }) => [
              String(path[0]),
              FAULTS[String(path[0])] ?? message,
            ]),
          )
    },
  })
  const save = form.onSubmit(async (values) => {
    const parsed = read(values)
    if (!parsed.success) return
    setBusy(true)
    await act(
      'Settings',
      () => client.book.saveSettings({ settings: parsed.data, expectedVersion: book.settingsVersion }),
      (status) => `Saved as version ${status.settingsVersion}.`,
    )
    setBusy(false)
  })
  const { currency } = book.settings
  return (
    <form onSubmit={save} aria-label="Book settings">
      <LeaveGuard isDirty={form.isDirty()} what="The book’s settings" isPlural />
      <Stack gap="md">
        <SimpleGrid cols={3} spacing="sm" verticalSpacing="md">
          <TextInput label="Name" description="on every screen and export" {...form.getInputProps('name')} />
          {fixed ? (
            <>
              <TextInput
                label="Currency"
                description="fixed: the book’s margins and invoices are in it"
                readOnly
                variant="filled"
                value={currency}
              />
              <TextInput
                label="Billing time zone"
                description="fixed: months already counted begin by it"
                readOnly
                variant="filled"
                value={book.settings.timeZone}
              />
            </>
          ) : (
            <>
              <Select
                label="Currency"
                description="fixed once the book holds entries"
                searchable
                allowDeselect={false}
                data={CURRENCIES}
                {...form.getInputProps('currency')}
              />
              <Select
                label="Billing time zone"
                description="fixed once the book holds entries"
                searchable
                allowDeselect={false}
                data={ZONES}
                {...form.getInputProps('timeZone')}
              />
            </>
          )}
          <Select
            label="Cost that margins are made of"
            description="effective spreads commitments over their term"
            allowDeselect={false}
            data={[
              { value: 'billed', label: 'Billed cost' },
              { value: 'effective', label: 'Effective cost (amortised)' },
            ]}
            {...form.getInputProps('costBasis')}
          />
          <TextInput
            label="Margin floor (% of revenue)"
            description="below it a margin turns red"
            inputMode="decimal"
            {...form.getInputProps('marginFloorPercent')}
          />
          <TextInput
            label="Unattributed limit (% of the bill)"
            description="above it a month can’t close without a reason"
            inputMode="decimal"
            {...form.getInputProps('unattributedLimitPercent')}
          />
          <TextInput
            label={`Invoice review limit (${currency})`}
            description="larger invoices are listed for a second look"
            inputMode="decimal"
            {...form.getInputProps('invoiceReviewLimit')}
          />
          <NumberInput
            label="Days until due"
            description="printed on Stripe’s invoice"
            min={0}
            max={365}
            allowDecimal={false}
            {...form.getInputProps('daysUntilDue')}
          />
          <TextInput
            label="Stripe address"
            description="empty for Stripe’s own"
            placeholder="https://api.stripe.com"
            {...form.getInputProps('stripeApiBase')}
          />
        </SimpleGrid>
        <Switch
          label="Finalise invoices in Stripe on delivery"
          description="Otherwise they wait there as drafts until somebody finalises them."
          {...form.getInputProps('finalizeInStripe', { type: 'checkbox' })}
        />
        <Group gap="sm">
          <Button type="submit" loading={busy} disabled={!form.isDirty()}>
            Save settings
          </Button>
          {form.isDirty() && (
            <Button variant="subtle" color="gray" onClick={() => form.reset()}>
              Drop changes
            </Button>
          )}
          <Text size="xs" c="dimmed">
            Version {book.settingsVersion}. A change is a new version; earlier ones are kept.
          </Text>
        </Group>
      </Stack>
    </form>
  )
}

/** The book's settings; begun anew when another version was saved. */
export const BookForm = () => {
  const book = useBook()
  return <Form key={`${book.settingsVersion} ${holdsEntries(book)}`} book={book} />
}
