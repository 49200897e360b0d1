/** Opens an address in the user's browser. A machine without one is no error: the address is printed anyway. */
import { spawn } from 'node:child_process'

const opener = (platform: NodeJS.Platform, address: string): readonly [string, readonly string[]] => {
  if (platform === 'darwin') return ['open', [address]]
  // `start` is no program but a word of cmd, which would take & and % of an address for its own.
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', address]]
  return ['xdg-open', [address]]
}

export const openBrowser = (platform: NodeJS.Platform, address: string): void => {
  const [program, args] = opener(platform, address)
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
