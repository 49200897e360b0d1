/**
 * The finance user's story in the desktop window: the same screens over a MessagePort instead of HTTP. Accessibility
 * is judged in the browser; here it is that every screen works in a sandboxed page with the engine beside it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron as electron, expect, test } from '@playwright/test'
import { startStripeStandIn } from '../support/stripe-stand-in.ts'
import { financeStory } from './finance-story.ts'
import { collectErrors } from './support.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const executable = process.env.COUNTINGHOUSE_ELECTRON ?? ''

/** This process's environment with what a test sets, as strings only. */
const environment = (extra: Readonly<Record<string, string>>): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value ? [[key, value]] : []))),
  ...extra,
})

test('a finance user takes two files to a closed month and a workbook in the desktop window', async () => {
  test.skip(executable === '', 'No Electron binary here: COUNTINGHOUSE_ELECTRON names it.')
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-desktop-'))
  const stripe = await startStripeStandIn()
  const app = await electron.launch({
    executablePath: executable,
    // A folder of its own for settings and the lock, so that a window already open is not the one that answers.
    args: [root, '--book', join(folder, 'book'), `--user-data-dir=${join(folder, 'user-data')}`],
    cwd: root,
    env: environment({ STRIPE_API_BASE: stripe.url, STRIPE_API_KEY: 'sk_test_end_to_end_0123456789' }),
    // Unlike a browser's, Electron's downloads open the system's dialog unless they are asked for.
    acceptDownloads: true,
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  try {
    const page = await app.firstWindow()
    const errors = collectErrors(page)
    await financeStory(page, stripe, async (where) => {
      expect(page.url(), where).toMatch(/^app:\/\/countinghouse\//)
    })
    expect(errors).toEqual([])
  } finally {
    await app.close()
    await stripe.close()
    await rm(folder, { recursive: true, force: true })
  }
})
