/** What the command line has of the world around it, handed in so that tests can hand in their own. */
import { homedir } from 'node:os'

export interface Io {
  /** Writes to stdout: the answer, and with `--json` the one document. */
  readonly out: (text: string) => void
  /** Writes to stderr: errors, warnings, progress. */
  readonly err: (text: string) => void
  /** Whether a person watches stderr, so that progress may overwrite itself there. */
  readonly isWatched: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly workingDirectory: string
  readonly homeDirectory: string
  readonly platform: NodeJS.Platform
}

export const processIo = (): Io => ({
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isWatched: process.stderr.isTTY === true,
  environment: process.env,
  workingDirectory: process.cwd(),
  homeDirectory: homedir(),
  platform: process.platform,
})
