import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { addMonths, type Month, toMonth } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook, useMonth } from '../../ui/book.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { spanOf } from '../../ui/slice/period.ts'
import { SavedViews } from '../../ui/slice/saved-views.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { UsageControls } from './controls.tsx'
import { UsageSlice } from './slice.tsx'
import { aggregationInWords, usageSearch } from './state.ts'

const QUESTION = 'Who used what?'

const NoUsage = () => (
  <Page title="Usage" question={QUESTION}>
    <Empty title="No usage yet" action={<LinkButton to="/sources">Drop a usage file</LinkButton>}>
      Usage comes as CloudEvents, as CSV or as access logs. Drop a file on Sources and it is sliced here by
      tenant, customer and every dimension it has.
    </Empty>
  </Page>
)

const UsageOf = (props: { month: Month }) => {
  const book = useBook()
  const [search, change] = useScreenSearch(usageSearch)
  const metrics = useQuery(api.metrics.list.queryOptions())
  const tenants = useQuery(api.customers.tenants.queryOptions())
  const withUsage = book.months.filter((each) => each.usageEvents > 0).map((each) => toMonth(each.month))
  const earliest = withUsage[0] ?? props.month
  const latest = book.months.at(-1)?.month ?? props.month
  return (
    <Query of={metrics} what="the metrics">
      {(list) => {
        const commonest = [...list].sort((a, b) => b.events - a.events)[0]
        const known = list.find(({ definition }) => definition.metric === search.metric) ?? commonest
        if (known === undefined) return <NoUsage />
        const metric = known.definition
        return (
          <Query of={tenants} what="the tenants">
            {(rows) => {
              // Customers are what people ask for; before there are any, tenants are what there is.
              const group = search.group ?? [
                rows.some(({ customerId }) => customerId !== null) ? 'customer' : 'tenant',
              ]
              const span = spanOf(search.grain, search, props.month, earliest)
              const state = { ...search, metric: metric.metric, group, ...span }
              return (
                <Page
                  title={`Usage: ${metric.name}`}
                  question={QUESTION}
                  actions={
                    <>
                      <SavedViews screen="usage" />
                      <Button
                        variant="subtle"
                        onClick={() =>
                          change({
                            group: undefined,
                            grain: undefined,
                            from: undefined,
                            to: undefined,
                            day: undefined,
                            compare: undefined,
                            filters: undefined,
                          } as never)
                        }
                      >
                        Reset
                      </Button>
                    </>
                  }
                >
                  <Text size="sm">
                    {metric.name}: {aggregationInWords(metric)}.
                  </Text>
                  <UsageControls
                    state={state}
                    metrics={list.map(({ definition }) => definition)}
                    tenants={rows}
                    earliest={earliest < addMonths(props.month, -11) ? earliest : addMonths(props.month, -11)}
                    latest={latest as Month}
                    onChange={change}
                  />
                  <UsageSlice
                    state={state}
                    earliest={earliest}
                    onFilters={(filters) =>
                      change({ filters: filters.length === 0 ? undefined : (filters as never) })
                    }
                    onGroup={(fields) => change({ group: fields })}
                    onDay={(day) => change({ day })}
                  />
                </Page>
              )
            }}
          </Query>
        )
      }}
    </Query>
  )
}

/** "Who used what?" */
export const Screen = () => {
  const month = useMonth()
  return month === null ? <NoUsage /> : <UsageOf month={month} />
}
