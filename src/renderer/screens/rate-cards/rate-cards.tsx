import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Metric } from '../../../domain/metric.ts'
import { daysOfMonth } from '../../../domain/period.ts'
import type { RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { versionInWords } from '../../../domain/pricing/words.ts'
import { api } from '../../api.ts'
import { useMonth } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ExcelImport } from '../../ui/excel-import.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton, recordPath, useGo } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'

interface Row {
  readonly card: RateCard
  readonly customers: number
}

/** A line a charge, of the version in force or, before the first, of the last. */
const Charges = (props: { card: RateCard; version: RateCardVersion | null; metrics: readonly Metric[] }) => {
  const { card, metrics } = props
  const version = props.version ?? card.versions.at(-1)
  if (version === undefined) return '–'
  return (
    <div style={{ whiteSpace: 'normal', minWidth: 380 }}>
      {versionInWords(version, { metrics, currency: card.currency }).map((sentence) => (
        <div key={sentence}>{sentence}</div>
      ))}
    </div>
  )
}

/** The price lists: which version holds in the month picked, and who pays by it. */
export const Screen = () => {
  const month = useMonth()
  const go = useGo()
  const cards = useQuery(api.rateCards.list.queryOptions())
  const metrics = useQuery(api.metrics.list.queryOptions())
  const day = (month && daysOfMonth(month).at(-1)) ?? new Date().toISOString().slice(0, 10)
  const columns = useMemo((): readonly Column<Row>[] => {
    const definitions = (metrics.data ?? []).map((each) => each.definition)
    const inForce = (row: Row) => versionInForce(row.card, day)
    return [
      { key: 'name', title: 'Rate card', kind: 'text', value: (row) => row.card.name },
      { key: 'currency', title: 'Currency', kind: 'text', value: (row) => row.card.currency },
      {
        key: 'version',
        title: `In force on ${day}`,
        kind: 'text',
        value: (row) => {
          const version = inForce(row)
          return version === null ? 'none yet' : `v${version.version} from ${version.effectiveFrom}`
        },
      },
      { key: 'versions', title: 'Versions', kind: 'count', value: (row) => String(row.card.versions.length) },
      {
        key: 'charges',
        title: 'Charges',
        kind: 'text',
        value: (row) => {
          const version = inForce(row) ?? row.card.versions.at(-1)
          if (version === undefined) return null
          return versionInWords(version, { metrics: definitions, currency: row.card.currency }).join('; ')
        },
        render: (row) => <Charges card={row.card} version={inForce(row)} metrics={definitions} />,
      },
      { key: 'customers', title: 'Customers', kind: 'count', value: (row) => String(row.customers) },
    ]
  }, [metrics.data, day])
  return (
    <Page
      title="Rate cards"
      question="What do we charge?"
      actions={
        <>
          <ExcelImport kind="rate_card" />
          <LinkButton to="/rate-cards/new">New rate card</LinkButton>
        </>
      }
    >
      <Query of={cards} what="Rate cards">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No rate cards yet">
              A rate card says what is charged: a fee a month, a price per unit, or tiers. Make one with New
              rate card, or fill in the template and import it.
            </Empty>
          ) : (
            <DataTable
              title="Rate cards"
              columns={columns}
              rows={rows}
              rowKey={(row) => row.card.id}
              onOpen={(row) => go(recordPath('/rate-cards', row.card.id))}
            />
          )
        }
      </Query>
    </Page>
  )
}
