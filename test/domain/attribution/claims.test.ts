import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CostSet, claims } from '../../../src/domain/attribution/claims.ts'
import type { AttributionRule } from '../../../src/domain/attribution/rule.ts'
import { costFromUnits, costToUnits, type DecimalText } from '../../../src/domain/decimal.ts'
import type { Currency } from '../../../src/domain/money.ts'

const USD = 'USD' as Currency
const EUR = 'EUR' as Currency
const set = (
  cost: string,
  entries: number,
  attributes: { service?: string; resource_id?: string; tags?: { [key: string]: string } },
  currency = USD,
): CostSet => ({
  attributes: { provider: 'AWS', service: 'S3', charge_category: 'Usage', ...attributes },
  currency,
  cost: cost as DecimalText,
  entries,
})
const byTag: AttributionRule = {
  id: 'tag',
  name: 'By tag',
  conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
  target: { kind: 'value' },
}
const allOfEc2: AttributionRule = {
  id: 'ec2',
  name: 'EC2',
  conditions: [{ field: 'service', operator: 'equals', value: 'EC2' }],
  target: { kind: 'tenant', tenant: 'platform' },
}
const idle: AttributionRule = {
  id: 'idle',
  name: 'Idle',
  conditions: [{ field: 'region', operator: 'present', value: '' }],
  target: { kind: 'tenant', tenant: 'x' },
}
const usd = (amount: string) => [{ currency: 'USD', amount }]

describe('claims', () => {
  const report = claims(
    [byTag, allOfEc2, idle],
    [
      set('0.10000000001', 3, { tags: { app: 'shop' } }),
      set('0.2', 1, { tags: { app: 'shop' }, service: 'EC2' }),
      set('5', 2, { tags: { app: 'blog' } }),
      set('7', 4, { service: 'EC2' }),
      set('1', 5, { resource_id: 'bucket-a' }),
      set('-9.5', 1, { resource_id: 'bucket-b' }),
      set('2', 1, {}),
      set('3', 1, { service: 'KMS' }, EUR),
    ],
  )

  test('each rule, in order, with what it claims and for whom', () => {
    expect(report.rules).toEqual([
      {
        ruleId: 'tag',
        entries: 6,
        cost: usd('5.30000000001'),
        tenantCount: 2,
        tenants: [
          { tenant: 'blog', entries: 2, cost: usd('5') },
          { tenant: 'shop', entries: 4, cost: usd('0.30000000001') },
        ],
      },
      {
        ruleId: 'ec2',
        entries: 4,
        cost: usd('7'),
        tenantCount: 1,
        tenants: [{ tenant: 'platform', entries: 4, cost: usd('7') }],
      },
      { ruleId: 'idle', entries: 0, cost: [], tenantCount: 0, tenants: [] },
    ])
  })

  test('what none claims, largest first whatever the sign, currencies apart', () => {
    expect(report.unattributed).toEqual({
      entries: 8,
      cost: [
        { currency: 'EUR', amount: '3' },
        { currency: 'USD', amount: '-6.5' },
      ],
      byService: [
        { key: 'S3', entries: 7, cost: usd('-6.5') },
        { key: 'KMS', entries: 1, cost: [{ currency: 'EUR', amount: '3' }] },
      ],
      byResource: [
        { key: 'bucket-b', entries: 1, cost: usd('-9.5') },
        {
          key: null,
          entries: 2,
          cost: [
            { currency: 'EUR', amount: '3' },
            { currency: 'USD', amount: '2' },
          ],
        },
        { key: 'bucket-a', entries: 5, cost: usd('1') },
      ],
    })
  })

  test('the lists of contributors are as long as asked for', () => {
    const sets = ['a', 'b', 'c'].map((resource_id) => set('1', 1, { resource_id }))
    expect(claims([], sets, 2).unattributed.byResource.map(({ key }) => key)).toEqual(['a', 'b'])
    const tagged = ['a', 'b', 'c'].map((app) => set('1', 1, { tags: { app } }))
    expect(claims([byTag], tagged, 2).rules[0]).toMatchObject({ tenantCount: 3, tenants: [{}, {}] })
  })

  test('a service of two providers is one contributor', () => {
    const sets = ['AWS', 'Azure'].map((provider) => {
      const each = set('2', 1, { service: 'NAT', resource_id: 'gateway' })
      return { ...each, attributes: { ...each.attributes, provider } }
    })
    const { byService, byResource } = claims([], sets).unattributed
    expect(byService).toEqual([{ key: 'NAT', entries: 2, cost: usd('4') }])
    expect(byResource).toEqual([{ key: 'gateway', entries: 2, cost: usd('4') }])
  })

  test('claimed and unattributed add up to the total', () => {
    const arbitrary = fc.record({
      units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
      entries: fc.nat(1000),
      app: fc.option(fc.constantFrom('shop', 'blog', '')),
      service: fc.constantFrom('S3', 'EC2', 'KMS'),
    })
    fc.assert(
      fc.property(fc.array(arbitrary), (rows) => {
        const { total, rules, unattributed } = claims(
          [byTag, allOfEc2],
          rows.map(({ units, entries, app, service }) =>
            set(costFromUnits(units), entries, { service, ...(app === null ? {} : { tags: { app } }) }),
          ),
        )
        const parts = [...rules, unattributed]
        const cost = ({ cost: [money] }: (typeof parts)[number] | typeof total) =>
          money === undefined ? 0n : costToUnits(money.amount)
        expect(parts.reduce((sum, part) => sum + cost(part), 0n)).toBe(cost(total))
        expect(parts.reduce((sum, part) => sum + part.entries, 0)).toBe(total.entries)
        expect(cost(total)).toBe(rows.reduce((sum, { units }) => sum + units, 0n))
      }),
    )
  })
})
