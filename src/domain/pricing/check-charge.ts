/** What can be wrong with one charge of a draft, kind by kind. */
import type { Issue } from '../issue.ts'
import { isAdditive, type Metric } from '../metric.ts'
import {
  checkBounds,
  checkNotEmpty,
  checkNumber,
  checkPercentTiers,
  checkPrice,
  checkQuantityPrice,
  error,
} from './check-price.ts'
import { parseFormula } from './formula.ts'
import type {
  Allowance,
  Band,
  Charge,
  FormulaCharge,
  MatrixCharge,
  PercentageCharge,
  UsageCharge,
} from './ratecard.ts'
import { cutWindowOf, longWindowOf } from './window.ts'

const DIMENSIONS_MAX = 3

const unknownMetric = (metric: string, column: string, name: string): Issue =>
  error(
    'metric_is_unknown',
    `${name}: there is no metric "${metric}". Pick one of the book's, or define it first.`,
    column,
  )

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

/** Charges that look at single events, cells or hours add up what they are given: only sums can be. */
const NEEDS_A_SUM: ReadonlySet<Charge['kind']> = new Set([
  'matrix',
  'time_of_day',
  'percentage',
  'graduated_percentage',
  'revenue_share',
  'dynamic',
])

const checkMetric = (
  charge: UsageCharge,
  column: string,
  name: string,
  metrics: readonly Metric[],
): Issue[] => {
  const metric = metrics.find((each) => each.metric === charge.metric)
  if (metric === undefined) return [unknownMetric(charge.metric, `${column}.metric`, name)]
  const needsSum =
    NEEDS_A_SUM.has(charge.kind) || charge.increment?.of === 'event' || longWindowOf(charge) !== undefined
  if (needsSum && !isAdditive(metric)) {
    const message = `${name}: metric ${metric.metric} is no sum, and this price adds up single events. Use a metric that is summed.`
    return [error('metric_is_not_a_sum', message, `${column}.metric`)]
  }
  const isLevel = charge.kind === 'seat' || charge.kind === 'time_weighted'
  const hasWindow = cutWindowOf(charge) !== undefined
  if (metric.aggregation === 'unique_count' && (isLevel || hasWindow)) {
    const message = `${name}: metric ${metric.metric} counts distinct values, which has no ${isLevel ? 'level' : 'price by hour or day'}. Use a metric of another aggregation.`
    return [error('metric_is_a_unique_count', message, `${column}.metric`)]
  }
  return []
}

const checkIncluded = (included: Allowance | undefined, column: string, name: string): readonly Issue[] => {
  if (included === undefined) return []
  const path = `${column}.included`
  const issues = [...checkNumber(included.quantity, `${path}.quantity`, name, 'the included quantity')]
  const { rollOver } = included
  if (rollOver === undefined) return issues
  if (included.per === 'term')
    issues.push(
      error(
        'roll_over_of_a_term',
        `${name}: what is included for the term does not roll over. Include it per month, or leave the roll-over out.`,
        `${path}.rollOver`,
      ),
    )
  if (!isWhole(rollOver.months, 1, 120))
    issues.push(
      error(
        'months_are_not_whole',
        `${name}: what is left rolls over for 1 to 120 whole months, not ${rollOver.months}.`,
        `${path}.rollOver.months`,
      ),
    )
  issues.push(
    ...checkNumber(
      rollOver.maximum ?? undefined,
      `${path}.rollOver.maximum`,
      name,
      'the most that rolls over',
    ),
  )
  return issues
}

