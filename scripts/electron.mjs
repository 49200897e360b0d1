/** Finds the Electron binary, fetching it once where that is possible. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, root } from './process.mjs'

const DOWNLOAD_TIMEOUT_MS = 20_000
const RETRY_AFTER_MS = 24 * 3600 * 1000
const folder = join(root, 'node_modules', 'electron')
const failurePath = join(root, 'node_modules', '.cache', 'electron-download-failed')

/** The path of the executable, or null where it was never fetched. */
export const installedElectron = () => {
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const executable = join(
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'),
    readFileSync(pathFile, 'utf8'),
  )
  return existsSync(executable) ? executable : null
}

const failedLately = () =>
  existsSync(failurePath) && Date.now() - Number(readFileSync(failurePath, 'utf8')) < RETRY_AFTER_MS

/** Why no window can be opened on this machine at all, or null. */
const obstacle = () => {
  if (process.env.CI) return 'this is a CI machine'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'there is no display'
  return null
}

/**
 * The Electron executable to open a window with, or the reason there is none. A failed download is remembered for
 * a day, so that the next start is not slowed by another try.
 */
export const findElectron = async () => {
  const reason = obstacle()
  if (reason) return { reason }
  const installed = installedElectron()
  if (installed) return { executable: installed }
  if (failedLately())
    return { reason: 'the Electron binary could not be downloaded (tried again after a day)' }
  console.error('Fetching the Electron binary (once) …')
  await capture(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    timeout_ms: DOWNLOAD_TIMEOUT_MS,
  })
  const fetched = installedElectron()
  if (fetched) return { executable: fetched }
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  writeFileSync(failurePath, String(Date.now()))
  return { reason: 'the Electron binary could not be downloaded' }
}
