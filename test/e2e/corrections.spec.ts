/** Corrections in the Ledger, by keyboard: take the later of two records, read its history, see where it counts, reverse it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, type Page, test } from '@playwright/test'
import { settled } from './screens.ts'
import { checkAccessibility, collectErrors, type Served, serve } from './support.ts'

const root = new URL('../..', import.meta.url).pathname

const event = (id: string, value: number | string): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'gateway',
    type: 'api.calls',
    subject: 'acme-eu',
    time: '2020-10-05T10:00:00Z',
    data: { value },
  })

let directory: string
let served: Served

test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countinghouse-corrections-'))
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(root, 'out/main/cli.js'), ...args, '--book', directory])
  const file = async (name: string, content: unknown) => {
    const path = join(directory, name)
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  await cli('init', '--name', 'Corrections', '--currency', 'USD', '--time-zone', 'UTC')
  await cli('import', 'usage', await file('first.jsonl', [event('1', 5), event('2', 100)].join('\n')))
  await cli('import', 'usage', await file('later.jsonl', [event('1', 7), event('3', 'many')].join('\n')))
  await cli(
    'ratecard',
    'set',
    await file('card.json', {
      id: 'list',
      name: 'List',
      currency: 'USD',
      effectiveFrom: '2020-01-01',
      charges: [
        { kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'api.calls', unitAmount: '2', per: '1' },
      ],
    }),
  )
  await cli(
    'customers',
    'set',
    await file('customers.json', [{ id: 'acme', name: 'Acme', tenants: ['acme-eu'] }]),
  )
  await cli(
    'contract',
    'set',
    await file('contract.json', {
      id: 'acme-1',
      customerId: 'acme',
      rateCardId: 'list',
      startDay: '2020-01-01',
      endDay: null,
      discountPercent: '0',
      chargeDiscounts: {},
      monthlyCommitment: '1000',
    }),
  )
  await cli('invoice', 'run', '--month', '2020-10')
  served = await serve({ directory })
})

test.afterAll(async () => {
  await served?.close()
  await rm(directory, { recursive: true, force: true })
})

/** Light, then the colours of dark. */
const bothSchemes = async (page: Page, where: string) => {
  await checkAccessibility(page, `${where}, light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  await checkAccessibility(page, `${where}, dark`, ['color-contrast'])
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Presses Tab until the element has the focus. */
const tabTo = async (page: Page, target: ReturnType<Page['getByRole']>) => {
  for (let i = 0; i < 60; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}

test('a conflict is taken, told as history, explained up to the invoice, and reversed', async ({ page }) => {
  const errors = collectErrors(page)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(served.url)
  await page.goto(`${served.origin}/ledger?tab=conflicts&month=2020-10`)
  await settled(page)

  // Take this one, by keyboard alone.
  const row = page.getByRole('row', { name: /later\.jsonl/ })
  await row.focus()
  await page.keyboard.press('Enter')
  const conflict = page.getByRole('dialog', { name: 'A conflict' })
  await expect(conflict.getByText(/stands: 5 calls of tenant acme-eu/)).toBeVisible()
  await expect(conflict.getByRole('button', { name: 'Take this one' })).toBeDisabled()
  await bothSchemes(page, 'a conflict')
  await tabTo(page, conflict.getByRole('textbox', { name: 'Reason for the answer' }))
  await page.keyboard.type('the collector was corrected')
  await tabTo(page, conflict.getByRole('button', { name: 'Take this one' }))
  await page.keyboard.press('Enter')
  await expect(
    page.getByText(/The later record counts now, as entry u\d+; entry u\d+ was reversed for it/),
  ).toBeVisible()
  await expect(conflict).toBeHidden()
  await expect(page.getByText('Nothing waits here: no id came twice')).toBeVisible()
  await expect(page.getByRole('tab', { name: 'Conflicts', exact: true })).toBeVisible()

  // The history of the record.
  await page.getByText('Answered', { exact: true }).click()
  await page.getByRole('row', { name: /later\.jsonl.*the later one taken/ }).focus()
  await page.keyboard.press('Enter')
  await conflict.getByRole('button', { name: /^Open entry u\d+ and its history$/ }).click()
  const record = page.getByRole('dialog', { name: /^Entry \d+/ })
  const steps = record.getByRole('list', { name: 'History, newest first' }).getByRole('listitem')
  await expect(steps).toHaveCount(4)
  await expect(steps.nth(0)).toContainText('Restated')
  await expect(steps.nth(0)).toContainText('a difference of +2')
  await expect(steps.nth(0)).toContainText('Reason: the collector was corrected')
  await expect(steps.nth(0)).toContainText('counts in October 2020')
  await expect(steps.nth(1)).toContainText('Reversed')
  await expect(steps.nth(2)).toContainText('Row 1 of later.jsonl has the same id and says something else')
  await expect(steps.nth(3)).toContainText('Posted from first.jsonl')

  // Where it counts: the draft was computed before this entry came.
  await expect(
    record.getByText(
      /^Invoice 202010-acme \(a draft\) was computed as of batch \d+, before this record came/,
    ),
  ).toBeVisible()
  await bothSchemes(page, 'the history of a record')
  await steps
    .nth(3)
    .getByRole('button', { name: /^Open u\d+$/ })
    .click()
  const lines = record.getByRole('region', { name: 'Invoice lines it is in' })
  await expect(lines.getByRole('row')).toHaveCount(3)
  await expect(lines.getByRole('row').nth(1)).toContainText('105')
  await expect(lines.getByRole('row').nth(2)).toContainText('True-up to the monthly commitment')
  await lines.getByRole('row').nth(1).focus()
  await page.keyboard.press('Enter')
  const explanation = page.getByRole('dialog', { name: 'Why is it this?' })
  await expect(explanation.getByText('Amount of the line')).toBeVisible()

  // And down again: line, records, raw record, with where it counts.
  await explanation
    .getByRole('region', { name: 'Records behind the quantity' })
    .getByRole('row')
    .nth(1)
    .click()
  await expect(explanation.getByRole('region', { name: 'Where it counts' })).toBeVisible()
  await expect(explanation.getByRole('table', { name: 'Where the record came from' })).toContainText('Digest')
  await page.keyboard.press('Escape')

  // Reverse, by keyboard.
  await page.goto(`${served.origin}/ledger?text=7&kind=usage&month=2020-10`)
  await settled(page)
  await page.getByRole('row', { name: /restatement of entry/ }).focus()
  await page.keyboard.press('Enter')
  const opened = page.getByRole('dialog', { name: /^Usage u\d+/ })
  await tabTo(page, opened.getByRole('button', { name: /^Reverse u\d+…$/ }))
  await page.keyboard.press('Enter')
  await expect(opened.getByRole('button', { name: 'Reverse', exact: true })).toBeDisabled()
  await bothSchemes(page, 'reversing')
  await tabTo(page, opened.getByRole('textbox', { name: 'Reason for reversing' }))
  await page.keyboard.type('a load test')
  await tabTo(page, opened.getByRole('button', { name: 'Reverse', exact: true }))
  await page.keyboard.press('Enter')
  await expect(
    page.getByText(/was reversed \(u\d+\): 7 calls of tenant acme-eu are taken off October 2020\./),
  ).toBeVisible()
  await expect(
    opened.getByText(/^Nothing of it counts any more: it was reversed in batch \d+\.$/),
  ).toBeVisible()
  await expect(opened.getByRole('button', { name: /^Reverse u\d+…$/ })).toHaveCount(0)
  await expect(
    opened.getByRole('list', { name: 'History, newest first' }).getByRole('listitem').first(),
  ).toContainText('Reason: a load test')
  expect(errors).toEqual([])
})

test('a rejected record that is mended leads to its entry, and the entry back to it', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.goto(`${served.origin}/ledger?tab=quarantine&month=2020-10`)
  await settled(page)
  await page.getByRole('row', { name: /later\.jsonl/ }).click()
  const rejected = page.getByRole('dialog', { name: 'A rejected record' })
  await rejected.getByRole('textbox', { name: 'The record' }).fill(event('3', 11))
  await rejected.getByRole('button', { name: 'Replay' }).click()
  await expect(page.getByText('The record was read and added.')).toBeVisible()
  await page.getByText('Answered', { exact: true }).click()
  await page.getByRole('row', { name: /mended and replayed/ }).click()
  await rejected.getByRole('button', { name: 'Open the entry that came of it' }).click()
  const steps = page.getByRole('list', { name: 'History, newest first' }).getByRole('listitem')
  await expect(steps).toHaveCount(2)
  await expect(steps.nth(0)).toContainText('Mended, replayed and posted: 11')
  await steps.nth(1).getByRole('button', { name: 'Open the rejected record' }).click()
  await expect(rejected.getByText(/answered on/)).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(1)
  expect(errors).toEqual([])
})

test('revenue and margin lead down to the raw record', async ({ page }) => {
  const errors = collectErrors(page)
  await page.goto(served.url)
  await page.goto(`${served.origin}/?month=2020-10`)
  await settled(page)
  const explanation = page.getByRole('dialog', { name: 'Why is it this?' })
  const rowsOf = (name: string) => explanation.getByRole('region', { name, exact: true }).getByRole('row')
  await page.getByRole('main').getByRole('button', { name: '1,000.00: explain' }).first().click()
  await rowsOf('Revenue by customer').filter({ hasText: 'Acme' }).focus()
  await page.keyboard.press('Enter')
  await rowsOf('Revenue by line').filter({ hasText: 'Calls' }).focus()
  await page.keyboard.press('Enter')
  await expect(explanation.getByText('Amount of the line')).toBeVisible()
  await rowsOf('Records behind the quantity').nth(1).focus()
  await page.keyboard.press('Enter')
  const origin = explanation.getByRole('table', { name: 'Where the record came from' })
  await expect(origin).toContainText('Usage files')
  await expect(origin).toContainText('first.jsonl')
  await expect(origin).toContainText(/Digest[0-9a-f]{16}/)
  await checkAccessibility(page, 'a record explained')
  await page.keyboard.press('Escape')
  await expect(explanation).toBeHidden()

  // An invoice's total is the sum of its lines.
  await page.goto(`${served.origin}/invoices/2020-10.acme`)
  await settled(page)
  await page.getByRole('main').getByRole('button', { name: '1,000.00: explain' }).first().click()
  await expect(rowsOf('Parts of Invoice 202010-acme')).toHaveCount(4)
  await rowsOf('Parts of Invoice 202010-acme').filter({ hasText: 'Calls' }).click()
  await expect(explanation.getByText('Amount of the line')).toBeVisible()
  expect(errors).toEqual([])
})
