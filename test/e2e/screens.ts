/** Every screen of the demo book with something on it: for the tests of all screens, and for the pictures in docs. */
import { expect, type Page } from '@playwright/test'

/** The demo book's clock: the second morning of November, with October complete and open. */
export const DEMO_CLOCK = '2026-11-02T09:41:00Z'

/** How long the demo book may take to be made on a machine that does other things too. */
export const DEMO_TIMEOUT_MS = 240_000

export interface ScreenState {
  /** Also the name of the picture. */
  readonly name: string
  readonly address: string
  /** What a person does there before it is looked at. */
  readonly prepare?: (page: Page) => Promise<void>
}

const USAGE_FILE = `${['tenant,metric,quantity,time', 'globex-prod,api.calls,12,2026-10-31T10:00:00Z', 'globex-eu,api.calls,7,2026-10-31T11:00:00Z'].join('\n')}\n`

const dropFile = async (page: Page) => {
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'calls.csv', mimeType: 'text/csv', buffer: Buffer.from(USAGE_FILE) })
  const wizard = page.getByRole('dialog')
  await expect(wizard.getByRole('button', { name: 'Next' })).toBeEnabled()
  await wizard.getByRole('button', { name: 'Next' }).click()
}

const chooseKind = async (page: Page) => {
  await page.getByRole('button', { name: 'Add source' }).click()
  await expect(page.getByRole('button', { name: /^Prometheus/ }).first()).toBeVisible()
}

const explainCalls = async (page: Page) => {
  await page
    .getByRole('row', { name: /API calls/ })
    .getByRole('button', { name: /: explain$/ })
    .last()
    .click()
  await expect(page.getByRole('dialog').getByText('Amount of the line')).toBeVisible()
}

const openPalette = async (page: Page) => {
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByRole('textbox', { name: 'Search everything' }).fill('globex')
  await expect(page.getByRole('button', { name: /^Globex\s*Customer/ })).toBeVisible()
}

const tryCalls = async (page: Page) => {
  await page.getByLabel('Try: API calls (call)', { exact: true }).fill('41204000')
  await expect(page.getByRole('table', { name: 'Price, step by step' })).toContainText('31,204,000')
  await page.evaluate(() => window.scrollTo(0, 290))
}

const simulateDearerCalls = async (page: Page) => {
  await page.getByLabel('Unit amount, tier 2 of charge 2', { exact: true }).fill('0.45')
  const simulate = page.getByRole('region', { name: 'Simulate', exact: true })
  await simulate.getByRole('button', { name: 'Simulate', exact: true }).click()
  await expect(simulate.getByText(/would pay more/).first()).toBeVisible({ timeout: 120_000 })
  await page.mouse.move(0, 0)
  // Below the top bar, which stays.
  await simulate.evaluate((section) => window.scrollBy(0, section.getBoundingClientRect().top - 70))
}

export const SCREEN_STATES: readonly ScreenState[] = [
  { name: 'overview', address: '/' },
  { name: 'usage', address: '/usage?metric=api.calls&grain=month' },
  { name: 'cost', address: '/cost' },
  { name: 'cost-allocation', address: '/cost?tab=allocation' },
  { name: 'cost-to-serve', address: '/cost?tab=serve&metric=api.calls' },
  { name: 'cost-slice', address: '/cost?tab=slice' },
  { name: 'cost-customer', address: '/cost/globex' },
  { name: 'attribution', address: '/rules' },
  { name: 'allocation', address: '/allocation' },
  { name: 'customers', address: '/customers' },
  { name: 'tenants-without-customer', address: '/customers?tab=tenants' },
  { name: 'customer', address: '/customers/globex' },
  { name: 'rate-cards', address: '/rate-cards' },
  { name: 'rate-card', address: '/rate-cards/api-platform', prepare: tryCalls },
  { name: 'simulate', address: '/rate-cards/api-platform', prepare: simulateDearerCalls },
  { name: 'deals', address: '/deals' },
  { name: 'deal', address: '/deals/globex-renewal' },
  { name: 'invoices', address: '/invoices' },
  { name: 'invoice', address: '/invoices/2026-10.globex' },
  { name: 'explain', address: '/invoices/2026-10.globex', prepare: explainCalls },
  { name: 'reconcile', address: '/reconcile' },
  { name: 'sources', address: '/sources' },
  { name: 'import', address: '/sources', prepare: dropFile },
  { name: 'connect', address: '/sources', prepare: chooseKind },
  { name: 'ledger', address: '/ledger' },
  { name: 'ledger-batches', address: '/ledger?tab=batches' },
  { name: 'ledger-quarantine', address: '/ledger?tab=quarantine' },
  { name: 'ledger-conflicts', address: '/ledger?tab=conflicts' },
  { name: 'ledger-verify', address: '/ledger?tab=verify' },
  { name: 'settings', address: '/settings' },
  { name: 'palette', address: '/', prepare: openPalette },
]

/** Waits until a screen shows its title and reads nothing any more. */
export const settled = async (page: Page): Promise<void> => {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText(/^Reading .*…$/)).toHaveCount(0, { timeout: 30_000 })
}

/** Opens a screen in the state to be looked at. */
export const show = async (page: Page, origin: string, state: ScreenState): Promise<void> => {
  await page.goto(`${origin}${state.address}`)
  await settled(page)
  if (state.prepare !== undefined) {
    await state.prepare(page)
    await expect(page.getByText(/^Reading .*…$/)).toHaveCount(0, { timeout: 30_000 })
  }
}
