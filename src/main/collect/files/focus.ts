/** Cost entries from FOCUS 1.0 to 1.4 as CSV. The mapping is described in docs/formats/focus.md. */
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { type DecimalText, decimalsOf, fitsCost, parseDecimal } from '../../../domain/decimal.ts'
import { type Currency, parseCurrency } from '../../../domain/money.ts'
import { type Month, toMonth } from '../../../domain/period.ts'
import { contentOf } from './content.ts'
import { endsInReturns } from './csv.ts'
import { exactCanonical, isObject, parseExactJson, scalarText } from './exact-json.ts'
import { ATTRIBUTE_COLUMNS, columnIndex, LEAST_COLUMNS } from './focus-columns.ts'
import type { TextSource } from './open-file.ts'
import { type CsvOptions, type CsvParser, costInto, readCsv } from './reading.ts'
import type { ParsedBill, ParsedCost, Reading, RecordSink } from './record.ts'
import { type Fault, fault, fileIssue, isFault, quoted } from './rejections.ts'
import { ownText, parseUtcTime, remembering } from './time.ts'

export interface FocusOptions extends CsvOptions {
  /** The currency of rows whose BillingCurrency is empty. */
  readonly defaultCurrency: Currency
}

/** Reads a FOCUS CSV. A header without the least columns refuses the whole file. */
export const readFocus = (
  source: TextSource,
  options: FocusOptions,
  sink: RecordSink | null = null,
): Reading<ParsedCost> =>
  readCsv(
    source,
    (header) => {
      if (endsInReturns(header)) return fileIssue(source.name, 'lines_end_in_returns')
      const indexOf = columnIndex(header)
      const missing = LEAST_COLUMNS.filter((column) => indexOf(column) === undefined)
      return missing.length === 0
        ? createRowParser(source.name, header, options.defaultCurrency)
        : fileIssue(source.name, 'columns_missing', {
            missing: missing.join(', '),
            found: header.slice(0, 60).join(', ').slice(0, 1_000),
          })
    },
    options,
    costInto(sink),
  )

/** Providers write an absent value as nothing or as the word NULL. */
const isEmpty = (cell: string): boolean => {
  const text = cell.trim()
  return text === '' || text === 'NULL' || text === 'null'
}

const TIME_WANTED = '2026-03-01T12:00:00Z, 2026-03-01 12:00:00 or 2026-03-01'

/** Reads one column of a row: its text without white space around it, or null where it is empty. */
type Column = (cells: readonly string[]) => string | null

const createRowParser = (
  file: string,
  header: readonly string[],
  defaultCurrency: Currency,
): CsvParser<ParsedCost> => {
  const indexOf = columnIndex(header)
  const column = (names: readonly string[]): Column => {
    const places = names.map(indexOf).filter((place) => place !== undefined)
    return (cells) => {
      for (const place of places) {
        const cell = cells[place]
        if (cell !== undefined && !isEmpty(cell)) return cell.trim()
      }
      return null
    }
  }
  const contentText = contentOf(header, isEmpty)
  const attributesOf = createAttributeReader(column, indexOf)
  const billOf = createBillReader(column)
  const timeOf = createTimeReader(column)
  const [startOf, endOf] = [timeOf('ChargePeriodStart'), timeOf('ChargePeriodEnd')]
  const currencyOf = column(['BillingCurrency'])
  const amountOf = (name: string) => createAmountReader(name, column([name]))
  const billedOf = amountOf('BilledCost')
  const effectiveOf = amountOf('EffectiveCost')
  const listOf = amountOf('ListCost')
  const contractedOf = amountOf('ContractedCost')
  const consumedOf = column(['ConsumedQuantity'])
  const leftOut = { count: 0, first: 0 }

  const consumed = (cells: readonly string[], row: number): DecimalText | null => {
    const text = consumedOf(cells)
    if (text === null) return null
    const quantity = parseDecimal(text)
    if (quantity !== null && fitsCost(quantity)) return quantity
    // A cost is worth more than the quantity beside it: the row stays, and the file says what was left out.
    if (leftOut.count === 0) leftOut.first = row
    leftOut.count += 1
    return null
  }

  const parse = (cells: readonly string[], row: number): ParsedCost | Fault => {
    const startMs = startOf(cells)
    if (isFault(startMs)) return startMs
    if (startMs === null) return fault('value_missing', 'ChargePeriodStart')
    const endMs = endOf(cells)
    if (isFault(endMs)) return endMs
    if (endMs !== null && endMs < startMs)
      return fault('end_is_before_start', 'ChargePeriodEnd', { value: new Date(endMs).toISOString() })
    const billedCost = billedOf(cells)
    if (isFault(billedCost)) return billedCost
    if (billedCost === null) return fault('value_missing', 'BilledCost')
    const effectiveCost = effectiveOf(cells)
    if (isFault(effectiveCost)) return effectiveCost
    const listCost = listOf(cells)
    if (isFault(listCost)) return listCost
    const contractedCost = contractedOf(cells)
    if (isFault(contractedCost)) return contractedCost
    const currencyText = currencyOf(cells)
    const currency = currencyText === null ? defaultCurrency : parseCurrency(currencyText)
    if (currency === null)
      return fault('currency_unknown', 'BillingCurrency', { value: quoted(currencyText ?? '') })
    const attributes = attributesOf(cells)
    if (isFault(attributes)) return attributes
    const bill = billOf(cells, attributes, startMs)
    if (isFault(bill)) return bill
    return {
      kind: 'cost',
      row,
      raw: cells,
      contentText: contentText(cells),
      bill,
      startMs,
      endMs,
      currency,
      billedCost,
      effectiveCost,
      listCost,
      contractedCost,
      consumedQuantity: consumed(cells, row),
      attributes,
    }
  }
  return {
    parse,
    closing: () => (leftOut.count === 0 ? [] : [fileIssue(file, 'consumed_quantity_left_out', leftOut)]),
  }
}

