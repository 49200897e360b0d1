/** One month with what makes a workbook hard: ids like criteria, gaps, fine amounts, text that looks like a formula. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type {
  MonthWorkbookInput,
  MonthWorkbookInvoice,
  MonthWorkbookLine,
} from '../../../src/main/exchange/month-input.ts'

export const decimal = (text: string) => text as DecimalText

const line = (
  customerId: string,
  number: number,
  amount: string,
  description: string,
): MonthWorkbookLine => ({
  invoice: `2026-10-${customerId}`,
  customerId,
  customer: `Customer ${customerId}`,
  line: number,
  description,
  quantity: decimal('12500000.5'),
  unit: 'call',
  currency: 'USD',
  list: decimal(amount),
  discount: decimal('0'),
  amount: decimal(amount),
  state: 'approved',
})

const invoice = (customerId: string, total: string): MonthWorkbookInvoice => ({
  invoice: `2026-10-${customerId}`,
  customerId,
  customer: `Customer ${customerId}`,
  state: 'approved',
  currency: 'USD',
  total: decimal(total),
  rate: null,
  inReport: decimal(total),
  note: '',
})

const customer = (customerId: string, revenue: string | null, directCost: string | null) => ({
  customerId,
  customer: `Customer ${customerId}`,
  tenants: [`${customerId}-eu`, `${customerId}-us`],
  revenue: revenue === null ? null : decimal(revenue),
  directCost: directCost === null ? null : decimal(directCost),
  state: revenue === null ? 'no invoice' : 'approved',
})

const cost = (tenant: string | null, customerId: string | null, billed: string, effective: string) => ({
  provider: 'AWS',
  service: 'Amazon S3',
  tenant,
  customerId,
  billed: decimal(billed),
  effective: decimal(effective),
})

export const exampleMonth: MonthWorkbookInput = {
  book: '=Book of "Höfn" & sons',
  month: toMonth('2026-10'),
  currency: 'USD',
  asOfMs: Date.UTC(2026, 10, 3, 10),
  chainHead: 'c0ffee',
  costBasis: 'billed',
  customers: [
    customer('a', '4200.10', '1000.123456789012'),
    customer('A', '0.1', '0.2'),
    customer('*', '100.2', '700.5'),
    customer('=b', '0', null),
    customer('<>c', null, '5'),
    customer('d', '10', '3'),
  ],
  usage: [
    {
      customerId: 'a',
      customer: 'Customer a',
      tenant: 'a-eu',
      metric: 'api.calls',
      unit: 'call',
      quantity: decimal('12500000.5'),
    },
    {
      customerId: null,
      customer: null,
      tenant: '@lost',
      metric: 'egress',
      unit: 'byte',
      quantity: decimal('1234567890123456789'),
    },
  ],
  costs: [
    cost('a-eu', 'a', '1000', '900'),
    cost('a-us', 'a', '0.123456789012', '0.1'),
    cost('A-eu', 'A', '0.2', '0.2'),
    cost('*-eu', '*', '700.5', '700.5'),
    cost('<>c-eu', '<>c', '5', '4'),
    cost('d-eu', 'd', '3', '3'),
    cost('lost', null, '12345.678901234567', '11'),
    cost(null, null, '0.30000000000000004', '0.3'),
  ],
  invoices: [
    invoice('a', '4200.1'),
    invoice('A', '0.1'),
    invoice('*', '100.2'),
    invoice('=b', '0'),
    invoice('d', '10'),
  ],
  lines: [
    line('a', 1, '4200', '=HYPERLINK("http://example.org")'),
    line('a', 2, '0.1', '-1+2'),
    line('A', 1, '0.1', 'Calls'),
    line('*', 1, '100.2', 'Calls'),
    line('=b', 1, '0', 'Calls'),
    line('d', 1, '10', 'Calls'),
  ],
  billTotal: decimal('14055'),
}

const foreign = (
  customerId: string,
  currency: string,
  total: string,
  rate: MonthWorkbookInvoice['rate'],
  inReport: string | null,
): Pick<MonthWorkbookInput, 'invoices' | 'lines'> => ({
  invoices: [
    {
      ...invoice(customerId, total),
      currency,
      rate,
      inReport: inReport === null ? null : decimal(inReport),
      note: rate === null ? 'no rate for 2026-10-31' : '',
    },
  ],
  lines: [{ ...line(customerId, 1, total, 'Calls'), currency }],
})

const OTHERS = [
  foreign(
    'e',
    'EUR',
    '200',
    {
      numerator: decimal('1.0876'),
      denominator: decimal('1'),
      words: '1 EUR = 1.0876 USD (ECB, 2026-10-30)',
      day: '2026-10-30',
    },
    '217.52',
  ),
  foreign(
    'g',
    'GBP',
    '100.10',
    {
      numerator: decimal('1.0876'),
      denominator: decimal('0.8512'),
      words: '1 GBP = 1.0876 ÷ 0.8512 USD (ECB, 2026-10-30)',
      day: '2026-10-30',
    },
    '127.9',
  ),
  foreign('j', 'JPY', '5000', null, null),
]

/** The same with invoices in three other currencies, one of them without a rate. */
export const exampleOfCurrencies: MonthWorkbookInput = {
  ...exampleMonth,
  customers: [
    ...exampleMonth.customers,
    customer('e', '217.52', null),
    customer('g', '127.9', null),
    customer('j', null, null),
  ],
  invoices: [...exampleMonth.invoices, ...OTHERS.flatMap(({ invoices }) => invoices)],
  lines: [...exampleMonth.lines, ...OTHERS.flatMap(({ lines }) => lines)],
}

/** Nothing happened: every table empty. */
export const emptyMonth: MonthWorkbookInput = {
  ...exampleMonth,
  customers: [],
  usage: [],
  costs: [],
  invoices: [],
  lines: [],
  billTotal: null,
}
