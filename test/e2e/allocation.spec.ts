/** Shared cost on the screens: what the demo's steps did, a step added and saved, and the bench of rules. */
import { expect, type Page, test } from '@playwright/test'
import { DEMO_CLOCK, DEMO_TIMEOUT_MS, settled } from './screens.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

test.use({ viewport: { width: 1280, height: 900 } })

let served: Served
test.beforeAll(async () => {
  test.setTimeout(DEMO_TIMEOUT_MS)
  served = await serve({ command: 'demo', environment: { COUNTINGHOUSE_CLOCK: DEMO_CLOCK } })
})
test.afterAll(() => served?.close())

const equation = (page: Page) => page.getByRole('region', { name: 'The equation of the bill' })

/** The equation's terms as numbers of cents, and whether the screen says that it holds. */
const terms = async (page: Page) => {
  await settled(page)
  await expect(equation(page).getByRole('img', { name: 'holds' })).toBeVisible()
  const text = (await equation(page).innerText()).replaceAll('\n', ' ')
  const cents = (name: string) => {
    const found = new RegExp(`${name} (−?)([\\d,]+)\\.(\\d\\d)`).exec(text)
    if (found === null) return null
    return Number(`${found[1] === '' ? '' : '-'}${found[2]?.replaceAll(',', '')}${found[3]}`)
  }
  return {
    bill: cents('bill'),
    direct: cents('direct'),
    allocated: cents('allocated'),
    unattributed: cents('unattributed'),
  }
}

test('shared cost is allocated in steps, explained, changed and tried by other bases', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await goTo(page, 'Cost & margin')
  const before = await terms(page)
  expect(before.allocated).toBeGreaterThan(0)
  // Each term is rounded for itself, by half a cent at most.
  const sum = (before.direct ?? 0) + (before.allocated ?? 0) + (before.unattributed ?? 0)
  expect(Math.abs(sum - (before.bill ?? 0))).toBeLessThanOrEqual(2)
  await expect(page.getByRole('columnheader', { name: 'Allocated cost (USD)' }).first()).toBeVisible()

  await page.getByRole('tab', { name: 'Allocation' }).click()
  await settled(page)
  await page.getByRole('row', { name: /Support/ }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByText(/^The pool held /)).toBeVisible()
  await expect(drawer.getByRole('row', { name: /Globex/ })).toBeVisible()
  await checkAccessibility(page, 'the explanation of a step')
  await drawer.getByRole('button', { name: 'What it is made of' }).click()
  await expect(drawer.getByText('AWS Support').first()).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('combobox', { name: 'Cost basis' }).click()
  await page.getByRole('option', { name: 'List cost' }).click()
  await expect(equation(page)).toContainText('USD, list cost')
  await expect(page).toHaveURL(/basis=list/)
  expect((await terms(page)).bill).toBeGreaterThan(before.bill ?? 0)

  await page.getByRole('tab', { name: 'Cost to serve' }).click()
  await settled(page)
  await expect(
    page.getByText(/^List cost of the month \(direct and allocated cost of all tenants\)/),
  ).toBeVisible()
  await checkAccessibility(page, 'cost to serve')

  await goTo(page, 'Allocation')
  await settled(page)
  await page.getByRole('button', { name: 'Add step' }).click()
  await page.getByRole('menuitem', { name: 'All that is left' }).click()
  const added = page.getByRole('listitem', { name: 'All that is left' })
  await expect(added.getByText(/^Takes .* USD; allocated/)).toBeVisible()
  await checkAccessibility(page, 'the plan, with a step opened')
  await page.getByRole('button', { name: 'Save plan' }).click()
  await expect(page.getByText(/^Saved as version 2\./)).toBeVisible()
  await goTo(page, 'Cost & margin')
  await expect.poll(async () => (await terms(page)).unattributed).toBe(0)
  expect(errors).toEqual([])
})

test('a pasted row is told which rule takes it, and proposals become rules', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await goTo(page, 'Attribution')
  await settled(page)
  await page.getByRole('tab', { name: 'Try a row' }).click()
  await page
    .getByRole('textbox', { name: 'A row of a bill' })
    .fill('ServiceName,ChargePeriodStart,Tags\nAmazon S3,2026-10-05,"{""tenant"": ""globex-eu""}"')
  await page.getByRole('button', { name: 'Try the row' }).click()
  await expect(
    page.getByText(
      'On 2026-10-05 the rule “Tagged with its tenant” takes this row for tenant globex-eu, of Globex.',
    ),
  ).toBeVisible()
  await expect(
    page.getByRole('row', { name: /Staging is ours.*the row has no tag "environment"/ }),
  ).toBeVisible()
  await checkAccessibility(page, 'the test bench')

  await page.getByRole('tab', { name: 'Coverage' }).click()
  await expect(page.getByRole('row', { name: /Unattributed/ })).toBeVisible()
  await checkAccessibility(page, 'coverage')

  await page.getByRole('tab', { name: 'Proposals' }).click()
  await page
    .getByRole('textbox', { name: 'Accounts and their tenants' })
    .fill('447199281144, meridian-internal')
  await page.getByRole('button', { name: 'Add 1 rule' }).click()
  const rule = page.getByRole('listitem', { name: 'Account 447199281144' })
  await expect(rule).toBeVisible()
  await rule.getByRole('button', { name: /^Edit/ }).click()
  await rule.getByLabel(/^First day/).fill('2026-10-01')
  await expect(rule.getByText(/belongs to tenant "meridian-internal", from 2026-10-01 on\./)).toBeVisible()
  await checkAccessibility(page, 'a dated rule')
  expect(errors).toEqual([])
})
