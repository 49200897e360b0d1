/** A book as its keeper sees it: backed up, restored, open for reading only, and its ledger lost. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { settled } from './screens.ts'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

const program = new URL('../../out/main/cli.js', import.meta.url).pathname

const folder = mkdtempSync(join(tmpdir(), 'countinghouse-safety-'))
const directory = join(folder, 'book')
const command = (...args: string[]) =>
  execFileSync(process.execPath, [program, ...args, '--book', directory], { encoding: 'utf8' })

const event = (id: number) =>
  JSON.stringify({
    specversion: '1.0',
    id: `e${id}`,
    source: 'gateway',
    type: 'api.calls',
    subject: 'acme',
    time: `2026-10-0${id}T00:00:00Z`,
    data: { value: '10' },
  })

let served: Served | null = null
const open = async (page: Page, more: readonly string[] = []): Promise<Served> => {
  served = await serve({ directory, more })
  await page.goto(served.url)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  return served
}

test.beforeAll(() => {
  command('init', '--name', 'Acme', '--currency', 'USD', '--time-zone', 'UTC')
  writeFileSync(join(folder, 'usage.jsonl'), `${event(1)}\n${event(2)}\n`)
  command('import', 'usage', join(folder, 'usage.jsonl'))
})
test.afterEach(async () => {
  await served?.close()
  served = null
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inBothSchemes = async (page: Page, where: string) => {
  for (const width of [1280, 1920]) {
    await page.setViewportSize({ width, height: 900 })
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBe(0)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await checkAccessibility(page, `${where}, light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await checkAccessibility(page, `${where}, dark`, ['color-contrast'])
}

test('a backup is made, listed with what the book learnt since, and restored beside the book', async ({
  page,
}) => {
  const errors = collectErrors(page)
  await open(page)
  await goTo(page, 'Settings')
  const section = page.getByRole('region', { name: 'Backups' })
  await expect(section.getByText('There is no backup in this folder yet.')).toBeVisible()
  await section.getByRole('button', { name: 'Back up now' }).click()
  await expect(
    page.getByText(/The ledger was copied to .* and the copy checked: \d+ entries up to batch 2/),
  ).toBeVisible()
  const row = section.getByRole('row').nth(1)
  await expect(row).toContainText('nothing new')

  await page.getByRole('textbox', { name: 'Your name' }).fill('Bea')
  await page.getByRole('button', { name: 'Save name' }).click()
  await expect(row).toContainText('1 batch more')

  await row.getByRole('button', { name: /^Restore the backup of / }).click()
  const said = section.getByRole('status')
  await expect(said).toContainText(
    /was verified and restored to .*book-restored-\S+: \d+ entries up to batch 2, head [0-9a-f]{12}\. Missing is what the book learnt since: 1 batch with 1 entry, 3 \(Now acting: Bea\)\./,
  )
  expect(readdirSync(folder).filter((name) => name.startsWith('book-restored-'))).toHaveLength(1)
  await inBothSchemes(page, 'settings with backups')
  expect(errors).toEqual([])
})

test('open for reading only, every screen says so, and what writes is refused with the sentence', async ({
  page,
}) => {
  await open(page, ['--read-only'])
  const banner = page.getByRole('status', { name: 'State of the book' })
  await expect(banner).toContainText(
    'Open for reading only: It was opened with --read-only. Open it without that to write in it.',
  )
  for (const screen of ['Usage', 'Customers', 'Ledger', 'Settings']) {
    await goTo(page, screen)
    await settled(page)
    await expect(banner).toBeVisible()
  }
  await page.getByRole('textbox', { name: 'Your name' }).fill('Cleo')
  const save = page.getByRole('button', { name: 'Save name' })
  await expect(save).toBeEnabled()
  await save.click()
  await expect(
    page.getByText(
      `The book in ${directory} is open for reading only, because it was opened with --read-only. Nothing was changed. Open it without that to write in it.`,
    ),
  ).toBeVisible()
  await goTo(page, 'Ledger')
  await page.getByRole('tab', { name: 'Verify' }).click()
  await page
    .getByRole('button', { name: /Verify/ })
    .last()
    .click()
  await expect(page.getByText(/entries in 3 batches fit, from the first to head/).first()).toBeVisible()
  await inBothSchemes(page, 'a book open for reading only')
})

test('a folder that lost its ledger offers its backups, and goes on with the one chosen', async ({
  page,
}) => {
  for (const name of readdirSync(directory))
    if (name.startsWith('ledger') || name.startsWith('cube')) rmSync(join(directory, name))
  await open(page)
  const backups = page.getByRole('region', { name: 'Backups in this folder' })
  await expect(backups.getByRole('heading', { name: 'This folder holds backups of a book' })).toBeVisible()
  await inBothSchemes(page, 'welcome with backups')
  await backups.getByRole('button', { name: /^Restore the backup of / }).click()
  await expect(page.getByRole('heading', { level: 1, name: /^Overview/ })).toBeVisible({ timeout: 30_000 })
  await goTo(page, 'Ledger')
  await page.getByRole('tab', { name: 'Batches' }).click()
  await expect(page.getByText('usage.jsonl').first()).toBeVisible()
})
