import { describe, expect, test } from 'vitest'
import { costField } from '../../../src/contract/cost.ts'
import { usageField } from '../../../src/contract/usage.ts'
import { parseTenantFrom } from '../../../src/main/cli/commands/import.ts'
import { type Filter, parseFields, parseFilter } from '../../../src/main/cli/slices.ts'

test.each([
  ['tenant', ['tenant']],
  ['customer, dimension:region', ['customer', 'dimension:region']],
])('--group-by %s', (text, fields) => {
  expect(parseFields(usageField)(text)).toEqual(fields)
})

test.each([
  ['region', 'There is no field "region".'],
  ['tenant,customer,tenant', 'Two fields at most.'],
])('--group-by %s is refused', (text, message) => {
  expect(() => parseFields(usageField)(text)).toThrow(message)
})

describe('--filter', () => {
  const parse = (...texts: string[]) =>
    texts.reduce<Filter[] | undefined>((before, text) => parseFilter(costField)(text, before), undefined)

  test.each<[string[], Filter[]]>([
    [['service=Amazon S3'], [{ field: 'service', values: ['Amazon S3'] }]],
    [['tag:env=a=b'], [{ field: 'tag:env', values: ['a=b'] }]],
    [['region='], [{ field: 'region', values: [null] }]],
    [
      ['region=eu', 'service=S3', 'region='],
      [
        { field: 'service', values: ['S3'] },
        { field: 'region', values: ['eu', null] },
      ],
    ],
  ])('%j', (texts, filters) => {
    expect(parse(...texts)).toEqual(filters)
  })

  test.each(['service', '=x', 'Service Name=x'])('%s is refused', (text) => {
    expect(() => parse(text)).toThrow()
  })
})

test.each([
  ['client', 'client'],
  ['segment:2', { segment: 2 }],
  ['regex:^/t/([^/]+)', { regex: '^/t/([^/]+)' }],
])('--tenant-from %s', (text, read) => {
  expect(parseTenantFrom(text)).toEqual(read)
})

test.each(['segment:0', 'segment:21', 'segment:x', 'regex:', 'host'])(
  '--tenant-from %s is refused',
  (text) => {
    expect(() => parseTenantFrom(text)).toThrow('Expected client, segment:1 to segment:20, or regex:PATTERN.')
  },
)
