import { ActionIcon, Button, Group, MultiSelect, NativeSelect, Paper, Stack, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import { moved } from '../rate-cards/moved.ts'
import type { Row } from './contract-draft.ts'

export interface Member {
  readonly key: string
  readonly label: string
  readonly kind:
    | 'text'
    | 'decimal'
    | 'day'
    | 'scope'
    | readonly { readonly value: string; readonly label: string }[]
  readonly w?: number
  readonly placeholder?: string
  /** Shown for these rows only. */
  readonly when?: (row: Row) => boolean
}

export interface ChargeChoice {
  readonly value: string
  readonly label: string
}

const MemberField = (props: {
  member: Member
  row: Row
  name: string
  charges: readonly ChargeChoice[]
  onChange: (change: Row) => void
}) => {
  const { member, row, charges, onChange } = props
  const { key, kind, w = 120 } = member
  const label = `${member.label}${props.name === '' ? '' : `, ${props.name}`}`
  const value = row[key] ?? ''
  if (kind === 'scope')
    return (
      <MultiSelect
        label={label}
        w={w}
        placeholder={value === '' ? (member.placeholder ?? 'All charges') : ''}
        data={[...charges]}
        value={value === '' ? [] : value.split(',')}
        onChange={(ids) => onChange({ [key]: ids.join(',') })}
      />
    )
  if (typeof kind !== 'string')
    return (
      <NativeSelect
        size="xs"
        label={label}
        w={w}
        data={[...kind]}
        value={value}
        onChange={(event) => onChange({ [key]: event.currentTarget.value })}
      />
    )
  return (
    <TextInput
      label={label}
      w={w}
      type={kind === 'day' ? 'date' : 'text'}
      inputMode={kind === 'decimal' ? 'decimal' : 'text'}
      placeholder={member.placeholder}
      value={value}
      onChange={(event) => onChange({ [key]: event.currentTarget.value })}
    />
  )
}

/** Single terms side by side. */
export const TermFields = (props: {
  members: readonly Member[]
  row: Row
  charges: readonly ChargeChoice[]
  onChange: (change: Row) => void
}) => (
  <Group gap="sm" align="flex-end">
    {props.members
      .filter(({ when }) => when?.(props.row) ?? true)
      .map((member) => (
        <MemberField key={member.key} {...props} member={member} name="" />
      ))}
  </Group>
)

/** Rows that are added, changed, removed and, where their order counts, moved. */
export const ListForm = (props: {
  /** Of one row: `discount`. */
  word: string
  members: readonly Member[]
  rows: readonly Row[]
  /** A new row. */
  start: Row
  isOrdered?: boolean
  charges: readonly ChargeChoice[]
  onChange: (rows: readonly Row[]) => void
}) => {
  const { word, rows, onChange } = props
  return (
    <Stack gap="xs">
      {rows.map((row, index) => {
        const name = `${word} ${index + 1}`
        const move = (by: number) => onChange(moved(rows, index, by))
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place
          <Paper key={index} withBorder p="xs" role="group" aria-label={name}>
            <Group gap="sm" align="flex-end">
              {props.members
                .filter(({ when }) => when?.(row) ?? true)
                .map((member) => (
                  <MemberField
                    key={member.key}
                    member={member}
                    row={row}
                    name={name}
                    charges={props.charges}
                    onChange={(change) =>
                      onChange(rows.map((each, place) => (place === index ? { ...each, ...change } : each)))
                    }
                  />
                ))}
              {props.isOrdered && (
                <>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Move ${name} up`}
                    disabled={index === 0}
                    onClick={() => move(-1)}
                  >
                    <IconArrowUp size={14} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Move ${name} down`}
                    disabled={index === rows.length - 1}
                    onClick={() => move(1)}
                  >
                    <IconArrowDown size={14} />
                  </ActionIcon>
                </>
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${name}`}
                onClick={() => onChange(rows.filter((_, place) => place !== index))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </Group>
          </Paper>
        )
      })}
      <Button
        size="compact-xs"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange([...rows, props.start])}
      >
        Add {word}
      </Button>
    </Stack>
  )
}
