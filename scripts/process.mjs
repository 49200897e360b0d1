/** Starting other programs: exit codes and signals are passed on, and one that hangs is ended. */
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The JavaScript file of an installed tool, to be run with this Node: needs no shell on Windows, unlike node_modules/.bin. */
export const packageScript = (path) => join(root, 'node_modules', path)

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/**
 * What Node is told before the program's file. Left to itself it lets short-lived objects grow to many times what is
 * in use before it looks, and the others to four times. The first bound is the first thread's: the others have their own
 * (src/main/thread), and the second is every thread's.
 */
export const nodeArguments = ['--enable-source-maps', '--max-semi-space-size=4', '--heap-growing-percent=50']

/** The environment of a child: Node 24 first on its PATH, whichever way this script was started. */
export const childEnvironment = (extra = {}) => {
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(separator)
  return { ...process.env, PATH: path, ...extra }
}

/**
 * The same for the engine. Linux's allocator would keep an arena for each thread, with what it has given back in each:
 * some 60 MB more, and nothing is faster for it.
 */
export const engineEnvironment = (extra = {}) =>
  childEnvironment({ MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1', ...extra })

/**
 * Runs a program with this process's terminal and resolves with its exit code (128 + signal number where a signal
 * ended it). Signals sent to this process go to the program, which decides how to end.
 */
export const run = (program, args, options = {}) =>
  new Promise((done) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options })
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the whole group: forwarding it too would be a second one to the program.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of SIGNALS) process.on(signal, forward)
    const finish = (code) => {
      for (const signal of SIGNALS) process.off(signal, forward)
      done(code)
    }
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`)
      finish(127)
    })
    child.on('exit', (code, signal) => finish(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)))
  })

/** Runs a program and resolves with its exit code and what it wrote; ended after `timeout_ms` where given. */
export const capture = (program, args, { timeout_ms, ...options } = {}) =>
  new Promise((done) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    let late = false
    const timer = timeout_ms
      ? setTimeout(() => {
          late = true
          child.kill('SIGKILL')
        }, timeout_ms)
      : undefined
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    const finish = (code) => {
      clearTimeout(timer)
      done({ code, text, late })
    }
    child.on('error', (error) => {
      text += error.message
      finish(127)
    })
    child.on('close', (code) => finish(code ?? 1))
  })

/** Whether this file was started as the program, not imported; a checkout may be reached through a symbolic link. */
export const isProgram = (url) =>
  process.argv[1] !== undefined && realpathSync(fileURLToPath(url)) === realpathSync(process.argv[1])

/** Waits. */
export const pause = (duration_ms) => new Promise((done) => setTimeout(done, duration_ms))

/** Tries an action up to `attempts` times, with a growing pause between; the last failure is thrown. */
export const withRetries = async (attempts, action) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (attempt >= attempts) throw error
      await pause(attempt * 3000)
    }
  }
}
