/**
 * The ledger's shape. It cannot be changed later: new migrations only add tables.
 *
 * - `seq` numbers every entry of the book, across tables, from 1 without gaps. A usage page holds many events and
 *   takes as many numbers, `seq` to `last_seq`.
 * - Every entry belongs to one batch and carries `digest`, the first 8 bytes of SHA-256 over its canonical
 *   line: `json_array(seq, '<table>', <the other columns of ENTRY_COLUMNS in order, blobs as lower-case hex>)`.
 *   The digest only locates damage; the batch's `hash` proves it. A blob of bytes stands in its line by its
 *   SHA-256.
 * - `batch.hash` = SHA-256, hex, over `previous_hash`, newline, the canonical lines of its entries in order of
 *   `seq`, each followed by a newline, and last the batch's header line (`json_array` of BATCH_HEADER_COLUMNS),
 *   newline. The header is last because its counts and sums are known only when the last entry is written.
 * - Uniqueness that INSERT OR REPLACE could get round is held by triggers, which only refuse and never compute.
 */
export const SCHEMA_VERSION = 2

/** Columns of each entry table in the order of the canonical line (`seq` first, `digest` left out). */
export const ENTRY_COLUMNS = {
  source: ['seq', 'batch_id', 'source_no', 'source_key', 'kind'],
  tenant: ['seq', 'batch_id', 'tenant_no', 'tenant'],
  measure: ['seq', 'batch_id', 'measure_no', 'metric', 'scale'],
  attribute_set: ['seq', 'batch_id', 'set_no', 'kind', 'content_key', 'content'],
  bill: [
    'seq',
    'batch_id',
    'bill_no',
    'provider',
    'billing_account',
    'period_start_ms',
    'period_end_ms',
    'month',
  ],
  raw_block: ['seq', 'batch_id', 'block_no', 'records', 'bytes_sha256'],
  usage_event: [
    'seq',
    'batch_id',
    'source_no',
    'event_key',
    'revision',
    'tenant_no',
    'measure_no',
    'quantity',
    'start_ms',
    'end_ms',
    'posted_ms',
    'set_no',
    'block_no',
    'block_row',
    'correction',
    'corrects',
  ],
  cost_entry: [
    'seq',
    'batch_id',
    'source_no',
    'bill_no',
    'cost_key',
    'revision',
    'start_ms',
    'end_ms',
    'posted_ms',
    'currency',
    'billed_cost',
    'effective_cost',
    'list_cost',
    'contracted_cost',
    'consumed_quantity',
    'set_no',
    'block_no',
    'block_row',
    'correction',
    'corrects',
  ],
  document: ['seq', 'batch_id', 'kind', 'document_id', 'version', 'content'],
  quarantine: [
    'seq',
    'batch_id',
    'source_no',
    'reader',
    'record_key',
    'file',
    'row',
    'column_name',
    'code',
    'message',
    'raw',
  ],
  quarantine_outcome: ['seq', 'batch_id', 'quarantine_seq', 'outcome', 'note'],
  conflict: ['seq', 'batch_id', 'source_no', 'existing_seq', 'record_key', 'file', 'row', 'message', 'raw'],
  usage_page: ['seq', 'batch_id', 'last_seq', 'source_no', 'block_no', 'events', 'bytes_sha256'],
} as const satisfies Record<string, readonly string[]>
export type EntryTable = keyof typeof ENTRY_COLUMNS
export const ENTRY_TABLES = Object.keys(ENTRY_COLUMNS) as EntryTable[]

/** Tables whose rows carry a blob `bytes`, of which `bytes_sha256` is the SHA-256. */
export const BYTES_TABLES = ['raw_block', 'usage_page'] as const satisfies readonly EntryTable[]

/** Header columns of a batch in the order of its header line; `hash` itself left out. */
export const BATCH_HEADER_COLUMNS = [
  'batch_id',
  'kind',
  'title',
  'file_sha256',
  'recorded_ms',
  'author',
  'program',
  'first_seq',
  'last_seq',
  'counts',
  'control',
  'checkpoint',
  'previous_hash',
] as const

