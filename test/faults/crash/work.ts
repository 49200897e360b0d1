/**
 * The work that is killed, one kind each, as the child process does it. It goes on where a killed one before it
 * stopped, and says what it has reached; a line says no more than what is true when it is written.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { createRouterClient } from '@orpc/server'
import Database from 'better-sqlite3'
import { openCube } from '../../../src/main/cube/cube.ts'
import { startEngine } from '../../../src/main/engine/engine.ts'
import { BACKUPS_FOLDER, backupBook } from '../../../src/main/ledger/backup.ts'
import { acquireLock } from '../../../src/main/ledger/lock.ts'
import {
  closeLedger,
  LEDGER_FILE,
  openLedgerForWriting,
  type WritingLedger,
} from '../../../src/main/ledger/open.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { NOW, PROGRAM, reached, SCRIPTS, type Script } from './script.ts'

/** The folder with the book in `book`, that of the files to import, and a way to say what was reached. */
export interface Place {
  readonly folder: string
  readonly files: string
  readonly say: (words: string) => void
}

/** Files the engine imports, each as one job. */
export const ENGINE_FILES = ['usage-1.jsonl.gz', 'usage-2.jsonl', 'bill.csv', 'usage-3.jsonl.gz']
/** Batches of a book that the engine has created. */
export const ENGINE_BASE = 1
/** Books that are opened, and backups that are made, one after the other. */
export const BOOKS = 6
export const BACKUPS = 8
/** Those that are made while the book is written. */
export const BUSY_BACKUPS = 10

/** Says `committing` and the batch before each commit, so that a kill can be aimed into it. */
const sayCommits = (ledger: WritingLedger, say: Place['say']): void => {
  const { database } = ledger
  const { exec } = database
  database.exec = (sql) => {
    if (sql === 'COMMIT') say(`committing ${reached(ledger)}`)
    return exec.call(database, sql)
  }
}

const open = ({ folder, say }: Place): { ledger: WritingLedger; close: () => void } => {
  const directory = join(folder, 'book')
  const lock = acquireLock(directory, { pid: process.pid })
  const ledger = openLedgerForWriting(directory, { program: PROGRAM })
  sayCommits(ledger, say)
  return {
    ledger,
    close: () => {
      closeLedger(ledger)
      lock.release()
    },
  }
}

const nextStep = async (ledger: WritingLedger, script: Script, { files, say }: Place): Promise<void> => {
  await script.steps[reached(ledger)]?.(ledger, files)
  const head = readHead(ledger)
  say(`committed ${head?.batchId} ${head?.hash}`)
}

const runScript =
  (script: Script) =>
  async (place: Place): Promise<void> => {
    place.say('begun')
    const { ledger, close } = open(place)
    while (reached(ledger) < script.steps.length) await nextStep(ledger, script, place)
    place.say('closing')
    close()
  }

const engine = async ({ folder, files, say }: Place): Promise<void> => {
  say('begun')
  const started = await startEngine({
    directory: join(folder, 'book'),
    clock: { nowMs: () => Date.parse(NOW) },
    environment: {},
    userName: 'Ada',
  })
  const client = createRouterClient(started.router, { context: { local: true } })
  const { head } = await client.book.status()
  for (const name of ENGINE_FILES.slice(head.batchId - ENGINE_BASE)) {
    const { fileId } = await client.files.openPath({ path: join(files, name) })
    say(`importing ${name}`)
    const { jobId } = await client.imports.start({ fileId, options: {} })
    let isFollowing = false
    for await (const { progress, result, error } of await client.jobs.watch({ jobId })) {
      // Said once the batch is committed, while the cube follows it.
      if (progress.text === 'Following in the cube' && !isFollowing) {
        isFollowing = true
        say(`following ${name}`)
      }
      if (result?.kind === 'import') say(`committed ${result.import.batchId}`)
      if (error !== null) throw new Error(error.message)
    }
  }
  say('closing')
  await started.close()
}

