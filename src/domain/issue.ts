/** A bad document or record is a list of issues kept beside the data, so it can still be shown. */
export interface Issue {
  readonly severity: 'error' | 'warning'
  /** A closed, snake_case sentence: `quantity_has_too_many_decimals`. */
  readonly code: string
  /** What is wrong and what to do about it, for a person. */
  readonly message: string
  /** Row of the file, counted from 1 with the header as row 1. */
  readonly row?: number
  /** Column title or JSON path. */
  readonly column?: string
}
