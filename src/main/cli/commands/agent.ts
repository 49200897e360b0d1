/** The agent beside a workload: it knows no book. */
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Summary } from '../../agent/agent.ts'
import { machineClock, machineRandom, newId } from '../../engine/clock.ts'
import { type CommandLine, finish } from '../command-line.ts'
import { Refusal } from '../failure.ts'
import { counted, plain } from '../text.ts'

interface AgentOptions {
  readonly config: string
  readonly once?: true
  readonly check?: true
}

const summaryText = ({ events, filesSent, filesWaiting }: Summary): string =>
  `${counted(events, 'event')} taken; ${counted(filesSent, 'file')} sent, ${counted(filesWaiting, 'file')} in the spool.`

/** Aborts at the first signal to stop; a second one ends the process at once. */
const stopSignal = (): { readonly signal: AbortSignal; readonly forget: () => void } => {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const stopping = new AbortController()
  const onSignal = () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: stopping.signal,
    forget: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}

export const addAgentCommand = (program: Command, line: CommandLine): void => {
  const { io } = line
  const command = program
    .command('agent')
    .description(
      'measures what runs on this machine (cgroup v2, Prometheus endpoints) and sends it on, until Ctrl-C; opens no book',
    )
    .requiredOption('--config <file>', 'its configuration, JSON (docs/sources/agent.md)')
    .option('--check', 'only read the configuration, and say every fault in it')
    .option('--once', 'measure once, end the open windows, send all that waits, and end')
  command.action(async () => {
    const options = command.opts<AgentOptions>()
    const path = resolve(io.workingDirectory, options.config)
    const [{ readConfig }, { openAgent }] = await Promise.all([
      import('../../agent/config.ts'),
      import('../../agent/agent.ts'),
    ])
    const config = readConfig(path, io.environment, hostname())
    if (!('output' in config))
      throw new Refusal(
        'configuration_is_wrong',
        `The agent’s configuration ${path} is not understood; nothing was begun.`,
        config.map(({ path: field, message }) => ({
          severity: 'error',
          code: 'field_is_wrong',
          message: field === '' ? message : `${field}: ${message}`,
          ...(field === '' ? {} : { column: field }),
        })),
      )
    if (options.check === true) {
      finish(line, command, {
        data: { name: config.name },
        text: `${path} is in order; the agent is ${config.name}.`,
      })
      return
    }
    const { nowMs } = machineClock(io.environment)
    const stop = stopSignal()
    const agent = await openAgent(config, {
      nowMs,
      random: machineRandom,
      newId,
      environment: io.environment,
      say: (sentence) => io.err(`${new Date(nowMs()).toISOString().slice(0, 19)}Z ${plain(sentence)}\n`),
    })
    try {
      const summary = await (options.once === true ? agent.once(stop.signal) : agent.run(stop.signal))
      finish(line, command, { data: summary, text: summaryText(summary) })
    } finally {
      agent.close()
      stop.forget()
    }
  })
}
