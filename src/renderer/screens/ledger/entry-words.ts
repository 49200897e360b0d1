/** Words for what the ledger keeps. */
export const TABLE_WORDS: Readonly<Record<string, string>> = {
  usage_event: 'Usage',
  cost_entry: 'Cost',
  document: 'Decision or setting',
  quarantine: 'Rejected record',
  quarantine_outcome: 'Answer to a rejected record',
  conflict: 'Conflict',
}

export const tableInWords = (table: string): string => TABLE_WORDS[table] ?? table

/** What an entry does to an earlier one. */
export const correctionInWords = (correction: string | null, corrects: number | null): string =>
  correction === null ? 'posted' : `${correction}${corrects === null ? '' : ` of entry ${corrects}`}`
