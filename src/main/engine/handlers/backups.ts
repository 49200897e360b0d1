import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ListedBackup } from '../../../contract/book.ts'
import { BACKUPS_FOLDER, backupName, listBackups } from '../../ledger/backup.ts'
import { LEDGER_FILE } from '../../ledger/open.ts'
import { readBatch, readHead } from '../../ledger/read.ts'
import { api, type CallContext, type EngineState } from '../engine-state.ts'
import { refusalOf } from '../read-only.ts'
import { notFound, readOnly, refused } from '../refusals.ts'
import { restoreBackup } from '../restore.ts'
import { runStream } from '../stream.ts'

const onlyLocal = (context: CallContext): void => {
  if (!context.local)
    throw refused(
      'paths_are_for_the_command_line',
      'Only the command line of this machine may name folders. Use the book’s own backups.',
    )
}

const listOf = (engine: EngineState): ListedBackup[] => {
  const ledger = engine.openedSession()?.ledger ?? null
  const head = ledger === null ? null : readHead(ledger)
  return listBackups(engine.directory).map(({ head: theirs, ...backup }) => ({
    ...backup,
    batchId: theirs?.batchId ?? null,
    entries: theirs?.entries ?? null,
    head: theirs?.hash ?? null,
    missingBatches:
      ledger === null || head === null || theirs === null
        ? null
        : readBatch(ledger, theirs.batchId)?.hash === theirs.hash
          ? head.batchId - theirs.batchId
          : null,
  }))
}

/** A folder beside the book's that is not there yet. */
const besideBook = (directory: string, backup: string): string => {
  const first = `${resolve(directory)}-restored-${backup.slice(0, 19)}`
  for (let count = 1; ; count++) {
    const folder = count === 1 ? first : `${first}-${count}`
    if (!existsSync(folder)) return folder
  }
}

export const backupHandlers = (engine: EngineState) => ({
  backup: api.book.backup.handler(({ input, context }) => {
    const session = engine.session()
    if (input?.to !== undefined) onlyLocal(context)
    const because = engine.readOnly()
    if (input?.to === undefined && because !== null)
      throw readOnly(
        `${refusalOf(engine.directory, because)} A backup can be made into another folder (--to).`,
      )
    const target = input?.to ?? join(engine.directory, BACKUPS_FOLDER, backupName(session.clock.nowMs()))
    return engine.jobs.start('backup', 'Backup', 'pages', async (handle) => {
      const { directory, bytes, head, leftOut } = await runStream(
        await session.writer.backup({ target }, { signal: handle.signal }),
        handle,
      )
      const entries = head.entries.toLocaleString('en')
      return {
        kind: 'backup',
        directory,
        bytes,
        batchId: head.batchId,
        entries: head.entries,
        head: head.hash,
        sentence: `The ledger was copied to ${directory} and the copy checked: ${entries} entries up to batch ${head.batchId}, head ${head.hash.slice(0, 12)}, ${bytes.toLocaleString('en')} bytes.${leftOut === null ? '' : ` The book's own file is damaged where no entry lies (${leftOut}), and the copy is not: restore it into a new folder and go on with that.`}`,
      }
    })
  }),
  backups: api.book.backups.handler(() => listOf(engine)),
  restore: api.book.restore.handler(({ input, context }) => {
    if ('from' in input) onlyLocal(context)
    const { from, to } = 'from' in input ? input : ownBackup(engine, input.backup)
    const isHere = engine.openedSession() === null && resolve(to) === resolve(engine.directory)
    return engine.jobs.start('restore', 'Restore', 'entries', async (handle) => {
      const result = await restoreBackup(
        { from, to, current: engine.openedSession()?.ledger ?? null },
        {
          signal: handle.signal,
          onProgress: ({ done, total }) => handle.progress(done, total, 'Verifying the chain'),
        },
      )
      if (isHere) await engine.openRestored()
      return result
    })
  }),
})

/** One of the book's own, by its name; into a folder beside the book's, or into the book's own where it holds none. */
const ownBackup = (engine: EngineState, name: string): { from: string; to: string } => {
  const found = listBackups(engine.directory).find((backup) => backup.name === name)
  if (found === undefined) throw notFound(`There is no backup ${name} in the book’s backups folder.`)
  const holdsLedger = existsSync(join(engine.directory, LEDGER_FILE))
  return { from: found.directory, to: holdsLedger ? besideBook(engine.directory, name) : engine.directory }
}
