/** From one cost entry up to every figure it is part of. */
import { describeRule } from '../../../domain/attribution/describe.ts'
import { compileRules } from '../../../domain/attribution/match.ts'
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { ZERO } from '../../../domain/decimal.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import { dayOf, type Month, monthName } from '../../../domain/period.ts'
import type { Entry } from '../../ledger/read.ts'
import { readAttributeSet, readBill } from '../../ledger/read-names.ts'
import { customersOf, type Session } from '../session.ts'
import { correctionSentences, countingMonth, type EntryUses, reversalOf } from './counting.ts'
import { costOf } from './month-cost.ts'
import { poolOf } from './placed-cost.ts'

export const costUses = async (session: Session, entry: Entry): Promise<EntryUses> => {
  const { columns } = entry
  const { currency } = session.settings()
  const attributes = parseNamed<CostAttributes>(
    readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}',
  )
  const rules = session.one('rules', 'rules')?.content.rules ?? []
  const attribution = compileRules(rules)(
    attributes,
    dayOf(Number(columns.start_ms), session.settings().timeZone),
  )
  const rule = rules.find(({ id }) => id === attribution?.ruleId)
  const tenant = attribution?.tenant ?? null
  const customer = customersOf(session).find(({ tenants }) => tenant !== null && tenants.includes(tenant))
  const month = countingMonth(session, entry)
  const pool = poolOf(session, attributes, month, tenant, customer?.id ?? null)
  const isBooks = columns.currency === currency
  const cost =
    isBooks && (customer !== undefined || pool !== null)
      ? (await costOf(session, [month])).get(month)
      : undefined
  const split = cost?.steps.find(({ stepId }) => stepId === pool?.id)
  const bill = readBill(session.ledger, Number(columns.bill_no))
  const where = monthName(month)
  return {
    seq: entry.seq,
    entryId: `c${entry.seq}`,
    sentences: [
      ...correctionSentences(session, entry, reversalOf(session, entry)),
      ...(columns.posted_ms === null || bill === null
        ? []
        : [
            `${monthName(bill.month as Month)} was closed when it came, so that it counts in ${where}, as an adjustment.`,
          ]),
      rule === undefined
        ? pool === null
          ? `No rule claims it: it is part of the unattributed cost of ${where}.`
          : 'No rule claims it.'
        : `The rule ${rule.name} gives it to tenant ${tenant} (${describeRule(rule)}).`,
      ...(pool !== null
        ? [
            `The allocation step ${pool.name} takes it from there into its pool${
              split !== undefined && split.left !== ZERO
                ? `, which could go to nobody: it is part of the unattributed cost of ${where}.`
                : `: it is part of the allocated cost of ${where}${split === undefined || split.idle === ZERO ? '' : ', but for what is kept apart as idle capacity'}.`
            }`,
          ]
        : tenant === null
          ? []
          : customer === undefined
            ? [
                `No customer has the tenant ${tenant}: it is part of the direct cost of ${where}, and of no customer’s margin.`,
              ]
            : [`It is part of the direct cost and the margin of ${customer.name} in ${where}.`]),
      ...(isBooks
        ? []
        : [
            `It is in ${columns.currency}, and margins are in ${currency}: it is shown aside and never added.`,
          ]),
    ],
    usage: null,
    cost: {
      rule: rule === undefined ? null : `${rule.name}: ${describeRule(rule)}`,
      tenant,
      customerId: customer?.id ?? null,
      customerName: customer?.name ?? null,
      month,
      currency: String(columns.currency),
      directCost: customer === undefined ? null : (cost?.byCustomer.get(customer.id) ?? null),
      scope: {
        month,
        filters: [
          ...(customer === undefined ? [] : [{ field: 'customer', values: [customer.id] }]),
          { field: 'service', values: [attributes.service] },
        ],
      },
    },
    lines: [],
    reasons: ['Invoices bill usage, not cost: a cost entry is on no invoice.'],
  }
}
