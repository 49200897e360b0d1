import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Suggestions } from '../../ui/condition-editor.tsx'
import { formatCount } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { found, moved, placed } from './edit-rules.ts'
import { type Claims, RuleCard } from './rule-card.tsx'

/** Cards that are drawn at once: a list of a thousand accounts would take seconds for each letter typed. */
const CARDS = 100

const byRule = (issues: readonly Issue[]): ReadonlyMap<number, readonly Issue[]> => {
  const grouped = new Map<number, Issue[]>()
  for (const issue of issues) {
    const index = Number(/^rules\[(\d+)\]/.exec(issue.column ?? '')?.[1] ?? -1)
    grouped.set(index, [...(grouped.get(index) ?? []), issue])
  }
  return grouped
}

/** The rules in order, each with what it claims; a long list is searched, and shown a hundred at a time. */
export const RuleList = (props: {
  rules: readonly AttributionRule[]
  issues: readonly Issue[]
  unusable: ReadonlySet<number>
  claims: Claims | undefined
  suggestions: Suggestions
  opened: ReadonlySet<string>
  /** The rule that was added last. */
  added: string | null
  onOpen: (id: string, open: boolean) => void
  change: (next: (rules: readonly AttributionRule[]) => readonly AttributionRule[]) => void
}) => {
  const { rules, claims, opened, change } = props
  const [find, setFind] = useState('')
  const [count, setCount] = useState(CARDS)
  const issues = useMemo(() => byRule(props.issues), [props.issues])
  const claimOf = useMemo(
    () => new Map((claims?.rules ?? []).map((claim) => [claim.ruleId, claim])),
    [claims],
  )
  const indexes = useMemo(() => found(rules, find), [rules, find])
  const first = new Set(indexes.slice(0, count))
  const shown = rules.flatMap((rule, index) => (first.has(index) || opened.has(rule.id) ? [index] : []))
  const more = indexes.length - first.size
  return (
    <Section
      title="Rules, in order"
      actions={
        (rules.length > CARDS / 5 || find !== '') && (
          <TextInput
            aria-label="Find a rule"
            placeholder="Find a rule"
            size="xs"
            w={240}
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        )
      }
    >
      {rules.length === 0 && (
        <Text size="sm">
          No rule yet, so all cost is unattributed. Add one: a tag that names the tenant is the commonest, as
          in “the tenant named by its tag application”.
        </Text>
      )}
      {rules.length > 0 && indexes.length === 0 && <Text size="sm">No rule says “{find.trim()}”.</Text>}
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {shown.map((index) => {
          const rule = rules[index]
          return rule === undefined ? null : (
            <RuleCard
              key={rule.id}
              rule={rule}
              index={index}
              count={rules.length}
              issues={issues.get(index) ?? []}
              usable={!props.unusable.has(index)}
              claim={claimOf.get(rule.id)}
              currency={claims?.currency ?? ''}
              suggestions={props.suggestions}
              open={opened.has(rule.id)}
              isNew={props.added === rule.id}
              onOpen={(open) => props.onOpen(rule.id, open)}
              onChange={(changed) =>
                change((before) => before.map((each) => (each.id === rule.id ? changed : each)))
              }
              onMove={(by) => change((before) => moved(before, index, by))}
              onPlace={(to) => change((before) => placed(before, index, to))}
              onRemove={() => change((before) => before.filter((each) => each.id !== rule.id))}
            />
          )
        })}
      </Stack>
      {more > 0 && (
        <Button variant="default" onClick={() => setCount(count + CARDS)}>
          Show {formatCount(Math.min(CARDS, more))} more of {formatCount(more)}
        </Button>
      )}
    </Section>
  )
}
