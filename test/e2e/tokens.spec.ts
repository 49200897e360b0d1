/** A token made in Settings: shown once, good for pushing and nothing else, refused from the click on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { checkAccessibility, collectErrors, goTo, type Served, serve } from './support.ts'

test.use({ viewport: { width: 1280, height: 860 }, permissions: ['clipboard-read', 'clipboard-write'] })

let served: Served
test.beforeAll(async () => {
  served = await serve({ environment: { COUNTINGHOUSE_CLOCK: '2026-11-02T12:02:30Z' } })
})
test.afterAll(() => served?.close())

const EVENT = {
  specversion: '1.0',
  id: '1',
  source: '/gateway',
  type: 'api.calls',
  subject: 'acme',
  time: '2026-11-02T10:00:00Z',
  data: { value: 3 },
}

test('a token is made, shown once, pushes, and is revoked', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.getByLabel('Name').fill('Tokens')
  await page.getByRole('button', { name: /Create/ }).click()
  await goTo(page, 'Settings')
  const section = page.getByRole('region', { name: 'API tokens' })
  await expect(section).toContainText('None yet.')
  await section.getByRole('button', { name: 'Make token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Made for').fill('Gateway')
  await checkAccessibility(page, 'making a token')
  await dialog.getByRole('button', { name: 'Make token' }).click()
  const shown = dialog.getByLabel('Token', { exact: true })
  await expect(shown).toHaveValue(/^chi_\S{43}$/)
  const token = await shown.inputValue()
  await checkAccessibility(page, 'a token that is shown once')
  await dialog.getByRole('button', { name: 'Copy token' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
  // A click beside the dialog does not lose it.
  await page.mouse.click(5, 5)
  await expect(shown).toBeVisible()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(dialog).toBeHidden()
  expect(await page.content()).not.toContain(token)

  const row = section.getByRole('row', { name: /Gateway/ })
  await expect(row.getByRole('cell')).toHaveText(['Gateway', 'Gateway', /2 Nov 2026/, '–', '–', 'yesRevoke'])
  const push = () =>
    fetch(`${served.origin}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(EVENT),
    })
  expect((await push()).status).toBe(202)
  const settings = await fetch(`${served.origin}/api/ingest-tokens`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(settings.status).toBe(401)
  await page.reload()
  await expect(row.getByRole('cell').nth(3)).toHaveText(/2 Nov 2026/)
  await checkAccessibility(page, 'the tokens')

  await row.getByRole('button', { name: 'Revoke the token of Gateway' }).click()
  const confirm = page.getByRole('dialog', { name: 'Revoke the token of Gateway?' })
  await expect(confirm).toContainText('this cannot be taken back')
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  expect((await push()).status).toBe(202)
  await row.getByRole('button', { name: 'Revoke the token of Gateway' }).click()
  await confirm.getByRole('button', { name: 'Revoke token' }).click()
  await expect(row.getByRole('cell').nth(4)).toHaveText(/2 Nov 2026/)
  await expect(row.getByRole('button', { name: /Revoke/ })).toHaveCount(0)
  expect((await push()).status).toBe(401)

  const files = readdirSync(served.directory, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  )
  for (const { parentPath, name } of files)
    expect(`${name} ${readFileSync(join(parentPath, name)).includes(token)}`).toBe(`${name} false`)
  expect(errors).toEqual([])
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await section.scrollIntoViewIfNeeded()
    await checkAccessibility(page, `the tokens, ${scheme}`)
  }
})