/** Says `storing` before each commit of the cube. */
const sayStores = (say: Place['say']): void => {
  const { run } = DuckDBConnection.prototype
  DuckDBConnection.prototype.run = function (...call) {
    if (call[0] === 'COMMIT') say('storing')
    return run.apply(this, call)
  }
}

const cube = async (place: Place): Promise<void> => {
  const { say } = place
  sayStores(say)
  say('begun')
  const { ledger, close } = open(place)
  const opened = await openCube(ledger.directory)
  const follow = async () => say(`followed ${(await opened.follow()).lastBatchId}`)
  await follow()
  while (reached(ledger) < SCRIPTS.cube.steps.length) {
    await nextStep(ledger, SCRIPTS.cube, place)
    await follow()
  }
  say('rebuilding')
  const rebuilt = await opened.rebuild({ onProgress: ({ doneSeq }) => say(`rebuilding ${doneSeq}`) })
  say(`followed ${rebuilt.lastBatchId}`)
  say('closing')
  await opened.close()
  close()
}

/** Opens books of an older version one after the other, which brings each to this program's version. */
const migration = async ({ folder, say }: Place): Promise<void> => {
  const { pragma } = Database.prototype
  Database.prototype.pragma = function (source, options) {
    if (source.startsWith('user_version =')) say('migrating')
    return pragma.call(this, source, options)
  }
  say('begun')
  for (let number = 0; number < BOOKS; number++) {
    const directory = join(folder, `book-${number}`)
    say(`opening ${number}`)
    const lock = acquireLock(directory, { pid: process.pid })
    const ledger = openLedgerForWriting(directory, { program: PROGRAM })
    say(`opened ${number}`)
    closeLedger(ledger)
    lock.release()
  }
}

/** Backs the book up into one folder after the other. */
const backup = async ({ folder, say }: Place): Promise<void> => {
  say('begun')
  for (let number = 0; number < BACKUPS; number++) {
    say(`copying ${number}`)
    await backupBook(join(folder, 'book'), join(folder, `backup-${number}`))
    say(`copied ${number}`)
  }
}

/** Where a backup is made while the book is written, and whether it is there. */
export const backupWhileBusy = (folder: string, number: number) => {
  const directory = join(folder, 'book', BACKUPS_FOLDER, String(number))
  return { directory, isMade: existsSync(join(directory, LEDGER_FILE)) }
}
/** Pages copied between two turns of the import: so few that commits fall into most copies. */
const PAGES_PER_TURN = 8

/** Imports one file after the other, and backs the book up again and again until they are done. */
const busyBackup = async (place: Place): Promise<void> => {
  const { folder, say } = place
  const { backup: copy } = Database.prototype
  Database.prototype.backup = function (file, options) {
    const progress: Database.BackupOptions['progress'] = (info) => {
      options?.progress?.(info)
      return PAGES_PER_TURN
    }
    return copy.call(this, file, { ...options, progress })
  }
  say('begun')
  const { ledger, close } = open(place)
  const { steps } = SCRIPTS.import
  const importing = (async () => {
    while (reached(ledger) < steps.length) await nextStep(ledger, SCRIPTS.import, place)
  })()
  for (let number = 0; number < BUSY_BACKUPS; number++) {
    const { directory, isMade } = backupWhileBusy(folder, number)
    if (isMade) continue
    say(`copying ${number} ${reached(ledger)}`)
    const { head } = await backupBook(join(folder, 'book'), directory)
    say(`copied ${number} ${head.batchId}`)
  }
  await importing
  say('closing')
  close()
}

export const WORK = {
  import: runScript(SCRIPTS.import),
  engine,
  correction: runScript(SCRIPTS.correction),
  cube,
  migration,
  backup,
  'busy backup': busyBackup,
} satisfies Record<string, (place: Place) => Promise<void>>
export type Kind = keyof typeof WORK
