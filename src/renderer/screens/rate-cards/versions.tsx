import { List, Stack, Text } from '@mantine/core'
import type { Metric } from '../../../domain/metric.ts'
import type { RateCard } from '../../../domain/pricing/ratecard.ts'
import { diffVersions, versionInWords } from '../../../domain/pricing/words.ts'
import { Section } from '../../ui/page.tsx'

/** Every version, newest first, with what it changed in words. */
export const Versions = (props: { card: RateCard; metrics: readonly Metric[] }) => {
  const { versions, currency } = props.card
  const context = { metrics: props.metrics, currency }
  return (
    <Section title="Versions">
      <Stack gap="sm">
        {versions
          .map((version, index) => {
            const before = versions[index - 1]
            const sentences =
              before === undefined ? versionInWords(version, context) : diffVersions(before, version, context)
            return (
              <div key={version.version}>
                <Text size="sm" fw={600}>
                  Version {version.version}, from {version.effectiveFrom}
                </Text>
                {version.note !== undefined && version.note !== '' && <Text size="sm">{version.note}</Text>}
                <List size="sm">
                  {(sentences.length > 0 ? sentences : ['No price changes.']).map((sentence) => (
                    <List.Item key={sentence}>{sentence}</List.Item>
                  ))}
                </List>
              </div>
            )
          })
          .reverse()}
      </Stack>
    </Section>
  )
}
