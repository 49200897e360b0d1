/** What the steps of connecting a source show. */
import { Code, Group, List, SimpleGrid, Stack, Stepper, Text, UnstyledButton } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Contract } from '../../../../contract/contract.ts'
import { api } from '../../../api.ts'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { PROBLEM_COLOR } from '../../../ui/problem.tsx'
import { type ConnectionDraft, configOf } from './draft.ts'

export type Kind = InferContractRouterOutputs<Contract>['connections']['kinds'][number]
export type Check = InferContractRouterOutputs<Contract>['connections']['check']

const STEPS = ['Choose', 'Connect', 'Check', 'Preview'] as const

export const ChooseKind = (props: { kinds: readonly Kind[]; onChoose: (kind: Kind) => void }) => (
  <SimpleGrid
    cols={{ base: 1, sm: 2 }}
    spacing="xs"
    component="ul"
    aria-label="Kinds of sources"
    p={0}
    m={0}
    style={{ listStyle: 'none' }}
  >
    {props.kinds.map((kind) => (
      <li key={kind.kind}>
        <UnstyledButton
          onClick={() => props.onChoose(kind)}
          p="sm"
          w="100%"
          h="100%"
          display="flex"
          style={{
            flexDirection: 'column',
            border: '1px solid var(--mantine-color-default-border)',
            borderRadius: 4,
          }}
        >
          <Text fw={600}>{kind.title}</Text>
          <Text size="sm" c="dimmed">
            {kind.purpose}
          </Text>
          {kind.cost !== null && <Text size="xs">Cost: {kind.cost}</Text>}
        </UnstyledButton>
      </li>
    ))}
  </SimpleGrid>
)

export const Permissions = (props: { kind: Kind; draft: ConnectionDraft }) => {
  const asked = useQuery(
    api.connections.permissions.queryOptions({
      input: { kind: props.kind.kind, config: configOf(props.draft, props.kind.fields) },
    }),
  )
  if (asked.data === undefined) return null
  return (
    <Stack gap={4}>
      <Text size="sm">{asked.data.sentence}</Text>
      {asked.data.documents.map((document) => (
        <details key={document.title}>
          <summary>{document.title}</summary>
          <Group justify="flex-end">
            <CopyButton text={document.text} label={`Copy ${document.title}`} />
          </Group>
          {/* Longer than its box, so the keyboard must reach it to scroll. */}
          <Code
            block
            mah={260}
            style={{ overflow: 'auto' }}
            tabIndex={0}
            role="region"
            aria-label={document.title}
          >
            {document.text}
          </Code>
        </details>
      ))}
    </Stack>
  )
}

const MARKS = { works: '✓', warning: '!', missing: '✗' } as const
const MARK_WORDS = { works: 'works', warning: 'look at this', missing: 'missing' } as const

export const Findings = (props: { check: Check }) => (
  <List listStyleType="none" spacing={4} aria-label="What the check found">
    {props.check.findings.map(({ state, sentence }) => (
      <List.Item key={sentence}>
        <Text size="sm" {...(state === 'missing' ? { c: PROBLEM_COLOR } : {})}>
          <b title={MARK_WORDS[state]}>{MARKS[state]}</b> {sentence}
        </Text>
      </List.Item>
    ))}
  </List>
)

/** Where one is. Each step begins at its top, however far the one before was scrolled. */
export const Steps = (props: { active: number }) => {
  const { active } = props
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the step that makes it scroll
  useEffect(() => {
    box.current?.closest('[role=dialog]')?.scrollTo({ top: 0 })
  }, [active])
  return (
    <Stepper ref={box} active={active} size="xs" iconSize={24} aria-label="Steps">
      {STEPS.map((label) => (
        <Stepper.Step key={label} label={label} />
      ))}
    </Stepper>
  )
}
