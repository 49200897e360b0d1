import { Tabs } from '@mantine/core'
import { z } from 'zod'
import { month as monthText } from '../../../contract/common.ts'
import { costField } from '../../../contract/cost.ts'
import { monthName } from '../../../domain/period.ts'
import { useMonth } from '../../ui/book.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { SavedViews } from '../../ui/slice/saved-views.tsx'
import { Empty } from '../../ui/states.tsx'
import { MarginTab } from './margin-tab.tsx'
import { SliceTab } from './slice-tab.tsx'

const costSearch = z.object({
  tab: z.enum(['margin', 'slice']).default('margin'),
  by: costField.default('service'),
  group: z.array(costField).max(2).default(['service']),
  grain: z.enum(['day', 'month']).default('month'),
  from: monthText.optional(),
  to: monthText.optional(),
  filters: z
    .array(z.object({ field: costField, values: z.array(z.string().nullable()).min(1).max(1000) }))
    .max(20)
    .default([]),
})
export type CostSearch = z.output<typeof costSearch>

const QUESTION = 'Where do we make money?'

/** "Where do we make money?" */
export const Screen = () => {
  const month = useMonth()
  const [search, change] = useScreenSearch(costSearch)
  if (month === null)
    return (
      <Page title="Cost & margin" question={QUESTION}>
        <Empty title="No cost yet" action={<LinkButton to="/sources">Drop a cost file</LinkButton>}>
          Drop a provider’s FOCUS export on Sources. With attribution rules and a rate card it becomes a
          margin for each customer.
        </Empty>
      </Page>
    )
  return (
    <Page
      title={`Cost & margin: ${monthName(month)}`}
      question={QUESTION}
      actions={search.tab === 'slice' && <SavedViews screen="cost" />}
    >
      <Tabs
        value={search.tab}
        keepMounted={false}
        onChange={(tab) => change({ tab: tab === 'slice' ? 'slice' : undefined })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="margin">Margin by customer</Tabs.Tab>
          <Tabs.Tab value="slice">Slice cost</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="margin">
          <MarginTab month={month} by={search.by} onBy={(by) => change({ by })} />
        </Tabs.Panel>
        <Tabs.Panel value="slice">
          <SliceTab month={month} search={search} onChange={change} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
