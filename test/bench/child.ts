/**
 * A program in a process of its own that answers calls, so that what is measured shares neither heap nor memory peak
 * with what measures it.
 */
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Calls = Readonly<Record<string, (...args: never[]) => unknown>>

interface Asked {
  readonly no: number
  readonly name: string
  readonly args: readonly unknown[]
}
interface Answered {
  readonly no: number
  readonly result?: unknown
  readonly error?: string
}

export interface Child<C extends Calls> {
  readonly call: <Name extends keyof C & string>(
    name: Name,
    ...args: Parameters<C[Name]>
  ) => Promise<Awaited<ReturnType<C[Name]>>>
  /** The most memory the process had at once, its threads included; null where the system does not say. */
  readonly peakBytes: () => number | null
  readonly end: () => Promise<void>
}

const running = new Set<() => void>()
process.on('exit', () => {
  for (const kill of running) kill()
})

const peakOf = (pid: number | undefined): number | null => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

/** Starts the program of the file, which must call `answerCalls`. */
export const startChild = <C extends Calls>(
  file: URL,
  { execArgv = [] }: { readonly execArgv?: readonly string[] } = {},
): Child<C> => {
  const child = fork(fileURLToPath(file), [], { execArgv: [...execArgv], serialization: 'advanced' })
  const kill = () => child.kill('SIGKILL')
  running.add(kill)
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(kill)
      for (const { reject } of pending.values())
        reject(new Error(`${fileURLToPath(file)} ended with ${signal ?? `code ${code}`}`))
      resolve()
    })
  })
  child.on('message', ({ no, result, error }: Answered) => {
    const call = pending.get(no)
    pending.delete(no)
    if (error === undefined) call?.resolve(result as never)
    else call?.reject(new Error(error))
  })
  let last = 0
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const no = ++last
        pending.set(no, { resolve, reject })
        child.send({ no, name, args } satisfies Asked)
      }),
    peakBytes: () => peakOf(child.pid),
    end: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** The child's half: answers until the parent is gone. Calls of one name and another may overlap. */
export const answerCalls = (calls: Calls): void => {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ no, name, args }: Asked) => {
    let answer: Answered
    try {
      const call = calls[name]
      if (call === undefined) throw new Error(`there is no call ${name}`)
      answer = { no, result: await call(...(args as never[])) }
    } catch (error) {
      answer = { no, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    process.send?.(answer)
  })
}
