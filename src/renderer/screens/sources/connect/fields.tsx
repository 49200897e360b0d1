import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  NativeSelect,
  PasswordInput,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { ConnectionField } from '../../../../contract/connections.ts'
import type { ConnectionDraft, FieldValue, TableRow } from './draft.ts'

const TableField = (props: {
  field: ConnectionField
  rows: readonly TableRow[]
  onChange: (rows: readonly TableRow[]) => void
}) => {
  const { field, rows, onChange } = props
  const columns = field.columns ?? []
  const edit = (place: number, key: string, text: string) =>
    onChange(rows.map((row, index) => (index === place ? { ...row, [key]: text } : row)))
  return (
    <Fieldset legend={field.label}>
      {field.help !== undefined && (
        <Text size="xs" c="dimmed" mb={4}>
          {field.help}
        </Text>
      )}
      <Table.ScrollContainer minWidth={560} type="native">
        <Table verticalSpacing={2} aria-label={field.label}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ key, label }) => (
                <Table.Th key={key}>{label}</Table.Th>
              ))}
              <Table.Th aria-label="Remove" w={40} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own while they are typed
              <Table.Tr key={index}>
                {columns.map(({ key, label, placeholder }) => (
                  <Table.Td key={key}>
                    <TextInput
                      size="xs"
                      aria-label={`${label}, row ${index + 1}`}
                      placeholder={placeholder ?? ''}
                      value={row[key] ?? ''}
                      onChange={(event) => edit(index, key, event.currentTarget.value)}
                    />
                  </Table.Td>
                ))}
                <Table.Td>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove row ${index + 1} of ${field.label}`}
                    onClick={() => onChange(rows.filter((_, place) => place !== index))}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Button size="xs" variant="default" onClick={() => onChange([...rows, {}])}>
        Add row
      </Button>
    </Fieldset>
  )
}

const Field = (props: {
  field: ConnectionField
  value: FieldValue | undefined
  secret: string
  secretNote: string | undefined
  onChange: (value: FieldValue) => void
  onSecret: (value: string) => void
}) => {
  const { field, value, onChange } = props
  const common = {
    label: field.label,
    description: field.help ?? null,
    placeholder: field.placeholder ?? '',
    withAsterisk: field.required,
  }
  switch (field.kind) {
    case 'secret':
      return (
        <PasswordInput
          {...common}
          description={props.secretNote ?? field.help ?? 'Never kept in the book.'}
          autoComplete="off"
          value={props.secret}
          onChange={(event) => props.onSecret(event.currentTarget.value)}
        />
      )
    case 'yes_no':
      return (
        <Checkbox
          label={field.label}
          description={field.help ?? null}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          label={field.label}
          description={field.help ?? null}
          data={field.choices ?? []}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'lines':
      return (
        <Textarea
          {...common}
          description={field.help ?? 'One a line.'}
          autosize
          minRows={2}
          maxRows={8}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'table':
      return (
        <TableField
          field={field}
          rows={Array.isArray(value) ? (value as readonly TableRow[]) : []}
          onChange={onChange}
        />
      )
    default:
      return (
        <TextInput
          {...common}
          {...(field.kind === 'number' ? { inputMode: 'decimal' as const } : {})}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
  }
}

/** The fields of a kind of source, whatever it is: a new kind needs no form of its own. */
export const Fields = (props: {
  fields: readonly ConnectionField[]
  draft: ConnectionDraft
  /** By field: where its secret comes from now. */
  secretNotes?: Readonly<Record<string, string>>
  onChange: (draft: ConnectionDraft) => void
}) => {
  const { fields, draft, onChange } = props
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <Field
          key={field.key}
          field={field}
          value={draft.values[field.key]}
          secret={draft.secrets[field.key] ?? ''}
          secretNote={props.secretNotes?.[field.key]}
          onChange={(value) => onChange({ ...draft, values: { ...draft.values, [field.key]: value } })}
          onSecret={(value) => onChange({ ...draft, secrets: { ...draft.secrets, [field.key]: value } })}
        />
      ))}
    </Stack>
  )
}
