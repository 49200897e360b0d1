/** A rate card out of a book as a file, and into it again. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { SETTING_WORDS } from '../../../src/main/exchange/card-settings.ts'
import { type House, openHouse } from './house.ts'

const fee = (amount: string): Charge => ({
  kind: 'flat_fee',
  id: 'fee',
  name: 'Fee',
  amount: amount as DecimalText,
})

let house: House
beforeAll(async () => {
  house = await openHouse()
  await house.client.rateCards.save({
    id: 'list',
    name: 'List',
    currency: 'USD',
    effectiveFrom: '2026-01-01',
    charges: [fee('10')],
    otherCurrencies: { EUR: [fee('9.5')] } as never,
    settings: { rounding: 'half_up' },
    expectedVersion: 0,
  })
})
afterAll(() => house.close())

test.each(['xlsx', 'csv'] as const)(
  'as %s it comes back with its currencies and settings',
  async (format) => {
    const { client } = house
    const file = await client.excel.template({ kind: 'rate_card', rateCardId: 'list', format })
    expect(file.name).toBe(`list.${format}`)
    const bytes = Buffer.from(await file.arrayBuffer())
    const send = async (content: Buffer) =>
      (await client.files.openPath({ path: house.file(`in.${format}`, content) })).fileId
    const seen = await client.excel.preview({ fileId: await send(bytes), kind: 'rate_card' })
    expect([seen.rows.map(({ state }) => state), seen.issues, seen.mayApply]).toEqual([
      ['unchanged', 'unchanged'],
      [],
      true,
    ])
    await client.excel.apply({ fileId: await send(bytes), kind: 'rate_card' })
    const { versions } = (await client.rateCards.get({ rateCardId: 'list' })).card
    const terms = versions.map(({ version: _, ...each }) => each)
    expect(versions.length).toBeGreaterThan(1)
    expect(terms.at(-1)).toEqual(terms[0])
  },
)

test('a template has several sheets, so it is no CSV', async () => {
  await expect(house.client.excel.template({ kind: 'rate_card', format: 'csv' })).rejects.toThrow(
    'A template has several sheets, which CSV has not.',
  )
})

const sent = async (id: string, settings: string) => {
  const path = house.file(
    'in.csv',
    `Rate card ID,${id}\nName,List\nCurrency,USD\nEffective from,2026-12-01\nSettings,${settings}\n\nCharge ID,Charge name,Kind,Amount,Currency\nfee,Fee,Flat fee,10,\nfee,Fee,Flat fee,9.5,EUR\n`,
  )
  return (await house.client.files.openPath({ path })).fileId
}

test('settings that the file calls default are no longer those of the version before', async () => {
  await house.client.excel.apply({ fileId: await sent('list', 'default'), kind: 'rate_card' })
  const { versions } = (await house.client.rateCards.get({ rateCardId: 'list' })).card
  expect(versions.at(-1)?.settings?.rounding ?? 'half_even').toBe('half_even')
})

test('an id that the contract has no room for is refused in the preview', async () => {
  const fileId = await sent('my list!', '')
  const seen = await house.client.excel.preview({ fileId, kind: 'rate_card' })
  await house.client.excel.apply({ fileId, kind: 'rate_card' }).catch(() => null)
  expect((await house.client.rateCards.list({})).map(({ card }) => card.id)).toEqual(['list'])
  expect([seen.mayApply, seen.issues.map(({ message }) => message)]).toEqual([
    false,
    [
      'CSV, row 1, column Rate card ID: "my list!" may hold letters, digits and - _ . : @ only, at most 128 of them; write another one.',
    ],
  ])
})

test('what the template’s help calls the default is what a new card has', async () => {
  await house.client.excel.apply({ fileId: await sent('new', 'default'), kind: 'rate_card' })
  const { versions } = (await house.client.rateCards.get({ rateCardId: 'new' })).card
  expect(versions[0]?.settings).toEqual({ tierFeeAtZero: true })
  expect(SETTING_WORDS).toContain('first flat amount at zero: due or not due')
})
