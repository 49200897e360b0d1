/** One run of a source: page after page, each committed with its checkpoint in one batch. */
import { createWriteStream } from 'node:fs'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ImportResult } from '../../../contract/book.ts'
import type { Connection } from '../../../contract/connections.ts'
import { canonicalJson, type Json } from '../../../domain/canonical.ts'
import type { Period } from '../../../domain/period.ts'
import type { Page } from '../../collect/collector.ts'
import { newId } from '../clock.ts'
import type { EngineState } from '../engine-state.ts'
import { importContext, type Session } from '../session.ts'
import { runStream } from '../stream.ts'
import { collectorFor, contextOf, readConfig } from './attempt.ts'
import type { Collected } from './shapes.ts'

const NOTHING: Collected = { pages: 0, added: 0, duplicate: 0, conflict: 0, quarantined: 0, replaced: 0 }

const plus = (sum: Collected, result: ImportResult): Collected => ({
  pages: sum.pages + 1,
  added: sum.added + result.added,
  duplicate: sum.duplicate + result.duplicate,
  conflict: sum.conflict + result.conflict,
  quarantined: sum.quarantined + result.quarantined,
  replaced: sum.replaced + result.replaced,
})

/** A page as a file, which is what the reader takes; gone again once `work` is done. */
export const withSpooled = async <T>(
  folder: string,
  page: Page,
  work: (path: string, size: number) => Promise<T>,
): Promise<T> => {
  await mkdir(folder, { recursive: true })
  const path = join(folder, newId())
  try {
    if (typeof page.content === 'string') await writeFile(path, page.content, { mode: 0o600 })
    else await pipeline(Readable.from(page.content), createWriteStream(path, { mode: 0o600 }))
    return await work(path, (await stat(path)).size)
  } finally {
    await rm(path, { force: true })
  }
}

const isEmpty = (page: Page): boolean => typeof page.content === 'string' && page.content.trim() === ''

/**
 * Collects until the source has no more for now. What was committed stays committed, whatever happens after.
 * @param range read again; the source then leaves its checkpoint as it is, but for what it counts in it
 * @throws SourceFailure, REFUSED, the signal's reason
 */
export const collectSource = async (
  engine: EngineState,
  session: Session,
  connection: Connection,
  run: {
    readonly range: Period | null
    readonly signal: AbortSignal
    readonly onPage: (title: string, soFar: Collected) => void
  },
): Promise<Collected> => {
  const { id, name, kind } = connection
  const collector = collectorFor(engine, kind)
  const config = readConfig(collector, name, connection.config)
  let checkpoint: Json = session.one('checkpoint', id)?.content.checkpoint ?? null
  const context = contextOf(
    engine,
    session,
    { id, name, config },
    { checkpoint, range: run.range, signal: run.signal },
  )
  let collected = NOTHING
  try {
    for await (const page of collector.collect(context)) {
      run.signal.throwIfAborted()
      const moves = canonicalJson(page.checkpoint) !== canonicalJson(checkpoint)
      const kept = { kind: 'checkpoint' as const, id, content: { checkpoint: page.checkpoint } }
      if (isEmpty(page)) {
        if (moves) await session.put(page.title, [{ ...kept, expectedVersion: null }])
      } else {
        const result = await withSpooled(session.uploads.directory, page, async (path) =>
          runStream(
            await session.writer.importFile({
              work: newId(),
              request: {
                path,
                name: page.title,
                source: name,
                choice: page.choice,
                delivery: page.delivery ?? 'add',
                sameId: page.sameId ?? 'conflict',
                documents: moves ? [kept] : [],
              },
              context: importContext(session, []),
            }),
            { signal: run.signal, progress: () => undefined },
          ),
        )
        collected = plus(collected, result)
      }
      if (moves) checkpoint = page.checkpoint
      run.onPage(page.title, collected)
    }
  } finally {
    if (collected.pages > 0) await session.follow()
  }
  return collected
}

const count = (value: number, one: string) => `${value.toLocaleString('en')} ${one}${value === 1 ? '' : 's'}`

/** `1,204 records new, 3 known before, 1 rejected (see the quarantine).` */
export const collectedInWords = (collected: Collected): string => {
  const parts = [
    `${count(collected.added, 'record')} new`,
    ...(collected.replaced > 0
      ? [`${collected.replaced.toLocaleString('en')} of them replaced an older value`]
      : []),
    ...(collected.duplicate > 0 ? [`${collected.duplicate.toLocaleString('en')} known before`] : []),
    ...(collected.conflict > 0
      ? [`${collected.conflict.toLocaleString('en')} in conflict with an earlier one`]
      : []),
    ...(collected.quarantined > 0
      ? [`${collected.quarantined.toLocaleString('en')} rejected (see the quarantine)`]
      : []),
  ]
  return collected.pages === 0 ? 'Nothing new.' : `${parts.join(', ')}.`
}
