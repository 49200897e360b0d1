import { Group, List, NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Metric } from '../../../domain/metric.ts'
import { diffVersions } from '../../../domain/pricing/diff-words.ts'
import type { RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { versionInWords } from '../../../domain/pricing/words.ts'
import { Section } from '../../ui/page.tsx'
import { settingsInWords } from './settings-form.tsx'

interface VersionsProps {
  readonly versions: readonly RateCardVersion[]
  readonly metrics: readonly Metric[]
  readonly currency: string
}

const Sentences = (props: { sentences: readonly string[]; none: string }) =>
  props.sentences.length === 0 ? (
    <Text size="sm">{props.none}</Text>
  ) : (
    <List size="sm">
      {props.sentences.map((sentence) => (
        <List.Item key={sentence}>{sentence}</List.Item>
      ))}
    </List>
  )

/** Any two versions beside each other, the draft among them, in words. */
export const CompareVersions = (props: VersionsProps & { draft: RateCardVersion | null }) => {
  const { versions, draft } = props
  const all = [...versions, ...(draft === null ? [] : [draft])]
  const [picked, setPicked] = useState<{ before: number; after: number } | null>(null)
  const at = (number: number | undefined) => all.find(({ version }) => version === number)
  const after = at(picked?.after) ?? versions.at(-1)
  const before = at(picked?.before) ?? versions.at(-2) ?? versions.at(-1)
  if (before === undefined || after === undefined) return null
  const data = all.map((each) => ({
    value: String(each.version),
    label:
      each === draft
        ? `Draft of version ${each.version}`
        : `Version ${each.version}, from ${each.effectiveFrom}`,
  }))
  const select = (label: string, value: RateCardVersion, onPick: (number: number) => void) => (
    <NativeSelect
      size="xs"
      label={label}
      w={230}
      value={String(value.version)}
      data={data}
      onChange={(event) => onPick(Number(event.currentTarget.value))}
    />
  )
  return (
    <Section title="Compare versions">
      <Group gap="sm">
        {select('From', before, (number) => setPicked({ before: number, after: after.version }))}
        {select('To', after, (number) => setPicked({ before: before.version, after: number }))}
      </Group>
      <div role="status">
        <Sentences
          sentences={before === after ? [] : diffVersions(before, after, props)}
          none={
            before === after
              ? 'Choose two versions to see what differs.'
              : 'No price differs between the two.'
          }
        />
      </div>
    </Section>
  )
}

/** Every version, newest first, with what it changed in words. */
export const Versions = (props: VersionsProps) => (
  <Section title="Versions">
    <Stack gap="sm">
      {props.versions
        .map((version, index) => {
          const before = props.versions[index - 1]
          const settings = settingsInWords(version.settings ?? {})
          const currencies = Object.keys(version.otherCurrencies ?? {})
          return (
            <div key={version.version}>
              <Text size="sm" fw={600}>
                Version {version.version}, from {version.effectiveFrom}
              </Text>
              {version.note !== undefined && version.note !== '' && <Text size="sm">{version.note}</Text>}
              <Sentences
                sentences={
                  before === undefined ? versionInWords(version, props) : diffVersions(before, version, props)
                }
                none="No price changes."
              />
              {currencies.length > 0 && (
                <Text size="xs" c="dimmed">
                  Prices in {currencies.join(', ')} too.
                </Text>
              )}
              {settings.length > 0 && (
                <Text size="xs" c="dimmed">
                  Not by default: {settings.join('; ')}.
                </Text>
              )}
            </div>
          )
        })
        .reverse()}
    </Stack>
  </Section>
)
