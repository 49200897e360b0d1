/** Entry of the command line: `countinghouse <command>`. */
import { processIo } from './io.ts'
import { runCli } from './program.ts'

// Whoever reads the answer may stop early (`| head`); that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCli(process.argv.slice(2), processIo())
