/** Files that calls of the contract answer with. `name` is without its ending. */

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export const xlsxFile = (name: string, bytes: Uint8Array): File =>
  new File([new Uint8Array(bytes)], `${name}.xlsx`, { type: XLSX })

export const csvFile = (name: string, text: string): File =>
  new File([text], `${name}.csv`, { type: 'text/csv' })
