import { Alert, Button, Group, MultiSelect, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Customer } from '../../../contract/customers.ts'
import { api, client } from '../../api.ts'
import { proposeId } from '../../ui/propose-id.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'

/** Name, email and tenants of a customer; a new one where `existing` is null. */
export const CustomerForm = (props: {
  existing: { readonly customer: Customer; readonly version: number } | null
  takenIds: readonly string[]
  onSaved: (customerId: string) => void
  onCancel?: () => void
}) => {
  const before = props.existing?.customer
  const [name, setName] = useState(before?.name ?? '')
  const [typedId, setTypedId] = useState<string | null>(null)
  const [email, setEmail] = useState(before?.email ?? '')
  const [tenants, setTenants] = useState<readonly string[]>(before?.tenants ?? [])
  const seen = useQuery(api.customers.tenants.queryOptions())
  const { isBusy, refusal, submit } = useSubmit()
  if (seen.error) return <Failure what="The tenants" error={seen.error} retry={() => void seen.refetch()} />
  if (seen.data === undefined) return <Loading what="tenants" />

  const id = before?.id ?? typedId ?? proposeId(name, props.takenIds)
  const free = seen.data
    .filter((row) => row.customerId === null || row.customerId === before?.id)
    .map((row) => row.tenant)
  const save = async () => {
    const saved = await submit(
      () =>
        client.customers.save({
          id,
          name: name.trim(),
          email: email.trim() === '' ? null : email.trim(),
          tenants: [...tenants],
          stripeCustomerId: before?.stripeCustomerId ?? null,
          expectedVersion: props.existing?.version ?? 0,
        }),
      () => `${name.trim()} is saved.`,
    )
    if (saved !== null) props.onSaved(id)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus={before === undefined}
        />
        {before === undefined && (
          <TextInput
            label="Customer ID"
            description="Invoices and contracts name it; it cannot be changed later."
            value={id}
            onChange={(event) => setTypedId(event.currentTarget.value)}
            required
            withAsterisk={false}
            maxLength={128}
          />
        )}
        <TextInput
          label="Email"
          description="Where invoices go; may be empty."
          type="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <MultiSelect
          label="Tenants"
          description="The names that usage and cost carry. Those of other customers are not listed."
          data={[...new Set([...free, ...tenants])]}
          value={[...tenants]}
          onChange={setTenants}
          searchable
          clearable
          limit={200}
          nothingFoundMessage="No unassigned tenant of that name."
        />
        {refusal !== null && (
          <Alert color="red" title="Not saved">
            {refusal}
          </Alert>
        )}
        <Group justify="flex-end">
          {props.onCancel && (
            <Button variant="default" onClick={props.onCancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" loading={isBusy} disabled={name.trim() === '' || id === ''}>
            Save customer
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
