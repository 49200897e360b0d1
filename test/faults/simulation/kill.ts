/** Starts an engine in a process of its own and kills it a moment after it began its work. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Task } from './child.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** Resolves when the process is gone: whether it was killed, or had ended before. */
export const killWhile = async (
  book: string,
  presentMs: number,
  task: Task,
  afterMs: number,
): Promise<'killed' | 'ended'> => {
  const child = spawn(process.execPath, [CHILD, book, String(presentMs), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  )
  for await (const line of createInterface({ input: child.stdout }))
    if (line === 'begun') setTimeout(() => child.kill('SIGKILL'), afterMs)
  const end = await gone
  if (end !== 'SIGKILL' && end !== 0) throw new Error(`the engine to be killed ended by itself with ${end}`)
  return end === 'SIGKILL' ? 'killed' : 'ended'
}
