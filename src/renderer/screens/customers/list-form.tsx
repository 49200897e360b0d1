import {
  ActionIcon,
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  Paper,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import { moved } from '../rate-cards/moved.ts'
import type { Row } from './contract-draft.ts'
import type { Problems } from './contract-faults.ts'

export interface Member {
  readonly key: string
  readonly label: string
  readonly kind:
    | 'text'
    | 'decimal'
    | 'day'
    | 'scope'
    /** One charge, or all others. */
    | 'charge'
    | readonly { readonly value: string; readonly label: string }[]
  readonly w?: number
  /** Of the charges at hand where it names one. */
  readonly placeholder?: string | ((charges: readonly ChargeChoice[]) => string | undefined)
  /** Shown for these rows only. */
  readonly when?: (row: Row) => boolean
}

export interface ChargeChoice {
  readonly value: string
  readonly label: string
}

/** The charges and what stands for all others; one that is no charge any more stays to be seen. */
const withAllOthers = (charges: readonly ChargeChoice[], value: string): ChargeChoice[] => [
  { value: '*', label: 'All others' },
  ...charges,
  ...(value === '' || value === '*' || charges.some((each) => each.value === value)
    ? []
    : [{ value, label: value }]),
]

const MemberField = (props: {
  member: Member
  row: Row
  name: string
  charges: readonly ChargeChoice[]
  /** What is wrong with it. */
  problem: string | undefined
  onChange: (change: Row) => void
}) => {
  const { member, row, charges, onChange } = props
  const { key, kind, w = 120 } = member
  const value = row[key] ?? ''
  const placeholder =
    typeof member.placeholder === 'function' ? member.placeholder(charges) : member.placeholder
  // The row is said by its frame to those who see it.
  const common = {
    label: member.label,
    ...(props.name === '' ? {} : { 'aria-label': `${member.label}, ${props.name}` }),
    w,
    error: props.problem,
  }
  if (kind === 'scope')
    return (
      <MultiSelect
        {...common}
        placeholder={value === '' ? (placeholder ?? 'All charges') : ''}
        data={[...charges]}
        value={value === '' ? [] : value.split(',')}
        onChange={(ids) => onChange({ [key]: ids.join(',') })}
      />
    )
  if (typeof kind !== 'string' || kind === 'charge')
    return (
      <NativeSelect
        {...common}
        size="xs"
        data={kind === 'charge' ? withAllOthers(charges, value) : [...kind]}
        value={value}
        onChange={(event) => onChange({ [key]: event.currentTarget.value })}
      />
    )
  return (
    <TextInput
      {...common}
      type={kind === 'day' ? 'date' : 'text'}
      inputMode={kind === 'decimal' ? 'decimal' : 'text'}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange({ [key]: event.currentTarget.value })}
    />
  )
}

/** Icons stand beside the inputs, below the labels. */
const ICONS_DOWN = 22

/** Single terms side by side. */
export const TermFields = (props: {
  members: readonly Member[]
  row: Row
  charges: readonly ChargeChoice[]
  /** By the member's key. */
  problems: Problems
  onChange: (change: Row) => void
}) => (
  <Group gap="sm" align="flex-start">
    {props.members
      .filter(({ when }) => when?.(props.row) ?? true)
      .map((member) => (
        <MemberField
          key={member.key}
          {...props}
          member={member}
          name=""
          problem={props.problems.get(`terms.${member.key}`)}
        />
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
  /** Of the list's name, the row's place and the member's key: `discounts.0.value`. */
  problems: Problems
  list: string
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
            <Text size="xs" c="dimmed" mb={4} aria-hidden>
              {`${name.charAt(0).toUpperCase()}${name.slice(1)}`}
            </Text>
            <Group gap="sm" align="flex-start">
              {props.members
                .filter(({ when }) => when?.(row) ?? true)
                .map((member) => (
                  <MemberField
                    key={member.key}
                    member={member}
                    row={row}
                    name={name}
                    charges={props.charges}
                    problem={props.problems.get(`${props.list}.${index}.${member.key}`)}
                    onChange={(change) =>
                      onChange(rows.map((each, place) => (place === index ? { ...each, ...change } : each)))
                    }
                  />
                ))}
              <Group gap={4} mt={ICONS_DOWN}>
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
