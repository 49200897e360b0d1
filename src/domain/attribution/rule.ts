/** Attribution rules: which tenant a cost entry belongs to. First match wins; what none claims is unattributed. */

/**
 * Every text column of FOCUS that an entry keeps as an attribute, under our names; `tag:<key>` looks at one tag.
 * Entries imported before a column was kept lack it: it is absent there, as where a provider leaves it empty.
 */
export const RULE_FIELDS = [
  'provider',
  'publisher',
  'invoice_issuer',
  'billing_account',
  'billing_account_name',
  'billing_account_type',
  'sub_account',
  'sub_account_name',
  'sub_account_type',
  'service',
  'service_category',
  'service_subcategory',
  'region',
  'region_name',
  'availability_zone',
  'resource_id',
  'resource_name',
  'resource_type',
  'charge_category',
  'charge_class',
  'charge_description',
  'charge_frequency',
  'pricing_category',
  'pricing_unit',
  'sku_id',
  'sku_meter',
  'sku_price_id',
  'consumed_unit',
  'commitment_discount_id',
  'commitment_discount_name',
  'commitment_discount_category',
  'commitment_discount_type',
  'commitment_discount_status',
  'capacity_reservation_id',
  'capacity_reservation_status',
] as const satisfies readonly Exclude<keyof CostAttributes, 'tags'>[]
export type RuleField = (typeof RULE_FIELDS)[number] | `tag:${string}`

export const RULE_OPERATORS = ['equals', 'prefix', 'regex', 'present', 'absent'] as const
export type RuleOperator = (typeof RULE_OPERATORS)[number]

export interface RuleCondition {
  readonly field: RuleField
  readonly operator: RuleOperator
  /** Ignored by `present` and `absent`. A `regex` is an ECMAScript pattern, unanchored, without flags. */
  readonly value: string
}

/**
 * `tenant`: everything the rule claims goes to the named tenant.
 * `value`: the tenant is the text of the first condition's field, or its regex's first group where it has one.
 */
export type RuleTarget = { readonly kind: 'tenant'; readonly tenant: string } | { readonly kind: 'value' }

export interface AttributionRule {
  readonly id: string
  readonly name: string
  /** All must hold; at least one. */
  readonly conditions: readonly RuleCondition[]
  readonly target: RuleTarget
  /** First day `YYYY-MM-DD` of service on which the rule holds; from ever on without it. */
  readonly startDay?: string | undefined
  /** Exclusive last day; for ever without it. */
  readonly endDay?: string | undefined
}

/**
 * What one charge line says of itself, apart from amounts and times: the attribute set that the ledger
 * interns. Names are FOCUS columns in snake case; absent where the provider left them empty.
 */
export interface CostAttributes {
  readonly provider: string
  readonly publisher?: string
  readonly invoice_issuer?: string
  readonly billing_account?: string
  readonly billing_account_name?: string
  readonly billing_account_type?: string
  readonly sub_account?: string
  readonly sub_account_name?: string
  readonly sub_account_type?: string
  readonly service: string
  readonly service_category?: string
  readonly service_subcategory?: string
  readonly region?: string
  readonly region_name?: string
  readonly availability_zone?: string
  readonly resource_id?: string
  readonly resource_name?: string
  readonly resource_type?: string
  readonly charge_category: string
  readonly charge_class?: string
  readonly charge_description?: string
  readonly charge_frequency?: string
  readonly pricing_category?: string
  readonly pricing_unit?: string
  readonly sku_id?: string
  readonly sku_meter?: string
  readonly sku_price_id?: string
  readonly consumed_unit?: string
  readonly commitment_discount_id?: string
  readonly commitment_discount_name?: string
  readonly commitment_discount_category?: string
  readonly commitment_discount_type?: string
  readonly commitment_discount_status?: string
  readonly capacity_reservation_id?: string
  readonly capacity_reservation_status?: string
  readonly tags?: { readonly [key: string]: string }
}
