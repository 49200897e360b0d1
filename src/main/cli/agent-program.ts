/** The `countinghouse` command with the agent alone: nothing of what opens a book is loaded beside a workload. */
import { addAgentCommand } from './commands/agent.ts'
import type { Io } from './io.ts'
import { emptyProgram, runProgram } from './run.ts'

/** As `runCli` of program.ts. */
export const runCli = (args: readonly string[], io: Io): Promise<number> =>
  runProgram(args, io, (line) => {
    const program = emptyProgram(line)
    addAgentCommand(program, line)
    return program
  })
