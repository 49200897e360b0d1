/** Entry of the command line: `countinghouse <command>`. */
import { processIo } from './io.ts'

// Whoever reads the answer may stop early (`| head`); that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const args = process.argv.slice(2)
const { runCli } = args[0] === 'agent' ? await import('./agent-program.ts') : await import('./program.ts')
process.exitCode = await runCli(args, processIo())
