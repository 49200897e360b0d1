/** The canonical content of a CSV row: what the identity of a row without an id is hashed from. */

/**
 * A function from cells to the JSON of `[column, value]` pairs sorted by column, empty ones left out, so that
 * neither the order of columns nor a new empty column makes a known row a new one.
 */
export const contentOf = (
  header: readonly string[],
  isEmpty: (cell: string) => boolean,
): ((cells: readonly string[]) => string) => {
  const order = header
    .map((title, index) => ({ title, index, key: JSON.stringify(title) }))
    .sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.index - b.index))
  return (cells) => {
    let text = ''
    for (const { index, key } of order) {
      const cell = cells[index] ?? ''
      if (!isEmpty(cell)) text += `${text === '' ? '' : ','}[${key},${JSON.stringify(cell)}]`
    }
    return `[${text}]`
  }
}
