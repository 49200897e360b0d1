import { Alert, Button, SegmentedControl, Tabs } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { z } from 'zod'
import type { AttributionRule, RuleField } from '../../../domain/attribution/rule.ts'
import { validateRules } from '../../../domain/attribution/validate.ts'
import { monthName } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useMonth } from '../../ui/book.tsx'
import { ExcelImport } from '../../ui/excel-import.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Failure, Query } from '../../ui/states.tsx'
import { Coverage } from './coverage.tsx'
import { named, newRule, unusable } from './edit-rules.ts'
import { Equation } from './equation.tsx'
import { Proposals } from './proposals.tsx'
import { RuleList } from './rule-list.tsx'
import classes from './rules.module.css'
import { TestBench } from './test-bench.tsx'
import { UnattributedTables } from './unattributed.tsx'

const search = z.object({
  over: z.enum(['month', 'all']).default('month'),
  tab: z.enum(['rules', 'bench', 'proposals', 'coverage']).default('rules'),
})
const TABS = ['bench', 'proposals', 'coverage'] as const

interface Loaded {
  readonly rules: readonly AttributionRule[]
  readonly version: number
  readonly tagKeys: readonly string[]
  readonly values: Readonly<Record<string, readonly string[]>>
}

interface Draft {
  readonly rules: readonly AttributionRule[]
  /** The version the changes were begun on: another one saved meanwhile is not overwritten. */
  readonly version: number
}

/** What the rules would claim, a moment after each change. Rules with an error are left out until they are whole. */
const useClaims = (rules: readonly AttributionRule[], month: string | null) => {
  const left = useMemo(() => unusable(rules), [rules])
  const tried = useMemo(() => named(rules).filter((_, index) => !left.has(index)), [rules, left])
  const [asked] = useDebouncedValue(tried, 350)
  const query = useQuery({
    ...api.rules.preview.queryOptions({ input: { rules: [...asked], ...(month === null ? {} : { month }) } }),
    placeholderData: keepPreviousData,
  })
  return { query, unusable: left, stale: asked !== tried || query.isPlaceholderData }
}

