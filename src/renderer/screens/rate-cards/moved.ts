/** The list with the item at `index` moved by so many places; the list itself where that is beyond its ends. */
export const moved = <Item>(items: readonly Item[], index: number, by: number): readonly Item[] => {
  const item = items[index]
  const place = index + by
  if (item === undefined || place < 0 || place >= items.length) return items
  const rest = items.filter((_, at) => at !== index)
  return [...rest.slice(0, place), item, ...rest.slice(place)]
}
