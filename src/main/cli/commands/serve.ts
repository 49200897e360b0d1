/** Commands that go on: serve a book, serve the demo book; and the API's document. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { Command } from 'commander'
import { contract } from '../../../contract/contract.ts'
import { machineClock } from '../../engine/clock.ts'
import { describeLock } from '../../engine/holder.ts'
import { PROGRAM } from '../../engine/program.ts'
import { generateOpenApi } from '../../server/openapi.ts'
import { bookFolder, demoFolder, isEmptyFolder } from '../book-folder.ts'
import {
  type CommandLine,
  finish,
  type GlobalOptions,
  isJson,
  jsonText,
  readingWholeNumber,
} from '../command-line.ts'
import { Refusal } from '../failure.ts'
import { type ServeOptions, type Serving, serve } from '../serve.ts'
import { plain } from '../text.ts'

const addServing = (command: Command): Command =>
  command
    .option(
      '--port <port>',
      '0, and what is left out, takes a free one',
      readingWholeNumber('A port', 0, 65_535),
    )
    .option('--open', 'open it in the browser')
    .option('--no-open', 'do not (as without either)')
    .option(
      '--token-file <file>',
      'keep the address’s token there, so that the address stays; made where missing',
    )

/** One line on stdout, which scripts wait for; with `--json` one document. */
const announcing =
  ({ io }: CommandLine, command: Command) =>
  (serving: Serving) =>
    io.out(isJson(command) ? jsonText(serving) : `Countinghouse is open at ${serving.url}\n`)

const addServe = (program: Command, line: CommandLine): void => {
  const command = addServing(
    program.command('serve').description('serve the book on this machine until Ctrl-C; prints its address'),
  )
  command.action(async () => {
    const { book, readOnly } = command.optsWithGlobals<GlobalOptions>()
    const directory = bookFolder(book, line.io)
    await serve(
      line.io,
      directory,
      { ...command.opts<ServeOptions>(), ...(readOnly === true ? { readOnly } : {}) },
      { announce: announcing(line, command) },
    )
  })
}

const addDemo = (program: Command, line: CommandLine): void => {
  const command = addServing(
    program
      .command('demo')
      .description(
        'serve the demo book, made where it is missing; never touches another book (COUNTINGHOUSE_BOOK does not count)',
      ),
  )
  command.action(async () => {
    // Loaded here, because no other command needs what makes the demo's files.
    const [{ makeDemoBook }, { clearHalfMadeDemoBook, demoBookState }] = await Promise.all([
      import('../../demo/make-demo-book.ts'),
      import('../../demo/marker.ts'),
    ])
    const { io } = line
    const { book, readOnly = false } = command.optsWithGlobals<GlobalOptions>()
    const directory = demoFolder(book, io)
    if (readOnly && demoBookState(directory) !== 'made')
      throw new Refusal(
        'book_does_not_exist',
        `There is no demo book in ${directory} to be opened for reading. Leave out --read-only to have it made.`,
      )
    // Cut off while it was made, and nobody is at it now: it is made again from the start.
    if (describeLock(directory) === null) clearHalfMadeDemoBook(directory)
    const isMade = demoBookState(directory) !== 'none'
    if (!isMade && !isEmptyFolder(directory))
      throw new Refusal(
        'folder_is_not_empty',
        `The folder ${directory} holds something other than the demo book. It was left as it is; name an empty folder.`,
      )
    await serve(
      io,
      directory,
      { ...command.opts<ServeOptions>(), demo: true, readOnly },
      {
        prepare: async (engine) => {
          if (isMade) return
          await makeDemoBook(createRouterClient(engine.router, { context: { local: true } }), {
            directory,
            nowMs: machineClock(io.environment).nowMs(),
            onProgress: (text) => io.err(`${plain(text)}\n`),
          })
        },
        announce: announcing(line, command),
      },
    )
  })
}

const addOpenApi = (program: Command, line: CommandLine): void => {
  const command = program
    .command('openapi')
    .description('the OpenAPI 3.1 document of the API')
    .option('--out <file>', 'write it there instead of to stdout')
  command.action(async () => {
    const document = await generateOpenApi(contract, PROGRAM.version, true)
    const { out } = command.opts<{ out?: string }>()
    if (out === undefined) {
      finish(line, command, { data: document, text: JSON.stringify(document, null, 2) })
      return
    }
    const path = resolve(line.io.workingDirectory, out)
    try {
      writeFileSync(path, jsonText(document))
    } catch (error) {
      throw new Refusal('file_cannot_be_written', `${path} cannot be written: ${(error as Error).message}.`)
    }
    finish(line, command, { data: { file: path }, text: `The OpenAPI document was written to ${path}.` })
  })
}

export const addServeCommands = (program: Command, line: CommandLine): void => {
  addServe(program, line)
  addDemo(program, line)
  addOpenApi(program, line)
}
