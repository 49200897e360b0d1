/** Filters of a sliced report: for each field the values let through; null stands for "has none". Pure. */
export interface Filter {
  readonly field: string
  readonly values: readonly (string | null)[]
}

/** Lets a value of the field through, beside those already let through. */
export const addValues = (
  filters: readonly Filter[],
  field: string,
  values: readonly (string | null)[],
): Filter[] => {
  const before = filters.find((filter) => filter.field === field)
  if (before === undefined)
    return values.length === 0 ? [...filters] : [...filters, { field, values: [...new Set(values)] }]
  return filters.map((filter) =>
    filter === before ? { field, values: [...new Set([...filter.values, ...values])] } : filter,
  )
}

/** Narrows the field to exactly this value. */
export const onlyValue = (filters: readonly Filter[], field: string, value: string | null): Filter[] => [
  ...filters.filter((filter) => filter.field !== field),
  { field, values: [value] },
]

/** Takes one value away; a field without values is no longer filtered. */
export const removeValue = (filters: readonly Filter[], field: string, value: string | null): Filter[] =>
  filters
    .map((filter) =>
      filter.field === field ? { field, values: filter.values.filter((each) => each !== value) } : filter,
    )
    .filter(({ values }) => values.length > 0)

/** The filters that leave exactly one row of the report: its keys in place of what their fields were filtered by. */
export const filtersOfRow = (
  filters: readonly Filter[],
  groupBy: readonly string[],
  keys: readonly (string | null)[],
): { field: string; values: (string | null)[] }[] => [
  ...filters
    .filter(({ field }) => !groupBy.includes(field))
    .map(({ field, values }) => ({ field, values: [...values] })),
  ...groupBy.map((field, index) => ({ field, values: [keys[index] ?? null] })),
]
