/** The fictional company's customers. The first ten carry the stories, so that a smaller book tells them too. */
import type { DecimalText } from '../../domain/decimal.ts'

export type CardId = 'scale' | 'api-platform' | 'starter'

export interface DemoCustomer {
  readonly id: string
  readonly name: string
  readonly tenants: readonly string[]
  readonly card: CardId
  /** Thousand calls a day of all its tenants in the book's last month. */
  readonly thousandCallsADay: number
  /** Thousandths by which a month's calls exceed the month's before. */
  readonly growthPermille: number
  readonly seats: number
  readonly discountPercent: DecimalText
  readonly monthlyCommitment: DecimalText | null
  /** Machines it needs for the same calls, in thousandths of an ordinary customer's. */
  readonly machinesPermille: number
  /** Months before the last one in which it joined; null where it was there from the beginning. */
  readonly joinedMonthsAgo: number | null
}

interface Terms {
  readonly discount?: string
  readonly commitment?: string
  readonly machines?: number
  readonly joined?: number
}

const customer = (
  name: string,
  tenants: string,
  card: CardId,
  [thousandCallsADay, growthPermille, seats]: readonly [number, number, number],
  terms: Terms = {},
): DemoCustomer => ({
  id: name
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/^-|-$/g, ''),
  name,
  tenants: tenants.split(' '),
  card,
  thousandCallsADay,
  growthPermille,
  seats,
  discountPercent: (terms.discount ?? '0') as DecimalText,
  monthlyCommitment: (terms.commitment as DecimalText | undefined) ?? null,
  machinesPermille: terms.machines ?? 1000,
  joinedMonthsAgo: terms.joined ?? null,
})

/** Customers that a story is about. */
export const LOSS_MAKER = 'globex'
export const CHURNED = 'initech'
export const BELOW_COMMITMENT = 'umbra-labs'
export const RENEWING = 'northwind'
/** Its week is delivered late. */
export const LATE_TENANT = 'northwind-eu'
/** Runs in an AWS account of its own, so that the account says whose the cost is. */
export const DEDICATED_TENANT = 'northwind-prod'
/** Engineering's own footprint: it has cost and no customer. */
export const INTERNAL_TENANT = 'meridian-internal'

export const CUSTOMERS: readonly DemoCustomer[] = [
  customer('Northwind', 'northwind-prod northwind-eu northwind-analytics', 'scale', [4200, 22, 140], {
    discount: '12',
    commitment: '25000',
  }),
  customer('Globex', 'globex-prod globex-eu', 'scale', [3600, 18, 95], { discount: '62', machines: 1600 }),
  customer('Initech', 'initech-prod', 'api-platform', [900, 4, 30]),
  customer('Umbra Labs', 'umbra-prod umbra-research', 'api-platform', [330, 6, 18], {
    commitment: '12000',
    machines: 1350,
  }),
  customer('Helios Maps', 'helios-prod helios-tiles', 'api-platform', [1150, 165, 26]),
  customer('Everline Retail', 'everline-prod everline-us everline-apac', 'scale', [2300, 24, 88], {
    discount: '8',
    commitment: '15000',
  }),
  customer('Fjordbank', 'fjordbank-prod fjordbank-azure', 'scale', [1750, 19, 120], { discount: '5' }),
  customer('Aldgate Freight', 'aldgate-prod aldgate-us', 'api-platform', [1450, 21, 41], { discount: '5' }),
  customer('Quillon Legal', 'quillon-azure', 'api-platform', [260, 14, 34]),
  customer('Zephyr Bikes', 'zephyr-prod', 'starter', [70, 32, 4]),
  customer('Brightwater Health', 'brightwater-azure brightwater-research', 'api-platform', [1320, 26, 62], {
    discount: '10',
    commitment: '8000',
  }),
  customer('Cobalt Robotics', 'cobalt-prod cobalt-eu', 'api-platform', [1180, 31, 37]),
  customer('Dunmore Insurance', 'dunmore-azure', 'api-platform', [1020, 12, 74], { discount: '7' }),
  customer('Granite Analytics', 'granite-prod granite-us', 'api-platform', [940, 28, 29]),
  customer('Harbor & Vale', 'harborvale-prod', 'api-platform', [620, 15, 21]),
  customer('Iris Diagnostics', 'iris-azure', 'api-platform', [560, 23, 26]),
  customer('Juniper Learning', 'juniper-prod juniper-apac', 'api-platform', [840, 35, 33], {
    discount: '10',
  }),
  customer('Kestrel Aviation', 'kestrel-prod', 'api-platform', [710, 11, 24]),
  customer('Lumen Games', 'lumen-prod lumen-us lumen-apac', 'scale', [2050, 29, 52], {
    discount: '10',
    commitment: '14000',
  }),
  customer('Marlow Media', 'marlow-prod marlow-us', 'api-platform', [980, 17, 31]),
  customer('Nimbus Weather', 'nimbus-prod', 'api-platform', [860, 20, 15]),
  customer('Orchard Grocers', 'orchard-prod', 'api-platform', [640, 13, 22]),
  customer('Pinecrest Energy', 'pinecrest-azure', 'api-platform', [540, 16, 27]),
  customer('Riverstone Logistics', 'riverstone-prod riverstone-us', 'api-platform', [780, 18, 28], {
    discount: '5',
  }),
  customer('Sable Security', 'sable-prod sable-us', 'api-platform', [690, 27, 25], { joined: 10 }),
  customer('Tessera Payments', 'tessera-prod tessera-eu', 'api-platform', [1240, 33, 44], {
    commitment: '6000',
  }),
  customer('Upland Farms', 'upland-prod', 'api-platform', [210, 12, 9]),
  customer('Vantage Realty', 'vantage-prod', 'api-platform', [330, 14, 17]),
  customer('Wexford Telecom', 'wexford-azure wexford-us', 'api-platform', [1380, 9, 68], { discount: '12' }),
  customer('Xylo Music', 'xylo-prod', 'api-platform', [300, 38, 11], { joined: 8 }),
  customer('Yarrow Pharma', 'yarrow-azure', 'api-platform', [470, 19, 39]),
  customer('Amberlight Studio', 'amberlight-prod', 'starter', [55, 10, 3]),
  customer('Bento Kitchen', 'bento-prod', 'starter', [90, 41, 5], { joined: 9 }),
  customer('Clover Pets', 'clover-prod', 'starter', [45, 8, 2]),
  customer('Driftwood Hotels', 'driftwood-prod', 'starter', [110, 22, 6]),
  customer('Ember Coffee', 'ember-prod', 'starter', [60, 27, 3], { joined: 5 }),
  customer('Foxglove Florists', 'foxglove-prod', 'starter', [35, 5, 2]),
  customer('Gable Homes', 'gable-prod', 'starter', [80, 16, 4], { joined: 3 }),
  customer('Hollis Tutors', 'hollis-prod', 'starter', [50, 30, 3]),
  customer('Ivory Dental', 'ivory-prod', 'starter', [40, 12, 2]),
]
