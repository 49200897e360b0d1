import { Tabs } from '@mantine/core'
import { monthName } from '../../../domain/period.ts'
import { BasisSelect } from '../../ui/basis-select.tsx'
import { useMonth } from '../../ui/book.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { SavedViews } from '../../ui/slice/saved-views.tsx'
import { Empty } from '../../ui/states.tsx'
import { AllocationTab } from './allocation-tab.tsx'
import { costSearch } from './cost-search.ts'
import { MarginTab } from './margin-tab.tsx'
import { ServeTab } from './serve-tab.tsx'
import { SliceTab } from './slice-tab.tsx'

/** The tabs beside the first, which the address leaves out. */
const TABS = ['allocation', 'serve', 'slice'] as const
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
      actions={
        <>
          {search.tab === 'slice' && <SavedViews screen="cost" />}
          <BasisSelect value={search.basis} onChange={(basis) => change({ basis })} />
        </>
      }
    >
      <Tabs
        value={search.tab}
        keepMounted={false}
        onChange={(tab) => change({ tab: TABS.find((each) => each === tab) })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="margin">Margin by customer</Tabs.Tab>
          <Tabs.Tab value="allocation">Allocation</Tabs.Tab>
          <Tabs.Tab value="serve">Cost to serve</Tabs.Tab>
          <Tabs.Tab value="slice">Slice cost</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="margin">
          <MarginTab month={month} basis={search.basis} by={search.by} onBy={(by) => change({ by })} />
        </Tabs.Panel>
        <Tabs.Panel value="allocation">
          <AllocationTab month={month} basis={search.basis} />
        </Tabs.Panel>
        <Tabs.Panel value="serve">
          <ServeTab month={month} search={search} onChange={change} />
        </Tabs.Panel>
        <Tabs.Panel value="slice">
          <SliceTab month={month} search={search} onChange={change} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
