/** What this room refuses to write or read, by closed code; the message is for a person. */
export type ExchangeRefusalCode = 'sheet_has_too_many_rows' | 'file_cannot_be_read'

export class ExchangeRefusal extends Error {
  readonly code: ExchangeRefusalCode

  constructor(code: ExchangeRefusalCode, message: string) {
    super(message)
    this.name = 'ExchangeRefusal'
    this.code = code
  }
}
