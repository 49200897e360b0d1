/** What a collector of AWS is handed in tests: keys that open nothing, and the engine's way with checkpoints. */
import type { Json } from '../../src/domain/canonical.ts'
import type { CollectContext, Collector, Page } from '../../src/main/collect/collector.ts'

export const KEYS: Readonly<Record<string, string>> = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

export const awsContext = (
  collector: Collector,
  settings: object,
  changes: Partial<CollectContext<unknown>> = {},
): CollectContext<unknown> => ({
  config: collector.config.parse({ region: 'us-east-1', ...settings }),
  source: 'AWS',
  checkpoint: null,
  range: null,
  nowMs: Date.parse('2026-11-10T12:00:00Z'),
  timeZone: 'UTC',
  signal: new AbortController().signal,
  secret: async (field) => KEYS[field] ?? null,
  environment: {},
  ...changes,
})

const textOf = async ({ content }: Page): Promise<string> => {
  if (typeof content === 'string') return content
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Pages with something in them, and the checkpoint of the last one, whether the run ended or failed. */
export const runCollector = async (collector: Collector, context: CollectContext<unknown>) => {
  const pages: { readonly page: Page; readonly text: string }[] = []
  let checkpoint: Json = context.checkpoint
  let failure: unknown = null
  try {
    for await (const page of collector.collect(context)) {
      const text = await textOf(page)
      if (text !== '') pages.push({ page, text })
      checkpoint = page.checkpoint
    }
  } catch (error) {
    failure = error
  }
  return { pages, checkpoint, failure }
}
