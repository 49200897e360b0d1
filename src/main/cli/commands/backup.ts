/** Copies of the book: make one, list them, make one a book again. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describeLock } from '../../engine/holder.ts'
import { bookOfBackup, type RestoreResult, restoreWithoutEngine } from '../../engine/restore.ts'
import { bookFolder, holdsBook } from '../book-folder.ts'
import { type CommandLine, finish, type GlobalOptions, onBook } from '../command-line.ts'
import { connect } from '../connect.ts'
import { runJob } from '../jobs.ts'
import { count, counted, DASH, instant, table } from '../text.ts'

const addBackup = (program: Command, line: CommandLine): void => {
  const command = program
    .command('backup')
    .description('copy the ledger, whole, into the book’s backups folder or another, and check the copy')
    .option('--to <dir>', 'the folder to copy into; it must not hold a book')
  onBook<{ to?: string }>(line, command, async (context, { to }) => {
    const input = to === undefined ? {} : { to: resolve(context.io.workingDirectory, to) }
    const { kind: _, ...result } = await runJob(context, 'backup', await context.client.book.backup(input))
    return { data: result, text: result.sentence }
  })
}

const addBackups = (program: Command, line: CommandLine): void => {
  const command = program.command('backups').description('the backups in the book’s folder, newest first')
  onBook(line, command, async ({ client }) => {
    const backups = await client.book.backups()
    const text = table(
      [
        { title: 'Made' },
        { title: 'Batch', right: true },
        { title: 'Entries', right: true },
        { title: 'Bytes', right: true },
        { title: 'Since then' },
        { title: 'Folder' },
      ],
      backups.map(({ madeMs, batchId, entries, bytes, missingBatches, problem, directory }) => [
        instant(madeMs),
        batchId === null ? DASH : count(batchId),
        entries === null ? DASH : count(entries),
        count(bytes),
        problem ??
          (missingBatches === null ? 'of another book' : counted(missingBatches, 'batch', 'batches')),
        directory,
      ]),
    )
    return {
      data: { backups },
      text:
        backups.length === 0 ? 'There is no backup in the book’s folder yet. Make one with "backup".' : text,
    }
  })
}

/** The book that a restored one is compared with: the one named, else the one whose backup it is. */
const comparedBook = (given: string | undefined, from: string, line: CommandLine): string | null => {
  const named = given ?? line.io.environment.COUNTINGHOUSE_BOOK
  if (named === undefined || named === '') return bookOfBackup(from)
  const directory = bookFolder(named, line.io)
  return holdsBook(directory) ? directory : null
}

/** Through the process that holds the book of today, else without opening an engine: that book may be damaged. */
const restore = async (
  line: CommandLine,
  { from, to, book }: { from: string; to: string; book: string | null },
): Promise<RestoreResult> => {
  const { io } = line
  if (book !== null && describeLock(book) !== null) {
    const { client, close } = await connect(book, { environment: io.environment })
    try {
      return await runJob({ client, io }, 'restore', await client.book.restore({ from, to }))
    } finally {
      await close()
    }
  }
  return restoreWithoutEngine(
    { from, to, book },
    {
      onProgress: ({ done, total }) => {
        if (io.isWatched)
          io.err(`\r\u001b[2K${done === total ? '' : `Restore: ${count(done)} of ${count(total)} entries`}`)
      },
    },
  )
}

const addRestore = (program: Command, line: CommandLine): void => {
  const command = program
    .command('restore')
    .description('verify a backup and make it a book in another folder; never overwrites one')
    .requiredOption('--from <dir>', 'the folder of the backup')
    .requiredOption('--to <dir>', 'the folder of the new book; it must not hold one')
  command.action(async () => {
    const options = command.opts<{ from: string; to: string }>()
    const from = resolve(line.io.workingDirectory, options.from)
    const to = resolve(line.io.workingDirectory, options.to)
    const book = comparedBook(command.optsWithGlobals<GlobalOptions>().book, from, line)
    const { kind: _, ...result } = await restore(line, { from, to, book })
    finish(line, command, { data: result, text: result.sentence })
  })
}

export const addBackupCommands = (program: Command, line: CommandLine): void => {
  addBackup(program, line)
  addBackups(program, line)
  addRestore(program, line)
}
