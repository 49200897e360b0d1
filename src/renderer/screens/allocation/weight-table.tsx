import { Alert, Button, Group, ScrollArea, Stack, Table, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { CustomerWeight } from '../../../domain/allocation/plan.ts'
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import { formatCount, formatExact } from '../../ui/format.ts'
import { parseWeight, parseWeightList, withWeight } from './edit-plan.ts'

/** A number, or null for what is none; what is typed on the way there stays in the field. */
export const NumberField = (props: {
  label: string
  visibleLabel?: string
  value: DecimalText | null
  width: number
  onChange: (value: DecimalText | null) => void
}) => {
  const [text, setText] = useState<string>(props.value ?? '')
  const isWrong = text.trim() !== '' && parseWeight(text) === null
  return (
    <TextInput
      {...(props.visibleLabel === undefined ? { 'aria-label': props.label } : { label: props.visibleLabel })}
      size="xs"
      w={props.width}
      inputMode="decimal"
      maxLength={30}
      value={text}
      error={isWrong ? 'a number of zero or more, as 1,234.5' : null}
      onChange={(event) => {
        const next = event.currentTarget.value
        setText(next)
        // What is no number counts as none, so that nothing is saved that the field does not show.
        props.onChange(parseWeight(next))
      }}
    />
  )
}

type Customers = readonly { readonly id: string; readonly name: string }[]

/** Rows that are drawn at once; a book may have thousands of customers. */
const ROWS_MAX = 100

const PasteList = (props: {
  place: string
  title: string
  customers: Customers
  onTake: (table: readonly CustomerWeight[]) => void
}) => {
  const [text, setText] = useState('')
  const { table, faults } = parseWeightList(text, props.customers)
  return (
    <Stack gap={6} align="flex-start">
      <Textarea
        label="Customers and their numbers"
        aria-label={`Customers and their numbers, ${props.place}`}
        description="One a line: the customer’s name or id, a comma, the number. Two columns copied from a spreadsheet work, too. The list takes the place of the table."
        placeholder={'Acme, 12\nGlobex, 40'}
        autosize
        minRows={3}
        maxRows={10}
        w="100%"
        maw={560}
        maxLength={1_000_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {faults.length > 0 && (
        <Alert color="red" title="Lines that can’t be read">
          {faults.slice(0, 20).map((fault) => (
            <Text key={fault} size="sm">
              {fault}
            </Text>
          ))}
          {faults.length > 20 && <Text size="sm">And {formatCount(faults.length - 20)} more.</Text>}
        </Alert>
      )}
      <Button
        variant="default"
        size="compact-xs"
        disabled={table.length === 0 || faults.length > 0}
        onClick={() => props.onTake(table)}
      >
        {table.length === 1 ? 'Take 1 number' : `Take ${formatCount(table.length)} numbers`}
      </Button>
    </Stack>
  )
}

/** A number for each customer: typed one by one, or pasted as a list. */
export const WeightTable = (props: {
  place: string
  title: string
  customers: Customers
  table: readonly CustomerWeight[]
  onChange: (table: readonly CustomerWeight[]) => void
}) => {
  const { customers, table, place, title } = props
  const [find, setFind] = useState('')
  const [isPasting, setPasting] = useState(false)
  /** Fields keep what is typed in them: a list that was pasted makes new ones. */
  const [pastes, setPastes] = useState(0)
  // Which come first is settled when the table is opened or pasted: a row must not jump while it is typed in.
  const [first, setFirst] = useState(() => new Set(table.map(({ customerId }) => customerId)))
  const weights = new Map(table.map(({ customerId, weight }) => [customerId, weight]))
  const wanted = find.trim().toLowerCase()
  const found = customers.filter(
    ({ id, name }) => wanted === '' || name.toLowerCase().includes(wanted) || id.toLowerCase() === wanted,
  )
  const inOrder = [...found.filter(({ id }) => first.has(id)), ...found.filter(({ id }) => !first.has(id))]
  const shown = customers.length > ROWS_MAX ? inOrder.slice(0, ROWS_MAX) : found
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Text size="sm">Together {formatExact(sumDecimals(table.map(({ weight }) => weight)))}</Text>
        <Button
          variant="default"
          size="compact-xs"
          aria-expanded={isPasting}
          onClick={() => setPasting(!isPasting)}
        >
          {isPasting ? 'Back to the table' : 'Paste a list'}
        </Button>
        {customers.length > ROWS_MAX && !isPasting && (
          <TextInput
            aria-label={`Find a customer, ${place}`}
            placeholder="Find a customer"
            size="xs"
            w={220}
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        )}
      </Group>
      {isPasting ? (
        <PasteList
          place={place}
          title={title}
          customers={customers}
          onTake={(taken) => {
            props.onChange(taken)
            setFirst(new Set(taken.map(({ customerId }) => customerId)))
            setPastes(pastes + 1)
            setPasting(false)
          }}
        />
      ) : (
        <ScrollArea.Autosize
          mah={260}
          type="auto"
          viewportProps={{ tabIndex: 0, 'aria-label': `${title}, ${place}` }}
        >
          <Table withRowBorders={false} verticalSpacing={2} w="auto">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Customer</Table.Th>
                <Table.Th>{title}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map(({ id, name }) => (
                <Table.Tr key={`${pastes} ${id}`}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>
                    <NumberField
                      label={`${title} of ${name}, ${place}`}
                      width={190}
                      value={weights.get(id) ?? null}
                      onChange={(weight) => props.onChange(withWeight(table, id, weight))}
                    />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {shown.length < found.length && (
            <Text size="sm">
              And {formatCount(found.length - shown.length)} more: find one above, or paste a list.
            </Text>
          )}
        </ScrollArea.Autosize>
      )}
    </Stack>
  )
}
