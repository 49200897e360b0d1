/** A charge as rows of a workbook: one for each tier, step, cell and band. */
import type { Band, Charge, MatrixCell, QuantityPrice } from '../../domain/pricing/ratecard.ts'
import { KIND_LABELS } from '../../domain/pricing/synonyms.ts'
import { ANY, DAYS, escaped, type Key, OTHERWISE, SHARED_PACKAGE } from './charge-columns.ts'
import { optionsText } from './charge-options.ts'

type Cells = Readonly<Partial<Record<Key, string | null>>>

const wordOf = (kind: Charge['kind']): string => KIND_LABELS[kind].toLowerCase()

const priceRows = (price: QuantityPrice): readonly Cells[] => {
  switch (price.kind) {
    case 'per_unit':
      return [{ per: price.per, unitAmount: price.unitAmount }]
    case 'graduated':
    case 'volume':
      return price.tiers.map((tier) => ({ per: price.per, ...tier }))
    case 'stair_step':
      return price.steps.map((step) => ({ ...step }))
    case 'package':
      return [{ per: price.size, amount: price.amount }]
  }
}

const priceWord = (price: QuantityPrice): string =>
  price.kind === 'package' && price.lastBlock === 'prorated' ? SHARED_PACKAGE : wordOf(price.kind)

const partRows = (part: string, price: QuantityPrice): readonly Cells[] =>
  priceRows(price).map((cells) => ({ ...cells, part, price: priceWord(price) }))

const cellText = ({ values }: MatrixCell): string =>
  values
    .map((value) => {
      if (value === null) return ANY
      return value.toLowerCase() === ANY ? `\\${value}` : escaped(value)
    })
    .join(' | ')

const bandText = ({ name, from, to, weekdays }: Band): string =>
  [
    escaped(name),
    `${from}-${to}`,
    ...(weekdays === undefined ? [] : [weekdays.map((day) => DAYS[day - 1]).join(', ')]),
  ].join(' | ')

const rowsOf = (charge: Charge): readonly Cells[] => {
  switch (charge.kind) {
    case 'flat_fee':
      return [{ amount: charge.amount }]
    case 'package':
      return charge.lastBlock === 'prorated'
        ? priceRows(charge).map((cells) => ({ ...cells, price: SHARED_PACKAGE }))
        : priceRows(charge)
    case 'matrix':
      return charge.cells.flatMap((cell) => partRows(cellText(cell), cell.price))
    case 'time_of_day':
      return [
        ...charge.bands.flatMap((band) => partRows(bandText(band), band.price)),
        ...partRows(OTHERWISE, charge.otherwise),
      ]
    case 'time_weighted':
    case 'formula':
      return priceRows(charge.price).map((cells) => ({ ...cells, price: priceWord(charge.price) }))
    case 'graduated_percentage':
      return charge.tiers.map((tier) => ({ ...tier }))
    case 'percentage':
    case 'revenue_share':
      return [{ percent: charge.percent }]
    case 'cost_plus':
      return [{ percent: charge.markupPercent }]
    case 'seat':
      return [{ unitAmount: charge.unitAmount }]
    case 'dynamic':
      return [{}]
    default:
      return priceRows(charge)
  }
}

/** The rows, their cells by column; the options stand in the first. */
export const chargeCells = (charge: Charge): readonly Cells[] => {
  const options = optionsText(charge)
  return rowsOf(charge).map((cells, index) => ({
    id: charge.id,
    name: charge.name,
    kind: wordOf(charge.kind),
    metric: 'metric' in charge ? charge.metric : null,
    ...cells,
    ...(index === 0 && options !== '' ? { options } : {}),
  }))
}
