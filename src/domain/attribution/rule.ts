/** Attribution rules: which tenant a cost entry belongs to. First match wins; what none claims is unattributed. */

/** The FOCUS columns a rule may look at, under our names; `tag:<key>` looks at one tag. */
export const RULE_FIELDS = [
  'provider',
  'billing_account',
  'sub_account',
  'service',
  'resource_id',
  'region',
] as const
export type RuleField = (typeof RULE_FIELDS)[number] | `tag:${string}`

export type RuleOperator = 'equals' | 'prefix' | 'regex' | 'present'

export interface RuleCondition {
  readonly field: RuleField
  readonly operator: RuleOperator
  /** Ignored by `present`. A `regex` is an ECMAScript pattern, unanchored, without flags. */
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
  readonly sub_account?: string
  readonly sub_account_name?: string
  readonly service: string
  readonly service_category?: string
  readonly region?: string
  readonly resource_id?: string
  readonly resource_name?: string
  readonly resource_type?: string
  readonly charge_category: string
  readonly charge_class?: string
  readonly charge_description?: string
  readonly charge_frequency?: string
  readonly pricing_category?: string
  readonly sku_id?: string
  readonly sku_price_id?: string
  readonly consumed_unit?: string
  readonly commitment_discount_id?: string
  readonly tags?: { readonly [key: string]: string }
}
