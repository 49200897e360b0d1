/** Words for what the ledger keeps. */
const TABLE_WORDS: Readonly<Record<string, string>> = {
  usage_event: 'Usage',
  cost_entry: 'Cost',
  document: 'Decision or setting',
  quarantine: 'Rejected record',
  quarantine_outcome: 'Answer to a rejected record',
  conflict: 'Conflict',
  conflict_reader: 'How a conflicting record is read',
  conflict_outcome: 'Answer to a conflict',
}

export const tableInWords = (table: string): string => TABLE_WORDS[table] ?? table

/** What an entry does to an earlier one. */
export const correctionInWords = (correction: string | null, corrects: number | null): string =>
  correction === null ? 'posted' : `${correction}${corrects === null ? '' : ` of entry ${corrects}`}`

export const CONFLICT_WORDS = {
  open: 'open',
  restated: 'the later one taken',
  dismissed: 'the first kept',
} as const

export const STEP_WORDS = {
  quarantined: 'Rejected',
  replayed: 'Replayed',
  posted: 'Posted',
  conflict_met: 'Conflict',
  first_kept: 'First kept',
  restated: 'Restated',
  returned: 'Came again',
  reversed: 'Reversed',
} as const
