import { ActionIcon, Button, Group, Stack, Table, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import type { CellDraft } from './charge-draft.ts'
import { Field, problemAt } from './field.tsx'
import type { FormProps } from './form-props.ts'
import { moved } from './moved.ts'
import { pasteCells } from './paste-charges.ts'
import { NEW_PRICE } from './price-draft.ts'
import { PriceForm } from './price-form.tsx'
import { useFocus } from './use-focus.ts'

const DIMENSIONS_MAX = 3

const Dimensions = (props: FormProps) => {
  const { draft, onChange, issues } = props
  const { dimensions, cells } = draft
  const rename = (index: number, name: string) =>
    onChange({ dimensions: dimensions.map((each, place) => (place === index ? name : each)) })
  const add = () =>
    onChange({
      dimensions: [...dimensions, ''],
      cells: cells.map((cell) => ({ ...cell, values: [...cell.values, ''] })),
    })
  const removeLast = () =>
    onChange({
      dimensions: dimensions.slice(0, -1),
      cells: cells.map((cell) => ({ ...cell, values: cell.values.slice(0, -1) })),
    })
  return (
    <Group gap="sm" align="flex-end">
      {dimensions.map((dimension, index) => (
        <Field
          // biome-ignore lint/suspicious/noArrayIndexKey: a dimension is known by its place
          key={index}
          isText
          label={`Dimension ${index + 1}`}
          placeholder={['region', 'plan', 'model'][index] ?? ''}
          value={dimension}
          problem={problemAt(issues, `dimensions[${index}]`)}
          onChange={(name) => rename(index, name)}
        />
      ))}
      {dimensions.length < DIMENSIONS_MAX && (
        <Button size="compact-xs" variant="default" onClick={add}>
          Add dimension
        </Button>
      )}
      {dimensions.length > 1 && (
        <Button size="compact-xs" variant="default" onClick={removeLast}>
          Remove the last dimension
        </Button>
      )}
    </Group>
  )
}

const Cell = (props: FormProps & { cell: CellDraft; index: number }) => {
  const { draft, cell, index, onChange } = props
  const { cells, dimensions } = draft
  const name = `cell ${index + 1} of charge ${props.number}`
  const change = (changes: Partial<CellDraft>) =>
    onChange({ cells: cells.map((each, place) => (place === index ? { ...each, ...changes } : each)) })
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      {dimensions.map((dimension, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a dimension is known by its place
        <Table.Td key={place} pt={26}>
          <Field
            isCell
            isText
            w={dimensions.length > 2 ? 96 : 120}
            label={`${dimension.trim() || `Dimension ${place + 1}`}, ${name}`}
            placeholder="any"
            value={cell.values[place] ?? ''}
            problem={problemAt(props.issues, `cells[${index}].values[${place}]`)}
            onChange={(value) =>
              change({ values: cell.values.map((each, at) => (at === place ? value : each)) })
            }
          />
        </Table.Td>
      ))}
      <Table.Td>
        <PriceForm
          price={cell.price}
          onChange={(price) => change({ price })}
          name={`cell ${index + 1}`}
          path={`cells[${index}].price.`}
          issues={props.issues}
          currency={props.currency}
          choosesKind
        />
      </Table.Td>
      <Table.Td pt={26}>
        <Group gap={0} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Move ${name} up`}
            disabled={index === 0}
            onClick={() => onChange({ cells: moved(cells, index, -1) })}
          >
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Move ${name} down`}
            disabled={index === cells.length - 1}
            onClick={() => onChange({ cells: moved(cells, index, 1) })}
          >
            <IconArrowDown size={14} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${name}`}
            disabled={cells.length === 1}
            onClick={() => onChange({ cells: cells.filter((_, place) => place !== index) })}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}

/** Cells as a table: a column for each dimension, empty for any value. Rows of a spreadsheet may be pasted over it. */
export const MatrixForm = (props: FormProps) => {
  const { draft, onChange } = props
  const { cells, dimensions } = draft
  const { within, focusOn } = useFocus()
  const paste = (event: React.ClipboardEvent) => {
    const pasted = pasteCells(event.clipboardData.getData('text/plain'), dimensions.length)
    if (pasted === null || pasted.length === 0) return
    event.preventDefault()
    event.stopPropagation()
    onChange({ cells: pasted })
  }
  return (
    <Stack gap="xs" align="flex-start" ref={within} onPaste={paste}>
      <Dimensions {...props} />
      <Table w="auto" verticalSpacing={4} aria-label={`Cells of charge ${props.number}`}>
        <Table.Thead>
          <Table.Tr>
            {dimensions.map((dimension, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a dimension is known by its place
              <Table.Th key={index}>{dimension.trim() || `Dimension ${index + 1}`}</Table.Th>
            ))}
            <Table.Th>Price</Table.Th>
            <Table.Th aria-label="Order and remove" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cells.map((cell, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its place
            <Cell key={index} {...props} cell={cell} index={index} />
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="xs">
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            onChange({
              cells: [
                ...cells,
                { values: dimensions.map(() => ''), price: cells.at(-1)?.price ?? NEW_PRICE },
              ],
            })
            const first = dimensions[0]?.trim() || 'Dimension 1'
            focusOn(`${first}, cell ${cells.length + 1} of charge ${props.number}`)
          }}
        >
          Add cell
        </Button>
        <Text size="xs" c="dimmed">
          The first row that fits takes the usage; an empty value fits all. What no row takes has no price and
          is said on the invoice. Or paste rows from a spreadsheet:{' '}
          {dimensions.map((each) => each || 'value').join(', ')}, price, per.
        </Text>
      </Group>
    </Stack>
  )
}
