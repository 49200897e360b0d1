import { Alert, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CostBasis } from '../../../contract/cost.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { StepsReport } from '../../ui/allocation-report.tsx'
import { BillEquation } from '../../ui/equation.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'

/** What the month's steps took, and who was given how much of it. */
export const AllocationTab = (props: { month: Month; basis: CostBasis | undefined }) => {
  const { month, basis } = props
  const explain = useExplain()
  const report = useQuery(
    api.allocation.report.queryOptions({ input: { month, ...(basis === undefined ? {} : { basis }) } }),
  )
  return (
    <Query of={report} what="the allocation">
      {(data) =>
        data.planFrom === null ? (
          <Empty
            title={`Nothing is allocated in ${monthName(month)}`}
            action={<LinkButton to="/allocation">Allocate shared cost</LinkButton>}
          >
            Shared cost such as support, gateways and taxes stays unattributed until steps split it between
            customers: by usage, direct cost, revenue, heads, evenly or by fixed shares.
          </Empty>
        ) : (
          <Stack gap="lg">
            <BillEquation
              equation={data.equation}
              currency={data.currency}
              basis={data.basis}
              month={month}
            />
            {data.issues.length > 0 && (
              <Alert color="blue" title="About the plan">
                {data.issues.map((issue) => (
                  <Text key={issue.message} size="sm">
                    {issue.message}
                  </Text>
                ))}
              </Alert>
            )}
            <Section
              title={`Steps of the plan from ${monthName(data.planFrom)}, in order`}
              actions={
                <LinkButton
                  to={`/allocation${basis === undefined ? '' : `?basis=${basis}`}`}
                  variant="default"
                >
                  Change the plan
                </LinkButton>
              }
            >
              <StepsReport
                report={data}
                onOpen={(stepId) => explain({ kind: 'allocation', month, basis: data.basis, stepId })}
              />
            </Section>
          </Stack>
        )
      }
    </Query>
  )
}
