/** Prices from end to end: a card built by keyboard, tried, compared, taken out and in again, and a contract amended. */
import { readFile } from 'node:fs/promises'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { DEMO_CLOCK, DEMO_TIMEOUT_MS, settled } from './screens.ts'
import { checkAccessibility, collectErrors, type Served, serve } from './support.ts'

const VIEWPORT = { width: 1280, height: 900 }

test.use({ viewport: VIEWPORT })
test.describe.configure({ mode: 'serial' })

let served: Served
let person: BrowserContext

test.beforeAll(async ({ browser }) => {
  test.setTimeout(DEMO_TIMEOUT_MS)
  served = await serve({ command: 'demo', environment: { COUNTINGHOUSE_CLOCK: DEMO_CLOCK } })
  person = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light', acceptDownloads: true })
  const page = await person.newPage()
  await page.goto(served.url)
  await settled(page)
  await page.close()
})

test.afterAll(async () => {
  await person?.close()
  await served?.close()
})

/** Types into a field as a person without a mouse does. */
const type = async (field: Locator, text: string) => {
  await field.focus()
  await field.press('ControlOrMeta+a')
  await field.pressSequentially(text)
}

/** Picks an option of a select by its first letters. */
const pick = async (select: Locator, label: string) => {
  await select.focus()
  await select.pressSequentially(label)
  await expect(select.locator('option:checked')).toHaveText(label)
}

const press = async (page: Page, name: string) => {
  await page.getByRole('button', { name, exact: true }).focus()
  await page.keyboard.press('Enter')
}

/** A line of the grid with its kind, name and metric. */
const begin = async (page: Page, number: number, kind: string, name: string, metric: string) => {
  await pick(page.getByLabel(`Kind of charge ${number}`, { exact: true }), kind)
  await type(page.getByLabel(`Name of charge ${number}`, { exact: true }), name)
  await pick(page.getByLabel(`Metric of charge ${number}`, { exact: true }), metric)
}

const buildCharges = async (page: Page) => {
  await begin(page, 1, 'Graduated', 'Calls', 'API calls')
  await type(page.getByLabel('Per (units), charge 1', { exact: true }), '1000')
  await press(page, 'Add tier to charge 1')
  await type(page.getByLabel('Up to, tier 1 of charge 1', { exact: true }), '1000000')
  await type(page.getByLabel('Unit amount, tier 1 of charge 1', { exact: true }), '0.40')
  await type(page.getByLabel('Unit amount, tier 2 of charge 1', { exact: true }), '0.30')

  await press(page, 'Add charge')
  await begin(page, 2, 'Package', 'Seconds', 'Compute')
  await type(page.getByLabel('Per block (USD), charge 2', { exact: true }), '5')
  await type(page.getByLabel('Units in a block, charge 2', { exact: true }), '1000')

  await press(page, 'Add charge')
  await begin(page, 3, 'Matrix', 'Storage by region', 'Storage')
  await type(page.getByLabel('Dimension 1', { exact: true }), 'region')
  await type(page.getByLabel('region, cell 1 of charge 3', { exact: true }), 'eu')
  await type(page.getByLabel('Price (USD), cell 1', { exact: true }), '0.2')
  await press(page, 'Add cell')
  await type(page.getByLabel('Price (USD), cell 2', { exact: true }), '0.1')

  await press(page, 'Add charge')
  await begin(page, 4, 'Percentage', 'Share of traffic', 'Traffic out')
  await type(page.getByLabel('Price of charge 4', { exact: true }), '2.9')
  await type(page.getByLabel('Fixed fee per event (USD)', { exact: true }), '0.30')
}

const charges = (page: Page) => page.getByRole('table', { name: 'Charges', exact: true })

test('a card with four kinds is built by keyboard, read in words, tried and saved', async () => {
  const page = await person.newPage()
  const errors = collectErrors(page)
  await page.goto(`${served.origin}/rate-cards/new`)
  await settled(page)
  await type(page.getByLabel('Name', { exact: true }), 'Four kinds')
  await buildCharges(page)
  await expect(charges(page)).toContainText('first 1,000,000 calls at 0.40 per 1,000, then 0.30 per 1,000')
  await expect(charges(page)).toContainText('5.00 per block of 1,000 seconds')

  await press(page, 'Details of charge 1')
  await type(page.getByLabel('API calls (call)', { exact: true }), '1500000')
  const steps = page.getByRole('table', { name: 'Price, step by step' })
  await expect(steps).toContainText('550.00')
  const chart = page.getByRole('img', { name: /^Price curve of Calls/ })
  await expect(chart).toBeVisible()
  const drawn = await chart.getAttribute('aria-label')
  await type(page.getByLabel('Unit amount, tier 2 of charge 1', { exact: true }), '0.20')
  await expect(steps).toContainText('500.00')
  await expect(chart).not.toHaveAttribute('aria-label', drawn ?? '')
  await type(page.getByLabel('Unit amount, tier 2 of charge 1', { exact: true }), '0.30')
  await checkAccessibility(page, 'a rate card being built')

  await press(page, 'Save version')
  await expect(page).toHaveURL(/\/rate-cards\/four-kinds/)
  await expect(page.getByRole('heading', { level: 1, name: 'Four kinds' })).toBeVisible()
  expect(errors).toEqual([])
  await page.close()
})

