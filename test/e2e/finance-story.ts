/**
 * What a finance user does with two real files, from an empty folder to a closed month and a workbook: the same
 * story in the browser and in the desktop window.
 */
import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import ExcelJS from 'exceljs'
import type { StripeStandIn } from '../support/stripe-stand-in.ts'
import { goTo, pickMonth } from './support.ts'

const fixtures = new URL('../fixtures/', import.meta.url).pathname

/** Told after each screen was reached, so that a caller may look at it more closely. */
export type Visit = (name: string) => Promise<void>

const createBook = async (page: Page, visit: Visit) => {
  await expect(page.getByRole('heading', { name: 'A new book' })).toBeVisible()
  await visit('welcome')
  await page.getByLabel('Name').fill('Acme Cloud')
  await page.getByRole('button', { name: 'Create the book' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /Overview/ })).toBeVisible()
  await visit('overview, empty')
}

const importFile = async (page: Page, file: string, sentence: RegExp) => {
  await page.locator('input[type=file]').first().setInputFiles(`${fixtures}${file}`)
  for (let step = 0; step < 2; step++) await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText(sentence).first()).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Done' }).click()
}

const importFiles = async (page: Page, visit: Visit) => {
  await goTo(page, 'Sources')
  await importFile(page, 'focus-1.0-sample.csv', /500 rows read, 500 rows added\./)
  await importFile(page, 'apache-access.log', /5,000 rows read, 5,000 rows added\./)
  await importFile(page, 'focus-1.0-sample.csv', /500 rows read, 0 rows added, 500 already there\./)
  await visit('sources')
  await goTo(page, 'Ledger')
  await visit('ledger')
}

const writeRule = async (page: Page, visit: Visit) => {
  await goTo(page, 'Attribution')
  await pickMonth(page, 'September 2024')
  await page.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('textbox', { name: 'Name, rule 1' }).fill('By application')
  const field = page.getByRole('combobox', { name: /^Field, / })
  await field.click()
  await page.getByRole('option', { name: /application/ }).click()
  const operator = page.getByRole('combobox', { name: /^Operator, / })
  await operator.click()
  await page.getByRole('option', { name: 'is present' }).click()
  const target = page.getByRole('combobox', { name: /^Belongs to, / })
  await target.click()
  await page
    .getByRole('option', { name: /value|tag/ })
    .first()
    .click()
  // 210 applications are claimed before anything is saved; refunds without a tag make the rest negative.
  await expect(page.getByText(/for 210 tenants/)).toBeVisible()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await expect(page.getByRole('button', { name: 'Save rules' })).toBeDisabled()
  await visit('rules')
  await goTo(page, 'Cost & margin')
  await expect(page.getByText('✓').first()).toBeVisible()
  await visit('cost')
}

const writeRateCard = async (page: Page, visit: Visit) => {
  await goTo(page, 'Rate cards')
  await page
    .getByRole('link', { name: 'New rate card' })
    .or(page.getByRole('button', { name: 'New rate card' }))
    .first()
    .click()
  await page.getByLabel('Name', { exact: true }).fill('Web 2015')
  await page.getByLabel('Effective from').fill('2015-01-01')
  if ((await page.getByLabel('Name of charge 1').count()) === 0)
    await page.getByRole('button', { name: 'Add charge' }).click()
  await page.getByLabel('Kind of charge 1').selectOption('per_unit')
  await page.getByLabel('Name of charge 1').fill('Requests')
  await page.getByLabel('Metric of charge 1').selectOption('http.requests')
  await page.getByLabel('Price of charge 1').fill('0.5')
  await page.getByLabel('Per of charge 1').fill('10')
  await visit('rate card')
  await page.getByRole('button', { name: 'Save version' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /Web 2015/ })).toBeVisible()
  await goTo(page, 'Rate cards')
  await expect(page.getByText('Web 2015').first()).toBeVisible()
  await visit('rate cards')
}

/** The client with most requests in the sample: 279 of them. */
const CLIENT = '66.249.73.135'

const makeCustomer = async (page: Page, visit: Visit) => {
  await goTo(page, 'Customers')
  await page.getByRole('tab', { name: /Tenants without customer/ }).click()
  await page.getByLabel('Search Tenants without customer').fill(CLIENT)
  await page.getByRole('checkbox', { name: `Select ${CLIENT}` }).check()
  await page.getByRole('combobox', { name: 'Rate card' }).click()
  await page.getByRole('option', { name: 'Web 2015' }).click()
  await page.getByLabel('From day').fill('2015-05-01')
  await page.getByRole('button', { name: /^Make/ }).click()
  await expect(page.getByText(/1 customer/).first()).toBeVisible()
  await pickMonth(page, 'May 2015')
  await goTo(page, 'Customers')
  await expect(page.getByRole('cell', { name: CLIENT }).first()).toBeVisible()
  await visit('customers')
  await page.getByRole('cell', { name: CLIENT }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: CLIENT })).toBeVisible()
  await visit('customer')
}

