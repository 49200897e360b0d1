/** Every screen on the demo book: accessible in both schemes, without errors, within the window; and the address as its state. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { DEMO_CLOCK, DEMO_TIMEOUT_MS, SCREEN_STATES, settled, show } from './screens.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

const VIEWPORT = { width: 1280, height: 860 }

test.use({ viewport: VIEWPORT })

let served: Served
/** Where the token was shown once: its pages are those of one person's browser. */
let person: BrowserContext

test.beforeAll(async ({ browser }) => {
  test.setTimeout(DEMO_TIMEOUT_MS)
  served = await serve({ command: 'demo', environment: { COUNTINGHOUSE_CLOCK: DEMO_CLOCK } })
  person = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' })
  const page = await person.newPage()
  await page.goto(served.url)
  await settled(page)
  await page.close()
})

test.afterAll(async () => {
  await person?.close()
  await served?.close()
})

/** How far the page can be scrolled sideways, in CSS pixels. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

for (const state of SCREEN_STATES) {
  test(`${state.name} is accessible in light and dark and fits the window`, async () => {
    const page = await person.newPage()
    const errors = collectErrors(page)
    await show(page, served.origin, state)
    expect(await sideways(page)).toBe(0)
    await checkAccessibility(page, `${state.name}, light`)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
    // Only colours differ.
    await checkAccessibility(page, `${state.name}, dark`, ['color-contrast'])
    expect(errors).toEqual([])
    await page.close()
  })
}

test('a sliced and filtered usage report is the same after a reload', async ({ page }) => {
  await page.goto(served.url)
  const filters = encodeURIComponent(JSON.stringify([{ field: 'customer', values: ['globex', 'northwind'] }]))
  await page.goto(
    `${served.origin}/usage?metric=api.calls&group=${encodeURIComponent('["tenant"]')}&grain=month&filters=${filters}`,
  )
  await settled(page)
  await expect(page.getByRole('cell', { name: 'globex-prod' })).toBeVisible()
  await page.getByText('Day', { exact: true }).click()
  await expect(page).toHaveURL(/grain=day/)
  await settled(page)
  const table = page.getByRole('main').getByRole('table')
  await expect(table.getByRole('cell', { name: 'globex-prod' })).toBeVisible()
  const before = { address: page.url(), cells: await table.first().innerText() }
  expect(before.cells).not.toContain('initech')
  await page.reload()
  await settled(page)
  await expect(table.getByRole('cell', { name: 'globex-prod' })).toBeVisible()
  expect({ address: page.url(), cells: await table.first().innerText() }).toEqual(before)
})

test('the dark scheme chosen in the top bar is kept over a reload', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(served.url)
  await settled(page)
  await page.getByRole('button', { name: 'Use dark colours' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.reload()
  await settled(page)
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.getByRole('button', { name: 'Use light colours' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light')
})

test('the palette goes to a customer by keyboard alone', async ({ page }) => {
  await page.goto(served.url)
  await settled(page)
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('textbox', { name: 'Search everything' })).toBeFocused()
  await page.keyboard.type('northwind')
  await expect(page.getByRole('button', { name: /^Northwind\s*Customer/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/customers\/northwind/)
  await expect(page.getByRole('heading', { level: 1, name: 'Northwind' })).toBeVisible()
})

test('what is typed into a deal is asked for before it is lost', async ({ page }) => {
  await page.goto(served.url)
  await page.goto(`${served.origin}/deals/globex-renewal`)
  await settled(page)
  const discount = page.getByRole('textbox', { name: 'Discount (%)' }).first()
  const kept = await discount.inputValue()
  await discount.fill('33')
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Customers' }).click()
  const question = page.getByRole('dialog', { name: 'The deal is not saved' })
  await question.getByRole('button', { name: 'Stay' }).click()
  await expect(discount).toHaveValue('33')
  await discount.fill(kept)
  await goTo(page, 'Customers')
  await expect(page.getByRole('heading', { level: 1, name: 'Customers' })).toBeVisible()
})

test('a charge half typed into a kept rate card is named, and the screen stays', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.goto(`${served.origin}/rate-cards/starter`)
  await settled(page)
  const charges = page.getByRole('table', { name: 'Charges' })
  const rows = await charges.getByRole('textbox', { name: /^Name of charge/ }).count()
  await page.getByRole('button', { name: 'Add charge' }).click()
  await page.getByLabel('Price of charge 1').fill('2,5')
  await expect(charges.getByRole('textbox', { name: /^Name of charge/ })).toHaveCount(rows + 1)
  await expect(page.getByText('Mend what is marked in red to see what version 2 would change.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save version' })).toBeDisabled()
  expect(errors).toEqual([])
})

test('an address without a screen says where to go', async ({ page }) => {
  await page.goto(served.url)
  await page.goto(`${served.origin}/nowhere`)
  await expect(page.getByRole('heading', { level: 1, name: 'No such screen' })).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /^Overview/ })).toBeVisible()
})

test('a browser without the token is told which address to open', async ({ browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  for (const address of [
    `${served.origin}/`,
    `${served.origin}/customers`,
    `${served.origin}/?token=guessed`,
  ]) {
    const answer = await page.goto(address)
    expect(answer?.status(), address).toBe(401)
    await expect(page.getByRole('heading', { name: 'Countinghouse did not open this page' })).toBeVisible()
    await expect(
      page.getByText(/The address is the line that npm run serve wrote to the terminal/),
    ).toBeVisible()
  }
  expect(await context.cookies()).toEqual([])
  await context.close()
})
