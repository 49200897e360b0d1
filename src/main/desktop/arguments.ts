/** What the program was started with. */
import { resolve } from 'node:path'

export interface Arguments {
  /** The folder of `--book`, absolute; null where none was given. */
  readonly book: string | null
  readonly demo: boolean
  /** Opens the first book for reading only. */
  readonly readOnly: boolean
}

/** Reads `[demo|--demo] [--book DIR|--book=DIR] [--read-only]` and ignores what Electron or the system adds of their own. */
export function readArguments(argv: readonly string[], workingDirectory: string): Arguments {
  const at = argv.findIndex((argument) => argument === '--book' || argument.startsWith('--book='))
  const given = argv[at] === '--book' ? argv[at + 1] : argv[at]?.slice('--book='.length)
  return {
    book: given === undefined || given === '' ? null : resolve(workingDirectory, given),
    demo: argv.includes('demo') || argv.includes('--demo'),
    readOnly: argv.includes('--read-only'),
  }
}
