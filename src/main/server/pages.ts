/** The few pages the server writes itself. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { dataHeaders } from './renderer-files.ts'

/** A page without any script, for a person whose browser was refused. */
export function refusalPage(message: string): string {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Countinghouse</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>
</head>
<body><h1>Countinghouse did not open this page</h1>
<p>${text}</p>
<p>The address is the line that <code>npm run serve</code> wrote to the terminal. It changes each time Countinghouse starts.</p>
</body></html>
`
}

export const refusalPageHeaders = {
  ...dataHeaders,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
} as const

const docsHtml = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Countinghouse API</title><link rel="icon" href="data:,"></head>
<body><div id="app"></div><script src="/api/docs/scalar.js"></script><script src="/api/docs/start.js"></script></body></html>
`

/** Every switch that would make Scalar talk to a host of its own is off; the page's policy forbids it besides. */
const docsScript = `Scalar.createApiReference('#app', {
  url: '/api/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
})
`

export interface DocsPart {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | { readonly file: string }
}

/** The pages under /api/docs: Scalar from the installed package, never from another host. */
export function docsPart(path: string): DocsPart | null {
  switch (path) {
    case '/api/docs':
      return {
        headers: {
          ...dataHeaders,
          'content-type': 'text/html; charset=utf-8',
          // Scalar writes its styles into <style> elements at run time, hence 'unsafe-inline' for styles alone.
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        },
        body: docsHtml,
      }
    case '/api/docs/start.js':
      return {
        headers: { ...dataHeaders, 'content-type': 'text/javascript; charset=utf-8' },
        body: docsScript,
      }
    case '/api/docs/scalar.js': {
      const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
      return {
        headers: { ...dataHeaders, 'content-type': 'text/javascript; charset=utf-8' },
        body: { file: join(entry, '..', 'browser', 'standalone.js') },
      }
    }
    default:
      return null
  }
}
