/** What is let go is gone, and nothing that lies beside it in a shared pool. */
import { expect, test } from 'vitest'
import { letGo } from '../../../src/main/ledger/let-go.ts'

test('arrays and buffers of their own are emptied', () => {
  const [numbers, bytes] = [new Float64Array(4096), Buffer.allocUnsafeSlow(70_000)]
  letGo(numbers, bytes)
  expect([numbers.length, bytes.length]).toEqual([0, 0])
})

test('what lies in the pool of small buffers stays, for others lie in it too', () => {
  const [small, beside] = [Buffer.from('small'), Buffer.from('beside')]
  expect(small.buffer).toBe(beside.buffer)
  letGo(small)
  expect([small, beside].map(String)).toEqual(['small', 'beside'])
})
