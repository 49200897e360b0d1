import { Alert, Button, Group, List, SimpleGrid, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { z } from 'zod'
import { dueOf } from '../../../domain/invoice/invoice.ts'
import { monthName } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { type ExplainTarget, useExplain } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { useJobs } from '../../ui/jobs.tsx'
import { Figure, Page, Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Query } from '../../ui/states.tsx'
import { ApproveButton } from './approve-button.tsx'
import { Delivery } from './delivery.tsx'
import { History } from './history.tsx'
import { LinesTable } from './lines-table.tsx'
import { Recompute } from './recompute.tsx'
import type { InvoiceDetail } from './selection.ts'
import { Settlement } from './settlement.tsx'
import { IssueBadge, StateBadge } from './state-badge.tsx'

const search = z.object({ version: z.coerce.number().int().positive().optional() })

/** The total as the sum of its lines. Of an older version only the snapshot is kept, so that no line opens anything. */
const totalTarget = ({ invoice }: InvoiceDetail, isNewest: boolean): ExplainTarget => ({
  kind: 'sum',
  title: `Invoice ${invoice.number}`,
  currency: invoice.currency,
  total: invoice.total,
  parts: invoice.lines.map(({ line, description, amount }) => ({
    label: `${line}. ${description}`,
    amount,
    target: isNewest ? { kind: 'line', invoiceId: invoice.id, line } : null,
  })),
})

/** Who it is made out to beside the customer: address, entity, purchase order, group. */
const addressee = ({ billTo, entity, purchaseOrder, invoiceGroup }: InvoiceDetail['invoice']): string[] => [
  ...(billTo === undefined ? [] : [billTo.name]),
  ...(entity === undefined ? [] : [entity]),
  ...(purchaseOrder === undefined ? [] : [`purchase order ${purchaseOrder}`]),
  ...(invoiceGroup === undefined ? [] : [`with others of “${invoiceGroup}”`]),
]

const contractsOf = ({ contractIds, contractId }: InvoiceDetail['invoice']): string => {
  const ids = contractIds ?? (contractId === null ? [] : [contractId])
  return ids.length === 0 ? '' : `, ${ids.length === 1 ? 'contract' : 'contracts'} ${ids.join(', ')}`
}

const Head = ({ detail, isNewest }: { detail: InvoiceDetail; isNewest: boolean }) => {
  const explain = useExplain()
  const { invoice } = detail
  const { timeZone } = useBook().settings
  const { approvedAtMs, deliveredAtMs } = invoice
  return (
    <Group align="stretch">
      <Figure label="State" note={`version ${detail.version}`}>
        <StateBadge state={invoice.state} />
      </Figure>
      <Figure label="Customer">
        <Text span fz="lg">
          <ScreenLink to={recordPath('/customers', invoice.customerId)}>{invoice.customerName}</ScreenLink>
        </Text>
      </Figure>
      <Figure label="Month">{monthName(invoice.month)}</Figure>
      <Figure
        label={`${dueOf(invoice) === invoice.total ? 'Total' : 'Net'} (${invoice.currency})`}
        note={`${invoice.lines.length} ${invoice.lines.length === 1 ? 'line' : 'lines'}, each rounded once`}
      >
        <Amount
          value={invoice.total}
          currency={invoice.currency}
          onExplain={() => explain(totalTarget(detail, isNewest))}
        />
      </Figure>
      {dueOf(invoice) !== invoice.total && (
        <Figure label={`Due (${invoice.currency})`} note="with tax, credits and top-ups">
          <Amount value={dueOf(invoice)} currency={invoice.currency} />
        </Figure>
      )}
      {addressee(invoice).length > 0 && (
        <Figure label="Addressed to" note={addressee(invoice).slice(1).join(', ')}>
          <Text span fz="lg">
            {addressee(invoice)[0]}
          </Text>
        </Figure>
      )}
      <Figure
        label="Made of"
        note={
          <>
            {invoice.imported === undefined ? (
              <>
                {invoice.rateCardVersions.length === 1 ? 'version' : 'versions'}{' '}
                {invoice.rateCardVersions.join(', ')}
              </>
            ) : (
              `issued elsewhere, imported from ${invoice.imported.from}`
            )}
            {contractsOf(invoice)}; batches to {invoice.asOfBatch}
          </>
        }
      >
        <Text span fz="lg">
          <ScreenLink to={recordPath('/rate-cards', invoice.rateCardId)}>{invoice.rateCardId}</ScreenLink>
        </Text>
      </Figure>
      {approvedAtMs !== undefined && (
        <Figure label="Approved" note={formatInstant(approvedAtMs, timeZone)}>
          {invoice.approvedBy ?? 'by somebody unnamed'}
        </Figure>
      )}
      {deliveredAtMs !== undefined && (
        <Figure label="Delivered" note={formatInstant(deliveredAtMs, timeZone)}>
          {invoice.imported === undefined ? 'Stripe' : 'Elsewhere'}
        </Figure>
      )}
    </Group>
  )
}

const Staleness = ({ detail }: { detail: InvoiceDetail }) => {
  const { invoice, staleness } = detail
  const jobs = useJobs()
  if (staleness === null) return null
  return (
    <Alert
      variant="default"
      title={invoice.state === 'draft' && detail.mayRenew ? 'Not as it would be now' : 'More arrived since'}
    >
      <Group justify="space-between">
        <Text size="sm">{staleness}</Text>
        {detail.mayRenew && (
          <Button
            variant="default"
            onClick={() =>
              void jobs.run(() =>
                client.invoices.run({ month: invoice.month, customerIds: [invoice.customerId] }),
              )
            }
          >
            Renew this draft
          </Button>
        )}
      </Group>
    </Alert>
  )
}

const Checks = ({ detail }: { detail: InvoiceDetail }) => (
  <Section title="Checks">
    {detail.invoice.issues.length === 0 ? (
      <Text size="sm">The checks found nothing.</Text>
    ) : (
      <List size="sm" spacing={4} listStyleType="none">
        {detail.invoice.issues.map((issue) => (
          <List.Item key={`${issue.code} ${issue.message}`}>
            <IssueBadge issue={issue} /> {issue.message}
          </List.Item>
        ))}
      </List>
    )}
  </Section>
)

const Changes = ({ detail }: { detail: InvoiceDetail }) => (
  <Section title="Since last month">
    {detail.invoice.changes.length === 0 ? (
      <Text size="sm">Nothing changed.</Text>
    ) : (
      <List size="sm" spacing={4}>
        {detail.invoice.changes.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    )}
  </Section>
)

const Shown = (props: { detail: InvoiceDetail; onVersion: (version: number | undefined) => void }) => {
  const { detail } = props
  const { invoice } = detail
  const newest = Math.max(detail.version, ...detail.history.map((entry) => entry.version))
  const isNewest = detail.version === newest
  return (
    <Page
      title={`Invoice ${invoice.number}`}
      question={`${invoice.customerName}, ${monthName(invoice.month)}`}
      actions={isNewest && invoice.state === 'draft' && <ApproveButton detail={detail} />}
    >
      {!isNewest && (
        <Alert variant="default" title={`Version ${detail.version}, as it was`}>
          <Group justify="space-between">
            <Text size="sm">
              The newest is version {newest}. An older version can be read and exported, not approved or
              delivered.
            </Text>
            <Button variant="default" onClick={() => props.onVersion(undefined)}>
              Show the newest
            </Button>
          </Group>
        </Alert>
      )}
      <Head detail={detail} isNewest={isNewest} />
      {isNewest && <Staleness detail={detail} />}
      <Section title="Lines">
        <LinesTable invoice={invoice} isNewest={isNewest} />
      </Section>
      <Settlement invoice={invoice} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Changes detail={detail} />
        <Checks detail={detail} />
      </SimpleGrid>
      {isNewest && invoice.imported === undefined && (
        <>
          <Recompute detail={detail} />
          <Delivery detail={detail} />
        </>
      )}
      <History
        detail={detail}
        onOpen={(version) => props.onVersion(version === newest ? undefined : version)}
      />
    </Page>
  )
}

export const Screen = () => {
  const { invoiceId = '' } = useParams({ strict: false }) as { invoiceId?: string }
  const [{ version }, change] = useScreenSearch(search)
  const detail = useQuery(
    api.invoices.get.queryOptions({ input: { invoiceId, ...(version === undefined ? {} : { version }) } }),
  )
  if (detail.data !== undefined)
    return <Shown detail={detail.data} onVersion={(next) => change({ version: next })} />
  return (
    <Page title={`Invoice ${invoiceId}`}>
      <Query of={detail} what="This invoice">
        {() => null}
      </Query>
    </Page>
  )
}
