/** What the stand-in Stripe keeps, and the rules by which requests change it. No network in here. */

export interface Answer {
  readonly status: number
  readonly body: unknown
}

type Fields = Readonly<Record<string, string>>
export type Metadata = Record<string, string>

export interface StripeCustomer {
  readonly id: string
  readonly object: 'customer'
  readonly created: number
  livemode: false
  name: string | null
  email: string | null
  metadata: Metadata
}

export interface StripeItem {
  readonly id: string
  readonly object: 'invoiceitem'
  readonly invoice: string
  readonly customer: string
  readonly amount: number
  readonly currency: string
  readonly description: string | null
  readonly discountable: boolean
  readonly period: { readonly start: number; readonly end: number }
  readonly metadata: Metadata
}

export interface StripeInvoice {
  readonly id: string
  readonly object: 'invoice'
  readonly created: number
  readonly customer: string
  readonly currency: string
  readonly collection_method: string
  readonly auto_advance: boolean
  readonly description: string | null
  readonly metadata: Metadata
  readonly livemode: false
  status: 'draft' | 'open' | 'paid' | 'void'
}

export interface StripeState {
  readonly customers: ReadonlyMap<string, StripeCustomer>
  readonly invoices: ReadonlyMap<string, StripeInvoice>
  readonly items: ReadonlyMap<string, StripeItem>
  /** The sum of the invoice's lines, in the smallest unit. */
  total(invoiceId: string): number
  /** Answers one request; changes nothing where it refuses. */
  handle(method: string, path: string, fields: Fields): Answer
}

/** Stripe's error body. */
export const refusal = (
  status: number,
  error: { type?: string; message: string; code?: string; param?: string },
): Answer => ({ status, body: { error: { type: 'invalid_request_error', ...error } } })

/** Thrown inside, answered at the edge. */
class Refused extends Error {
  readonly answer: Answer
  constructor(status: number, message: string, more: { code?: string; param?: string } = {}) {
    super(message)
    this.answer = refusal(status, { message, ...more })
  }
}

const SEARCH_LAG_SECONDS = 60
const ITEMS_MAX = 250

/** What each request may carry; anything else is `parameter_unknown`, as at Stripe. */
const PARAMETERS = {
  'POST /v1/customers': ['name', 'email', 'metadata'],
  'POST /v1/customers/:id': ['name', 'email', 'metadata'],
  'DELETE /v1/customers/:id': [],
  'GET /v1/customers/:id': [],
  'GET /v1/customers': ['email', 'created', 'limit', 'starting_after'],
  'GET /v1/customers/search': ['query', 'limit', 'page'],
  'POST /v1/invoices': [
    'customer',
    'currency',
    'auto_advance',
    'collection_method',
    'days_until_due',
    'pending_invoice_items_behavior',
    'automatic_tax',
    'discounts',
    'description',
    'metadata',
  ],
  'GET /v1/invoices': ['customer', 'limit', 'starting_after'],
  'GET /v1/invoices/:id': [],
  'DELETE /v1/invoices/:id': [],
  'POST /v1/invoices/:id/finalize': ['auto_advance'],
  'POST /v1/invoices/:id/void': [],
  'GET /v1/invoices/:id/lines': ['limit', 'starting_after'],
  'POST /v1/invoiceitems': [
    'customer',
    'invoice',
    'currency',
    'amount',
    'description',
    'discountable',
    'tax_behavior',
    'period',
    'metadata',
  ],
  'GET /v1/invoiceitems': ['invoice', 'customer', 'limit', 'starting_after'],
  'DELETE /v1/invoiceitems/:id': [],
} as const satisfies Record<string, readonly string[]>
type Route = keyof typeof PARAMETERS

const routeOf = (method: string, path: string): { route: Route; id: string } | null => {
  const [, , room, second, third] = path.split('/')
  const isId = second !== undefined && second !== 'search'
  const pattern = [
    '',
    'v1',
    room,
    ...(second === undefined ? [] : [isId ? ':id' : second]),
    ...(third ? [third] : []),
  ].join('/')
  const route = `${method} ${pattern}`
  return route in PARAMETERS ? { route: route as Route, id: second ?? '' } : null
}

const metadataOf = (fields: Fields): Metadata =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const key = /^metadata\[([^[\]]{1,40})\]$/.exec(name)?.[1]
      if (key !== undefined && value.length > 500)
        throw new Refused(400, 'Metadata values can have up to 500 characters', { param: name })
      return key === undefined ? [] : [[key, value]]
    }),
  )

const required = (fields: Fields, name: string): string => {
  const value = fields[name]
  if (value === undefined || value === '')
    throw new Refused(400, `Missing required param: ${name}.`, { code: 'parameter_missing', param: name })
  return value
}

const integer = (fields: Fields, name: string): number => {
  const text = required(fields, name)
  if (!/^-?\d+$/.test(text))
    throw new Refused(400, `Invalid integer: ${text}`, { code: 'parameter_invalid_integer', param: name })
  return Number(text)
}