test('a new version is saved and compared in words', async () => {
  const page = await person.newPage()
  await page.goto(`${served.origin}/rate-cards/four-kinds`)
  await settled(page)
  await press(page, 'Details of charge 2')
  await type(page.getByLabel('Per block (USD), charge 2', { exact: true }), '6')
  await expect(page.getByText('Version 2 would change:')).toBeVisible()
  await press(page, 'Save version')
  await expect(page.getByRole('heading', { name: 'Charges of version 3' })).toBeVisible()
  const compared = page.getByRole('region', { name: 'Compare versions' })
  await expect(compared).toContainText(/Seconds: 5\.00 per block.* becomes 6\.00 per block.* \(\+20 %\)/)
  await pick(compared.getByLabel('To', { exact: true }), 'Version 1, from 2025-09-01')
  await expect(compared).toContainText('Choose two versions to see what differs.')
  await page.close()
})

test('what is exported as JSON is previewed and taken over into a new card, with its charges as they are', async () => {
  const page = await person.newPage()
  await page.goto(`${served.origin}/rate-cards/four-kinds`)
  await settled(page)
  await press(page, 'Export')
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'JSON of what is on the screen' }).press('Enter')
  const file = await (await download).path()
  const exported: unknown = JSON.parse(await readFile(file, 'utf8'))
  expect(exported).toMatchObject({ id: 'four-kinds', currency: 'USD' })

  await page.goto(`${served.origin}/rate-cards/new`)
  await settled(page)
  await press(page, 'Import JSON')
  const dialog = page.getByRole('dialog', { name: 'Import a rate card from JSON' })
  const bulk = { ...(exported as object), charges: [{ kind: 'bulk', id: 'a', name: 'A' }] }
  await dialog.getByLabel('Rate card (.json)').setInputFiles({
    name: 'bulk.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(bulk)),
  })
  await expect(dialog).toContainText('“bulk” is volume at Orb and package at Suger; write volume or package.')
  await expect(dialog.getByRole('button', { name: 'Take over' })).toBeDisabled()
  const copy = { ...(exported as object), id: 'four-kinds-copy', name: 'Four kinds, copied' }
  await dialog.getByLabel('Rate card (.json)').setInputFiles({
    name: 'copy.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(copy)),
  })
  await expect(dialog).toContainText('Calls: first 1,000,000 calls at 0.40 per 1,000')
  await dialog.getByRole('button', { name: 'Take over' }).press('Enter')
  await press(page, 'Save version')
  await expect(page).toHaveURL(/\/rate-cards\/four-kinds-copy/)
  await expect(charges(page)).toContainText('6.00 per block of 1,000 seconds')
  await page.close()
})

test('a contract is amended from a day on, and its history says what changed', async () => {
  const page = await person.newPage()
  const errors = collectErrors(page)
  await page.goto(`${served.origin}/customers/northwind`)
  await settled(page)
  await page
    .getByRole('button', { name: /^Amend / })
    .first()
    .press('Enter')
  const dialog = page.getByRole('dialog', { name: /^Amend / })
  await dialog.getByRole('button', { name: 'Discounts, in their order', exact: true }).press('Enter')
  await dialog.getByRole('button', { name: 'Add discount', exact: true }).press('Enter')
  await type(dialog.getByLabel('Name, discount 1'), 'Loyalty')
  await type(dialog.getByLabel('Percent or amount, discount 1'), '2.5')
  await dialog.getByRole('button', { name: 'Commitments', exact: true }).press('Enter')
  await dialog.getByRole('button', { name: 'Add commitment', exact: true }).press('Enter')
  await type(dialog.getByLabel('Amount, commitment 1'), '40000')
  await dialog.getByLabel('Change takes effect on').fill('2026-11-01')
  await type(dialog.getByLabel('Why'), 'Renewed early')
  await expect(dialog).toContainText('Discount “Loyalty”: new, 2.5 % off all charges')
  await checkAccessibility(page, 'a contract being amended')
  await dialog.getByRole('button', { name: 'Save contract' }).press('Enter')
  await expect(dialog).toBeHidden()
  const history = page.getByRole('region', { name: /^History of / })
  await expect(history).toContainText('Holds from 2026-11-01: Renewed early')
  await expect(history).toContainText(
    'Commitment “Minimum spend”: new, at least 40,000.00 USD a year on all charges',
  )
  await checkAccessibility(page, 'a contract’s history')
  expect(errors).toEqual([])
  await page.close()
})
