import { expect, test } from 'vitest'
import { toMonth } from '../../../../src/domain/period.ts'
import { crumbOf, narrow, wholeOf } from '../../../../src/renderer/shell/explain/trail.ts'
import type { ExplainTarget } from '../../../../src/renderer/ui/explain-context.tsx'

const month = toMonth('2026-10')

test.each<[ExplainTarget, string]>([
  [{ kind: 'line', invoiceId: 'x', line: 3 }, 'Line 3'],
  [{ kind: 'usage', scope: { metric: 'api_calls', month } }, 'api_calls, October 2026'],
  [{ kind: 'usage', scope: { metric: 'api_calls' } }, 'api_calls'],
  [{ kind: 'usage', scope: { metric: 'api_calls', month, tenant: 'acme-eu' } }, 'acme-eu'],
  [{ kind: 'usage', scope: { metric: 'api_calls', month, day: '2026-10-14' } }, '14 Oct 2026'],
  [{ kind: 'usage', scope: { metric: 'api_calls', month, batchId: 88 } }, 'Batch 88'],
  [{ kind: 'usage', scope: { metric: 'api_calls', month, day: '2026-10-14', batchId: 88 } }, 'Batch 88'],
  [{ kind: 'cost', scope: { month, filters: [] } }, 'Cost'],
  [{ kind: 'cost', scope: { month, filters: [{ field: 'service', values: ['S3'] }] } }, 'S3'],
  [
    { kind: 'cost', scope: { month, filters: [{ field: 'billing_account', values: [null] }] } },
    'no billing account',
  ],
  [{ kind: 'record', seq: 12 }, 'Record 12'],
  [{ kind: 'cost', scope: { day: '2026-10-14', filters: [] } }, '14 Oct 2026'],
  [{ kind: 'revenue', month }, 'Revenue, October 2026'],
  [{ kind: 'revenue', month, customerId: 'acme' }, 'Revenue of acme'],
])('%j is “%s” in the breadcrumb', (target, crumb) => {
  expect(crumbOf(target)).toBe(crumb)
})

test('a filter is added, or takes the place of the one on its field', () => {
  const scope = { month, filters: [{ field: 'tenant', values: ['acme'] }] }
  expect(narrow(scope, 'service', 'S3').filters).toEqual([
    { field: 'tenant', values: ['acme'] },
    { field: 'service', values: ['S3'] },
  ])
  expect(narrow(scope, 'tenant', null).filters).toEqual([{ field: 'tenant', values: [null] }])
})

test('a batch is a part of its day, tenant and month', () => {
  const whole = { metric: 'api_calls', month, tenant: 'acme', day: '2026-10-14' }
  expect(wholeOf({ ...whole, batchId: 8 })).toEqual(whole)
})
