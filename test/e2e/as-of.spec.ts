/** The book looked at as it was: picked in the top bar, kept in the address, the figures of then, and nothing changed. */
import { expect, type Page, test } from '@playwright/test'
import { DEMO_CLOCK, DEMO_TIMEOUT_MS, settled } from './screens.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

test.use({ viewport: { width: 1280, height: 860 } })

let served: Served
test.beforeAll(async () => {
  test.setTimeout(DEMO_TIMEOUT_MS)
  served = await serve({ command: 'demo', environment: { COUNTINGHOUSE_CLOCK: DEMO_CLOCK } })
})
test.afterAll(() => served?.close())

/** Asks the served book as a script does. */
const ask = async (method: 'GET' | 'PUT', path: string, body?: unknown) => {
  const answer = await fetch(`${served.origin}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${new URL(served.url).searchParams.get('token')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

const equation = async (page: Page): Promise<string> => {
  await settled(page)
  return page.getByRole('region', { name: 'The equation of the bill' }).innerText()
}

const picker = (page: Page) => page.getByRole('button', { name: /^As of: / })
const banner = (page: Page) => page.getByRole('status').filter({ hasText: /^As of / })

test('figures as of a batch are those seen then, on every screen, and nothing can be changed', async ({
  page,
}) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await goTo(page, 'Cost & margin')
  const then = await equation(page)
  const { head } = await ask('GET', '/book')
  const { version } = await ask('GET', '/rules')
  await ask('PUT', '/rules', { rules: [], expectedVersion: version })
  await page.reload()
  await expect.poll(() => equation(page)).not.toBe(then)
  await expect(banner(page)).toHaveCount(0)

  await picker(page).click()
  await page
    .getByRole('list', { name: 'Batches' })
    .getByRole('button', { name: new RegExp(`^${head.batchId}\\b`) })
    .click()
  await expect(page).toHaveURL(new RegExp(`[?&]asOf=${head.batchId}(&|$)`))
  await expect(banner(page)).toContainText(/^As of 2 Nov 2026, \d\d:4\d /)
  await expect(banner(page)).toContainText(
    `(batch ${head.batchId}): what came later is not counted, and nothing can be changed here.`,
  )
  expect(await equation(page)).toBe(then)
  await checkAccessibility(page, 'cost as of a batch, light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await checkAccessibility(page, 'cost as of a batch, dark', ['color-contrast'])

  // The address is the state: a reload, another screen and a link keep the moment.
  await page.reload()
  expect(await equation(page)).toBe(then)
  await goTo(page, 'Attribution')
  await expect(page).toHaveURL(new RegExp(`asOf=${head.batchId}`))
  await settled(page)
  await expect(banner(page)).toBeVisible()
  await goTo(page, 'Invoices')
  await settled(page)
  await page.getByRole('button', { name: 'Run month' }).click()
  await expect(page.getByText('Nothing was done; go back to now first.')).toBeVisible()
  expect((await ask('GET', '/book')).head.batchId).toBe(head.batchId + 1)

  await goTo(page, 'Cost & margin')
  await banner(page).getByRole('button', { name: 'Back to now' }).click()
  await expect(page).not.toHaveURL(/asOf/)
  await expect(banner(page)).toHaveCount(0)
  expect(await equation(page)).not.toBe(then)
  // Back in the browser's history is back in the past.
  await page.goBack()
  await expect(banner(page)).toBeVisible()
  expect(await equation(page)).toBe(then)
  expect(errors).toEqual([])
})

test('a moment before the book is refused in a sentence, with the way back', async ({ page }) => {
  await page.goto(served.url)
  await settled(page)
  await picker(page).click()
  await page.getByLabel('Moment (').fill('2026-11-02T09:40')
  await page.getByRole('button', { name: 'Look', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'No such moment' })).toBeVisible()
  await expect(
    page.getByText('2026-11-02T09:40 is before the book began: its first batch was recorded on'),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /^Overview/ })).toBeVisible()
})

test('an invoice recomputed as of its issue comes to the same cent', async ({ page }) => {
  await page.goto(served.url)
  await page.goto(`${served.origin}/invoices/2026-09.globex`)
  await settled(page)
  await page.getByRole('button', { name: 'Recompute as of its issue' }).click()
  await expect(
    page.getByText(/^Recomputed as of its issue .* every line comes to the same cent: /),
  ).toBeVisible()
  const cells = page.getByRole('region', { name: 'Recompute' }).getByRole('cell', { name: 'The same.' })
  expect(await cells.count()).toBeGreaterThan(0)
})
