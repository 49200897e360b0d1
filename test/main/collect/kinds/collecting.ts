/** What the tests of every kind of source ask: a context, and all that one run gives. */
import type { Json } from '../../../../src/domain/canonical.ts'
import type { CollectContext, Collector, Page } from '../../../../src/main/collect/collector.ts'

export interface CollectedEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject?: string
  readonly time: string
  readonly data: {
    readonly value: string
    readonly from?: string
    readonly to?: string
    readonly dimensions?: Readonly<Record<string, string>>
  }
}

export const contextFor = (
  collector: Collector,
  config: object,
  changes: Partial<CollectContext<unknown>> = {},
): CollectContext<unknown> => ({
  config: collector.config.parse(config),
  source: 'Source',
  checkpoint: null,
  range: null,
  nowMs: Date.parse('2026-11-02T10:00:00Z'),
  timeZone: 'UTC',
  signal: new AbortController().signal,
  secret: async () => null,
  environment: {},
  ...changes,
})

/** One run's pages, the events in them, and the checkpoint it ends at. */
export const collectAll = async (collector: Collector, context: CollectContext<unknown>) => {
  const pages: Page[] = []
  const events: CollectedEvent[] = []
  let { checkpoint }: { checkpoint: Json } = context
  for await (const page of collector.collect(context)) {
    pages.push(page)
    for (const line of String(page.content).split('\n')) if (line !== '') events.push(JSON.parse(line))
    checkpoint = page.checkpoint
  }
  return { pages, events, checkpoint }
}
