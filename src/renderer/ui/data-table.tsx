import { ActionIcon, Group, Menu, Text, TextInput, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCopy, IconDownload, IconSearch } from '@tabler/icons-react'
import {
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { client, host, sentenceOf } from '../api.ts'
import { Amount } from './amount.tsx'
import { compareDecimals, DASH } from './format.ts'

export type ColumnKind = 'text' | 'money' | 'quantity' | 'percent' | 'count' | 'date' | 'month'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  readonly kind: ColumnKind
  /** Said once in the header. */
  readonly unit?: string
  readonly currency?: string
  /** The exact value: what is sorted, searched, copied and exported. */
  readonly value: (row: Row) => string | null
  /** What is shown instead of the plain value. */
  readonly render?: (row: Row) => ReactNode
  /** Makes the figure explain itself. */
  readonly explain?: (row: Row) => (() => void) | undefined
  /** The column's total, as the engine gave it; shown in the last row and summed in exports. */
  readonly total?: string | null
  readonly explainTotal?: () => void
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

const isNumber = (kind: ColumnKind) =>
  kind === 'money' || kind === 'quantity' || kind === 'percent' || kind === 'count'

const titleOf = <Row,>(column: Column<Row>) =>
  column.unit !== undefined
    ? `${column.title} (${column.unit})`
    : column.currency !== undefined
      ? `${column.title} (${column.currency})`
      : column.title

const cellOf = <Row,>(column: Column<Row>, row: Row): ReactNode => {
  if (column.render) return column.render(row)
  const value = column.value(row)
  if (!isNumber(column.kind)) return value ?? DASH
  return (
    <Amount
      value={value}
      kind={column.kind === 'money' ? 'money' : column.kind === 'percent' ? 'percent' : 'quantity'}
      {...(column.currency === undefined ? {} : { currency: column.currency })}
      onExplain={column.explain?.(row)}
    />
  )
}

/** Tab-separated, as spreadsheets paste it; text that would run as a formula is quoted. */
const toClipboard = <Row,>(columns: readonly Column<Row>[], rows: readonly Row[]) => {
  const clean = (text: string) => text.replace(/[\t\r\n]+/g, ' ')
  const cell = (column: Column<Row>, row: Row) => {
    const value = clean(column.value(row) ?? '')
    return !isNumber(column.kind) && /^[=+\-@]/.test(value) ? `'${value}` : value
  }
  return [columns.map(titleOf).map(clean), ...rows.map((row) => columns.map((column) => cell(column, row)))]
    .map((cells) => cells.join('\t'))
    .join('\n')
}

/**
 * Every table of the house: sorted by a click on the header, searched, virtualised, walked with the arrow keys,
 * copied for a spreadsheet and exported to .xlsx and .csv. Rows come sorted by their meaning; a click sorts anew.
 */
export function DataTable<Row extends RowData>(props: {
  title: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  onOpen?: (row: Row) => void
  /** Shown beside search and export. */
  toolbar?: ReactNode
  /** Said in place of rows where there are none. */
  empty?: ReactNode
  maxHeight?: number
  /** Checkboxes where given. */
  selection?: {
    selected: ReadonlySet<string>
    onChange: (selected: ReadonlySet<string>) => void
    selectable?: (row: Row) => boolean
  }
}) {
  const [filter, setFilter] = useState('')
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase()
    if (words === '') return [...props.rows]
    return props.rows.filter((row) =>
      props.columns.some((column) => (column.value(row) ?? '').toLowerCase().includes(words)),
    )
  }, [props.rows, props.columns, filter])
  const columns = useMemo(
    () =>
      props.columns.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.key,
          accessorFn: (row: Row) => column.value(row),
          sortFn: (a, b) => {
            const left = column.value(a.original)
            const right = column.value(b.original)
            return isNumber(column.kind)
              ? compareDecimals(left, right)
              : (left ?? '').localeCompare(right ?? '', 'en', { numeric: true })
          },
          sortDescFirst: isNumber(column.kind),
        }),
      ),
    [props.columns],
  )
  const table = useTable({ features, columns, data: rows, getRowId: (row: Row) => props.rowKey(row) })
  const sorted = table.getRowModel().rows
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 33,
    overscan: 20,
  })
  const items = virtualizer.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
  const width = props.columns.length + (props.selection ? 1 : 0)
  const totals = props.columns.some((column) => column.total !== undefined)

  const exportAs = async (format: 'xlsx' | 'csv') => {
    try {
      const file = await client.exports.table({
        format,
        sheet: {
          title: props.title,
          columns: props.columns.map((column) => ({
            key: column.key,
            title: column.title,
            kind: column.kind,
            ...(column.unit === undefined ? {} : { unit: column.unit }),
            ...(column.currency === undefined ? {} : { currency: column.currency }),
            total: column.total !== undefined && column.total !== null,
          })),
          rows: sorted.map((row) =>
            Object.fromEntries(props.columns.map((column) => [column.key, column.value(row.original)])),
          ),
        },
      })
      await host.saveFile(file.name, file)
    } catch (error) {
      notifications.show({ color: 'red', title: 'Not exported', message: sentenceOf(error) })
    }
  }
  const copy = async () => {
    await navigator.clipboard.writeText(
      toClipboard(
        props.columns,
        sorted.map((row) => row.original),
      ),
    )
    notifications.show({ message: `${sorted.length} rows copied; paste them into a spreadsheet.` })
  }
  const move = (event: React.KeyboardEvent, by: number) => {
    const row = event.currentTarget
    const next = by > 0 ? row.nextElementSibling : row.previousElementSibling
    if (next instanceof HTMLElement && next.tabIndex >= 0) {
      event.preventDefault()
      next.focus()
    }
  }
  const selectable = sorted
    .filter((row) => props.selection?.selectable?.(row.original) ?? true)
    .map((row) => row.id)

  return (
    <div>
      <Group justify="space-between" mb={6}>
        <Group gap="xs">
          <TextInput
            aria-label={`Search ${props.title}`}
            placeholder="Search"
            leftSection={<IconSearch size={14} />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            w={180}
          />
          <Text size="xs" c="dimmed">
            {sorted.length} {sorted.length === 1 ? 'row' : 'rows'}
          </Text>
          {props.toolbar}
        </Group>
        <Group gap={4}>
          <Tooltip label="Copy for a spreadsheet">
            <ActionIcon variant="subtle" aria-label={`Copy ${props.title}`} onClick={() => void copy()}>
              <IconCopy size={16} />
            </ActionIcon>
          </Tooltip>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" aria-label={`Export ${props.title}`}>
                <IconDownload size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void exportAs('xlsx')}>Excel (.xlsx)</Menu.Item>
              <Menu.Item onClick={() => void exportAs('csv')}>CSV (.csv)</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      <section
        className="data-table"
        ref={scroller}
        style={{ maxHeight: props.maxHeight ?? 560 }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        aria-label={props.title}
      >
        <table aria-rowcount={sorted.length + 1}>
          <thead>
            <tr>
              {props.selection && (
                <th style={{ width: 32 }}>
                  <input
                    type="checkbox"
                    aria-label="Select all"
                    checked={
                      selectable.length > 0 && selectable.every((id) => props.selection?.selected.has(id))
                    }
                    onChange={(event) =>
                      props.selection?.onChange(new Set(event.currentTarget.checked ? selectable : []))
                    }
                  />
                </th>
              )}
              {props.columns.map((column) => {
                const header = table.getColumn(column.key)
                const order = header?.getIsSorted()
                return (
                  <th
                    key={column.key}
                    className={isNumber(column.kind) ? 'number' : undefined}
                    aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'}
                  >
                    <button type="button" onClick={() => header?.toggleSorting()}>
                      {titleOf(column)}
                      {order === 'asc' ? ' ▲' : order === 'desc' ? ' ▼' : ''}
                    </button>
                  </th>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that only takes space cannot be focused
              <tr aria-hidden="true">
                <td colSpan={width} style={{ height: before, padding: 0, border: 0 }} />
              </tr>
            )}
            {items.map((item) => {
              const row = sorted[item.index]
              if (row === undefined) return null
              const open = props.onOpen
              return (
                <tr
                  key={row.id}
                  data-clickable={open !== undefined}
                  tabIndex={open === undefined ? undefined : 0}
                  aria-rowindex={item.index + 2}
                  onClick={open === undefined ? undefined : () => open(row.original)}
                  onKeyDown={(event) => {
                    if (event.target !== event.currentTarget) return
                    if (event.key === 'Enter' && open !== undefined) open(row.original)
                    if (event.key === 'ArrowDown') move(event, 1)
                    if (event.key === 'ArrowUp') move(event, -1)
                  }}
                >
                  {props.selection && (
                    <td>
                      <input
                        type="checkbox"
                        aria-label={`Select ${row.id}`}
                        disabled={props.selection.selectable?.(row.original) === false}
                        checked={props.selection.selected.has(row.id)}
                        onClick={(event) => event.stopPropagation()}
                        onChange={(event) => {
                          const selected = new Set(props.selection?.selected)
                          if (event.currentTarget.checked) selected.add(row.id)
                          else selected.delete(row.id)
                          props.selection?.onChange(selected)
                        }}
                      />
                    </td>
                  )}
                  {props.columns.map((column) => (
                    <td key={column.key} className={isNumber(column.kind) ? 'amount' : undefined}>
                      {cellOf(column, row.original)}
                    </td>
                  ))}
                </tr>
              )
            })}
            {after > 0 && (
              // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that only takes space cannot be focused
              <tr aria-hidden="true">
                <td colSpan={width} style={{ height: after, padding: 0, border: 0 }} />
              </tr>
            )}
            {sorted.length === 0 && (
              <tr>
                <td colSpan={width} style={{ whiteSpace: 'normal' }}>
                  <Text c="dimmed" size="sm" p="sm">
                    {filter !== '' ? `Nothing here contains “${filter}”.` : (props.empty ?? 'Nothing here.')}
                  </Text>
                </td>
              </tr>
            )}
          </tbody>
          {totals && filter === '' && (
            <tfoot>
              <tr>
                {props.selection && <td />}
                {props.columns.map((column, index) => (
                  <td key={column.key} className={isNumber(column.kind) ? 'amount' : undefined}>
                    {column.total !== undefined ? (
                      <Amount
                        value={column.total}
                        kind={
                          column.kind === 'money'
                            ? 'money'
                            : column.kind === 'percent'
                              ? 'percent'
                              : 'quantity'
                        }
                        {...(column.currency === undefined ? {} : { currency: column.currency })}
                        onExplain={column.explainTotal}
                      />
                    ) : index === 0 ? (
                      'Total'
                    ) : null}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </section>
    </div>
  )
}
