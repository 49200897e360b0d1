/** Finds a browser for the end-to-end tests. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'
import { run, withRetries } from './process.mjs'

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
]

const usualPaths = () => {
  if (process.platform === 'darwin')
    return ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    )
  if (process.platform === 'win32')
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
      .filter(Boolean)
      .flatMap((folder) => [
        join(folder, 'Google/Chrome/Application/chrome.exe'),
        join(folder, 'Chromium/Application/chrome.exe'),
        join(folder, 'Microsoft/Edge/Application/msedge.exe'),
      ])
  return ['/snap/bin/chromium', '/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge']
}

const onPath = () => {
  const endings = process.platform === 'win32' ? ['.exe'] : ['']
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return NAMES.flatMap((name) =>
    folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))),
  )
}

const firstInstalled = () => {
  const given = process.env.CHROMIUM_PATH
  return [...(given ? [given] : []), ...onPath(), ...usualPaths(), chromium.executablePath()].find(
    (path) => path && existsSync(path),
  )
}

const isRootOnDebian = () => process.getuid?.() === 0 && existsSync('/etc/debian_version')

/** Installs Debian packages as root, trying again where the network fails; throws with the exit code. */
export const installDebianPackages = (names) =>
  withRetries(3, async () => {
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 2, 2] }
    const code =
      (await run('apt-get', ['update', '-qq'], options)) ||
      (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options))
    if (code !== 0) throw new Error(`apt-get install ${names.join(' ')} ended with code ${code}`)
  })

/**
 * The executable of a browser: `CHROMIUM_PATH`, else Chromium, Chrome or Edge on the system, else Playwright's own
 * download, else Debian's package where this process may install it. Throws one sentence where there is none.
 */
export const findBrowser = async () => {
  const installed = firstInstalled()
  if (installed) return installed
  if (isRootOnDebian()) {
    console.error('No browser found: installing Debian’s Chromium for the end-to-end tests …')
    await installDebianPackages(['chromium']).catch((error) => console.error(error.message))
    const fetched = firstInstalled()
    if (fetched) return fetched
  }
  throw new Error(
    'The end-to-end tests need a browser, and none was found: install Chromium, Chrome or Edge, or set CHROMIUM_PATH to one, or run "npx playwright install chromium".',
  )
}
