/** The contract that a draft says. Text that is no number goes to the engine as typed, which says what is wrong. */
import type { DecimalText } from '../../../domain/decimal.ts'
import {
  type Commitment,
  type Contract,
  type CreditGrant,
  type Discount,
  MONTHLY_COMMITMENT,
  type Tax,
  type Trial,
} from '../../../domain/pricing/contract.ts'
import { proposeId } from '../../ui/propose-id.ts'
import { toCharge } from '../rate-cards/draft-to-charge.ts'
import { asDecimal, isBlank } from '../rate-cards/price-draft.ts'
import type { ContractDraft, Row } from './contract-draft.ts'

const text = (row: Row, member: string): string => (row[member] ?? '').trim()
const decimal = (row: Row, member: string): DecimalText => asDecimal(text(row, member))
/** Text that is no whole number becomes none, which the engine refuses by its name. */
const count = (row: Row, member: string): number => {
  const typed = text(row, member)
  return /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN
}

const optionalText = <Name extends string>(row: Row, member: Name): { readonly [name in Name]?: string } =>
  (text(row, member) === '' ? {} : { [member]: text(row, member) }) as { readonly [name in Name]?: string }

const optionalDecimal = <Name extends string>(
  row: Row,
  member: Name,
): { readonly [name in Name]?: DecimalText } =>
  (text(row, member) === '' ? {} : { [member]: decimal(row, member) }) as {
    readonly [name in Name]?: DecimalText
  }

const pairs = (typed: string): readonly (readonly [string, DecimalText])[] =>
  typed
    .split(/[,;]/)
    .filter((part) => !isBlank(part))
    .map((part) => {
      const [id = '', ...rest] = part.split('=')
      return [id.trim(), asDecimal(rest.join('='))]
    })

const byId = <Name extends string>(row: Row, member: Name) =>
  (text(row, member) === '' ? {} : { [member]: Object.fromEntries(pairs(text(row, member))) }) as {
    readonly [name in Name]?: { readonly [id: string]: DecimalText }
  }

const scopeOf = (row: Row): readonly string[] | null => {
  const ids = text(row, 'scope')
    .split(',')
    .filter((id) => id !== '')
  return ids.length === 0 ? null : ids
}

/** Ids that the program gives itself. */
const RESERVED = [MONTHLY_COMMITMENT, 'trial']

/** Rows with ids: their own, or ones made from their names. */
const withIds = (rows: readonly Row[], word: string): readonly (Row & { readonly id: string })[] => {
  const taken = [...RESERVED, ...rows.map((row) => text(row, 'id')).filter((id) => id !== '')]
  return rows.map((row) => {
    if (text(row, 'id') !== '') return { ...row, id: text(row, 'id') }
    const id = proposeId(text(row, 'name'), taken) || proposeId(word, taken)
    taken.push(id)
    return { ...row, id }
  })
}

const discountOf = (row: Row & { readonly id: string }): Discount => {
  const base = {
    id: row.id,
    name: text(row, 'name'),
    on:
      text(row, 'on') === 'invoice'
        ? { kind: 'invoice' as const }
        : { kind: 'charges' as const, chargeIds: scopeOf(row) },
    ...optionalText(row, 'fromDay'),
    ...optionalText(row, 'untilDay'),
    ...optionalDecimal(row, 'maximumPerMonth'),
    ...optionalDecimal(row, 'maximumInAll'),
    ...optionalText(row, 'coupon'),
  }
  const kind = text(row, 'kind') || 'percent'
  if (kind === 'amount') return { kind, ...base, amount: decimal(row, 'value') }
  if (kind !== 'volume' && kind !== 'graduated')
    return { kind: 'percent', ...base, percent: decimal(row, 'value') }
  const tiers = pairs(text(row, 'value')).map(([edge, percent]) => ({
    upTo: /^(rest|beyond)?$/i.test(edge) ? null : asDecimal(edge),
    percent,
  }))
  return { kind: 'spend', ...base, mode: kind, tiers }
}

const commitmentOf = (row: Row & { readonly id: string }): Commitment => ({
  id: row.id,
  name: text(row, 'name'),
  amount: decimal(row, 'amount'),
  period: (text(row, 'period') || 'year') as Commitment['period'],
  counts: scopeOf(row),
  ...optionalDecimal(row, 'overageMultiplier'),
})

const creditOf = (row: Row & { readonly id: string }): CreditGrant => ({
  id: row.id,
  name: text(row, 'name'),
  amount: decimal(row, 'amount'),
  priority: text(row, 'priority') === '' ? 1 : count(row, 'priority'),
  fromDay: text(row, 'fromDay'),
  expiresDay: text(row, 'expiresDay') || null,
  scope: scopeOf(row),
  costBasis: text(row, 'costBasis') === '' ? decimal(row, 'amount') : decimal(row, 'costBasis'),
})

const trialOf = (terms: Row): Trial | null => {
  const days = count(terms, 'trialDays')
  switch (text(terms, 'trial')) {
    case 'days':
      return { kind: 'days', days }
    case 'credit':
      return { kind: 'credit', amount: decimal(terms, 'trialAmount'), days }
    case 'usage':
      return { kind: 'usage', quantities: Object.fromEntries(pairs(text(terms, 'trialQuantities'))), days }
    default:
      return null
  }
}

