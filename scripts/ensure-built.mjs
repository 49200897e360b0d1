/**
 * Builds out/ when a source is newer than it. A fresh build is known by a fingerprint of names, sizes and times of
 * everything that goes into it, so looking costs milliseconds and a deleted file counts as a change.
 */
import './ensure-node.mjs'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, childEnvironment, isProgram, packageScript, pause, root } from './process.mjs'

const INPUTS = [
  'src',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]
const OUTPUTS = [
  'out/main/cli.js',
  'out/main/desktop.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]
const stampPath = join(root, 'out', 'built.json')
const lockPath = join(root, 'out', 'building.lock')

const fingerprint = () => {
  const hash = createHash('sha256')
  const visit = (path) => {
    const stats = statSync(join(root, path), { throwIfNoEntry: false })
    if (stats?.isDirectory())
      for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`)
    else if (stats) hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`)
  }
  for (const input of INPUTS) visit(input)
  return hash.digest('hex')
}

const isFresh = (wanted) => {
  if (!existsSync(stampPath) || OUTPUTS.some((path) => !existsSync(join(root, path)))) return false
  return readFileSync(stampPath, 'utf8') === wanted
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Takes the lock of the build, or waits for the process that has it; false after a wait. */
const takeLock = async () => {
  mkdirSync(join(root, 'out'), { recursive: true })
  try {
    writeFileSync(lockPath, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  let holder = 0
  try {
    holder = Number(readFileSync(lockPath, 'utf8'))
  } catch {
    // The holder was done between the two calls.
  }
  if (holder > 0 && !isAlive(holder)) rmSync(lockPath, { force: true })
  else await pause(200)
  return false
}

const build = async () => {
  const args = [packageScript('electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn']
  const { code, text } = await capture(process.execPath, args, { cwd: root, env: childEnvironment() })
  if (code === 0) return
  console.error(text)
  throw new BuildFailed('The build failed; the reason stands above.')
}

class BuildFailed extends Error {}

/**
 * Makes out/ current; ends the process with code 1 where the build fails. Lines for people go to stderr, so that
 * stdout stays free for a command's own output.
 */
export const ensureBuilt = async ({ always = false } = {}) => {
  for (;;) {
    const wanted = fingerprint()
    if (!always && isFresh(wanted)) return
    if (!(await takeLock())) continue
    try {
      console.error('Building (this takes a few seconds) …')
      rmSync(stampPath, { force: true })
      await build()
      writeFileSync(stampPath, wanted)
      return
    } catch (error) {
      if (!(error instanceof BuildFailed)) throw error
      console.error(error.message)
      process.exitCode = 1
    } finally {
      rmSync(lockPath, { force: true })
    }
    process.exit()
  }
}

if (isProgram(import.meta.url)) {
  await ensureBuilt({ always: process.argv.includes('--always') })
  console.log('out/ is up to date.')
}
