import { Tabs } from '@mantine/core'
import { monthName } from '../../../domain/period.ts'
import { useMonth } from '../../ui/book.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { SavedViews } from '../../ui/slice/saved-views.tsx'
import { Empty } from '../../ui/states.tsx'
import { costSearch } from './cost-search.ts'
import { MarginTab } from './margin-tab.tsx'
import { SliceTab } from './slice-tab.tsx'

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
