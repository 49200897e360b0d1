import { Divider, SimpleGrid, Stack } from '@mantine/core'
import { Page, Section } from '../../ui/page.tsx'
import { BackupsSection } from './backups-section.tsx'
import { BookForm } from './book-form.tsx'
import { MappingsSection } from './mappings-section.tsx'
import { MetricsSection } from './metrics-section.tsx'
import { RatesSection } from './rates-section.tsx'
import {
  AboutSection,
  ApiSection,
  AuthorSection,
  ColoursSection,
  StripeSection,
  UpkeepSection,
} from './small-sections.tsx'
import { TokensSection } from './tokens-section.tsx'

export const Screen = () => (
  <Page title="Settings" question="How does this book count, and who acts in it?">
    <Stack gap="lg" maw={1180}>
      <Section title="Book">
        <BookForm />
      </Section>
      <Divider />
      <SimpleGrid cols={2} spacing="xl" verticalSpacing="lg">
        <AuthorSection />
        <StripeSection />
        <ColoursSection />
        <UpkeepSection />
        <ApiSection />
        <AboutSection />
      </SimpleGrid>
      <Divider />
      <BackupsSection />
      <Divider />
      <MetricsSection />
      <RatesSection />
      <MappingsSection />
      <Divider />
      <TokensSection />
    </Stack>
  </Page>
)