const checkUsage = (charge: UsageCharge, column: string, name: string): readonly Issue[] => {
  const { convert, increment, included } = charge
  const isByEvent = charge.kind === 'percentage' || charge.kind === 'dynamic'
  const isLevel = charge.kind === 'seat' || charge.kind === 'time_weighted'
  const issues: Issue[] = [...checkIncluded(included, column, name)]
  for (const [index, { dimension, values }] of (charge.filters ?? []).entries()) {
    const path = `${column}.filters[${index}]`
    issues.push(...checkNotEmpty(dimension, `${path}.dimension`, name, 'the dimension of a filter'))
    if (values.length === 0)
      issues.push(
        error(
          'filter_is_empty',
          `${name}: the filter on "${dimension}" has no value, so nothing would be billed. Add one, or remove the filter.`,
          `${path}.values`,
        ),
      )
  }
  if (convert !== undefined)
    issues.push(
      ...checkNotEmpty(convert.unit, `${column}.convert.unit`, name, 'the billed unit'),
      ...checkNumber(convert.size, `${column}.convert.size`, name, 'the size of a billed unit', 'above_zero'),
    )
  if (increment !== undefined)
    issues.push(
      ...checkNumber(increment.size, `${column}.increment.size`, name, 'the increment', 'above_zero'),
      ...checkNumber(increment.minimum, `${column}.increment.minimum`, name, 'the least that is billed'),
    )
  if (isByEvent && included !== undefined)
    issues.push(
      error(
        'included_is_not_for_this_kind',
        `${name}: events are priced one by one, so no units are included. Use free events or a free amount, or another kind.`,
        `${column}.included`,
      ),
    )
  if (increment !== undefined && (isByEvent || (isLevel && increment.of === 'event')))
    issues.push(
      error(
        'increment_is_not_for_this_kind',
        `${name}: ${isLevel ? 'levels are weighted by time, so single events are' : 'amounts of events are'} not rounded up. Leave the increment out.`,
        `${column}.increment`,
      ),
    )
  return issues
}

const checkMatrix = (charge: MatrixCharge, column: string, name: string): readonly Issue[] => {
  const { dimensions, cells } = charge
  const issues: Issue[] = []
  if (!isWhole(dimensions.length, 1, DIMENSIONS_MAX) || new Set(dimensions).size !== dimensions.length)
    issues.push(
      error(
        'dimensions_are_not_one_to_three',
        `${name}: a matrix has one to ${DIMENSIONS_MAX} different dimensions, not ${dimensions.length}.`,
        `${column}.dimensions`,
      ),
    )
  for (const [index, dimension] of dimensions.entries())
    issues.push(...checkNotEmpty(dimension, `${column}.dimensions[${index}]`, name, 'a dimension'))
  if (cells.length === 0)
    issues.push(error('cells_are_missing', `${name}: add at least one cell.`, `${column}.cells`))
  for (const [index, { values, price }] of cells.entries()) {
    const path = `${column}.cells[${index}]`
    const cell = `${name}, cell ${index + 1}`
    if (values.length !== dimensions.length)
      issues.push(
        error(
          'cell_does_not_fit_the_dimensions',
          `${cell}: it has ${values.length} values for ${dimensions.length} dimensions. Give one each, or null for any.`,
          `${path}.values`,
        ),
      )
    const covers = cells.findIndex(({ values: earlier }) =>
      earlier.every((value, at) => value === null || value === values[at]),
    )
    if (covers >= 0 && covers < index)
      issues.push(
        error(
          'cell_is_never_reached',
          `${cell}: cell ${covers + 1} takes all of its usage before it. Move it up, or remove it.`,
          `${path}.values`,
        ),
      )
    issues.push(...checkQuantityPrice(price, `${path}.price`, cell))
  }
  return issues
}

const checkBand = (band: Band, column: string, name: string): readonly Issue[] => {
  const issues: Issue[] = [...checkNotEmpty(band.name, `${column}.name`, name, 'the name of a band')]
  if (!isWhole(band.from, 0, 23) || !isWhole(band.to, 1, 24))
    issues.push(
      error(
        'hours_are_not_of_a_day',
        `${name}, ${band.name}: from ${band.from} to ${band.to} are no hours. A band goes from 0 to 23, until 1 to 24.`,
        `${column}.from`,
      ),
    )
  if (
    band.weekdays !== undefined &&
    (band.weekdays.length === 0 || !band.weekdays.every((day) => isWhole(day, 1, 7)))
  )
    issues.push(
      error(
        'weekdays_are_not_one_to_seven',
        `${name}, ${band.name}: weekdays are 1 (Monday) to 7 (Sunday). Name at least one, or leave them out.`,
        `${column}.weekdays`,
      ),
    )
  return [...issues, ...checkQuantityPrice(band.price, `${column}.price`, `${name}, ${band.name}`)]
}

const checkPercentage = (charge: PercentageCharge, column: string, name: string): readonly Issue[] => {
  const { freeEvents, minimumPerEvent, maximumPerEvent } = charge
  return [
    ...checkNumber(charge.percent, `${column}.percent`, name, 'the percent'),
    ...checkNumber(charge.fixedPerEvent, `${column}.fixedPerEvent`, name, 'the fixed part of an event'),
    ...checkNumber(charge.freeAmount, `${column}.freeAmount`, name, 'the free amount'),
    ...checkNumber(minimumPerEvent, `${column}.minimumPerEvent`, name, 'the minimum of an event'),
    ...checkNumber(maximumPerEvent, `${column}.maximumPerEvent`, name, 'the maximum of an event'),
    ...checkBounds(
      { least: minimumPerEvent, most: maximumPerEvent },
      `${column}.minimumPerEvent`,
      name,
      'of an event',
    ),
    ...(freeEvents === undefined || isWhole(freeEvents, 0, Number.MAX_SAFE_INTEGER)
      ? []
      : [
          error(
            'events_are_not_whole',
            `${name}: ${freeEvents} is no number of free events. Give a whole one.`,
            `${column}.freeEvents`,
          ),
        ]),
  ]
}