const taxOf = (terms: Row): Tax | null => {
  const kind = text(terms, 'tax')
  if (kind === 'none' || kind === 'stripe') return { kind }
  return kind === 'external'
    ? { kind, name: text(terms, 'taxName'), percent: decimal(terms, 'taxPercent') }
    : null
}

const some = <Name extends string, Value>(name: Name, value: Value | null) =>
  (value === null || (Array.isArray(value) && value.length === 0) ? {} : { [name]: value }) as {
    readonly [member in Name]?: Value
  }

const termsOf = (terms: Row) => {
  const freeMonths = text(terms, 'freeMonths')
    .split(/[,;\s]+/)
    .filter((month) => month !== '')
    .map((month) => count({ month }, 'month'))
  const renewal = text(terms, 'renewal')
  return {
    ...(text(terms, 'rateCardVersion') === '' ? {} : { rateCardVersion: count(terms, 'rateCardVersion') }),
    ...optionalText(terms, 'currency'),
    ...(['topUpAmount', 'topUpUpTo', 'topUpThreshold', 'topUpMonths'].every((key) => text(terms, key) === '')
      ? {}
      : {
          topUp: {
            threshold: decimal(terms, 'topUpThreshold'),
            ...(text(terms, 'topUpUpTo') === '' || text(terms, 'topUpAmount') !== ''
              ? { amount: decimal(terms, 'topUpAmount') }
              : {}),
            ...(text(terms, 'topUpUpTo') === '' ? {} : { upTo: decimal(terms, 'topUpUpTo') }),
            expiresMonths: text(terms, 'topUpMonths') === '' ? null : count(terms, 'topUpMonths'),
          },
        }),
    ...(text(terms, 'upliftPercent') === '' && text(terms, 'upliftMonths') === ''
      ? {}
      : {
          uplift: {
            percent: decimal(terms, 'upliftPercent'),
            everyMonths: text(terms, 'upliftMonths') === '' ? 12 : count(terms, 'upliftMonths'),
          },
        }),
    ...some('freeMonths', freeMonths),
    ...some('trial', trialOf(terms)),
    ...optionalDecimal(terms, 'invoiceMinimum'),
    ...optionalDecimal(terms, 'invoiceMaximum'),
    ...some('tax', taxOf(terms)),
    ...optionalText(terms, 'invoiceGroup'),
    ...optionalText(terms, 'purchaseOrder'),
    ...(renewal === 'ends'
      ? { renewal: { kind: 'ends' as const } }
      : renewal === 'renews'
        ? {
            renewal: {
              kind: 'renews' as const,
              months: text(terms, 'renewalMonths') === '' ? 12 : count(terms, 'renewalMonths'),
            },
          }
        : {}),
    ...(text(terms, 'effectiveDay') === ''
      ? {}
      : { amendment: { effectiveDay: text(terms, 'effectiveDay'), note: text(terms, 'note') } }),
  }
}

export const toContract = (
  draft: ContractDraft & { readonly rateCardId: string },
  fixed: { readonly id: string; readonly customerId: string; readonly dealId: string | undefined },
): Contract => ({
  id: fixed.id,
  customerId: fixed.customerId,
  rateCardId: draft.rateCardId,
  startDay: draft.startDay,
  endDay: draft.endDay === '' ? null : draft.endDay,
  discountPercent: asDecimal(isBlank(draft.discount) ? '0' : draft.discount),
  chargeDiscounts: Object.fromEntries(
    Object.entries(draft.chargeDiscounts)
      .filter(([, percent]) => !isBlank(percent))
      .map(([chargeId, percent]) => [chargeId, asDecimal(percent)]),
  ),
  monthlyCommitment: isBlank(draft.commitment) ? null : asDecimal(draft.commitment),
  ...(fixed.dealId === undefined ? {} : { dealId: fixed.dealId }),
  ...some('charges', draft.charges.map(toCharge)),
  ...(draft.multipliers.length === 0
    ? {}
    : {
        multipliers: Object.fromEntries(
          draft.multipliers.map((row) => [text(row, 'charge') || '*', decimal(row, 'times')]),
        ),
      }),
  ...some('discounts', withIds(draft.discounts, 'discount').map(discountOf)),
  ...some('commitments', withIds(draft.commitments, 'commitment').map(commitmentOf)),
  ...some('credits', withIds(draft.credits, 'credit').map(creditOf)),
  ...some(
    'ramp',
    draft.ramp.map((row) => ({
      fromMonth: count(row, 'fromMonth'),
      ...optionalDecimal(row, 'multiplier'),
      ...optionalDecimal(row, 'discountPercent'),
      ...byId(row, 'commitments'),
      ...byId(row, 'fees'),
    })),
  ),
  ...some(
    'billTo',
    withIds(draft.billTo, 'bill').map((row) => ({
      id: row.id,
      name: text(row, 'name'),
      ...optionalText(row, 'purchaseOrder'),
      ...optionalText(row, 'entity'),
      chargeIds: scopeOf(row) ?? [],
    })),
  ),
  ...(Object.keys(draft.settings).length === 0 ? {} : { settings: draft.settings }),
  ...termsOf(draft.terms),
})