const TABLES_1 = `
CREATE TABLE batch (
  batch_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('import', 'document', 'correction')),
  title TEXT NOT NULL,
  file_sha256 TEXT,
  recorded_ms INTEGER NOT NULL,
  author TEXT NOT NULL,
  program TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  counts TEXT NOT NULL,
  control TEXT NOT NULL,
  checkpoint TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE source (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  source_no INTEGER NOT NULL, source_key TEXT NOT NULL, kind TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE tenant (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  tenant_no INTEGER NOT NULL, tenant TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE measure (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  measure_no INTEGER NOT NULL, metric TEXT NOT NULL, scale INTEGER NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE attribute_set (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  set_no INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('usage', 'cost')),
  content_key BLOB NOT NULL, content TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE bill (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  bill_no INTEGER NOT NULL, provider TEXT NOT NULL, billing_account TEXT NOT NULL,
  period_start_ms INTEGER NOT NULL, period_end_ms INTEGER, month TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE raw_block (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  block_no INTEGER NOT NULL, records INTEGER NOT NULL, bytes_sha256 TEXT NOT NULL, bytes BLOB NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE usage_event (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  source_no INTEGER NOT NULL, event_key BLOB NOT NULL, revision INTEGER NOT NULL,
  tenant_no INTEGER NOT NULL, measure_no INTEGER NOT NULL, quantity INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER, posted_ms INTEGER, set_no INTEGER,
  block_no INTEGER NOT NULL, block_row INTEGER NOT NULL,
  correction TEXT CHECK (correction IN ('reversal', 'restatement')), corrects INTEGER,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE cost_entry (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  source_no INTEGER NOT NULL, bill_no INTEGER NOT NULL, cost_key BLOB NOT NULL, revision INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER, posted_ms INTEGER,
  currency TEXT NOT NULL, billed_cost TEXT NOT NULL, effective_cost TEXT, list_cost TEXT, contracted_cost TEXT,
  consumed_quantity TEXT, set_no INTEGER NOT NULL,
  block_no INTEGER NOT NULL, block_row INTEGER NOT NULL,
  correction TEXT CHECK (correction IN ('reversal', 'restatement')), corrects INTEGER,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE document (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  kind TEXT NOT NULL, document_id TEXT NOT NULL, version INTEGER NOT NULL, content TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE quarantine (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  source_no INTEGER NOT NULL, reader TEXT NOT NULL, record_key BLOB NOT NULL,
  file TEXT NOT NULL, row INTEGER NOT NULL, column_name TEXT, code TEXT NOT NULL, message TEXT NOT NULL,
  raw TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE quarantine_outcome (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  quarantine_seq INTEGER NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('replayed', 'dismissed')),
  note TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE TABLE conflict (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  source_no INTEGER NOT NULL, existing_seq INTEGER NOT NULL, record_key BLOB NOT NULL,
  file TEXT NOT NULL, row INTEGER NOT NULL, message TEXT NOT NULL, raw TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
`

/**
 * Version 2. `usage_page` keeps the events of a source, many in one row (usage-page.ts); `usage_event` keeps
 * corrections, and the events of books of version 1. `usage_key_run` and `usage_key_part` are no entries: they are
 * an index of the pages' event keys (key-runs.ts), derived, rewritten as it grows, and checked by `verify`.
 */
const TABLES_2 = `
CREATE TABLE usage_page (
  seq INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, source_no INTEGER NOT NULL, block_no INTEGER NOT NULL, events INTEGER NOT NULL,
  bytes_sha256 TEXT NOT NULL, bytes BLOB NOT NULL,
  digest BLOB NOT NULL,
  CHECK (events > 0 AND last_seq = seq + events - 1)
) STRICT;
CREATE TABLE usage_key_run (
  run_no INTEGER PRIMARY KEY, level INTEGER NOT NULL, keys INTEGER NOT NULL, base_seq INTEGER NOT NULL
) STRICT;
CREATE TABLE usage_key_part (
  part_no INTEGER PRIMARY KEY, first_fingerprint INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
`

interface UniqueKey {
  readonly table: EntryTable
  readonly columns: readonly string[]
  readonly where?: string
}

