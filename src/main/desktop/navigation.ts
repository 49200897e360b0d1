/** Where a page may go: nowhere but our own pages. Everything else is refused, a few sites open in the browser. */
import { type Session, shell, type WebContents } from 'electron'

export const appScheme = 'app'
export const appHost = 'countinghouse'
export const appUrl = `${appScheme}://${appHost}/`

/** Sites the screens and the help menu link to. They open in the user's browser, never in a window of ours. */
const linkedHosts: ReadonlySet<string> = new Set([
  'cloudevents.io',
  'dashboard.stripe.com',
  'docs.stripe.com',
  'focus.finops.org',
])

/** True for a page of the same scheme, host and port as `home`, with no user name in front. */
export function isOurPage(address: string, home: string): boolean {
  const url = parse(address)
  const ours = new URL(home)
  return (
    url !== null &&
    url.protocol === ours.protocol &&
    url.host === ours.host &&
    url.username === '' &&
    url.password === ''
  )
}

/** True for an https page of a listed site. */
function mayOpenInBrowser(address: string): boolean {
  const url = parse(address)
  return (
    url !== null &&
    url.protocol === 'https:' &&
    linkedHosts.has(url.hostname) &&
    url.port === '' &&
    url.username === '' &&
    url.password === ''
  )
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null
}

/** Opens a listed site in the user's browser; anything else is ignored. */
export function openInBrowser(address: string): void {
  if (mayOpenInBrowser(address)) void shell.openExternal(new URL(address).href)
}

/** Keeps one page, and every frame in it, at home. `home` is the address the window was opened with. */
export function keepAtHome(contents: WebContents, home: string): void {
  const refuseForeign = (details: { url: string; preventDefault(): void }): void => {
    if (!isOurPage(details.url, home)) details.preventDefault()
  }
  contents.on('will-navigate', refuseForeign)
  contents.on('will-frame-navigate', refuseForeign)
  contents.on('will-redirect', refuseForeign)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openInBrowser(url)
    return { action: 'deny' }
  })
}

/** Denies the camera, the position, notifications and all else, but for copying text out of a table. */
export function denyPermissions(session: Session, home: string): void {
  const isGranted = (permission: string, address: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOurPage(address, home)
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(isGranted(permission, details.requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin))
  session.setDevicePermissionHandler(() => false)
}
