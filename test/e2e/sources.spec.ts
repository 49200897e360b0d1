/** A source connected by hand: chosen, described, checked, previewed, collected, and seen on its card. */
import { expect, test } from '@playwright/test'
import { type FakePrometheus, startFakePrometheus } from '../support/fake-prometheus.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

test.use({ viewport: { width: 1280, height: 860 } })

const NOW = '2026-11-02T12:02:30Z'
const START = Date.parse(NOW) / 1000 - 3 * 3600

let served: Served
let prometheus: FakePrometheus
test.beforeAll(async () => {
  prometheus = await startFakePrometheus()
  served = await serve({ environment: { COUNTINGHOUSE_CLOCK: NOW } })
})
test.afterAll(async () => {
  prometheus?.close()
  await served?.close()
})

test('a Prometheus server is connected in four steps and collected by itself', async ({ page }) => {
  prometheus.series = ['acme', 'bolt'].map((namespace, place) => ({
    labels: { __name__: 'http_requests_total', namespace, job: 'web' },
    values: Array.from(
      { length: 200 },
      (_, index) => [START + index * 60, String(500 + index * (place + 2))] as const,
    ),
  }))
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.getByLabel('Name').fill('Sources')
  await page.getByRole('button', { name: /Create/ }).click()
  await goTo(page, 'Sources')
  await page.getByRole('button', { name: 'Add source' }).click()
  const wizard = page.getByRole('dialog', { name: 'Add a source' })
  await wizard.getByRole('button', { name: /^Prometheus Counters/ }).click()
  await wizard.getByRole('textbox', { name: 'Name', exact: true }).fill('Cluster')

  // An address where nobody is: said in a sentence, and nothing is connected.
  await wizard.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:1')
  for (let rows = await wizard.getByRole('button', { name: /^Remove row/ }).count(); rows > 1; rows--)
    await wizard.getByRole('button', { name: `Remove row ${rows} of What is measured` }).click()
  await wizard.getByLabel('Metric, row 1').fill('web.requests')
  await wizard.getByLabel('PromQL selector or query, row 1').fill('http_requests_total')
  await wizard.getByLabel('Method, row 1').fill('counter')
  await wizard.getByText('Paths', { exact: true }).click()
  await expect(wizard.getByText('POST /api/v1/query')).toBeVisible()
  await checkAccessibility(page, 'the form of a source')
  await wizard.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(wizard.getByText(/cannot be reached/)).toBeVisible()
  await expect(wizard.getByRole('button', { name: 'Preview', exact: true })).toBeDisabled()

  await wizard.getByRole('button', { name: 'Back' }).click()
  await wizard.getByRole('textbox', { name: 'Address' }).fill(prometheus.url)
  await wizard.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(wizard.getByText('web.requests: 2 series, read as a counter.')).toBeVisible()
  await checkAccessibility(page, 'the check of a source')
  await wizard.getByRole('button', { name: 'Preview', exact: true }).click()
  await expect(wizard.getByRole('cell', { name: 'acme' }).first()).toBeVisible()
  await checkAccessibility(page, 'the preview of a source')
  await wizard.getByRole('button', { name: 'Connect', exact: true }).last().click()
  await expect(wizard).toBeHidden()

  const card = page.getByRole('group', { name: 'Cluster' })
  await expect(card).toContainText('every 10 minutes')
  await card.getByRole('button', { name: 'Collect now' }).click()
  // The schedule's own first run may have been quicker than the button.
  await expect(card).toContainText(/10 records new|Nothing new/, { timeout: 20_000 })
  const arrived = page.getByRole('region', { name: 'Where data comes from' })
  await expect(arrived).toContainText('10 records added')
  await checkAccessibility(page, 'the sources')

  await card.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Pause' }).click()
  await expect(card).toContainText('Paused: nothing is collected')
  expect(errors).toEqual([])
})
