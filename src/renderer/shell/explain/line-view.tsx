import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { ChainHead, LateNote, Total } from './parts.tsx'
import { StepsTable } from './steps-table.tsx'
import { UsageBreakdown } from './usage-view.tsx'

/** An invoice line: how its amount was made, and where its quantity comes from. */
export const LineView = (props: {
  target: ExplainTarget & { kind: 'line' }
  onOpen: (target: ExplainTarget) => void
  onClose: () => void
}) => {
  const { invoiceId, line } = props.target
  const explanation = useQuery(api.explain.line.queryOptions({ input: { invoiceId, line } }))
  const invoice = useQuery(api.invoices.get.queryOptions({ input: { invoiceId } }))
  return (
    <Query of={explanation} what="This line’s explanation">
      {(data) => (
        <Stack>
          <Total
            unit={data.currency}
            note={
              <>
                {data.title}. Rate card{' '}
                {invoice.data === undefined ? (
                  data.rateCardName
                ) : (
                  <ScreenLink
                    to={recordPath('/rate-cards', invoice.data.invoice.rateCardId)}
                    onFollow={props.onClose}
                  >
                    {data.rateCardName}
                  </ScreenLink>
                )}
                , {data.rateCardVersions.length === 1 ? 'version' : 'versions'}{' '}
                {data.rateCardVersions.join(', ')}
                {invoice.data?.invoice.contractId && `, contract ${invoice.data.invoice.contractId}`}.
              </>
            }
          >
            <Amount value={data.line.amount} currency={data.currency} />
          </Total>
          {data.lateIncluded !== null && <Text size="sm">{data.lateIncluded}</Text>}
          <LateNote sentence={data.lateSince} />
          <Section title="Price">
            <StepsTable explanation={data} />
          </Section>
          {data.usage === null ? (
            <Text size="sm">This line has no quantity: nothing was measured for it.</Text>
          ) : (
            invoice.data && (
              <UsageBreakdown
                usage={data.usage}
                scope={{
                  metric: data.usage.metric,
                  month: invoice.data.invoice.month,
                  customerId: invoice.data.invoice.customerId,
                  asOfBatch: data.asOfBatch,
                  invoiceId: invoice.data.invoice.id,
                }}
                onOpen={props.onOpen}
              />
            )
          )}
          <ChainHead hash={data.chainHead} asOf={`counted up to batch ${data.asOfBatch}`}>
            <CopyButton label="Copy as text" text={data.text} />
            {data.formula !== null && <CopyButton label="Copy formula for Excel" text={data.formula} />}
          </ChainHead>
        </Stack>
      )}
    </Query>
  )
}