const checkFormula = (
  charge: FormulaCharge,
  column: string,
  name: string,
  metrics: readonly Metric[],
): readonly Issue[] => {
  const issues: Issue[] = [
    ...checkNotEmpty(charge.unit, `${column}.unit`, name, 'the billed unit'),
    ...checkIncluded(charge.included, column, name),
    ...checkQuantityPrice(charge.price, `${column}.price`, name),
  ]
  const formula = parseFormula(charge.formula)
  if ('problem' in formula)
    return [
      error(
        'formula_cannot_be_read',
        `${name}: the formula is not used. ${formula.problem}`,
        `${column}.formula`,
      ),
      ...issues,
    ]
  const known = new Set(metrics.map(({ metric }) => metric))
  const unknown = formula.metrics.filter((metric) => !known.has(metric))
  const none: readonly Issue[] =
    formula.metrics.length > 0
      ? []
      : [
          error(
            'formula_names_no_metric',
            `${name}: the formula names no metric, so it is the same every month. Name one, or use a flat fee.`,
            `${column}.formula`,
          ),
        ]
  return [...unknown.map((metric) => unknownMetric(metric, `${column}.formula`, name)), ...none, ...issues]
}

const checkKind = (charge: UsageCharge, column: string, name: string): readonly Issue[] => {
  switch (charge.kind) {
    case 'matrix':
      return checkMatrix(charge, column, name)
    case 'time_of_day':
      return [
        ...(charge.bands.length === 0
          ? [error('bands_are_missing', `${name}: add at least one band.`, `${column}.bands`)]
          : []),
        ...charge.bands.flatMap((band, index) => checkBand(band, `${column}.bands[${index}]`, name)),
        ...checkQuantityPrice(charge.otherwise, `${column}.otherwise`, `${name}, otherwise`),
      ]
    case 'percentage':
      return checkPercentage(charge, column, name)
    case 'graduated_percentage':
      return checkPercentTiers(charge.tiers, column, name)
    case 'revenue_share':
      return [
        ...checkNumber(charge.percent, `${column}.percent`, name, 'the percent'),
        ...(charge.platformFee === undefined
          ? []
          : checkPrice(charge.platformFee, `${column}.platformFee`, name)),
      ]
    case 'seat':
      return checkPrice(charge.unitAmount, `${column}.unitAmount`, name)
    case 'time_weighted':
      return checkQuantityPrice(charge.price, `${column}.price`, name)
    case 'dynamic':
      return checkNotEmpty(
        charge.dimension,
        `${column}.dimension`,
        name,
        'the dimension that carries the price',
      )
    default:
      return checkQuantityPrice(charge, column, name)
  }
}

/** Everything wrong with a charge; `column` is its JSON path. */
export const checkCharge = (charge: Charge, column: string, metrics: readonly Metric[]): readonly Issue[] => {
  const name = charge.name.trim() === '' ? `“${charge.id}”` : charge.name
  const common = [
    ...checkNumber(charge.multiplier, `${column}.multiplier`, name, 'the multiplier'),
    ...checkNumber(charge.minimum, `${column}.minimum`, name, 'the minimum'),
    ...checkNumber(charge.maximum, `${column}.maximum`, name, 'the maximum'),
    ...checkBounds({ least: charge.minimum, most: charge.maximum }, `${column}.minimum`, name, 'of the line'),
  ]
  switch (charge.kind) {
    case 'flat_fee':
      return [...checkPrice(charge.amount, `${column}.amount`, name), ...common]
    case 'cost_plus':
      return [...checkNumber(charge.markupPercent, `${column}.markupPercent`, name, 'the markup'), ...common]
    case 'formula':
      return [...checkFormula(charge, column, name, metrics), ...common]
    default:
      return [
        ...checkMetric(charge, column, name, metrics),
        ...checkKind(charge, column, name),
        ...checkUsage(charge, column, name),
        ...common,
      ]
  }
}
