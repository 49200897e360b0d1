/** How a run of the command line begins and ends, whatever its commands are. */
import { Command, CommanderError } from 'commander'
import { PROGRAM } from '../engine/program.ts'
import { type CommandLine, jsonText } from './command-line.ts'
import { EXIT, failureOf, failureText, Refusal, WrongUse } from './failure.ts'
import type { Io } from './io.ts'

/** The program with what every command takes, and no command yet. */
export const emptyProgram = ({ io }: CommandLine): Command =>
  new Command(PROGRAM.name)
    .description('Usage, cost, margins, deals and invoices of one book.')
    .version(PROGRAM.version)
    .option('--book <dir>', 'the book’s folder (else COUNTINGHOUSE_BOOK, else ~/Documents/Countinghouse)')
    .option('--read-only', 'open the book for reading only: what would write is refused')
    .option('--json', 'one JSON document on stdout and nothing else')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('Run it with --help to see how it is used.')
    .exitOverride()
    .addHelpText('after', '\nExit code: 0 done, 1 refused or found wrong, 2 wrong use.')

const asksForJson = (args: readonly string[]): boolean => args.includes('--json')

/** Commander has told stderr already; help and version are no errors. */
const endOfParsing = (error: CommanderError, io: Io, json: boolean): number => {
  if (error.exitCode === 0) return EXIT.done
  if (json) {
    // Help as the answer to a command without its subcommand has no sentence of its own.
    const message =
      error.code === 'commander.help' ? 'Name a command.' : error.message.replace(/^error: /, '')
    io.out(jsonText({ error: { code: 'wrong_use', message, issues: [] } }))
  }
  return EXIT.wrongUse
}

/**
 * Runs one command and returns its exit code: 0 done, 1 refused or found wrong, 2 wrong use.
 *
 * @param args what follows the program's name
 */
export const runProgram = async (
  args: readonly string[],
  io: Io,
  build: (line: CommandLine) => Command,
): Promise<number> => {
  const line: CommandLine = { io, exitCode: EXIT.done }
  const json = asksForJson(args)
  try {
    await build(line).parseAsync(args, { from: 'user' })
    return line.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, io, json)
    const failure = failureOf(error)
    io.err(failureText(failure))
    if (json) io.out(jsonText({ error: failure, ...(error instanceof Refusal ? error.done : {}) }))
    return error instanceof WrongUse ? EXIT.wrongUse : EXIT.refused
  }
}
