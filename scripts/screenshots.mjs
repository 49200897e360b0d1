/**
 * Takes the pictures of docs/screenshots: every screen of the demo book, light and dark, on a fixed day.
 * Words given are the names of screens to be taken again; without any, all are.
 */
import './ensure-node.mjs'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findBrowser } from './browser.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { root } from './process.mjs'

// Imported here, because an older Node that only waits for the newer one cannot read them.
const { DEMO_CLOCK, SCREEN_STATES, settled, show } = await import('../test/e2e/screens.ts')
const { serve } = await import('../test/e2e/support.ts')

const folder = join(root, 'docs', 'screenshots')
const TOTAL_BYTES_MAX = 8_000_000
const wanted = process.argv.slice(2)
const states = SCREEN_STATES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (states.length === 0) {
  console.error(`No screen is called that; there are ${SCREEN_STATES.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

await ensureBuilt()
mkdirSync(folder, { recursive: true })
if (wanted.length === 0) for (const file of readdirSync(folder)) rmSync(join(folder, file))

console.log('Making the demo book …')
const served = await serve({ command: 'demo', environment: { COUNTINGHOUSE_CLOCK: DEMO_CLOCK } })
const browser = await chromium.launch({
  executablePath: await findBrowser(),
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
try {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      deviceScaleFactor: 1,
      colorScheme,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
    })
    const first = await context.newPage()
    await first.goto(served.url)
    await settled(first)
    await first.close()
    for (const state of states) {
      const page = await context.newPage()
      await page.clock.setFixedTime(DEMO_CLOCK)
      await show(page, served.origin, state)
      // Charts draw themselves once their place is measured.
      await page.waitForTimeout(700)
      const path = join(folder, `${state.name}-${colorScheme}.png`)
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
      console.log(path)
      await page.close()
    }
    await context.close()
  }
} finally {
  await browser.close()
  await served.close()
}
const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
console.log(`${(bytes / 1e6).toFixed(1)} MB in docs/screenshots.`)
if (bytes > TOTAL_BYTES_MAX) {
  console.error(`That is more than ${TOTAL_BYTES_MAX / 1e6} MB; take fewer or smaller pictures.`)
  process.exit(1)
}
