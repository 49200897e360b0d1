/** Each kind of source from the wizard's first step to its card, and what the card says once the source fails. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { NOW } from './source-kinds/kind.ts'
import { PLANTED, SOURCE_KINDS } from './source-kinds.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

test.use({ viewport: { width: 1280, height: 860 } })

let served: Served
const closing: (() => Promise<void> | void)[] = []
test.beforeAll(async ({ browser }) => {
  const secrets = Object.assign({}, ...SOURCE_KINDS.map((kind) => kind.secrets))
  served = await serve({ environment: { COUNTINGHOUSE_CLOCK: NOW, ...secrets } })
  const page = await browser.newPage()
  await page.goto(served.url)
  await page.getByLabel('Name').fill('Kinds')
  await page.getByRole('button', { name: /Create/ }).click()
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible()
  await page.close()
})
test.afterAll(async () => {
  await served?.close()
  for (const close of closing) await close()
})

/** Fills a field or chooses in it; a row of a table is added where it is not there yet. */
const type = async (wizard: Locator, label: string, text: string) => {
  const field = wizard
    .getByRole('textbox', { name: label, exact: true })
    .or(wizard.getByRole('combobox', { name: label, exact: true }))
  if (/, row \d+$/.test(label) && (await field.count()) === 0)
    await wizard.getByRole('button', { name: 'Add row' }).click()
  if (
    (await field.getAttribute('role')) === null &&
    (await field.evaluate((node) => node.tagName)) === 'SELECT'
  )
    await field.selectOption({ label: text })
  else await field.fill(text)
}

/** The steps are the same for all kinds, so each is looked at in light or dark; those that show most in both. */
const schemesOf = (index: number) =>
  SOURCE_KINDS[index]?.isCost === true || index === 0
    ? (['dark', 'light'] as const)
    : ([index % 2 === 0 ? 'dark' : 'light'] as const)

const checkSchemes = async (
  page: Page,
  schemes: readonly ('dark' | 'light')[],
  where: string,
  within: string,
) => {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    await checkAccessibility(page, `${where}, ${colorScheme}`, undefined, within)
  }
}

for (const [index, kind] of SOURCE_KINDS.entries())
  test(`${kind.title}: connected, collected, and told when it fails`, async ({ page }) => {
    const { title } = kind
    const schemes = schemesOf(index)
    const peer = await kind.start()
    closing.push(peer.close)
    const errors = collectErrors(page)
    await page.goto(served.url)
    await goTo(page, 'Sources')
    await page.getByRole('button', { name: 'Add source' }).click()
    const wizard = page.getByRole('dialog', { name: 'Add a source' })
    await wizard
      .getByRole('list', { name: 'Kinds of sources' })
      .getByRole('button', { name: new RegExp(`^${title} `) })
      .click()
    await expect(wizard.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(title)
    for (const [label, text] of Object.entries(peer.typed)) await type(wizard, label, text)
    const [document, allowed] = kind.permissions
    await wizard.getByText(document, { exact: true }).click()
    await expect(wizard.locator('details[open]')).toContainText(allowed)
    await checkSchemes(page, schemes, `the fields of ${title}`, '[role=dialog]')

    await wizard.getByRole('button', { name: 'Check', exact: true }).click()
    await expect(wizard.getByRole('list', { name: 'What the check found' })).toContainText(kind.check)
    await checkSchemes(page, schemes, `the check of ${title}`, '[role=dialog]')

    await wizard.getByRole('button', { name: 'Preview', exact: true }).click()
    if (kind.preview.length === 0)
      await expect(wizard.getByText('The source answers, and has no records for now.')).toBeVisible()
    for (const cell of kind.preview)
      await expect(wizard.getByRole('cell', { name: cell, exact: true }).first()).toBeVisible()
    if (kind.isCost === true) {
      await expect(wizard.getByText('Attributed (USD)', { exact: true })).toBeVisible()
      await expect(wizard.getByText('Unattributed (USD)')).toBeVisible()
    }
    await checkSchemes(page, schemes, `the preview of ${title}`, '[role=dialog]')
    await wizard.getByRole('button', { name: 'Connect', exact: true }).last().click()
    await expect(wizard).toBeHidden()

    const card = page.getByRole('group', { name: title, exact: true })
    const collect = card.getByRole('button', { name: 'Collect now' })
    const arrived = page
      .getByRole('region', { name: 'Where data comes from' })
      .getByRole('link')
      .filter({ has: page.getByText(title, { exact: true }) })
    await expect(async () => {
      await collect.click()
      await expect(card).toContainText(/records? new|Nothing new/)
      peer.use?.()
      await expect(arrived).toContainText('up to date', { timeout: 1000 })
    }).toPass({ timeout: 30_000 })
    await expect(arrived).toContainText(/Data to.*ago/)
    await expect(card).toContainText(/Last success\d/)
    await expect(card).toContainText(/Next run\d/)
    await checkSchemes(page, schemes, `the card of ${title}`, `[aria-label="${title}"]`)

    await peer.fail()
    await collect.click()
    await expect(card).toContainText(kind.failure, { timeout: 20_000 })
    await expect(card).toContainText('failing')
    // It would be tried again and again while the others are looked at.
    await card.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await expect(card).toContainText('Paused: nothing is collected')
    expect(errors).toEqual([])
  })

test('what a source was sent to sign with is in no file, answer or log', async ({ page }) => {
  await page.goto(served.url)
  const { states, batches } = await page.evaluate(async () => ({
    states: await (await fetch('/api/connections')).text(),
    batches: await (await fetch('/api/ledger/batches')).text(),
  }))
  expect(JSON.parse(states)).toHaveLength(SOURCE_KINDS.length)
  const names = await readdir(served.directory, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  expect(files.length).toBeGreaterThan(1)
  const texts: [string, string | Buffer][] = [
    ['the states', states],
    ['the batches', batches],
    ['the log', served.output()],
  ]
  for (const path of files) texts.push([path, await readFile(path)])
  const told = texts.filter(([, text]) => PLANTED.some((planted) => text.includes(planted)))
  expect(told.map(([where]) => where)).toEqual([])
})