const Editor = (props: { loaded: Loaded }) => {
  const { loaded } = props
  const month = useMonth()
  const [{ over, tab }, setSearch] = useScreenSearch(search)
  const [draft, setDraft] = useState<Draft | null>(null)
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [added, setAdded] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const rules = draft?.rules ?? loaded.rules
  const dirty = draft !== null && JSON.stringify(draft.rules) !== JSON.stringify(loaded.rules)
  const issues = useMemo(() => validateRules(named(rules)), [rules])
  const claims = useClaims(rules, over === 'month' ? month : null)
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))

  const { version } = loaded
  const change = useCallback(
    (next: (rules: readonly AttributionRule[]) => readonly AttributionRule[]) =>
      setDraft((before) => ({
        rules: next(before?.rules ?? loaded.rules),
        version: before?.version ?? version,
      })),
    [loaded.rules, version],
  )
  const openCard = (id: string, open: boolean) =>
    setOpened((before) =>
      open ? new Set(before).add(id) : new Set([...before].filter((each) => each !== id)),
    )
  const add = useCallback(
    (field: RuleField, value?: string) => {
      const rule = newRule(rules, field, value)
      change((before) => [...before, rule])
      setOpened((before) => new Set(before).add(rule.id))
      setAdded(rule.id)
      if (tab !== 'rules') setSearch({ tab: undefined })
    },
    [rules, change, tab, setSearch],
  )
  const save = async () => {
    setSaving(true)
    const expectedVersion = draft?.version ?? version
    const saved = await act(
      'Attribution rules',
      () => client.rules.save({ rules: [...named(rules)], expectedVersion }),
      (result) => `Saved as version ${result.version}. Every figure follows them from now on.`,
    )
    setSaving(false)
    if (saved === null) return
    setDraft(null)
    setOpened(new Set())
  }
  const tenants = useMemo(
    () => [
      ...new Set([
        ...(customers.data?.rows ?? []).flatMap(({ customer }) => customer.tenants),
        ...(claims.query.data?.rules ?? []).flatMap((rule) => rule.tenants.map(({ tenant }) => tenant)),
      ]),
    ],
    [customers.data, claims.query.data],
  )
  const usable = useMemo(
    () => named(rules).filter((_, index) => !claims.unusable.has(index)),
    [rules, claims.unusable],
  )
  const suggestions = { tagKeys: loaded.tagKeys, values: loaded.values, tenants }
  const firstTag = loaded.tagKeys[0]
  const errors = issues.filter((issue) => issue.severity === 'error').length

  return (
    <Page
      title="Attribution"
      question="Whose cost is it? The first rule that matches a cost says so; what none claims is unattributed."
      actions={
        <>
          {dirty && (
            <Button variant="subtle" color="gray" onClick={() => setDraft(null)}>
              Drop changes
            </Button>
          )}
          <ExcelImport kind="rules" />
          <Button
            variant="default"
            onClick={() => add(firstTag === undefined ? 'service' : `tag:${firstTag}`)}
          >
            Add rule
          </Button>
          <Button
            disabled={!dirty || errors > 0}
            loading={saving}
            onClick={() => void save()}
            title={errors > 0 ? 'A rule lacks something; see the red notes.' : undefined}
          >
            Save rules
          </Button>
        </>
      }
    >
      <LeaveGuard isDirty={dirty} what="The rules" isPlural />
      {draft !== null && dirty && draft.version !== version && (
        <Alert color="red" title="Somebody saved other rules meanwhile">
          Yours were begun on version {draft.version}; version {version} is the newest. Drop your changes to
          see it.
        </Alert>
      )}
      {month !== null && (
        <div>
          <SegmentedControl
            aria-label="Over which cost the rules are tried"
            value={over}
            onChange={(value) => setSearch({ over: value as 'month' | 'all' })}
            data={[
              { value: 'month', label: monthName(month) },
              { value: 'all', label: 'All months' },
            ]}
          />
        </div>
      )}
      <div className={classes.equation}>
        {claims.query.error !== null && claims.query.error !== undefined ? (
          <Failure
            what="What the rules claim"
            error={claims.query.error}
            retry={() => void claims.query.refetch()}
          />
        ) : (
          <Query of={claims.query} what="what the rules claim">
            {(data) => <Equation claims={data} stale={claims.stale} />}
          </Query>
        )}
      </div>
      {(claims.query.data?.issues ?? [])
        .filter((issue) => !(issue.column ?? '').startsWith('rules['))
        .map((issue) => (
          <Alert key={issue.message} color={issue.severity === 'error' ? 'red' : 'blue'}>
            {issue.message}
          </Alert>
        ))}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => setSearch({ tab: TABS.find((each) => each === value) })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="bench">Try a row</Tabs.Tab>
          <Tabs.Tab value="proposals">Proposals</Tabs.Tab>
          <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          <div className={classes.columns}>
            <RuleList
              rules={rules}
              issues={issues}
              unusable={claims.unusable}
              claims={claims.query.data}
              suggestions={suggestions}
              opened={opened}
              added={added}
              onOpen={openCard}
              change={change}
            />
            <div className={classes.unattributed}>
              {claims.query.data !== undefined && (
                <Section title="Unattributed, largest first">
                  <UnattributedTables claims={claims.query.data} onMake={add} />
                </Section>
              )}
            </div>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="bench">
          <TestBench rules={usable} />
        </Tabs.Panel>
        <Tabs.Panel value="proposals">
          <Proposals
            rules={usable}
            month={over === 'month' ? month : null}
            onTake={(taken) => {
              change((before) => [...before, ...taken])
              setSearch({ tab: undefined })
            }}
          />
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          {claims.query.data !== undefined && <Coverage claims={claims.query.data} rules={usable} />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

export const Screen = () => {
  const loaded = useQuery(api.rules.get.queryOptions())
  return (
    <Query of={loaded} what="the attribution rules">
      {(data) => <Editor loaded={data} />}
    </Query>
  )
}