const createTimeReader = (column: (names: readonly string[]) => Column) => {
  const read = remembering(parseUtcTime)
  return (name: string) => {
    const textOf = column([name])
    return (cells: readonly string[]): number | null | Fault => {
      const text = textOf(cells)
      if (text === null) return null
      return read(text) ?? fault('time_is_unreadable', name, { value: quoted(text), wanted: TIME_WANTED })
    }
  }
}

const createAmountReader =
  (name: string, textOf: Column) =>
  (cells: readonly string[]): DecimalText | null | Fault => {
    const text = textOf(cells)
    if (text === null) return null
    const amount = parseDecimal(text)
    if (amount === null) return fault('amount_not_a_number', name, { value: quoted(text) })
    if (fitsCost(amount)) return amount
    const decimals = decimalsOf(amount)
    return decimals > 18
      ? fault('amount_has_too_many_decimals', name, { value: quoted(text), count: decimals })
      : fault('amount_is_too_large', name, { value: quoted(text) })
  }

/** Rows of one resource and charge say the same of themselves, hour after hour: as many of those are remembered. */
const ATTRIBUTES_REMEMBERED = 4096

const createAttributeReader = (
  column: (names: readonly string[]) => Column,
  indexOf: (column: string) => number | undefined,
) => {
  const readers = Object.entries(ATTRIBUTE_COLUMNS).map(([name, columns]) => [name, column(columns)] as const)
  const tagsOf = column(['Tags'])
  const read = (cells: readonly string[]): CostAttributes | Fault => {
    const found: Record<string, string> = {}
    for (const [name, textOf] of readers) {
      const text = textOf(cells)
      if (text !== null) found[name] = text
    }
    const { provider = '', service = '', charge_category, ...rest } = found
    if (charge_category === undefined) return fault('value_missing', 'ChargeCategory')
    const tagsText = tagsOf(cells)
    const tags = tagsText === null ? null : parseTags(tagsText)
    if (isFault(tags)) return tags
    return { provider, service, charge_category, ...rest, ...(tags === null ? {} : { tags }) }
  }

  const names = new Set([...Object.values(ATTRIBUTE_COLUMNS).flat(), 'Tags'])
  const places = [...names].map(indexOf).filter((place) => place !== undefined)
  const known = new Map<string, { readonly cells: readonly string[]; readonly attributes: CostAttributes }>()
  /** The same object for rows that say the same. */
  return (cells: readonly string[]): CostAttributes | Fault => {
    let key = ''
    for (const place of places) key += `${cells[place]}\0`
    const before = known.get(key)
    // A cell that holds a NUL could make two rows look alike.
    if (before !== undefined && places.every((place, i) => cells[place] === before.cells[i]))
      return before.attributes
    const attributes = read(cells)
    if (isFault(attributes)) return attributes
    if (known.size >= ATTRIBUTES_REMEMBERED) known.clear()
    const own = ownAttributes(attributes)
    known.set(ownText(key), { cells: places.map((place) => ownText(cells[place] ?? '')), attributes: own })
    return own
  }
}

/** A copy whose texts keep nothing of the file alive. */
const ownAttributes = ({ tags, ...texts }: CostAttributes): CostAttributes => {
  const own = (values: object) =>
    Object.fromEntries(Object.entries(values).map(([key, text]) => [ownText(key), ownText(String(text))]))
  return { ...own(texts), ...(tags === undefined ? {} : { tags: own(tags) }) } as CostAttributes
}

/** Null where there are no tags. A tag without a value is written as true, null or an empty string. */
const parseTags = (text: string): Record<string, string> | null | Fault => {
  const json = parseExactJson(text)
  if (!isObject(json)) return fault('tags_are_not_json', 'Tags', { value: quoted(text) })
  const entries = Object.entries(json).map(
    ([key, value]) => [key, value === null ? '' : (scalarText(value) ?? exactCanonical(value))] as const,
  )
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

/** The month, as UTC, that holds the instant: `2026-03`. */
const utcMonth = (ms: number): Month => toMonth(new Date(ms).toISOString().slice(0, 7))

const createBillReader = (column: (names: readonly string[]) => Column) => {
  const timeOf = createTimeReader(column)
  const [startOf, endOf] = [timeOf('BillingPeriodStart'), timeOf('BillingPeriodEnd')]
  const own = remembering(ownText)
  let before: ParsedBill | null = null
  /** The same object as for the row before where the bill is the same. */
  return (
    cells: readonly string[],
    attributes: CostAttributes,
    chargeStartMs: number,
  ): ParsedBill | Fault => {
    const given = startOf(cells)
    if (isFault(given)) return given
    const periodEndMs = endOf(cells)
    if (isFault(periodEndMs)) return periodEndMs
    const { provider, billing_account = '' } = attributes
    if (
      given !== null &&
      before?.periodStartMs === given &&
      before.periodEndMs === periodEndMs &&
      before.provider === provider &&
      before.billingAccount === billing_account
    )
      return before
    const month = utcMonth(given ?? chargeStartMs)
    before = {
      provider: own(provider),
      billingAccount: own(billing_account),
      periodStartMs: given ?? Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1),
      periodEndMs,
      month,
    }
    return before
  }
}
