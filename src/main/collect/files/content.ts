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
  // Most columns say what they said a row before.
  const columns = order.map(({ index, key }) => ({ index, key, before: '', pair: '' }))
  return (cells) => {
    let text = ''
    for (const column of columns) {
      const cell = cells[column.index] ?? ''
      if (cell !== column.before) column.pair = isEmpty(cell) ? '' : `[${column.key},${JSON.stringify(cell)}]`
      // The newest of equal cells: it keeps no older piece of the file alive.
      column.before = cell
      if (column.pair !== '') text += text === '' ? column.pair : `,${column.pair}`
    }
    return `[${text}]`
  }
}
