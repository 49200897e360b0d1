import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { compileRules } from '../../../src/domain/attribution/match.ts'
import type { CostAttributes } from '../../../src/domain/attribution/rule.ts'
import { validateRules } from '../../../src/domain/attribution/validate.ts'
import { parseDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { monthOf, toMonth } from '../../../src/domain/period.ts'
import { validateRateCardVersion } from '../../../src/domain/pricing/validate.ts'
import { RULES } from '../../../src/main/demo/cloud.ts'
import { CUSTOMERS } from '../../../src/main/demo/company.ts'
import { awsFileOf, awsRestatedFileOf, azureFileOf } from '../../../src/main/demo/cost-files.ts'
import { planBook, TIME_ZONE } from '../../../src/main/demo/plan.ts'
import { cardsOf, METRICS } from '../../../src/main/demo/prices.ts'
import { storyText } from '../../../src/main/demo/story-text.ts'
import { lateFileOf, usageFileOf } from '../../../src/main/demo/usage-files.ts'

const NOVEMBER = Date.parse('2026-11-23T12:00:00Z')
const SMALL = { months: 8, customers: 12 }
const small = planBook(NOVEMBER, SMALL)
const september = toMonth('2026-09')

const sha256 = (texts: readonly string[]) => createHash('sha256').update(texts.join('\n')).digest('hex')

const everything = (nowMs: number): string => {
  const plan = planBook(nowMs, SMALL)
  return sha256([
    ...plan.months.flatMap((month) => [
      ...usageFileOf(plan, month).lines,
      awsFileOf(plan, month).text,
      azureFileOf(plan, month)?.text ?? '',
    ]),
    ...lateFileOf(plan).lines,
    awsRestatedFileOf(plan).text,
    storyText(plan),
  ])
}

/** Plain CSV without quoted commas outside of tags, which come last. */
const rowsOf = (text: string): Record<string, string>[] => {
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []
    return Object.fromEntries(
      names.map((name, index) => [
        name,
        (cells[index] ?? '').replace(/,$/, '').replace(/^"|"$/g, '').replaceAll('""', '"'),
      ]),
    )
  })
}

const attributesOf = (row: Record<string, string>): CostAttributes => ({
  provider: row.ProviderName ?? '',
  service: row.ServiceName ?? '',
  charge_category: row.ChargeCategory ?? '',
  ...(row.SubAccountId === '' ? {} : { sub_account: row.SubAccountId ?? '' }),
  ...(row.ResourceId === '' ? {} : { resource_id: row.ResourceId ?? '' }),
  ...(row.Tags === '' ? {} : { tags: JSON.parse(row.Tags ?? '') as Record<string, string> }),
})

describe('the generated files', () => {
  it('are the same for every instant of a month, to the byte', () => {
    const first = everything(Date.parse('2026-11-01T00:30:00+01:00'))
    expect(everything(Date.parse('2026-11-30T23:30:00+01:00'))).toBe(first)
    expect(everything(Date.parse('2026-12-01T00:30:00+01:00'))).not.toBe(first)
  })

  it('are those of this generation', () => {
    // A change of the generator changes this; a change that nobody meant is caught here.
    expect(everything(NOVEMBER)).toBe('65dcb1e3997ec1f21c92630645d0e3c115611fd849fb5b63313e576d8eb650a5')
  })

  it('span fourteen months that end before now, for forty customers whose tenants are their own', () => {
    const whole = planBook(NOVEMBER)
    expect([whole.months.length, whole.months[0], whole.months.at(-1)]).toEqual([14, '2025-09', '2026-10'])
    expect(whole.customers).toHaveLength(40)
    expect(new Set(CUSTOMERS.flatMap(({ tenants }) => tenants)).size).toBe(
      CUSTOMERS.flatMap(({ tenants }) => tenants).length,
    )
  })

  it.each([
    [6, 40],
    [14, 9],
  ])('of %d months and %d customers would tell no stories and are refused', (months, customers) => {
    expect(() => planBook(NOVEMBER, { months, customers })).toThrow(RangeError)
  })
})

