/** What the writer's thread answers: everything that appends to the ledger, and everything that reads whole files. */
import { ORPCError, os, type Schema } from '@orpc/server'
import type { ImportResult } from '../../contract/book.ts'
import type { FilePreview, ReadOptions } from '../../contract/sources.ts'
import { compileRules } from '../../domain/attribution/match.ts'
import type { AttributionRule } from '../../domain/attribution/rule.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { type Corrected, keepFirst, restateRecord, reverseEntry } from '../collect/corrections.ts'
import {
  type ImportContext,
  ImportRefusal,
  type ImportRequest,
  importFile,
  replayRecord,
} from '../collect/import-file.ts'
import { type PreviewContext, previewFile } from '../collect/preview-file.ts'
import { parseChoice } from '../collect/readers.ts'
import { appendBatch } from '../ledger/append.ts'
import { type BackupSummary, backupBook } from '../ledger/backup.ts'
import type { Ledger, WritingLedger } from '../ledger/open.ts'
import { mendKeys } from '../ledger/open-pages.ts'
import { LedgerRefusal } from '../ledger/refusal.ts'
import { type Verification, verifyLedger } from '../ledger/verify.ts'
import type { Put } from './documents.ts'
import { readOnly, refused } from './refusals.ts'
import type { StagedFile } from './uploads.ts'

export interface Progress {
  readonly done: number
  readonly total: number | null
  readonly text: string
}
export type WorkEvent<Result> =
  | { readonly progress: Progress; readonly result: null }
  | { readonly progress: null; readonly result: Result }

/** A schema that only types: both sides of the port are this program, and the contract has validated the input. */
const typed = <Params>(): Schema<Params, Params> => ({
  '~standard': { version: 1, vendor: 'countinghouse', validate: (value) => ({ value: value as Params }) },
})

/** Refusals cross the port as the contract's own errors. */
const asAnswer = (error: unknown): unknown => {
  if (error instanceof ImportRefusal) return refused('import_refused', error.message, error.issues)
  if (!(error instanceof LedgerRefusal)) return error
  if (error.code === 'document_was_changed_meanwhile')
    return new ORPCError('CHANGED_MEANWHILE', { status: 409, message: error.message, defined: true })
  return refused(error.code, error.message)
}

const answering = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    throw asAnswer(error)
  }
}

/** The verification, and the index of keys made anew where that is what does not fit. */
const mendingKeys = async (
  ledger: WritingLedger | null,
  verifying: Promise<Verification>,
): Promise<Verification> => {
  const verification = await verifying
  if (verification.ok || !verification.isOfKeys || ledger === null) return verification
  await mendKeys(ledger)
  const { fault } = verification
  const sentence = `${fault.sentence} The index was made anew from them now; verify again.`
  return { ...verification, fault: { ...fault, sentence } }
}

