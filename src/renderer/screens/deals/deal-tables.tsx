import { memo, useMemo } from 'react'
import type { ModelMonth } from '../../../domain/deal/model.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { marginOf } from '../../../domain/margin.ts'
import { toMonth } from '../../../domain/period.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { costTarget } from '../../ui/explain-margin.ts'
import { formatExact } from '../../ui/format.ts'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import type { Baseline, Modelled } from './models.ts'
import { type SensitivityRow, sensitivityOf } from './sensitivity.ts'

/** The chosen scenario month by month. */
export const MonthTable = memo((props: { modelled: Modelled; baseline: Baseline }) => {
  const { model, draft } = props.modelled
  const { floorPercent, metrics } = props.baseline
  const currency = model?.currency ?? props.baseline.currency
  const money = (
    key: 'listRevenue' | 'netRevenue' | 'cost' | 'margin',
    title: string,
  ): Column<ModelMonth> => ({
    key,
    title,
    kind: 'money',
    currency,
    value: (row) => row[key],
    total: model?.totals[key] ?? null,
  })
  const used = metrics.filter(({ metric }) => model?.months.some((month) => month.quantities[metric] !== '0'))
  const columns: readonly Column<ModelMonth>[] = [
    { key: 'month', title: 'Month', kind: 'month', value: (row) => row.month },
    money('listRevenue', 'List revenue'),
    money('netRevenue', 'Net revenue'),
    money('cost', 'Cost'),
    money('margin', 'Margin'),
    {
      key: 'marginPercent',
      title: 'Margin %',
      kind: 'percent',
      value: (row) => row.marginPercent,
      render: (row) => <MarginPercent value={row.marginPercent} floor={floorPercent} />,
    },
    ...used.map(
      (each): Column<ModelMonth> => ({
        key: each.metric,
        title: each.name,
        kind: 'quantity',
        unit: each.unit,
        value: (row) => row.quantities[each.metric] ?? null,
      }),
    ),
  ]
  return (
    <DataTable
      title={`Months of ${draft.name}`}
      columns={columns}
      rows={model?.months ?? []}
      rowKey={(row) => row.month}
      maxHeight={470}
      empty="The terms cannot be read; mend what is marked above."
    />
  )
})

/** What the models go by: the customer's past months. */
export const BaselineTable = memo((props: { baseline: Baseline }) => {
  const { months, metrics, currency, customerId, floorPercent } = props.baseline
  const explain = useExplain()
  const used = metrics.filter(({ metric }) => months.some((month) => month.quantities[metric] !== undefined))
  const columns: readonly Column<Baseline['months'][number]>[] = [
    { key: 'month', title: 'Month', kind: 'month', value: (row) => row.month },
    {
      key: 'revenue',
      title: 'Revenue',
      kind: 'money',
      currency,
      value: (row) => row.revenue,
      explain: (row) => () => explain({ kind: 'revenue', month: toMonth(row.month), customerId }),
    },
    {
      key: 'cost',
      title: 'Cost to serve',
      kind: 'money',
      currency,
      value: (row) => row.cost,
      explain: (row) => {
        const target = costTarget({
          month: toMonth(row.month),
          currency,
          basis: props.baseline.basis,
          cost: row.cost,
          allocatedCost: row.allocatedCost ?? null,
          customer: { id: customerId, name: props.baseline.customerName },
        })
        return target === null ? undefined : () => explain(target)
      },
    },
    {
      key: 'marginPercent',
      title: 'Margin %',
      kind: 'percent',
      value: (row) => marginOf(row.revenue, row.cost).marginPercent,
      render: (row) => (
        <MarginPercent value={marginOf(row.revenue, row.cost).marginPercent} floor={floorPercent} />
      ),
    },
    ...used.map(
      (each): Column<Baseline['months'][number]> => ({
        key: each.metric,
        title: each.name,
        kind: 'quantity',
        unit: each.unit,
        value: (row) => row.quantities[each.metric] ?? null,
        explain: (row) => () =>
          explain({ kind: 'usage', scope: { metric: each.metric, month: toMonth(row.month), customerId } }),
      }),
    ),
  ]
  return (
    <DataTable
      title={`Past months of ${props.baseline.customerName}`}
      columns={columns}
      rows={months}
      rowKey={(row) => row.month}
      empty="No complete month of this customer is known yet."
    />
  )
})

/** Margin by discount and growth, around the chosen scenario's terms. */
export const SensitivityTable = memo((props: { modelled: Modelled; floor: DecimalText }) => {
  const { input, draft } = props.modelled
  const rows = useMemo(() => (input === null ? [] : sensitivityOf(input, props.floor)), [input, props.floor])
  const columns: readonly Column<SensitivityRow>[] = [
    {
      key: 'discount',
      title: 'Margin % at a discount of',
      kind: 'text',
      value: (row) => `${formatExact(row.discountPercent)} %`,
      render: (row) => (row.isOwn ? <b>{row.discountPercent} % (proposed)</b> : `${row.discountPercent} %`),
    },
    ...(rows[0]?.cells ?? []).map(
      (cell, index): Column<SensitivityRow> => ({
        key: `growth${index}`,
        title: `Growth ${formatExact(cell.growthPercent)} % a month`,
        kind: 'percent',
        value: (row) => row.cells[index]?.marginPercent ?? null,
        render: (row) => (
          <MarginPercent
            value={row.cells[index]?.marginPercent ?? null}
            floor={props.floor}
            isBelow={row.cells[index]?.isBelowFloor ?? null}
          />
        ),
      }),
    ),
  ]
  return (
    <DataTable
      title={`Discount and growth around ${draft.name}`}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.discountPercent}
      empty="The terms cannot be read; mend what is marked above."
    />
  )
})