export const createStripeState = (options: {
  nowMs: () => number
  searchUnavailable: boolean
}): StripeState => {
  const customers = new Map<string, StripeCustomer>()
  const invoices = new Map<string, StripeInvoice>()
  const items = new Map<string, StripeItem>()
  const deletedCustomers = new Set<string>()
  let count = 0
  const newId = (prefix: string) => `${prefix}_standin${String(++count).padStart(6, '0')}`
  const nowSeconds = () => Math.floor(options.nowMs() / 1000)

  const find = <T>(map: ReadonlyMap<string, T>, what: string, id: string): T => {
    const found = map.get(id)
    if (found === undefined)
      throw new Refused(404, `No such ${what}: '${id}'`, { code: 'resource_missing', param: 'id' })
    return found
  }
  const itemsOf = (invoiceId: string) => [...items.values()].filter((item) => item.invoice === invoiceId)
  const total = (invoiceId: string) => itemsOf(invoiceId).reduce((sum, item) => sum + item.amount, 0)

  const shown = (invoice: StripeInvoice) => ({
    ...invoice,
    total: total(invoice.id),
    subtotal: total(invoice.id),
    amount_due: Math.max(0, total(invoice.id)),
    lines: page(`/v1/invoices/${invoice.id}/lines`, itemsOf(invoice.id).map(lineOf), { limit: '10' }),
  })
  const lineOf = (item: StripeItem) => ({
    id: item.id.replace('ii_', 'il_'),
    object: 'line_item',
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    metadata: item.metadata,
    period: item.period,
    parent: { type: 'invoice_item_details', invoice_item_details: { invoice_item: item.id } },
  })
  const page = <T extends { readonly id: string }>(url: string, rows: readonly T[], fields: Fields) => {
    const limit = fields.limit === undefined ? 10 : integer(fields, 'limit')
    if (limit < 1 || limit > 100)
      throw new Refused(400, 'Limit must be between 1 and 100', { param: 'limit' })
    const after = rows.findIndex((row) => row.id === fields.starting_after)
    const data = rows.slice(after + 1, after + 1 + limit)
    return { object: 'list', url, has_more: after + 1 + limit < rows.length, data }
  }
  const newestFirst = <T>(rows: Iterable<T>): T[] => [...rows].reverse()

  const search = (fields: Fields) => {
    if (options.searchUnavailable) throw new Refused(400, 'Search is not available for your account.')
    const match = /^metadata\['((?:[^'\\]|\\.)+)'\]:'((?:[^'\\]|\\.)*)'$/.exec(required(fields, 'query'))
    if (match === null)
      throw new Refused(400, 'We were unable to parse your search query.', { param: 'query' })
    const [key, value] = [match[1], match[2]].map((text) => text?.replaceAll(/\\(.)/g, '$1'))
    const data = newestFirst(customers.values()).filter(
      (customer) =>
        customer.metadata[key ?? ''] === value && nowSeconds() - customer.created >= SEARCH_LAG_SECONDS,
    )
    return { object: 'search_result', url: '/v1/customers/search', has_more: false, data }
  }

  const createInvoice = (fields: Fields): StripeInvoice => {
    const customer = required(fields, 'customer')
    if (!customers.has(customer))
      throw new Refused(400, `No such customer: '${customer}'`, {
        code: 'resource_missing',
        param: 'customer',
      })
    if (fields.collection_method === 'send_invoice') integer(fields, 'days_until_due')
    const invoice: StripeInvoice = {
      id: newId('in'),
      object: 'invoice',
      created: nowSeconds(),
      customer,
      currency: required(fields, 'currency'),
      collection_method: fields.collection_method ?? 'charge_automatically',
      auto_advance: fields.auto_advance === 'true',
      description: fields.description ?? null,
      metadata: metadataOf(fields),
      livemode: false,
      status: 'draft',
    }
    invoices.set(invoice.id, invoice)
    return invoice
  }

  const createItem = (fields: Fields): StripeItem => {
    const invoice = find(invoices, 'invoice', required(fields, 'invoice'))
    if (invoice.status !== 'draft')
      throw new Refused(400, 'You can only add items to draft invoices.', { code: 'invoice_not_editable' })
    if (required(fields, 'customer') !== invoice.customer)
      throw new Refused(400, 'The customer does not match the invoice.', { param: 'customer' })
    if (required(fields, 'currency') !== invoice.currency)
      throw new Refused(400, `The invoice is in ${invoice.currency}.`, { param: 'currency' })
    if ((fields.description ?? '').length > 500)
      throw new Refused(400, 'Descriptions can have up to 500 characters', { param: 'description' })
    if (itemsOf(invoice.id).length >= ITEMS_MAX)
      throw new Refused(400, 'An invoice can have up to 250 items.')
    const period = { start: integer(fields, 'period[start]'), end: integer(fields, 'period[end]') }
    if (period.end < period.start)
      throw new Refused(400, 'The period ends before it starts.', { param: 'period[end]' })
    const item: StripeItem = {
      id: newId('ii'),
      object: 'invoiceitem',
      invoice: invoice.id,
      customer: invoice.customer,
      amount: integer(fields, 'amount'),
      currency: invoice.currency,
      description: fields.description ?? null,
      discountable: fields.discountable !== 'false',
      period,
      metadata: metadataOf(fields),
    }
    items.set(item.id, item)
    return item
  }

  const act = (route: Route, id: string, fields: Fields): unknown => {
    switch (route) {
      case 'POST /v1/customers': {
        const email = fields.email ?? null
        if (email !== null && !/^[^@\s]+@[^@\s]+$/.test(email))
          throw new Refused(400, `Invalid email address: ${email}`, { code: 'email_invalid', param: 'email' })
        const customer: StripeCustomer = {
          id: newId('cus'),
          object: 'customer',
          created: nowSeconds(),
          livemode: false,
          name: fields.name ?? null,
          email,
          metadata: metadataOf(fields),
        }
        customers.set(customer.id, customer)
        return customer
      }
      case 'POST /v1/customers/:id': {
        const customer = find(customers, 'customer', id)
        Object.assign(customer.metadata, metadataOf(fields))
        customer.name = fields.name ?? customer.name
        customer.email = fields.email ?? customer.email
        return customer
      }
      case 'DELETE /v1/customers/:id':
        find(customers, 'customer', id)
        customers.delete(id)
        deletedCustomers.add(id)
        return { id, object: 'customer', deleted: true }
      case 'GET /v1/customers/:id':
        return deletedCustomers.has(id)
          ? { id, object: 'customer', deleted: true }
          : find(customers, 'customer', id)
      case 'GET /v1/customers': {
        const since = fields['created[gte]'] === undefined ? 0 : integer(fields, 'created[gte]')
        const rows = newestFirst(customers.values()).filter(
          (customer) =>
            customer.created >= since && (fields.email === undefined || customer.email === fields.email),
        )
        return page('/v1/customers', rows, fields)
      }
      case 'GET /v1/customers/search':
        return search(fields)
      case 'POST /v1/invoices':
        return shown(createInvoice(fields))
      case 'GET /v1/invoices': {
        const rows = newestFirst(invoices.values()).filter(
          (invoice) => fields.customer === undefined || invoice.customer === fields.customer,
        )
        return page('/v1/invoices', rows.map(shown), fields)
      }
      case 'GET /v1/invoices/:id':
        return shown(find(invoices, 'invoice', id))
      case 'DELETE /v1/invoices/:id': {
        if (find(invoices, 'invoice', id).status !== 'draft')
          throw new Refused(400, 'You can only delete draft invoices', { code: 'invoice_not_editable' })
        for (const item of itemsOf(id)) items.delete(item.id)
        invoices.delete(id)
        return { id, object: 'invoice', deleted: true }
      }
      case 'POST /v1/invoices/:id/finalize': {
        const invoice = find(invoices, 'invoice', id)
        if (invoice.status !== 'draft')
          throw new Refused(400, 'This invoice is already finalized.', { code: 'invoice_not_editable' })
        // Nothing is due: Stripe marks it paid, and a negative total becomes the customer's credit.
        invoice.status = total(id) <= 0 ? 'paid' : 'open'
        return shown(invoice)
      }
      case 'POST /v1/invoices/:id/void': {
        const invoice = find(invoices, 'invoice', id)
        if (invoice.status !== 'open')
          throw new Refused(400, 'You can only void open invoices.', { code: 'invoice_not_editable' })
        invoice.status = 'void'
        return shown(invoice)
      }
      case 'GET /v1/invoices/:id/lines':
        find(invoices, 'invoice', id)
        return page(`/v1/invoices/${id}/lines`, itemsOf(id).map(lineOf), fields)
      case 'POST /v1/invoiceitems':
        return createItem(fields)
      case 'GET /v1/invoiceitems': {
        const rows = newestFirst(items.values()).filter(
          (item) =>
            (fields.invoice === undefined || item.invoice === fields.invoice) &&
            (fields.customer === undefined || item.customer === fields.customer),
        )
        return page('/v1/invoiceitems', rows, fields)
      }
      case 'DELETE /v1/invoiceitems/:id':
        find(items, 'invoiceitem', id)
        items.delete(id)
        return { id, object: 'invoiceitem', deleted: true }
      default:
        return route satisfies never
    }
  }

  const handle = (method: string, path: string, fields: Fields): Answer => {
    const found = routeOf(method, path)
    if (found === null) return refusal(404, { message: `Unrecognized request URL (${method}: ${path}).` })
    const allowed: readonly string[] = PARAMETERS[found.route]
    for (const name of Object.keys(fields))
      if (!allowed.includes(name.replace(/\[.*$/, '')))
        return refusal(400, {
          message: `Received unknown parameter: ${name}`,
          code: 'parameter_unknown',
          param: name,
        })
    try {
      return { status: 200, body: structuredClone(act(found.route, found.id, fields)) }
    } catch (error) {
      if (error instanceof Refused) return error.answer
      throw error
    }
  }

  return { customers, invoices, items, total, handle }
}