/** Progress events at most every 100 ms, then the result. Leaving the loop early aborts the work. */
async function* streaming<Result>(
  outer: AbortSignal | undefined,
  work: (progress: (event: Progress) => void, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<WorkEvent<Result>, void> {
  const left = new AbortController()
  const signal = outer === undefined ? left.signal : AbortSignal.any([outer, left.signal])
  let latest: Progress | null = null
  let ended = false
  let wake = () => {}
  const working = work((progress) => {
    latest = progress
    wake()
  }, signal).finally(() => {
    ended = true
    wake()
  })
  // Kept until it is awaited below, where its error is thrown.
  working.catch(() => undefined)
  try {
    while (!ended) {
      const news = latest as Progress | null
      latest = null
      if (news === null)
        await new Promise<void>((resolve) => {
          wake = resolve
          if (ended || latest !== null) resolve()
        })
      else {
        yield { progress: news, result: null }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    yield { progress: null, result: await working.catch((error: unknown) => Promise.reject(asAnswer(error))) }
  } finally {
    left.abort()
  }
}

const writing = (ledger: WritingLedger | null): WritingLedger => {
  if (ledger === null) throw readOnly('The book is open for reading only. Nothing was changed.')
  return ledger
}

export interface PreviewInput {
  readonly file: StagedFile
  readonly options: ReadOptions
  readonly rules: readonly AttributionRule[]
  readonly context: Omit<PreviewContext, 'attribute' | 'entriesOfBill' | 'importedBefore'>
}

export interface LedgerLookups {
  readonly entriesOfBill: PreviewContext['entriesOfBill']
  readonly importedBefore: PreviewContext['importedBefore']
}

/** Imports under way, by the name their caller gave them. */
const stoppable = new Map<string, AbortController>()

/** The router of a thread that could not open the ledger: says why. */
export const refusingRouter = (error: unknown) => ({
  ready: os.handler(() => {
    throw asAnswer(error)
  }),
})

/** @param ledger null where the book is open for reading only, and what would append is refused */
export const writerRouter = (ledger: WritingLedger | null, reading: Ledger, lookups: LedgerLookups) => ({
  /** Answers once the ledger is open; what kept it from being opened is thrown here. */
  ready: os.handler(() => true),

  /** Appends versions of documents as one batch; all or none. Returns their versions in order. */
  put: os
    .input(typed<{ puts: readonly Put[]; title: string; author: string; recordedMs: number }>())
    .handler(({ input }) =>
      answering(async () => {
        const versions: number[] = []
        await appendBatch(
          writing(ledger),
          { kind: 'document', title: input.title, author: input.author, recordedMs: input.recordedMs },
          (appender) => {
            for (const { kind, id, content, expectedVersion } of input.puts)
              versions.push(
                appender.document(kind, id, canonicalJson(content as unknown as Json), expectedVersion),
              )
          },
        )
        return versions
      }),
    ),

  /** Ends with the result or with the reason it was stopped, whichever came true: only `stop` cancels it. */
  importFile: os
    .input(typed<{ work: string; request: ImportRequest; context: ImportContext }>())
    .handler(({ input, signal }) =>
      streaming<ImportResult>(signal, async (progress, left) => {
        const controller = new AbortController()
        stoppable.set(input.work, controller)
        try {
          return await importFile(
            writing(ledger),
            input.request,
            input.context,
            (done, total, text) => progress({ done, total, text }),
            AbortSignal.any([left, controller.signal]),
          )
        } finally {
          stoppable.delete(input.work)
          // What the file's pages took is given back before the cube, in the same process, follows what was imported.
          ledger?.database.pragma('shrink_memory')
        }
      }),
    ),
  stop: os.input(typed<{ work: string }>()).handler(({ input }) => stoppable.get(input.work)?.abort()),

  previewFile: os.input(typed<PreviewInput>()).handler(
    ({ input }): Promise<FilePreview> =>
      answering(() =>
        previewFile(input.file, input.options, {
          ...input.context,
          ...lookups,
          attribute: compileRules(input.rules),
        }),
      ),
  ),

  replay: os
    .input(
      typed<{
        quarantineSeq: number
        raw: string
        source: string
        reader: string
        context: ImportContext
      }>(),
    )
    .handler(({ input: { reader, context, ...request } }) =>
      answering(() => replayRecord(writing(ledger), { ...request, choice: parseChoice(reader) }, context)),
    ),

  dismiss: os
    .input(typed<{ seqs: readonly number[]; note: string; author: string; recordedMs: number }>())
    .handler(({ input }) =>
      answering(async () => {
        await appendBatch(
          writing(ledger),
          {
            kind: 'correction',
            title: `Dismissal of ${input.seqs.length} quarantined records`,
            author: input.author,
            recordedMs: input.recordedMs,
          },
          (appender) => {
            for (const seq of input.seqs) appender.quarantineOutcome(seq, 'dismissed', input.note)
          },
        )
        return input.seqs.length
      }),
    ),

  reverse: os
    .input(typed<{ seq: number; reason: string; context: ImportContext }>())
    .handler(
      ({ input: { context, ...request } }): Promise<Corrected> =>
        answering(async () => reverseEntry(writing(ledger), request, context)),
    ),

  takeConflict: os
    .input(typed<{ conflictSeq: number; note: string; context: ImportContext }>())
    .handler(
      ({ input: { context, ...request } }): Promise<Corrected> =>
        answering(async () => restateRecord(writing(ledger), request, context)),
    ),

  keepFirst: os
    .input(typed<{ conflictSeqs: readonly number[]; note: string; context: ImportContext }>())
    .handler(({ input: { context, ...request } }) =>
      answering(async () => keepFirst(writing(ledger), request, context)),
    ),

  verify: os
    .input(typed<{ knownHeads: readonly { batchId: number; hash: string }[] }>())
    .handler(({ input, signal }) =>
      streaming<Verification>(signal, (progress, abort) =>
        mendingKeys(
          ledger,
          verifyLedger(reading, {
            signal: abort,
            knownHeads: input.knownHeads,
            onProgress: ({ done, total }) => progress({ done, total, text: 'Walking the chain' }),
          }),
        ),
      ),
    ),

  backup: os.input(typed<{ target: string }>()).handler(({ input, signal }) =>
    streaming<BackupSummary>(signal, (progress, abort) =>
      backupBook(reading.directory, input.target, {
        signal: abort,
        onProgress: ({ done, total }) => progress({ done, total, text: 'Copying the ledger' }),
      }),
    ),
  ),
})
export type WriterRouter = ReturnType<typeof writerRouter>