describe('usage', () => {
  const events = usageFileOf(small, september).lines.map(
    (line) =>
      JSON.parse(line) as {
        id: string
        type: string
        subject: string
        time: string
        data: { value: number }
      },
  )

  it('has all six metrics, ids of its own and times within its month in the book’s zone', () => {
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(
      METRICS.map(({ metric }) => metric).sort(),
    )
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    expect(new Set(events.map(({ time }) => monthOf(Date.parse(time), TIME_ZONE)))).toEqual(
      new Set([september]),
    )
  })

  it('of the customer that left stops after the 14th and never comes again', () => {
    const days = events
      .filter(({ subject }) => subject === 'initech-prod')
      .map(({ time }) => time.slice(0, 10))
    expect(days.sort().at(-1)).toBe('2026-09-14')
    const after = usageFileOf(small, toMonth('2026-10')).lines.filter((line) => line.includes('initech'))
    expect(after).toEqual([])
  })

  it('of the late week is in the late file and not in the month’s', () => {
    const july = usageFileOf(small, toMonth('2026-07')).lines
    const late = lateFileOf(small).lines
    const onTenth = (lines: readonly string[]) =>
      lines.filter((line) => line.includes('northwind-eu/api.calls/2026-07-10')).length
    expect([onTenth(july), onTenth(late)]).toEqual([0, 12])
    // The last line says something else of a record that was delivered before.
    const conflict = late.at(-1) ?? ''
    const { id } = JSON.parse(conflict) as { id: string }
    const before = july.filter((line) => line.includes(`"${id}"`))
    expect(before).toHaveLength(1)
    expect(before[0]).not.toBe(conflict)
  })
})

describe('cost', () => {
  const aws = awsFileOf(small, september)
  const rows = rowsOf(aws.text)

  it('says its own sum and number of rows', () => {
    expect(rows).toHaveLength(aws.rows)
    expect(
      sumDecimals(rows.map((row) => parseDecimal(row.BilledCost ?? '') ?? expect.fail(row.BilledCost))),
    ).toBe(aws.billed)
  })

  it('has a monthly support charge, a credit below zero and a tax', () => {
    const of = (category: string) => rows.filter((row) => row.ChargeCategory === category)
    expect(of('Purchase').map((row) => row.ServiceName)).toEqual(['AWS Support'])
    expect(of('Tax')).toHaveLength(1)
    expect(of('Credit').map((row) => row.BilledCost?.startsWith('-'))).toEqual([true])
  })

  it('has amounts of eleven decimals', () => {
    expect(Math.max(...rows.map((row) => row.BilledCost?.split('.')[1]?.length ?? 0))).toBe(11)
  })

  it.each([
    ['2026-09', []],
    ['2026-06', ['Amazon DynamoDB']],
  ])('of %s leaves to nobody beside shared cost: %j', (month, services) => {
    const tenantOf = compileRules(RULES)
    const shared = ['AWS Support', 'Tax']
    const unclaimed = rowsOf(awsFileOf(small, toMonth(month)).text)
      .filter((row) => tenantOf(attributesOf(row), row.ChargePeriodStart?.slice(0, 10) ?? '') === null)
      .filter((row) => !shared.includes(row.ServiceName ?? '') && row.ChargeCategory === 'Usage')
      .filter((row) => !(row.ResourceId ?? '').includes('natgateway'))
    expect([...new Set(unclaimed.map((row) => row.ServiceName))]).toEqual(services)
  })

  it('is restated on one day only, but for what is a share of the month', () => {
    const before = new Set(rows.map((row) => JSON.stringify(row)))
    const again = rowsOf(awsRestatedFileOf(small).text)
    const added = again.filter((row) => !before.has(JSON.stringify(row)))
    const starts = added.filter((row) => row.ChargeCategory === 'Usage').map((row) => row.ChargePeriodStart)
    expect(new Set(starts)).toEqual(new Set(['2026-09-12T00:00:00Z']))
    expect(awsRestatedFileOf(small).name).not.toBe(aws.name)
  })
})

describe('rules and prices', () => {
  it('are without fault', () => {
    expect(validateRules(RULES)).toEqual([])
    for (const { versions } of cardsOf(small))
      for (const [index, version] of versions.entries())
        expect(
          validateRateCardVersion(
            { ...version, version: index + 1 },
            METRICS,
            versions[index - 1] === undefined
              ? null
              : { ...(versions[index - 1] ?? version), version: index },
          ),
        ).toEqual([])
  })

  it('claim by tag, by resource and by account', () => {
    const tenantOf = compileRules(RULES)
    const claims = rowsOf(awsFileOf(small, september).text)
      .concat(rowsOf(azureFileOf(small, september)?.text ?? ''))
      .map((row) => tenantOf(attributesOf(row), row.ChargePeriodStart?.slice(0, 10) ?? '')?.ruleId)
    expect([...new Set(claims)].filter((rule) => rule !== undefined).sort()).toEqual(
      RULES.map(({ id }) => id).sort(),
    )
  })
})
