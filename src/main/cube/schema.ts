/**
 * The cube's shape. The cube is derived: when this shape changes, raise CUBE_SCHEMA_VERSION and every book's
 * cube is built again from its ledger.
 */
import { RULE_FIELDS } from '../../domain/attribution/rule.ts'

export const CUBE_SCHEMA_VERSION = 5

export type CostField = (typeof RULE_FIELDS)[number]

/** Every text field of a cost entry's attributes, each a column of `cost_set`. */
export const COST_FIELDS = RULE_FIELDS as readonly CostField[]

/** The tables filled from entries and documents; `cube_state` says up to which batch. */
export const CUBE_TABLES = [
  'usage_fact',
  'usage_by_tenant',
  'usage_by_set',
  'usage_standing',
  'cost_fact',
  'tenant',
  'measure',
  'bill',
  'usage_set',
  'usage_set_value',
  'cost_set',
  'cost_set_tag',
  'attribution',
  'pool',
  'customer_tenant',
  'metric',
] as const

/** The tables made of documents: as they are today in the cube, as they were then in `past-terms.ts`. */
export const TERMS_DDL = `
CREATE TABLE attribution (
  set_no INTEGER NOT NULL, tenant VARCHAR NOT NULL, rule_id VARCHAR NOT NULL, start_day INTEGER NOT NULL,
  end_day INTEGER NOT NULL
);
CREATE TABLE pool (
  set_no INTEGER NOT NULL, start_month INTEGER NOT NULL, end_month INTEGER NOT NULL, unattributed VARCHAR,
  without_customer VARCHAR, customer VARCHAR
);
CREATE TABLE customer_tenant (tenant VARCHAR NOT NULL, customer_id VARCHAR NOT NULL);
CREATE TABLE metric (
  metric VARCHAR NOT NULL, name VARCHAR NOT NULL, unit VARCHAR NOT NULL, aggregation VARCHAR NOT NULL,
  scale INTEGER NOT NULL, unique_by VARCHAR
);
`

/**
 * Days are integers `yyyymmdd`, months `yyyymm`, both in the book's time zone. `day` and `month` are those that the
 * fact counts in, `start_day` is that of its service. Spans of days and months are half-open, and 99999999 stands for
 * ever. An `attribution` says whose a set's cost is on the days of service of its span; a `pool` names the allocation
 * step that takes a set's cost in the months of its span, by whose the cost is otherwise. Primary keys are left out on
 * purpose: the ledger has proved uniqueness, and an index would triple the time of following. The three tables after
 * `usage_fact` are its roll-ups (roll-up.ts). A sum of 128 bits is kept as `high * 2^32 + low`: DuckDB packs the columns of
 * 128 bits, and takes a hundred times as long to unpack them.
 */
export const CUBE_DDL = `
CREATE TABLE cube_state (
  schema_version INTEGER NOT NULL, last_batch_id INTEGER NOT NULL, last_seq BIGINT NOT NULL,
  last_hash VARCHAR NOT NULL, time_zone VARCHAR NOT NULL, rules_version INTEGER NOT NULL, rolled_seq BIGINT NOT NULL
);
CREATE TABLE usage_fact (
  seq BIGINT NOT NULL, batch_id INTEGER NOT NULL, tenant_no INTEGER NOT NULL, measure_no INTEGER NOT NULL,
  quantity BIGINT NOT NULL, at_ms BIGINT NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT, late BOOLEAN NOT NULL,
  hour_ms BIGINT NOT NULL, day INTEGER NOT NULL, month INTEGER NOT NULL, set_no INTEGER, corrects BIGINT,
  is_reversal BOOLEAN NOT NULL, source_no INTEGER NOT NULL, start_day INTEGER NOT NULL
);
CREATE TABLE usage_by_tenant (
  measure_no INTEGER NOT NULL, month INTEGER NOT NULL, tenant_no INTEGER NOT NULL, quantity_high BIGINT NOT NULL,
  quantity_low BIGINT NOT NULL, events BIGINT NOT NULL
);
CREATE TABLE usage_by_set (
  measure_no INTEGER NOT NULL, month INTEGER NOT NULL, set_no INTEGER, quantity_high BIGINT NOT NULL,
  quantity_low BIGINT NOT NULL, events BIGINT NOT NULL
);
CREATE TABLE usage_standing (
  measure_no INTEGER NOT NULL, month INTEGER NOT NULL, tenant_no INTEGER NOT NULL, set_no INTEGER, events BIGINT NOT NULL
);
CREATE TABLE cost_fact (
  seq BIGINT NOT NULL, batch_id INTEGER NOT NULL, bill_no INTEGER NOT NULL, at_ms BIGINT NOT NULL,
  start_ms BIGINT NOT NULL, end_ms BIGINT, late BOOLEAN NOT NULL, day INTEGER NOT NULL, month INTEGER NOT NULL,
  bill_month INTEGER NOT NULL, currency VARCHAR NOT NULL, billed DECIMAL(38,18) NOT NULL,
  effective DECIMAL(38,18), list DECIMAL(38,18), contracted DECIMAL(38,18), set_no INTEGER NOT NULL,
  corrects BIGINT, is_reversal BOOLEAN NOT NULL, source_no INTEGER NOT NULL, start_day INTEGER NOT NULL
);
CREATE TABLE tenant (tenant_no INTEGER NOT NULL, tenant VARCHAR NOT NULL);
CREATE TABLE measure (measure_no INTEGER NOT NULL, metric VARCHAR NOT NULL, scale INTEGER NOT NULL);
CREATE TABLE bill (
  bill_no INTEGER NOT NULL, provider VARCHAR NOT NULL, billing_account VARCHAR NOT NULL, month VARCHAR NOT NULL
);
CREATE TABLE usage_set (set_no INTEGER NOT NULL, content VARCHAR NOT NULL);
CREATE TABLE usage_set_value (set_no INTEGER NOT NULL, key VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE cost_set (
  set_no INTEGER NOT NULL, content VARCHAR NOT NULL, ${COST_FIELDS.map((field) => `${field} VARCHAR`).join(', ')}
);
CREATE TABLE cost_set_tag (set_no INTEGER NOT NULL, key VARCHAR NOT NULL, value VARCHAR NOT NULL);
${TERMS_DDL}
INSERT INTO cube_state VALUES (${CUBE_SCHEMA_VERSION}, 0, 0, '', '', 0, 0);
`

export const DROP_DDL = ['cube_state', ...CUBE_TABLES]
  .map((table) => `DROP TABLE IF EXISTS ${table};`)
  .join('\n')

/** Up to where the cube follows the ledger. An empty cube is at batch 0. */
export interface CubeState {
  readonly schemaVersion: number
  readonly lastBatchId: number
  readonly lastSeq: number
  readonly lastHash: string
  /** The zone that hours, days and months were computed in; empty before the first follow. */
  readonly timeZone: string
  /** The version of the attribution rules that `attribution` was computed with; 0 = none. */
  readonly rulesVersion: number
  /** Facts up to this entry are in the roll-ups. */
  readonly rolledSeq: number
}
