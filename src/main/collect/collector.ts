/**
 * What every kind of connected source is: it says what it needs, tries it out, and gives pages of records from where
 * it left off. A page is text in a format that the house reads from files anyhow (CloudEvents lines, FOCUS rows), so
 * identities, scales, months, quarantine and restatement are the same for what is pulled and for what is dropped in.
 */
import type { z } from 'zod'
import type { ConnectionField } from '../../contract/connections.ts'
import type { Json } from '../../domain/canonical.ts'
import type { Period } from '../../domain/period.ts'
import type { ReaderChoice } from './readers.ts'

/** One thing a check looked at, in words: what works, or what is missing and where to mend it. */
export interface CheckFinding {
  readonly state: 'works' | 'missing' | 'warning'
  readonly sentence: string
}

/** Read-only access that the user grants, as they paste it. */
export interface Permissions {
  /** In words, for the first line. */
  readonly sentence: string
  /** Files of `resources/`, as text to copy: an IAM policy, a CloudFormation template, a GRANT. */
  readonly documents: readonly {
    readonly title: string
    readonly language: 'json' | 'yaml' | 'sql' | 'text'
    readonly text: string
  }[]
}

export interface Page {
  /** Of the batch: `Requests of 2026-11-02, 10:00–10:10`. */
  readonly title: string
  readonly choice: ReaderChoice
  /** Text, or bytes as they came (gzip included): a page as large as a file is spooled to disk, never held. */
  readonly content: string | AsyncIterable<Uint8Array>
  /** For usage: `restate` where the source changes its past, so that a newer value replaces an older by its difference. */
  readonly sameId?: 'conflict' | 'restate'
  /** For cost: `restate` where the page holds whole bills. */
  readonly delivery?: 'restate' | 'add'
  /** Where to go on once this page is committed; kept in the page's own batch. */
  readonly checkpoint: Json
}

export interface CollectContext<Config> {
  readonly config: Config
  /** Name of the source: ids are unique within it. */
  readonly source: string
  /** As the last committed page left it; null before the first. */
  readonly checkpoint: Json
  /**
   * Asked to read a range again; pages then carry the checkpoint they were given, but for
   * what is counted in it (requests that cost money). Null in the ordinary course.
   */
  readonly range: Period | null
  readonly nowMs: number
  readonly timeZone: string
  readonly signal: AbortSignal
  /** Value of a field of kind `secret`; null where it is set nowhere. */
  readonly secret: (field: string) => Promise<string | null>
  readonly environment: NodeJS.ProcessEnv
}

export interface Collector<Config = unknown> {
  /** Closed name: `prometheus`, `log_files`. Kept in the ledger with every source of it. */
  readonly kind: string
  readonly title: string
  /** One sentence: what it measures. */
  readonly purpose: string
  readonly fields: readonly ConnectionField[]
  /** Reads what was typed into the fields, secrets left out. */
  readonly config: z.ZodType<Config>
  readonly permissions: (config: Config | null) => Permissions
  /** What asking costs at the provider: `USD 0.01 a request`; null where it is free. */
  readonly cost: string | null
  /** Minutes between runs unless the user says otherwise. */
  readonly everyMinutes: number
  /** Dry run: nothing is kept. @throws where it cannot even begin; the message is shown. */
  readonly check: (context: CollectContext<Config>) => Promise<readonly CheckFinding[]>
  /** Pages in order. A run ends when the source has no more for now. @throws {@link SourceFailure} */
  readonly collect: (context: CollectContext<Config>) => AsyncIterable<Page>
}

/** A source that did not answer as it should, in words for a person. */
export class SourceFailure extends Error {
  /** Whether trying again later may help: throttled, unreachable. Not where a key is wrong. */
  readonly retryable: boolean
  /** Milliseconds that the source asked to wait. */
  readonly retryAfterMs: number | null

  constructor(message: string, options: { readonly retryable: boolean; readonly retryAfterMs?: number }) {
    super(message)
    this.name = 'SourceFailure'
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** A collector with its configuration read: what the engine runs, whatever the kind. */
export const collectorOf = <Config>(collector: Collector<Config>): Collector => collector as Collector
