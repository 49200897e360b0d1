/** A draft rate card tried on a year of usage, and a running month told to its end: in a real browser. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { checkAccessibility, collectErrors, type Served, serve } from './support.ts'

const program = new URL('../../out/main/cli.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'countinghouse-simulate-'))
const directory = join(folder, 'book')
const environment = { COUNTINGHOUSE_CLOCK: '2026-11-12T12:00:00Z' }
const command = (...args: string[]) =>
  execFileSync(process.execPath, [program, ...args, '--book', directory], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const CUSTOMERS = [
  ['acme', 'Acme', 100],
  ['bolt', 'Bolt', 5_000],
  ['cato', 'Cato', 40],
] as const
const CARD = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2025-01-01',
  charges: [
    { kind: 'flat_fee', id: 'fee', name: 'Platform fee', amount: '10' },
    { kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'api.calls', unitAmount: '0.1', per: '1' },
  ],
}

/** Each customer the same on the first eleven days of every month from January on. */
const usage = () =>
  Array.from({ length: 11 }, (_, month) =>
    CUSTOMERS.flatMap(([tenant, , calls]) =>
      Array.from({ length: 11 }, (_unused, day) => {
        const date = `2026-${String(month + 1).padStart(2, '0')}-${String(day + 1).padStart(2, '0')}`
        return JSON.stringify({
          specversion: '1.0',
          id: `${tenant} ${date}`,
          source: 'gateway',
          type: 'api.calls',
          subject: tenant,
          time: `${date}T09:00:00Z`,
          data: { value: String(calls) },
        })
      }),
    ),
  )
    .flat()
    .join('\n')

let served: Served
test.beforeAll(async () => {
  command('init', '--name', 'Acme', '--currency', 'USD', '--time-zone', 'UTC')
  command('import', 'usage', file('usage.jsonl', usage()))
  command('ratecard', 'set', file('card.json', JSON.stringify(CARD)))
  const customers = CUSTOMERS.map(([id, name]) => ({ id, name, tenants: [id] }))
  command('customers', 'set', file('customers.json', JSON.stringify(customers)))
  for (const [id] of CUSTOMERS)
    command(
      'contract',
      'set',
      file(
        `${id}.json`,
        JSON.stringify({
          id: `${id}-1`,
          customerId: id,
          rateCardId: 'standard',
          startDay: '2026-01-01',
          endDay: null,
          discountPercent: '0',
          chargeDiscounts: {},
          monthlyCommitment: null,
        }),
      ),
    )
  served = await serve({ directory, environment })
})
test.afterAll(async () => {
  await served?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Nothing wider than the page, and no serious finding of axe, light and dark. */
const inBothSchemes = async (page: Page, where: string) => {
  for (const width of [1920, 1280]) {
    await page.setViewportSize({ width, height: 900 })
    // Charts take their new width a moment after the page has.
    await expect
      .poll(() =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      )
      .toBe(0)
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    await checkAccessibility(page, `${where}, ${colorScheme}`)
  }
}

test('a draft says who would pay more or less, and nothing is saved', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.goto(`${served.origin}/rate-cards/standard`)
  const simulate = page.getByRole('region', { name: 'Simulate', exact: true })
  await simulate.getByRole('button', { name: 'Simulate', exact: true }).click()
  await expect(simulate.getByRole('status')).toContainText('0 would pay more, 0 less, 3 the same.')

  await page.getByRole('textbox', { name: 'Price of charge 2' }).fill('0.2')
  await expect(simulate.getByText('The draft or the range has changed since')).toBeVisible()
  await simulate.getByRole('button', { name: 'Simulate', exact: true }).click()
  await expect(simulate.getByRole('status')).toContainText('3 would pay more, 0 less, 0 the same.')
  const table = simulate.getByRole('table')
  // Ten months of 1,100 and of 440 calls, at 0.10 more.
  await expect(table.getByRole('row', { name: /Cato/ })).toContainText('440.00')
  await expect(table.getByRole('row', { name: /Acme/ })).toContainText('1,100.00')
  await expect(simulate.getByRole('img', { name: /Customers by change of what they pay/ })).toBeVisible()
  await inBothSchemes(page, 'the simulation')

  const byPercent = table.getByRole('columnheader', { name: /Change %/ }).getByRole('button')
  await byPercent.click()
  await expect(table.getByRole('row').nth(1)).toContainText('Bolt')
  await byPercent.click()
  await expect(table.getByRole('row').nth(1)).toContainText('Cato')
  expect(JSON.parse(command('ratecard', 'show', 'standard', '--json')).card.versions).toHaveLength(1)
  expect(errors).toEqual([])
})

test('a running month is told so far and to its end, with its steps', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.goto(`${served.origin}/customers/acme`)
  const running = page.getByRole('region', { name: 'Running month' })
  await running.getByRole('button', { name: 'Preview the invoice' }).click()
  await expect(running.getByText('11 days of November 2026 are over.')).toBeVisible()
  const calls = running.getByRole('row', { name: /Calls/ })
  // 1,100 calls so far; 19 days of 100 are left.
  await expect(calls).toContainText('1,100')
  await expect(calls).toContainText('110.00')
  await expect(calls).toContainText('3,000')
  await expect(calls).toContainText('300.00')
  await inBothSchemes(page, 'the preview')
  await calls.getByRole('button', { name: /300\.00/ }).click()
  const steps = page.getByRole('dialog', { name: 'Calls, forecast' })
  await expect(steps.getByRole('row', { name: /Amount of the line/ })).toContainText('300.00')
  await checkAccessibility(page, 'the steps of a forecast')
  expect(errors).toEqual([])
})
