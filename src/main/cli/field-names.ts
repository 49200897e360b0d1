/** Which field somebody meant who wrote one that there is not. */

/** Other products' words for our fields, as `plain` writes them; the first one of ours that stands there is meant. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  price: ['unitAmount', 'amount'],
  unitprice: ['unitAmount'],
  unitcost: ['unitAmount'],
  perunitamount: ['unitAmount'],
  perunit: ['unitAmount'],
  rate: ['unitAmount', 'percent'],
  cost: ['unitAmount', 'amount'],
  fee: ['amount', 'flatAmount', 'platformFee'],
  flatamount: ['flatAmount', 'amount'],
  flatfee: ['flatAmount', 'amount'],
  flatprice: ['flatAmount', 'amount'],
  fixedamount: ['fixedPerEvent', 'amount'],
  fixedfee: ['fixedPerEvent', 'amount'],
  fixedprice: ['amount'],
  percentage: ['percent', 'markupPercent'],
  markup: ['markupPercent'],
  margin: ['markupPercent'],
  upto: ['upTo'],
  tovalue: ['upTo'],
  to: ['upTo'],
  lastunit: ['upTo'],
  maximumamount: ['upTo'],
  ranges: ['tiers', 'steps', 'bands'],
  graduatedranges: ['tiers'],
  volumeranges: ['tiers'],
  tiers: ['steps', 'tiers'],
  steps: ['tiers', 'steps'],
  packagesize: ['size'],
  blocksize: ['size'],
  packageamount: ['amount'],
  divideby: ['size', 'per'],
  unitsize: ['per', 'size'],
  rounding: ['lastBlock'],
  round: ['lastBlock'],
  lastpackage: ['lastBlock'],
  freeunits: ['included', 'freeEvents'],
  includedunits: ['included'],
  includedquantity: ['included'],
  allowance: ['included'],
  freeunitsperevents: ['freeEvents'],
  freeunitspertotalaggregation: ['freeAmount'],
  freeamount: ['freeAmount'],
  pertransactionminamount: ['minimumPerEvent'],
  pertransactionmaxamount: ['maximumPerEvent'],
  minperevent: ['minimumPerEvent'],
  maxperevent: ['maximumPerEvent'],
  min: ['minimum'],
  minimumamount: ['minimum'],
  minamountcents: ['minimum'],
  minimumspend: ['minimum', 'monthlyCommitment'],
  max: ['maximum'],
  cap: ['maximum'],
  type: ['kind'],
  model: ['kind'],
  chargemodel: ['kind'],
  pricingmodel: ['kind'],
  billablemetric: ['metric'],
  meter: ['metric'],
  feature: ['metric'],
  event: ['metric'],
  eventname: ['metric'],
  code: ['metric', 'id'],
  interval: ['every'],
  period: ['every', 'per'],
  paymentterm: ['timing'],
  billing: ['timing'],
  conversion: ['convert'],
  conversionrate: ['convert'],
  unitconfig: ['convert'],
  rollover: ['rollOver'],
  expression: ['formula'],
  customexpression: ['formula'],
  timestamp: ['time'],
  date: ['time'],
  at: ['time'],
  value: ['quantity'],
  amount: ['quantity', 'unitAmount', 'amount'],
  usage: ['quantity', 'events'],
  count: ['quantity'],
  qty: ['quantity'],
  units: ['quantity'],
  customer: ['tenant', 'customerId'],
  customerid: ['customerId', 'tenant'],
  subject: ['tenant'],
  properties: ['dimensions'],
  attributes: ['dimensions'],
  metadata: ['dimensions'],
  tags: ['dimensions'],
  timezone: ['timeZone'],
  zone: ['timeZone'],
  tz: ['timeZone'],
  start: ['startDay', 'fromDay'],
  startdate: ['startDay', 'fromDay'],
  startsat: ['startDay', 'fromDay'],
  end: ['endDay', 'untilDay'],
  enddate: ['endDay', 'untilDay'],
  endsat: ['endDay', 'untilDay'],
  expires: ['expiresDay'],
  expiresat: ['expiresDay'],
  expirydate: ['expiresDay'],
  ratecard: ['rateCardId'],
  card: ['rateCardId'],
  plan: ['rateCardId'],
  discount: ['discountPercent', 'discounts'],
  coupons: ['discounts'],
  minimumcommitment: ['monthlyCommitment', 'commitments'],
  commitment: ['monthlyCommitment', 'commitments'],
  commits: ['commitments'],
  prepaidcredits: ['credits'],
  wallet: ['credits'],
  grants: ['credits'],
  prices: ['charges'],
  escalator: ['uplift'],
  trialdays: ['trial'],
  freetrial: ['trial'],
}

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Letters put in, left out, changed or swapped that make one word of the other (Damerau and Levenshtein). */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    const last = rows[i - 1] ?? []
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      row.push(best)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

const NAME_LENGTH_MAX = 60

/** The one of the names that is meant by another, or null where none comes near. */
export const nearestName = (given: string, names: readonly string[]): string | null => {
  const word = plain(given.slice(0, NAME_LENGTH_MAX))
  const same = names.find((name) => plain(name) === word)
  if (same !== undefined) return same
  const foreign = Object.hasOwn(FOREIGN, word) ? FOREIGN[word] : undefined
  const known = foreign?.find((name) => names.includes(name))
  if (known !== undefined) return known
  const near = names
    .map((name) => ({ name, far: distance(word, plain(name)) }))
    .filter(({ name, far }) => far <= (name.length <= 5 ? 1 : 2))
    .sort((a, b) => a.far - b.far)
  return near[0]?.name ?? null
}