/** What must be unique, by table: index name, columns, and the condition under which it counts. */
const UNIQUE_KEYS_1: readonly UniqueKey[] = [
  { table: 'source', columns: ['source_no'] },
  { table: 'source', columns: ['source_key'] },
  { table: 'tenant', columns: ['tenant_no'] },
  { table: 'tenant', columns: ['tenant'] },
  { table: 'measure', columns: ['measure_no'] },
  { table: 'measure', columns: ['metric', 'scale'] },
  { table: 'attribute_set', columns: ['set_no'] },
  { table: 'attribute_set', columns: ['kind', 'content_key'] },
  { table: 'bill', columns: ['bill_no'] },
  { table: 'bill', columns: ['provider', 'billing_account', 'period_start_ms'] },
  { table: 'raw_block', columns: ['block_no'] },
  {
    table: 'usage_event',
    columns: ['event_key', 'source_no', 'revision'],
    where: "correction IS NOT 'reversal'",
  },
  { table: 'usage_event', columns: ['corrects'], where: "correction = 'reversal'" },
  {
    table: 'cost_entry',
    columns: ['cost_key', 'bill_no', 'revision'],
    where: "correction IS NOT 'reversal'",
  },
  { table: 'cost_entry', columns: ['corrects'], where: "correction = 'reversal'" },
  { table: 'document', columns: ['kind', 'document_id', 'version'] },
  { table: 'quarantine', columns: ['record_key', 'source_no'] },
  { table: 'quarantine_outcome', columns: ['quarantine_seq'] },
  { table: 'conflict', columns: ['record_key', 'source_no'] },
]

const UNIQUE_KEYS_2: readonly UniqueKey[] = [{ table: 'usage_page', columns: ['block_no'] }]

/** Indexes that only speed reading. */
const READING_1 = `
CREATE INDEX cost_entry_bill ON cost_entry (bill_no);
`

const guards = (keys: readonly UniqueKey[]) =>
  keys
    .map((key) => {
      const name = `${key.table}_${key.columns.join('_')}`
      const where = key.where ?? 'TRUE'
      const same = key.columns.map((column) => `${column} = NEW.${column}`).join(' AND ')
      return `
CREATE INDEX ${name} ON ${key.table} (${key.columns.join(', ')})${key.where === undefined ? '' : ` WHERE ${where}`};
CREATE TRIGGER ${name}_unique BEFORE INSERT ON ${key.table}
WHEN ${key.where === undefined ? '' : `NEW.${where} AND `}EXISTS (SELECT 1 FROM ${key.table} WHERE ${same} AND ${where})
BEGIN SELECT RAISE(ABORT, 'append-only: ${key.table} has an entry with this ${key.columns.join(', ')}'); END;`
    })
    .join('\n')

const appendOnly = (table: string, key: string) => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table}
BEGIN SELECT RAISE(ABORT, 'append-only: entries of ${table} are never changed; append a correction'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table}
BEGIN SELECT RAISE(ABORT, 'append-only: entries of ${table} are never removed; append a reversal'); END;
CREATE TRIGGER ${table}_only_append BEFORE INSERT ON ${table}
WHEN NEW.${key} <= (SELECT max(${key}) FROM ${table})
BEGIN SELECT RAISE(ABORT, 'append-only: ${table} only grows at its end'); END;`

/** The tables of entries that version 1 had; its schema is what its books were made with and stays as it is. */
const ENTRY_TABLES_1 = ENTRY_TABLES.filter((table) => table !== 'usage_page')

/** A page takes more numbers than its own: what comes after it is beyond its last event. */
const PAGE_GUARD = `
CREATE TRIGGER usage_page_only_beyond BEFORE INSERT ON usage_page
WHEN NEW.seq <= (SELECT last_seq FROM usage_page ORDER BY seq DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'append-only: usage_page only grows at its end'); END;`

/** Migrations in order; the number run so far is kept in `PRAGMA user_version`. */
export const MIGRATIONS: readonly string[] = [
  [
    TABLES_1,
    READING_1,
    guards(UNIQUE_KEYS_1),
    ...ENTRY_TABLES_1.map((table) => appendOnly(table, 'seq')),
    appendOnly('batch', 'batch_id'),
  ].join('\n'),
  [TABLES_2, guards(UNIQUE_KEYS_2), appendOnly('usage_page', 'seq'), PAGE_GUARD].join('\n'),
]
