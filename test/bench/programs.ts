/** The processes of a run. */

import { execFileSync } from 'node:child_process'
import type { BareCalls } from './bare-child.ts'
import { startChild } from './child.ts'
import type { DuckdbCalls } from './duckdb-child.ts'
import type { EngineCalls } from './engine-child.ts'
import { type Plan, ROOT } from './plan.ts'
import type { PostgresCalls } from './postgres-child.ts'

export const startEngineChild = ({ engineArguments }: Plan) =>
  startChild<EngineCalls>(new URL('./engine-child.ts', import.meta.url), { execArgv: engineArguments })

export const startBareChild = () => startChild<BareCalls>(new URL('./bare-child.ts', import.meta.url))

export const startDuckdbChild = () => startChild<DuckdbCalls>(new URL('./duckdb-child.ts', import.meta.url))

export const startPostgresChild = () =>
  startChild<PostgresCalls>(new URL('./postgres-child.ts', import.meta.url))

/** What a run says while it works; the results alone are its output. */
export const say = (words: string): void => {
  console.error(`${new Date().toISOString().slice(11, 19)}  ${words}`)
}

/** The commit that is measured, and whether files differ from it. */
export const commitOf = (): string => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'an unknown commit'
  }
}