const runAndExplain = async (page: Page, visit: Visit) => {
  await goTo(page, 'Usage')
  await expect(page.getByText('5,000').first()).toBeVisible()
  await visit('usage')
  await goTo(page, 'Invoices')
  await page.getByRole('button', { name: 'Run month' }).click()
  await expect(page.getByText(/1 draft made or renewed/).first()).toBeVisible()
  await visit('invoices')
  await page.getByRole('cell', { name: `201505-${CLIENT}`, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: /201505/ })).toBeVisible()
  await visit('invoice')
  await page
    .getByRole('row', { name: /Requests/ })
    .getByRole('button', { name: '13.95: explain' })
    .last()
    .click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByText(/279 requests/).first()).toBeVisible()
  await visit('explain')
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
}

const dealForCustomer = async (page: Page, visit: Visit) => {
  await goTo(page, 'Deals')
  await page.getByRole('button', { name: 'New deal' }).first().click()
  await page.getByRole('combobox', { name: 'Customer' }).click()
  await page.getByRole('option', { name: CLIENT }).click()
  await page.getByRole('button', { name: 'Model a deal' }).click()
  const scenario = page.getByRole('region', { name: 'Scenario A' })
  await scenario.getByRole('textbox', { name: 'Discount (%)' }).fill('20')
  await visit('deal')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  // The saved deal has an address of its own.
  await expect(page).toHaveURL(/\/deals\/66/)
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  const won = page.getByRole('button', { name: 'Won', exact: true })
  await expect(won).toBeEnabled()
  await won.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Won: make the contract' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await goTo(page, 'Deals')
  await expect(page.getByRole('cell', { name: /^won/i }).first()).toBeVisible()
  await visit('deals')
}

const approveAndDeliver = async (page: Page, stripe: StripeStandIn) => {
  await goTo(page, 'Invoices')
  await page.getByRole('cell', { name: `201505-${CLIENT}`, exact: true }).click()
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approve 13.95 USD' }).click()
  await page.getByRole('button', { name: 'Deliver to Stripe' }).click()
  await expect(page.getByText(/1 invoice delivered to Stripe/).first()).toBeVisible()
  const made = [...stripe.state.invoices.values()]
  expect(made.map((invoice) => stripe.state.total(invoice.id))).toEqual([1395])
}

const reconcileAndClose = async (page: Page, visit: Visit) => {
  await goTo(page, 'Reconcile & close')
  await pickMonth(page, 'September 2024')
  const total = page.getByRole('textbox', { name: /^Total of the bill of AWS/ })
  await total.fill('5.99')
  await page.getByRole('button', { name: /^Save the total of AWS/ }).click()
  await expect(page.getByText('✓ equal').first()).toBeVisible()
  await visit('reconcile')
  await pickMonth(page, 'May 2015')
  await expect(page.getByRole('heading', { level: 1, name: /May 2015/ })).toBeVisible()
  await page.getByRole('button', { name: 'Close month' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/Why it is closed/).fill('The log begins on 17 May; there is nothing before it.')
  await dialog.getByLabel(/^Type 2015-05/).fill('2015-05')
  await dialog.getByRole('button', { name: 'Lock May 2015' }).click()
  await expect(page.getByText(/Closed by|closed by|Closed on/).first()).toBeVisible()
}

/** The workbook's revenue, and the overview's. */
const exportWorkbook = async (page: Page) => {
  await goTo(page, 'Overview')
  await expect(page.getByText('13.95').first()).toBeVisible()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Month workbook' }).click()
  const path = await (await download).path()
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load((await readFile(path)) as never)
  const summary = workbook.getWorksheet('Summary')
  const values: unknown[] = []
  summary?.eachRow((row) => row.eachCell((cell) => values.push(cell.result ?? cell.value)))
  expect(values).toContain(13.95)
}

export const financeStory = async (page: Page, stripe: StripeStandIn, visit: Visit): Promise<void> => {
  await createBook(page, visit)
  await importFiles(page, visit)
  await writeRule(page, visit)
  await writeRateCard(page, visit)
  await makeCustomer(page, visit)
  await runAndExplain(page, visit)
  await dealForCustomer(page, visit)
  await approveAndDeliver(page, stripe)
  await reconcileAndClose(page, visit)
  await exportWorkbook(page)
  await goTo(page, 'Settings')
  await visit('settings')
}
